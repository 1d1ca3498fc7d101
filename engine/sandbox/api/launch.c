/* launch.c: RunInstances. */
#include <string.h>

#include "base/encode.h"
#include "sandbox/api/actions.h"
#include "sandbox/api/instance_item.h"
#include "sandbox/model/places.h"

static const char *const HTTP_TOKENS[] = { "optional", "required", NULL };
static const char *const ENABLED[] = { "enabled", "disabled", NULL };
static const char *const CREDITS[] = { "standard", "unlimited", NULL };
static const char *const BEHAVIORS[] = { "stop", "terminate", NULL };
static const char *const TENANCIES[] = { "default", "dedicated", "host", NULL };
static const char *const TAGGABLE[] = { "instance", "volume", "network-interface", NULL };

enum { USER_DATA_MAX = 16384 * 4 / 3 + 4 }; /* 16 KiB, in base64 */

static bool read_metadata_options(const struct request *r, struct model_settings *s, struct error *err)
{
	return request_choice(r, "MetadataOptions.HttpTokens", HTTP_TOKENS, &s->http_tokens, err) &&
	       request_choice(r, "MetadataOptions.HttpEndpoint", ENABLED, &s->http_endpoint, err) &&
	       request_choice(
		       r, "MetadataOptions.InstanceMetadataTags", ENABLED, &s->instance_metadata_tags, err) &&
	       request_int(r, "MetadataOptions.HttpPutResponseHopLimit", &s->http_hop_limit, err);
}

static bool read_switches(const struct request *r, struct model_settings *s, struct error *err)
{
	return request_bool(r, "EbsOptimized", &s->ebs_optimized, err) &&
	       request_bool(r, "Monitoring.Enabled", &s->monitoring, err) &&
	       request_bool(r, "DisableApiTermination", &s->termination_protected, err) &&
	       request_bool(r, "DisableApiStop", &s->stop_protected, err);
}

static char *read_profile(const struct request *r)
{
	const char *arn = request_text(r, "IamInstanceProfile.Arn");
	const char *name = request_text(r, "IamInstanceProfile.Name");

	if (arn)
		return arena_copy(r->arena, arn);
	return name ? arena_printf(r->arena, "arn:aws:iam::%s:instance-profile/%s", MODEL_ACCOUNT, name)
		    : NULL;
}

static bool read_user_data(const struct request *r, struct model_settings *s, struct error *err)
{
	const char *data = request_text(r, "UserData");
	auto_text decoded = { .bytes = NULL };

	if (!data)
		return true;
	if (strlen(data) > USER_DATA_MAX)
		return model_refuse(err, "InvalidParameterValue", "User data is limited to 16384 bytes");
	text_init(&decoded, USER_DATA_MAX);
	if (!base64_decode(data, strlen(data), &decoded))
		return model_refuse(err, "InvalidParameterValue", "Invalid BASE64 encoding of user data");
	s->user_data = arena_copy(r->arena, data);
	return true;
}

static bool read_settings(const struct request *r, struct model_settings *s, struct error *err)
{
	*s = (struct model_settings){
		.http_tokens = HTTP_TOKENS[0],
		.http_endpoint = ENABLED[0],
		.instance_metadata_tags = ENABLED[1],
		.shutdown_behavior = BEHAVIORS[0],
		.tenancy = TENANCIES[0],
		.http_hop_limit = 1,
		.placement_group = arena_copy(r->arena, request_text(r, "Placement.GroupName")),
		.profile_arn = read_profile(r),
	};
	return read_metadata_options(r, s, err) && read_switches(r, s, err) && read_user_data(r, s, err) &&
	       request_choice(
		       r, "InstanceInitiatedShutdownBehavior", BEHAVIORS, &s->shutdown_behavior, err) &&
	       request_choice(r, "CreditSpecification.CpuCredits", CREDITS, &s->cpu_credits, err) &&
	       request_choice(r, "Placement.Tenancy", TENANCIES, &s->tenancy, err);
}

