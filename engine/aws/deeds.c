#include "aws/deeds.h"

#include <stdio.h>
#include <string.h>

#include "aws/elements.h"
#include "aws/launch.h"
#include "aws/parameters.h"
#include "aws/tagging.h"

static void write_instance(const struct effect *e, struct text *form)
{
	parameters_add(form, e->instance_id, "InstanceId.1");
}

static void write_keep(const struct effect *e, struct text *form)
{
	parameters_add(form, e->instance_id, "InstanceId");
	parameters_add(form, e->device, "BlockDeviceMapping.1.DeviceName");
	/* Left out it would mean true: the volume dies with the instance. */
	parameters_add_bool(form, !e->on, "BlockDeviceMapping.1.Ebs.DeleteOnTermination");
}

static void write_protect(const struct effect *e, struct text *form)
{
	parameters_add(form, e->instance_id, "InstanceId");
	parameters_add_bool(form, e->on, "DisableApiTermination.Value");
}

static void write_tags(const struct effect *e, struct text *form)
{
	const char *const ids[] = { e->instance_id, e->volume_id };
	struct tagging tagging = { .count = 0 };
	size_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (ids[i][0])
			parameters_add(form, ids[i], "ResourceId.%zu", ++number);
	tagging_add_own(&tagging, e, false);
	tagging_add(&tagging, e->tags, e->tag_count);
	tagging_write(&tagging, "Tag", form);
}

static void write_snapshot(const struct effect *e, struct text *form)
{
	struct tagging tagging = { .count = 0 };
	char description[256];

	/* For people in AWS's console; the engine goes by the tags. */
	snprintf(description, sizeof(description), "changeover %s: %s of %s", e->rebuild,
		e->role ? e->role : "snapshot", e->volume_id);
	parameters_add(form, e->volume_id, "VolumeId");
	parameters_add(form, description, "Description");
	tagging_add_own(&tagging, e, true);
	tagging_add(&tagging, e->tags, e->tag_count);
	tagging_write_specification(&tagging, 1, "snapshot", form);
}

static void read_snapshot(
	const struct effect *e, const struct xml_element *root, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_SNAPSHOT;
	element_snapshot(root, asked_ms, &ret->snapshot);
	/* The reply repeats our tags, but a fake of EC2 may not: we know what we asked for. */
	text_copy(ret->snapshot.token, sizeof(ret->snapshot.token), e->token);
	text_copy(ret->snapshot.rebuild, sizeof(ret->snapshot.rebuild), e->rebuild);
	text_copy(ret->snapshot.volume_id, sizeof(ret->snapshot.volume_id), e->volume_id);
}

static void write_delete_snapshot(const struct effect *e, struct text *form)
{
	parameters_add(form, e->snapshot_id, "SnapshotId");
}

static void read_launch(
	const struct effect *e, const struct xml_element *root, int64_t asked_ms, struct sighting *ret)
{
	(void)e;
	ret->kind = SIGHTING_INSTANCE;
	element_instance(element_items(root, "instancesSet"), asked_ms, &ret->instance);
}

static void write_detach(const struct effect *e, struct text *form)
{
	parameters_add(form, e->volume_id, "VolumeId");
	parameters_add(form, e->instance_id, "InstanceId");
}

static void write_attach(const struct effect *e, struct text *form)
{
	parameters_add(form, e->volume_id, "VolumeId");
	parameters_add(form, e->instance_id, "InstanceId");
	parameters_add(form, e->device, "Device");
}

static void read_attachment(
	const struct effect *e, const struct xml_element *root, int64_t asked_ms, struct sighting *ret)
{
	(void)e;
	ret->kind = SIGHTING_VOLUME;
	element_attachment(root, asked_ms, &ret->volume);
}

static void write_associate(const struct effect *e, struct text *form)
{
	parameters_add(form, e->allocation_id, "AllocationId");
	parameters_add(form, e->instance_id, "InstanceId");
	parameters_add_bool(form, true, "AllowReassociation"); /* it points to blue until now */
}

static void read_association(
	const struct effect *e, const struct xml_element *root, int64_t asked_ms, struct sighting *ret)
{
	*ret = (struct sighting){ .kind = SIGHTING_ADDRESS, .address = { .asked_ms = asked_ms } };
	text_copy(ret->address.allocation_id, sizeof(ret->address.allocation_id), e->allocation_id);
	text_copy(ret->address.instance_id, sizeof(ret->address.instance_id), e->instance_id);
	text_copy(ret->address.association_id, sizeof(ret->address.association_id),
		xml_text(root, "associationId"));
}

/* Stop, start and terminate answer with the state alone, too little for a sighting of the instance. */
static const struct deed DEEDS[EFFECT_KIND_COUNT] = {
	[EFFECT_KEEP_VOLUME] = { ACTION_MODIFY_INSTANCE_ATTRIBUTE, write_keep, NULL, NULL, NULL },
	[EFFECT_PROTECT_INSTANCE] = { ACTION_MODIFY_INSTANCE_ATTRIBUTE, write_protect, NULL, NULL, NULL },
	[EFFECT_TAG] = { ACTION_CREATE_TAGS, write_tags, NULL, NULL, NULL },
	[EFFECT_CREATE_SNAPSHOT] = { ACTION_CREATE_SNAPSHOT, write_snapshot, read_snapshot, NULL, NULL },
	[EFFECT_DELETE_SNAPSHOT] = { ACTION_DELETE_SNAPSHOT, write_delete_snapshot, NULL,
		"InvalidSnapshot.NotFound", NULL },
	[EFFECT_LAUNCH] = { ACTION_RUN_INSTANCES, launch_write, read_launch, NULL, NULL },
	[EFFECT_STOP_INSTANCE] = { ACTION_STOP_INSTANCES, write_instance, NULL, NULL, NULL },
	[EFFECT_START_INSTANCE] = { ACTION_START_INSTANCES, write_instance, NULL, NULL, NULL },
	/* NotFound does not count as done: right after a launch it only means "not known here yet". */
	[EFFECT_TERMINATE_INSTANCE] = { ACTION_TERMINATE_INSTANCES, write_instance, NULL, NULL, NULL },
	[EFFECT_DETACH_VOLUME] = { ACTION_DETACH_VOLUME, write_detach, read_attachment, "IncorrectState",
		"'available' state" },
	[EFFECT_ATTACH_VOLUME] = { ACTION_ATTACH_VOLUME, write_attach, read_attachment, NULL, NULL },
	[EFFECT_ASSOCIATE_ADDRESS] = { ACTION_ASSOCIATE_ADDRESS, write_associate, read_association, NULL,
		NULL },
};

const struct deed *deed_find(enum effect_kind kind)
{
	return DEEDS[kind].write ? &DEEDS[kind] : NULL;
}

bool deed_was_done(const struct deed *d, const struct error *err)
{
	if (!d->done_code || !error_is(err, d->done_code))
		return false;
	return !d->done_word || strstr(err->message, d->done_word);
}
