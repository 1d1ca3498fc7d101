/* snapshots.c: snapshots of volumes. */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/places.h"
#include "sandbox/model/volumes.h"

static const char *const TAGGABLE[] = { "snapshot", NULL };

/* CreateSnapshot and DescribeSnapshots show the same elements, but for tags if there are none. */
static void write_snapshot(struct request *r, const void *item)
{
	const struct model_snapshot *s = item;

	reply_text(r, "snapshotId", s->id);
	reply_text(r, "volumeId", s->volume_id);
	reply_text(r, "status", model_snapshot_state_name(s->state));
	reply_time(r, "startTime", s->started_ms);
	reply_time(r, "completionTime", s->completed_ms);
	reply_text(r, "progress", arena_printf(r->arena, "%d%%", model_snapshot_progress(r->model, s)));
	reply_text(r, "ownerId", MODEL_ACCOUNT);
	reply_int(r, "volumeSize", s->size_gib);
	reply_text(r, "description", s->description);
	reply_key(r, s->encrypted, s->kms_key);
	reply_text(r, "storageTier", "standard");
	reply_tags(r, &s->tags);
}

static bool by_id(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_snapshot *)item)->id);
}

static bool by_volume(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_snapshot *)item)->volume_id);
}

static bool by_status(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(
		pattern, model_snapshot_state_name(((const struct model_snapshot *)item)->state));
}

static bool by_description(const struct request *r, const void *item, const char *pattern)
{
	const char *description = ((const struct model_snapshot *)item)->description;

	(void)r;
	return filter_matches(pattern, description ? description : "");
}

static bool by_owner(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_ACCOUNT);
}

static const struct filter FILTERS[] = {
	{ "description", by_description },
	{ "owner-id", by_owner },
	{ "snapshot-id", by_id },
	{ "status", by_status },
	{ "volume-id", by_volume },
};

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_snapshot(m, id, err);
}

static bool is_shown(const struct model *m, const void *item)
{
	(void)m;
	return !((const struct model_snapshot *)item)->doomed;
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_snapshot *)item)->tags;
}

static const struct describe SNAPSHOTS = {
	.set = "snapshotSet",
	.ids = "SnapshotId",
	.filters = FILTERS,
	.filter_count = ARRAY_SIZE(FILTERS),
	.items = model_snapshots,
	.find = find,
	.shown = is_shown,
	.tags = tags_of,
	.write = write_snapshot,
};

static bool describe_snapshots(struct request *r, struct error *err)
{
	if (!describe_owned(r, "Owner") || !describe_owned(r, "RestorableBy")) {
		reply_open(r, "snapshotSet");
		reply_close(r, "snapshotSet");
		return true;
	}
	return describe_reply(r, &SNAPSHOTS, err);
}

static bool create_snapshot(struct request *r, struct error *err)
{
	struct model_snapshot_request q = {
		.volume_id = request_text(r, "VolumeId"),
		.description = request_text(r, "Description"),
	};
	const struct model_snapshot *s;
	struct model_tags tags;

	if (!request_tag_specification(r, TAGGABLE, "snapshot", &tags, err))
		return false;
	q.tags = &tags;
	if (!model_create_snapshot(r->model, &q, r->dry_run, &s, err))
		return false;
	write_snapshot(r, s);
	reply_no_tags(r, &s->tags);
	return true;
}

static bool delete_snapshot(struct request *r, struct error *err)
{
	if (!model_delete_snapshot(r->model, request_text(r, "SnapshotId"), r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeSnapshots",
		.summary = "snapshots",
		.params = "SnapshotId.N Owner.N RestorableBy.N Filter.N.Name Filter.N.Value.N MaxResults "
			  "NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_snapshots,
	},
	{
		.name = "CreateSnapshot",
		.summary = "copy a volume as it is at this moment",
		.params =
			"VolumeId! Description TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
			"TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_BULK,
		.handle = create_snapshot,
	},
	{
		.name = "DeleteSnapshot",
		.summary = "delete a snapshot that no image uses",
		.params = "SnapshotId!",
		.mutates = true,
		.throttle = THROTTLE_BULK,
		.handle = delete_snapshot,
	},
};

const struct action_set actions_snapshots = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
