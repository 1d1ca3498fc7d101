/* Which question answers which kind of query. */
#include "aws/lookup.h"

#include <string.h>

#include "aws/elements.h"
#include "aws/parameters.h"
#include "cloud/tags.h"

static void read_instance(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_INSTANCE;
	element_instance(item, asked_ms, &ret->instance);
}

static bool is_instance(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->instance.id, q->id);
}

static bool is_launched_by(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->instance.client_token, q->id);
}

static bool is_of_rebuild(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->instance.rebuild, q->id);
}

static bool replaces(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->instance.replaces, q->id);
}

static void unseen_instance(const struct query *q, int64_t asked_ms, struct sighting *ret)
{
	*ret = (struct sighting){ .kind = SIGHTING_INSTANCE, .instance = { .asked_ms = asked_ms } };
	text_copy(ret->instance.id, sizeof(ret->instance.id), q->id);
}

static void write_all_states(const struct query *q, struct text *form)
{
	(void)q;
	/* By default EC2 shows the running ones only. */
	parameters_add_bool(form, true, "IncludeAllInstances");
}

static void read_status(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_STATUS;
	element_status(item, asked_ms, &ret->status);
}

static bool is_status_of(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->status.instance_id, q->id);
}

static void unseen_status(const struct query *q, int64_t asked_ms, struct sighting *ret)
{
	*ret = (struct sighting){ .kind = SIGHTING_STATUS, .status = { .asked_ms = asked_ms } };
	text_copy(ret->status.instance_id, sizeof(ret->status.instance_id), q->id);
}

static void read_image(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_IMAGE;
	element_image(item, asked_ms, &ret->image);
}

static bool is_image(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->image.id, q->id);
}

static void write_deprecated(const struct query *q, struct text *form)
{
	(void)q;
	/* An image that is named by its id may still be launched after its deprecation. */
	parameters_add_bool(form, true, "IncludeDeprecated");
}

static void unseen_image(const struct query *q, int64_t asked_ms, struct sighting *ret)
{
	*ret = (struct sighting){ .kind = SIGHTING_IMAGE, .image = { .asked_ms = asked_ms } };
	text_copy(ret->image.id, sizeof(ret->image.id), q->id);
}

static void write_newest(const struct query *q, struct text *form)
{
	parameters_add(form, q->tag.key, "Owner.1");
	parameters_add_filter(form, 1, "name", q->tag.value);
	parameters_add_filter(form, 2, "state", "available");
}

static void missing_newest(const struct query *q, struct error *err)
{
	error_set(err, ERROR_MISSING, "no available image of owner %s has a name like %s", q->tag.key,
		q->tag.value);
	error_hint(err, "check image.newest in the plan; the name may hold * and ?");
}

static void read_volume(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_VOLUME;
	element_volume(item, asked_ms, &ret->volume);
}

static bool is_volume(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->volume.id, q->id);
}

static bool is_volume_of_rebuild(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->volume.rebuild, q->id);
}

static bool is_volume_on(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->volume.instance_id, q->id);
}

static void unseen_volume(const struct query *q, int64_t asked_ms, struct sighting *ret)
{
	*ret = (struct sighting){ .kind = SIGHTING_VOLUME, .volume = { .asked_ms = asked_ms } };
	text_copy(ret->volume.id, sizeof(ret->volume.id), q->id);
}

static void write_tag_filter(const struct query *q, struct text *form)
{
	parameters_add_tag_filter(form, 2, &q->tag);
}

static void read_snapshot(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_SNAPSHOT;
	element_snapshot(item, asked_ms, &ret->snapshot);
}

static bool is_snapshot_of(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->snapshot.volume_id, q->id);
}

static void write_ours(const struct query *q, struct text *form)
{
	(void)q;
	parameters_add_filter(form, 2, "tag-key", TAG_REBUILD);
	parameters_add(form, "self", "Owner.1");
}

/* Snapshots that others share with us, or with everybody, may carry any tag. */
static void write_owner(const struct query *q, struct text *form)
{
	(void)q;
	parameters_add(form, "self", "Owner.1");
}

static void read_address(const struct xml_element *item, int64_t asked_ms, struct sighting *ret)
{
	ret->kind = SIGHTING_ADDRESS;
	element_address(item, asked_ms, &ret->address);
}

static bool is_address(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->address.allocation_id, q->id);
}

static bool is_address_of(const struct sighting *s, const struct query *q)
{
	return !strcmp(s->address.instance_id, q->id);
}

static void missing_address(const struct query *q, struct error *err)
{
	error_set(err, ERROR_MISSING, "there is no Elastic IP %s in this account and region", q->id);
	error_set_code(err, "InvalidAllocationID.NotFound");
}

