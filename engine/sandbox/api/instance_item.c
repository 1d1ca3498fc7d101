#include "sandbox/api/instance_item.h"

#include <string.h>
#include <time.h>

#include "sandbox/api/reply.h"
#include "sandbox/model/addresses.h"
#include "sandbox/model/places.h"
#include "sandbox/model/volumes.h"

void instance_state(struct request *r, const char *element, enum model_instance_state s)
{
	reply_open(r, element);
	reply_int(r, "code", model_instance_state_code(s));
	reply_text(r, "name", model_instance_state_name(s));
	reply_close(r, element);
}

void instance_devices(struct request *r, const struct model_instance *i)
{
	reply_open(r, "blockDeviceMapping");
	for (size_t n = 0; n < i->volume_count; n++) {
		const struct model_attachment *a = &i->volumes[n]->attachment;

		reply_open(r, "item");
		reply_text(r, "deviceName", a->device);
		reply_open(r, "ebs");
		reply_text(r, "volumeId", i->volumes[n]->id);
		reply_text(r, "status", model_attachment_status(a));
		reply_time(r, "attachTime", a->attached_ms);
		reply_bool(r, "deleteOnTermination", a->delete_on_termination);
		reply_close(r, "ebs");
		reply_close(r, "item");
	}
	reply_close(r, "blockDeviceMapping");
}

void instance_reservation_head(struct request *r, const char *reservation_id)
{
	reply_text(r, "reservationId", reservation_id);
	reply_text(r, "ownerId", MODEL_ACCOUNT);
	reply_groups(r, "groupSet");
}

/* ip-10-77-0-4.eu-west-1.compute.internal */
static const char *private_name(const struct request *r, const struct model_instance *i)
{
	char *name =
		arena_printf(r->arena, "ip-%s.%s.compute.internal", i->private_ip, model_region(r->model));

	for (size_t n = 0; n < strlen("ip-") + strlen(i->private_ip); n++)
		if (name[n] == '.')
			name[n] = '-';
	return name;
}

static void write_place(struct request *r, const struct model_instance *i)
{
	reply_open(r, "placement");
	reply_text(r, "availabilityZone", model_zone_name(r->model, i->zone));
	reply_text(r, "availabilityZoneId", model_zone_id(r->model, i->zone));
	reply_text(r, "groupName", i->settings.placement_group);
	reply_text(r, "tenancy", i->settings.tenancy);
	reply_close(r, "placement");
}

/* "User initiated (2026-11-22 01:02:03 GMT)": EC2's wording; empty while nothing has ended. */
static void write_reason(struct request *r, const struct model_instance *i)
{
	time_t at = (time_t)(i->accepted_ms / 1000);
	struct tm parts;
	char text[64] = "";

	if (i->reason_code && !strcmp(i->reason_code, "Client.UserInitiatedShutdown")) {
		gmtime_r(&at, &parts);
		strftime(text, sizeof(text), "User initiated (%Y-%m-%d %H:%M:%S GMT)", &parts);
	}
	reply_text(r, "reason", i->reason_code && !*text ? i->reason_code : text);
	if (!i->reason_code)
		return;
	reply_open(r, "stateReason");
	reply_text(r, "code", i->reason_code);
	reply_text(r, "message", i->reason_message);
	reply_close(r, "stateReason");
}

static void write_metadata_options(struct request *r, const struct model_settings *s)
{
	reply_open(r, "metadataOptions");
	reply_text(r, "state", "applied");
	reply_text(r, "httpTokens", s->http_tokens);
	reply_int(r, "httpPutResponseHopLimit", s->http_hop_limit);
	reply_text(r, "httpEndpoint", s->http_endpoint);
	reply_text(r, "instanceMetadataTags", s->instance_metadata_tags);
	reply_close(r, "metadataOptions");
}

static void write_settings(struct request *r, const struct model_instance *i)
{
	const struct model_settings *s = &i->settings;

	reply_nested(r, "monitoring", "state", s->monitoring ? "enabled" : "disabled");
	reply_bool(r, "ebsOptimized", s->ebs_optimized);
	if (s->profile_arn)
		reply_nested(r, "iamInstanceProfile", "arn", s->profile_arn);
	write_metadata_options(r, s);
}

/* Associations on the interface repeat the instance's Elastic IP. */
static void write_association(struct request *r, const struct model_instance *i)
{
	if (!i->address)
		return;
	reply_open(r, "association");
	reply_text(r, "publicIp", i->address->public_ip);
	reply_text(r, "ipOwnerId", MODEL_ACCOUNT);
	reply_close(r, "association");
}

static void write_attachment(struct request *r, const struct model_instance *i)
{
	reply_open(r, "attachment");
	reply_text(r, "attachmentId", arena_printf(r->arena, "eni-attach-%s", i->id + strlen("i-")));
	reply_int(r, "deviceIndex", 0);
	reply_text(r, "status", "attached");
	reply_time(r, "attachTime", i->launched_ms);
	reply_bool(r, "deleteOnTermination", true);
	reply_close(r, "attachment");
}

static void write_interface(struct request *r, const struct model_instance *i)
{
	char id[MODEL_ID_SIZE];

	reply_open(r, "networkInterfaceSet");
	reply_open(r, "item");
	reply_text(r, "networkInterfaceId", model_interface_id(i, id));
	reply_text(r, "ownerId", MODEL_ACCOUNT);
	reply_text(r, "status", "in-use");
	reply_text(r, "subnetId", model_subnet_id(i->zone));
	reply_text(r, "vpcId", MODEL_VPC);
	reply_text(r, "privateIpAddress", i->private_ip);
	reply_bool(r, "sourceDestCheck", true);
	reply_groups(r, "groupSet");
	write_attachment(r, i);
	write_association(r, i);
	reply_close(r, "item");
	reply_close(r, "networkInterfaceSet");
}

/* A terminated instance has no network any more. */
static void write_network(struct request *r, const struct model_instance *i)
{
	if (i->state == MODEL_TERMINATED)
		return;
	reply_text(r, "privateDnsName", private_name(r, i));
	reply_text(r, "privateIpAddress", i->private_ip);
	if (i->address)
		reply_text(r, "ipAddress", i->address->public_ip);
	reply_text(r, "subnetId", model_subnet_id(i->zone));
	reply_text(r, "vpcId", MODEL_VPC);
	reply_bool(r, "sourceDestCheck", true);
	reply_groups(r, "groupSet");
	write_interface(r, i);
}

void instance_item(struct request *r, const struct model_instance *i)
{
	reply_text(r, "instanceId", i->id);
	reply_text(r, "imageId", i->image->id);
	instance_state(r, "instanceState", i->state);
	write_reason(r, i);
	reply_text(r, "keyName", i->key ? i->key->name : NULL);
	reply_int(r, "amiLaunchIndex", i->launch_index);
	reply_text(r, "instanceType", i->type->name);
	reply_time(r, "launchTime", i->launched_ms);
	write_place(r, i);
	write_network(r, i);
	reply_text(r, "architecture", i->image->architecture);
	reply_text(r, "rootDeviceType", "ebs");
	reply_text(r, "rootDeviceName", i->image->root_device);
	instance_devices(r, i);
	reply_text(r, "virtualizationType", "hvm");
	reply_text(r, "hypervisor", "xen"); /* what EC2 says of Nitro too */
	reply_bool(r, "enaSupport", true);
	reply_text(r, "clientToken", i->client_token);
	write_settings(r, i);
	reply_tags(r, &i->tags);
}
