/* volumes.c: EBS volumes and their attachments. */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/instances.h"
#include "sandbox/model/places.h"
#include "sandbox/model/volumes.h"

static const char *const TAGGABLE[] = { "volume", NULL };

/* What AttachVolume and DetachVolume answer at the root, and DescribeVolumes inside an item. */
static void write_attachment(struct request *r, const struct model_volume *v)
{
	const struct model_attachment *a = &v->attachment;

	reply_text(r, "volumeId", v->id);
	reply_text(r, "instanceId", a->instance->id);
	reply_text(r, "device", a->device);
	reply_text(r, "status", model_attachment_status(a));
	reply_time(r, "attachTime", a->attached_ms);
	reply_bool(r, "deleteOnTermination", a->delete_on_termination);
}

static void write_volume(struct request *r, const void *item)
{
	const struct model_volume *v = item;

	reply_text(r, "volumeId", v->id);
	reply_int(r, "size", v->size_gib);
	reply_text(r, "snapshotId", v->snapshot_id);
	reply_text(r, "availabilityZone", model_zone_name(r->model, v->zone));
	reply_text(r, "availabilityZoneId", model_zone_id(r->model, v->zone));
	reply_text(r, "status", model_volume_state_name(v->state));
	reply_time(r, "createTime", v->created_ms);
	reply_text(r, "volumeType", v->type);
	if (v->iops)
		reply_int(r, "iops", v->iops);
	if (v->throughput)
		reply_int(r, "throughput", v->throughput);
	reply_key(r, v->encrypted, v->kms_key);
	reply_bool(r, "multiAttachEnabled", false);
	reply_tags(r, &v->tags);
}

static void write_described(struct request *r, const void *item)
{
	const struct model_volume *v = item;

	write_volume(r, v);
	reply_open(r, "attachmentSet");
	if (v->attachment.state != MODEL_DETACHED) {
		reply_open(r, "item");
		write_attachment(r, v);
		reply_close(r, "item");
	}
	reply_close(r, "attachmentSet");
}

static bool by_id(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_volume *)item)->id);
}

static bool by_status(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, model_volume_state_name(((const struct model_volume *)item)->state));
}

static bool by_zone(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, model_zone_name(r->model, ((const struct model_volume *)item)->zone));
}

static bool by_snapshot(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_volume *)item)->snapshot_id);
}

static bool by_type(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_volume *)item)->type);
}

static bool by_instance(const struct request *r, const void *item, const char *pattern)
{
	const struct model_instance *i = ((const struct model_volume *)item)->attachment.instance;

	(void)r;
	return i && filter_matches(pattern, i->id);
}

static bool by_device(const struct request *r, const void *item, const char *pattern)
{
	const struct model_attachment *a = &((const struct model_volume *)item)->attachment;

	(void)r;
	return a->instance && filter_matches(pattern, a->device);
}

static bool by_attachment(const struct request *r, const void *item, const char *pattern)
{
	const struct model_attachment *a = &((const struct model_volume *)item)->attachment;

	(void)r;
	return a->instance && filter_matches(pattern, model_attachment_status(a));
}

static const struct filter FILTERS[] = {
	{ "attachment.device", by_device },
	{ "attachment.instance-id", by_instance },
	{ "attachment.status", by_attachment },
	{ "availability-zone", by_zone },
	{ "snapshot-id", by_snapshot },
	{ "status", by_status },
	{ "volume-id", by_id },
	{ "volume-type", by_type },
};

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_volume(m, id, err);
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_volume *)item)->tags;
}

static const struct describe VOLUMES = {
	.set = "volumeSet",
	.ids = "VolumeId",
	.filters = FILTERS,
	.filter_count = ARRAY_SIZE(FILTERS),
	.items = model_volumes,
	.find = find,
	.tags = tags_of,
	.write = write_described,
};

static bool describe_volumes(struct request *r, struct error *err)
{
	return describe_reply(r, &VOLUMES, err);
}