static const struct lookup_row ROWS[QUERY_KIND_COUNT] = {
	[QUERY_INSTANCE] = {
		.action = ACTION_DESCRIBE_INSTANCES,
		.filter = "instance-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 1000,
		.outer = "reservationSet",
		.set = "instancesSet",
		.read = read_instance,
		.is_about = is_instance,
		.unseen = unseen_instance,
	},
	[QUERY_LAUNCHED] = {
		.action = ACTION_DESCRIBE_INSTANCES,
		.filter = "client-token",
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 1000,
		.outer = "reservationSet",
		.set = "instancesSet",
		.read = read_instance,
		.is_about = is_launched_by,
	},
	[QUERY_OF_REBUILD] = {
		.action = ACTION_DESCRIBE_INSTANCES,
		.filter = "tag:" TAG_REBUILD,
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 1000,
		.outer = "reservationSet",
		.set = "instancesSet",
		.read = read_instance,
		.is_about = is_of_rebuild,
	},
	[QUERY_REPLACED] = {
		.action = ACTION_DESCRIBE_INSTANCES,
		.filter = "tag:" TAG_REPLACES,
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 1000,
		.outer = "reservationSet",
		.set = "instancesSet",
		.read = read_instance,
		.is_about = replaces,
	},
	[QUERY_VOLUMES_OF_REBUILD] = {
		.action = ACTION_DESCRIBE_VOLUMES,
		.filter = "tag:" TAG_REBUILD,
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 500,
		.set = "volumeSet",
		.read = read_volume,
		.is_about = is_volume_of_rebuild,
	},
	[QUERY_STATUS] = {
		.action = ACTION_DESCRIBE_INSTANCE_STATUS,
		.list = "InstanceId",        /* there is no filter by id */
		.ids_max = 100,
		.write = write_all_states,
		.set = "instanceStatusSet",
		.read = read_status,
		.is_about = is_status_of,
		.unseen = unseen_status,
	},
	[QUERY_IMAGE] = {
		.action = ACTION_DESCRIBE_IMAGES,
		.list = "ImageId",
		.ids_max = LOOKUP_FILTER_VALUES,
		.write = write_deprecated,
		.set = "imagesSet",
		.read = read_image,
		.is_about = is_image,
		.unseen = unseen_image,
	},
	[QUERY_NEWEST_IMAGE] = {
		.action = ACTION_DESCRIBE_IMAGES,
		.ids_max = LOOKUP_FILTER_VALUES,
		.write = write_newest,
		.set = "imagesSet",
		.newest_by = "creationDate",
		.read = read_image,
		.missing = missing_newest,
	},
	[QUERY_VOLUME] = {
		.action = ACTION_DESCRIBE_VOLUMES,
		.filter = "volume-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 500,
		.set = "volumeSet",
		.read = read_volume,
		.is_about = is_volume,
		.unseen = unseen_volume,
	},
	[QUERY_VOLUME_BY_TAG] = {
		.action = ACTION_DESCRIBE_VOLUMES,
		.filter = "attachment.instance-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 500,
		.write = write_tag_filter,
		.set = "volumeSet",
		.read = read_volume,
		.is_about = is_volume_on,
	},
	[QUERY_SNAPSHOTS] = {
		.action = ACTION_DESCRIBE_SNAPSHOTS,
		.filter = "volume-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.page_size = 1000,
		.write = write_ours,
		.set = "snapshotSet",
		.read = read_snapshot,
		.is_about = is_snapshot_of,
	},
	[QUERY_ADDRESS] = {
		.action = ACTION_DESCRIBE_ADDRESSES,
		.filter = "allocation-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.set = "addressesSet",
		.read = read_address,
		.is_about = is_address,
		.missing = missing_address,
	},
	[QUERY_ADDRESSES_OF] = {
		.action = ACTION_DESCRIBE_ADDRESSES,
		.filter = "instance-id",
		.ids_max = LOOKUP_FILTER_VALUES,
		.set = "addressesSet",
		.read = read_address,
		.is_about = is_address_of,
	},
	[QUERY_TAGGED_INSTANCES] = {
		.action = ACTION_DESCRIBE_INSTANCES,
		.filter = "tag-key",
		.ids_max = 1,
		.page_size = 1000,
		.outer = "reservationSet",
		.set = "instancesSet",
		.read = read_instance,
	},
	[QUERY_TAGGED_VOLUMES] = {
		.action = ACTION_DESCRIBE_VOLUMES,
		.filter = "tag-key",
		.ids_max = 1,
		.page_size = 500,
		.set = "volumeSet",
		.read = read_volume,
	},
	[QUERY_TAGGED_SNAPSHOTS] = {
		.action = ACTION_DESCRIBE_SNAPSHOTS,
		.filter = "tag-key",
		.ids_max = 1,
		.page_size = 1000,
		.write = write_owner,
		.set = "snapshotSet",
		.read = read_snapshot,
	},
	[QUERY_ALL_ADDRESSES] = {
		.action = ACTION_DESCRIBE_ADDRESSES,
		.ids_max = 1,
		.set = "addressesSet",
		.read = read_address,
	},
};

const struct lookup_row *lookup_row_find(enum query_kind kind)
{
	return ROWS[kind].read ? &ROWS[kind] : NULL;
}
