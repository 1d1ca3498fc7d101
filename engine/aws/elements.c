#include "aws/elements.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "aws/moment.h"
#include "base/text.h"
#include "cloud/tags.h"

#define COPY(field, e, path) text_copy((field), sizeof(field), xml_text((e), (path)))

const struct xml_element *element_items(const struct xml_element *e, const char *set)
{
	return xml_child(xml_find(e, set), "item");
}

const char *element_tag(const struct xml_element *e, const char *key)
{
	for (const struct xml_element *t = element_items(e, "tagSet"); t; t = xml_next(t))
		if (!strcmp(xml_text(t, "key"), key))
			return xml_text(t, "value");
	return "";
}

/* Also reads "45%", as snapshots show their progress. */
int element_number(const struct xml_element *e, const char *path)
{
	long n = strtol(xml_text(e, path), NULL, 10);

	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

bool element_bool(const struct xml_element *e, const char *path)
{
	return !strcmp(xml_text(e, path), "true");
}

static void read_devices(const struct xml_element *e, struct instance *ret)
{
	const struct xml_element *d = element_items(e, "blockDeviceMapping");

	for (; d && ret->device_count < CLOUD_DEVICES_MAX; d = xml_next(d)) {
		struct device *device = &ret->devices[ret->device_count++];

		COPY(device->name, d, "deviceName");
		COPY(device->volume_id, d, "ebs/volumeId");
		device->delete_on_termination = element_bool(d, "ebs/deleteOnTermination");
	}
}

void element_instance(const struct xml_element *e, int64_t asked_ms, struct instance *ret)
{
	*ret = (struct instance){ .asked_ms = asked_ms };
	COPY(ret->id, e, "instanceId");
	ret->state = instance_state_parse(xml_text(e, "instanceState/name"));
	COPY(ret->image_id, e, "imageId");
	COPY(ret->zone, e, "placement/availabilityZone");
	COPY(ret->root_device, e, "rootDeviceName");
	COPY(ret->private_ip, e, "privateIpAddress");
	COPY(ret->public_ip, e, "ipAddress");
	COPY(ret->client_token, e, "clientToken");
	ret->launched_ms = moment_of_timestamp(xml_text(e, "launchTime"));
	COPY(ret->reason, e,
		*xml_text(e, "stateReason/message") ? "stateReason/message" : "stateReason/code");
	text_copy(ret->name, sizeof(ret->name), element_tag(e, "Name"));
	text_copy(ret->rebuild, sizeof(ret->rebuild), element_tag(e, TAG_REBUILD));
	text_copy(ret->role, sizeof(ret->role), element_tag(e, TAG_ROLE));
	text_copy(ret->found, sizeof(ret->found), element_tag(e, TAG_FOUND));
	text_copy(ret->journal, sizeof(ret->journal), element_tag(e, TAG_JOURNAL));
	text_copy(ret->replaces, sizeof(ret->replaces), element_tag(e, TAG_REPLACES));
	text_copy(ret->host_key, sizeof(ret->host_key), element_tag(e, TAG_HOST_KEY));
	ret->confirmed_ms = moment_of_timestamp(element_tag(e, TAG_CONFIRMED));
	read_devices(e, ret);
}

/* Both checks have to be ok; one that is impaired is enough to say so. */
static enum instance_health health_of(const char *system, const char *instance)
{
	if (!strcmp(system, "impaired") || !strcmp(instance, "impaired"))
		return HEALTH_IMPAIRED;
	if (!strcmp(system, "ok") && !strcmp(instance, "ok"))
		return HEALTH_OK;
	if (!strcmp(system, "initializing") || !strcmp(instance, "initializing"))
		return HEALTH_INITIALIZING;
	return HEALTH_UNKNOWN;
}

void element_status(const struct xml_element *e, int64_t asked_ms, struct status *ret)
{
	*ret = (struct status){ .asked_ms = asked_ms };
	COPY(ret->instance_id, e, "instanceId");
	ret->health = health_of(xml_text(e, "systemStatus/status"), xml_text(e, "instanceStatus/status"));
}

/* The attachments that hold the volume; the first of them is the one that is shown. */
static void read_attachments(const struct xml_element *e, struct volume *ret)
{
	for (const struct xml_element *a = element_items(e, "attachmentSet"); a; a = xml_next(a)) {
		enum attachment_state state = attachment_state_parse(xml_text(a, "status"));

		if (state == ATTACHMENT_NONE || ret->attachment_count++)
			continue;
		ret->attachment = state;
		COPY(ret->instance_id, a, "instanceId");
		COPY(ret->device, a, "device");
		ret->delete_on_termination = element_bool(a, "deleteOnTermination");
	}
}

void element_volume(const struct xml_element *e, int64_t asked_ms, struct volume *ret)
{
	*ret = (struct volume){ .asked_ms = asked_ms };
	COPY(ret->id, e, "volumeId");
	ret->state = volume_state_parse(xml_text(e, "status"));
	COPY(ret->zone, e, "availabilityZone");
	text_copy(ret->found, sizeof(ret->found), element_tag(e, TAG_FOUND));
	text_copy(ret->rebuild, sizeof(ret->rebuild), element_tag(e, TAG_REBUILD));
	text_copy(ret->role, sizeof(ret->role), element_tag(e, TAG_ROLE));
	text_copy(ret->journal, sizeof(ret->journal), element_tag(e, TAG_JOURNAL));
	ret->tags_asked_ms = asked_ms;
	ret->size_gib = element_number(e, "size");
	read_attachments(e, ret);
}

void element_attachment(const struct xml_element *e, int64_t asked_ms, struct volume *ret)
{
	*ret = (struct volume){ .asked_ms = asked_ms };
	COPY(ret->id, e, "volumeId");
	ret->attachment = attachment_state_parse(xml_text(e, "status"));
	ret->state = VOLUME_IN_USE;
	if (ret->attachment == ATTACHMENT_NONE) { /* "detached" */
		ret->state = VOLUME_AVAILABLE;
		return;
	}
	ret->attachment_count = 1;
	COPY(ret->instance_id, e, "instanceId");
	COPY(ret->device, e, "device");
	ret->delete_on_termination = element_bool(e, "deleteOnTermination");
}

void element_snapshot(const struct xml_element *e, int64_t asked_ms, struct snapshot *ret)
{
	*ret = (struct snapshot){ .asked_ms = asked_ms };
	COPY(ret->id, e, "snapshotId");
	COPY(ret->volume_id, e, "volumeId");
	ret->state = snapshot_state_parse(xml_text(e, "status"));
	ret->progress = element_number(e, "progress");
	ret->started_ms = moment_of_timestamp(xml_text(e, "startTime"));
	text_copy(ret->token, sizeof(ret->token), element_tag(e, TAG_TOKEN));
	text_copy(ret->rebuild, sizeof(ret->rebuild), element_tag(e, TAG_REBUILD));
}

void element_address(const struct xml_element *e, int64_t asked_ms, struct address *ret)
{
	*ret = (struct address){ .asked_ms = asked_ms };
	COPY(ret->allocation_id, e, "allocationId");
	COPY(ret->public_ip, e, "publicIp");
	COPY(ret->instance_id, e, "instanceId");
	COPY(ret->association_id, e, "associationId");
}

static enum image_state image_state_of(const char *state)
{
	if (!strcmp(state, "available"))
		return IMAGE_AVAILABLE;
	return !strcmp(state, "pending") || !strcmp(state, "transient") ? IMAGE_PENDING : IMAGE_UNUSABLE;
}

void element_image(const struct xml_element *e, int64_t asked_ms, struct image *ret)
{
	const struct xml_element *d = element_items(e, "blockDeviceMapping");

	*ret = (struct image){ .asked_ms = asked_ms };
	COPY(ret->id, e, "imageId");
	COPY(ret->name, e, "name");
	ret->state = image_state_of(xml_text(e, "imageState"));
	COPY(ret->architecture, e, "architecture");
	COPY(ret->root_device, e, "rootDeviceName");
	/* Only EBS mappings make volumes; instance store (virtualName) holds no data to suppress. */
	for (; d && ret->data_device_count < CLOUD_DEVICES_MAX; d = xml_next(d))
		if (xml_child(d, "ebs") && strcmp(xml_text(d, "deviceName"), ret->root_device) != 0)
			text_copy(ret->data_devices[ret->data_device_count++], CLOUD_NAME_SIZE,
				xml_text(d, "deviceName"));
}