/* Subnet and groups stand at the top or inside the one network interface, not in both places. */
static bool read_network(const struct request *r, struct model_launch *l, struct error *err)
{
	bool inside = request_has(r, "NetworkInterface."), public_ip = false;
	struct request_list groups =
		request_list(r, inside ? "NetworkInterface.1.SecurityGroupId" : "SecurityGroupId");

	if (inside && (request_text(r, "SubnetId") || request_has(r, "SecurityGroupId.")))
		return model_refuse(err, "InvalidParameterCombination",
			"Network interfaces and an instance-level subnet ID or security groups may not be "
			"specified on the same request");
	if (request_has(r, "NetworkInterface.2."))
		return model_refuse(
			err, "AttachmentLimitExceeded", "The sandbox's instances have one network interface");
	if (!request_bool(r, "NetworkInterface.1.AssociatePublicIpAddress", &public_ip, err))
		return false;
	if (public_ip)
		return model_refuse(err, "UnsupportedOperation",
			"The sandbox's public addresses are Elastic IPs: allocate one and associate it");
	l->subnet_id = request_text(r, inside ? "NetworkInterface.1.SubnetId" : "SubnetId");
	l->group_ids = groups.items;
	l->group_count = groups.count;
	return true;
}

static bool read_launch(const struct request *r, struct model_launch *l, struct error *err)
{
	struct model_mapping *mappings;

	*l = (struct model_launch){
		.image_id = request_text(r, "ImageId"),
		.type = request_text(r, "InstanceType") ? request_text(r, "InstanceType") : "t3.micro",
		.zone = request_text(r, "Placement.AvailabilityZone"),
		.key_name = request_text(r, "KeyName"),
		.fingerprint = request_fingerprint(r),
	};
	if (!request_int(r, "MinCount", &l->min_count, err) ||
		!request_int(r, "MaxCount", &l->max_count, err) || !request_token(r, &l->client_token, err) ||
		!read_network(r, l, err) || !read_settings(r, &l->settings, err) ||
		!request_mappings(r, &mappings, &l->mapping_count, err))
		return false;
	l->mappings = mappings;
	return true;
}

static void write_reservation(struct request *r, const struct model_reservation *made)
{
	instance_reservation_head(r, made->id);
	reply_open(r, "instancesSet");
	for (size_t i = 0; i < made->count; i++) {
		reply_open(r, "item");
		instance_item(r, made->instances[i]);
		reply_close(r, "item");
	}
	reply_close(r, "instancesSet");
}

static bool run_instances(struct request *r, struct error *err)
{
	struct model_tags instance_tags, volume_tags;
	struct model_reservation made;
	struct model_launch launch;

	if (!request_tag_specification(r, TAGGABLE, "instance", &instance_tags, err) ||
		!request_tag_specification(r, TAGGABLE, "volume", &volume_tags, err) ||
		!read_launch(r, &launch, err))
		return false;
	launch.instance_tags = &instance_tags;
	launch.volume_tags = &volume_tags;
	if (!model_run_instances(r->model, &launch, r->dry_run, &made, err))
		return false;
	write_reservation(r, &made);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "RunInstances",
		.summary = "launch instances; public addresses only by Elastic IP, one network interface",
		.params = "ImageId! MinCount! MaxCount! InstanceType KeyName SubnetId SecurityGroupId.N "
			  "UserData ClientToken EbsOptimized DisableApiTermination DisableApiStop "
			  "InstanceInitiatedShutdownBehavior Monitoring.Enabled "
			  "CreditSpecification.CpuCredits IamInstanceProfile.Arn IamInstanceProfile.Name "
			  "Placement.AvailabilityZone Placement.Tenancy Placement.GroupName "
			  "MetadataOptions.HttpTokens MetadataOptions.HttpPutResponseHopLimit "
			  "MetadataOptions.HttpEndpoint MetadataOptions.InstanceMetadataTags "
			  "NetworkInterface.N.DeviceIndex NetworkInterface.N.SubnetId "
			  "NetworkInterface.N.SecurityGroupId.N NetworkInterface.N.AssociatePublicIpAddress "
			  "NetworkInterface.N.DeleteOnTermination NetworkInterface.N.Description "
			  "BlockDeviceMapping.N.DeviceName BlockDeviceMapping.N.NoDevice "
			  "BlockDeviceMapping.N.Ebs.DeleteOnTermination BlockDeviceMapping.N.Ebs.VolumeSize "
			  "BlockDeviceMapping.N.Ebs.VolumeType BlockDeviceMapping.N.Ebs.Iops "
			  "BlockDeviceMapping.N.Ebs.Throughput BlockDeviceMapping.N.Ebs.Encrypted "
			  "BlockDeviceMapping.N.Ebs.KmsKeyId BlockDeviceMapping.N.Ebs.SnapshotId "
			  "TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
			  "TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.latency = LATENCY_RUN_INSTANCES_CALL,
		.throttle = THROTTLE_LAUNCH,
		.resources = THROTTLE_LAUNCH_RESOURCES,
		.handle = run_instances,
	},
};

const struct action_set actions_launch = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