static bool read_create(const struct request *r, struct model_volume_request *q, struct error *err)
{
	const char *type = request_text(r, "VolumeType");
	bool multi_attach = false;

	*q = (struct model_volume_request){
		.zone = request_text(r, "AvailabilityZone"),
		.snapshot_id = request_text(r, "SnapshotId"),
		.type = type ? model_volume_type(type) : NULL,
		.kms_key = request_text(r, "KmsKeyId"),
		.fingerprint = request_fingerprint(r),
	};
	if (type && !q->type)
		return model_refuse(err, "InvalidParameterValue", "The volume type '%s' is not valid", type);
	if (!request_int(r, "Size", &q->size_gib, err) || !request_int(r, "Iops", &q->iops, err) ||
		!request_int(r, "Throughput", &q->throughput, err) ||
		!request_bool(r, "Encrypted", &q->encrypted, err) ||
		!request_bool(r, "MultiAttachEnabled", &multi_attach, err) ||
		!request_token(r, &q->client_token, err))
		return false;
	if (multi_attach)
		return model_refuse(
			err, "UnsupportedOperation", "The sandbox's volumes are attached to one instance");
	return true;
}

static bool create_volume(struct request *r, struct error *err)
{
	struct model_volume_request q;
	const struct model_volume *v;
	struct model_tags tags;

	if (!request_tag_specification(r, TAGGABLE, "volume", &tags, err) || !read_create(r, &q, err))
		return false;
	q.tags = &tags;
	if (!model_create_volume(r->model, &q, r->dry_run, &v, err))
		return false;
	write_volume(r, v);
	reply_no_tags(r, &v->tags);
	return true;
}

static bool delete_volume(struct request *r, struct error *err)
{
	if (!model_delete_volume(r->model, request_text(r, "VolumeId"), r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static bool attach_volume(struct request *r, struct error *err)
{
	const struct model_attach_request q = {
		.volume_id = request_text(r, "VolumeId"),
		.instance_id = request_text(r, "InstanceId"),
		.device = request_text(r, "Device"),
	};
	const struct model_volume *v;

	if (!model_attach_volume(r->model, &q, r->dry_run, &v, err))
		return false;
	write_attachment(r, v);
	return true;
}

static bool detach_volume(struct request *r, struct error *err)
{
	struct model_detach_request q = {
		.volume_id = request_text(r, "VolumeId"),
		.instance_id = request_text(r, "InstanceId"),
		.device = request_text(r, "Device"),
	};
	const struct model_volume *v;

	if (!request_bool(r, "Force", &q.force, err) ||
		!model_detach_volume(r->model, &q, r->dry_run, &v, err))
		return false;
	write_attachment(r, v);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeVolumes",
		.summary = "volumes and their attachments",
		.params = "VolumeId.N Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_volumes,
	},
	{
		.name = "CreateVolume",
		.summary = "make a volume, empty or from a completed snapshot",
		.params = "AvailabilityZone! SnapshotId Size VolumeType Iops Throughput Encrypted KmsKeyId "
			  "MultiAttachEnabled ClientToken TagSpecification.N.ResourceType "
			  "TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_BULK,
		.handle = create_volume,
	},
	{
		.name = "DeleteVolume",
		.summary = "delete a volume that is attached to nothing",
		.params = "VolumeId!",
		.mutates = true,
		.throttle = THROTTLE_BULK,
		.handle = delete_volume,
	},
	{
		.name = "AttachVolume",
		.summary = "attach a volume to an instance in the same zone",
		.params = "VolumeId! InstanceId! Device!",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = attach_volume,
	},
	{
		.name = "DetachVolume",
		.summary = "detach a volume; while the guest has it mounted, it stays `detaching`, even with "
			   "Force",
		.params = "VolumeId! InstanceId Device Force",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = detach_volume,
	},
};

const struct action_set actions_volumes = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
