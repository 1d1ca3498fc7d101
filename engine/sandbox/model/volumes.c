#include "sandbox/model/volumes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

static const char *const VOLUME_STATES[MODEL_VOLUME_STATE_COUNT] = {
	[MODEL_VOLUME_CREATING] = "creating",
	[MODEL_VOLUME_AVAILABLE] = "available",
	[MODEL_VOLUME_IN_USE] = "in-use",
	[MODEL_VOLUME_ERROR] = "error",
};

/* Defaults of the EBS user guide; gp2's IOPS follow its size. */
static const struct type_row {
	const char *name;
	int iops, throughput, iops_per_gib;
	bool needs_iops;
} TYPES[] = {
	{ .name = "gp2", .iops_per_gib = 3 },
	{ .name = "gp3", .iops = 3000, .throughput = 125 },
	{ .name = "io1", .needs_iops = true },
	{ .name = "io2", .needs_iops = true },
	{ .name = "st1" },
	{ .name = "sc1" },
	{ .name = "standard" },
};

enum { GP2_LEAST_IOPS = 100, GP2_MOST_IOPS = 16000, SIZE_MAX_GIB = 16384 };

const char *model_volume_state_name(enum model_volume_state s)
{
	return VOLUME_STATES[s];
}

static const struct type_row *find_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(TYPES); i++)
		if (!strcmp(TYPES[i].name, name))
			return &TYPES[i];
	return NULL;
}

const char *model_volume_type(const char *name)
{
	const struct type_row *type = find_type(name);

	return type ? type->name : NULL;
}

static void set_type(struct model_volume *v, const struct model_mapping *like)
{
	const struct type_row *type = find_type(like->type ? like->type : "gp2");
	int by_size = type->iops_per_gib * like->size_gib;

	v->type = type->name;
	v->iops = like->iops ? like->iops : type->iops;
	v->throughput = like->throughput ? like->throughput : type->throughput;
	if (!type->iops_per_gib)
		return;
	if (by_size < GP2_LEAST_IOPS)
		by_size = GP2_LEAST_IOPS;
	v->iops = by_size > GP2_MOST_IOPS ? GP2_MOST_IOPS : by_size;
}

struct model_volume *volume_new(struct model *m, int zone, const struct model_mapping *like, bool root)
{
	struct model_volume *v = alloc_zeroed(1, sizeof(*v));
	auto_error err = ERROR_INIT;

	model_make_id(m, "vol-", v->id);
	text_copy(v->snapshot_id, sizeof(v->snapshot_id), like->snapshot_id);
	v->zone = (uint8_t)zone;
	v->size_gib = like->size_gib;
	v->encrypted = like->encrypted;
	v->kms_key = alloc_text(like->kms_key);
	v->root = root;
	v->created_ms = m->now_ms;
	set_type(v, like);
	index_add(&m->volumes, v->id, v);
	if (root || m->orders.create_volume(m->orders.ctx, v->id, v->size_gib, v->snapshot_id, &err))
		return v;
	inside_trouble(m, &err);
	v->broken = true;
	return v;
}

void volume_free(struct model_volume *v)
{
	free(v->kms_key);
	model_tags_release(&v->tags);
	free(v);
}

void volume_remove(struct model *m, struct model_volume *v)
{
	auto_error err = ERROR_INIT;

	if (!v->root && !v->broken && !m->orders.delete_volume(m->orders.ctx, v->id, &err))
		inside_trouble(m, &err);
	index_remove(&m->volumes, v->id);
	volume_free(v);
}

void volume_created(struct model *m, const char *id, int64_t due_ms)
{
	struct model_volume *v = index_find(&m->volumes, id);

	(void)due_ms; /* a volume is created once */
	if (!v || v->state != MODEL_VOLUME_CREATING)
		return;
	v->state = v->broken ? MODEL_VOLUME_ERROR : MODEL_VOLUME_AVAILABLE;
	inside_effect(m, "CreateVolume", v->id, "", v->created_ms);
}

bool mapping_check_key(const struct model_mapping *b, struct error *err)
{
	if (!b->kms_key || b->encrypted)
		return true;
	return model_refuse(err, "InvalidParameterDependency",
		"The parameter KmsKeyId requires the parameter Encrypted to be set.");
}

static bool check_size(const struct model_mapping *like, const struct model_snapshot *from, struct error *err)
{
	if (like->size_gib < 1 || like->size_gib > SIZE_MAX_GIB)
		return model_refuse(err, "InvalidParameterValue", "Volume size must be between 1 and %d GiB",
			SIZE_MAX_GIB);
	if (from && like->size_gib < from->size_gib)
		return model_refuse(err, "InvalidParameterValue",
			"Volume size (%d GiB) must not be smaller than the snapshot's (%d GiB)",
			like->size_gib, from->size_gib);
	if (find_type(like->type)->needs_iops && !like->iops)
		return model_refuse(err, "MissingParameter",
			"The request must contain the parameter iops for volume type %s", like->type);
	return true;
}

/* Only a completed snapshot makes a volume (EC2 says so with IncorrectState: velero-io/velero#1799). */
bool mapping_use_snapshot(
	const struct model *m, struct model_mapping *b, const struct model_snapshot **ret, struct error *err)
{
	const struct model_snapshot *s = model_find_snapshot(m, b->snapshot_id, err);

	if (!s)
		return false;
	if (s->state != MODEL_SNAPSHOT_COMPLETED)
		return model_refuse(err, "IncorrectState", "Snapshot is in invalid state - %s",
			model_snapshot_state_name(s->state));
	if (!b->size_gib)
		b->size_gib = s->size_gib;
	if (s->encrypted && !b->encrypted)
		b->kms_key = s->kms_key;
	b->encrypted |= s->encrypted;
	*ret = s;
	return true;
}

static bool resolve(const struct model *m, const struct model_volume_request *r,
	struct model_mapping *ret_like, int *ret_zone, struct error *err)
{
	const struct model_snapshot *from = NULL;

	*ret_like = (struct model_mapping){
		.type = r->type ? r->type : "gp2", /* the API's default; the console's is gp3 */
		.size_gib = r->size_gib,
		.iops = r->iops,
		.throughput = r->throughput,
		.encrypted = r->encrypted,
		.kms_key = r->kms_key,
	};
	if (!model_find_zone(m, r->zone, ret_zone, err) || !mapping_check_key(ret_like, err))
		return false;
	if (!r->snapshot_id && !r->size_gib)
		return model_refuse(
			err, "MissingParameter", "The request must contain the parameter size or snapshotId");
	text_copy(ret_like->snapshot_id, MODEL_ID_SIZE, r->snapshot_id ? r->snapshot_id : "");
	if (r->snapshot_id && !mapping_use_snapshot(m, ret_like, &from, err))
		return false;
	return check_size(ret_like, from, err);
}

static bool repeat(
	const struct model *m, const struct token *t, const struct model_volume **ret, struct error *err)
{
	*ret = index_find(&m->volumes, t->ids[0]);
	if (*ret)
		return true;
	return model_refuse(err, "IdempotentParameterMismatch",
		"The volume created with this client token has been deleted");
}

static void remember(struct model *m, const struct model_volume_request *r, const struct model_volume *v)
{
	struct token *t;

	if (!r->client_token)
		return;
	t = token_add(m, "CreateVolume", r->client_token, 1);
	t->fingerprint = r->fingerprint;
	text_copy(t->ids[0], sizeof(t->ids[0]), v->id);
}

bool model_create_volume(struct model *m, const struct model_volume_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err)
{
	const struct token *t = token_find(m, "CreateVolume", r->client_token);
	struct model_mapping like;
	struct model_volume *v;
	int zone;

	if (!token_check(t, r->fingerprint, err))
		return false;
	if (!t && !resolve(m, r, &like, &zone, err))
		return false;
	if (!model_commits(dry_run, err))
		return false;
	if (t)
		return repeat(m, t, ret, err);
	v = volume_new(m, zone, &like, false);
	model_tags_copy(&v->tags, r->tags);
	remember(m, r, v);
	inside_schedule(m, LATENCY_VOLUME_CREATE, EVENT_CREATED, v->id);
	*ret = v;
	return true;
}

bool model_delete_volume(struct model *m, const char *id, bool dry_run, struct error *err)
{
	const struct model_volume *v = model_find_volume(m, id, err);

	if (!v)
		return false;
	if (v->attachment.state != MODEL_DETACHED)
		return model_refuse(err, "VolumeInUse", "Volume %s is currently attached to %s", id,
			v->attachment.instance->id);
	if (v->state == MODEL_VOLUME_CREATING)
		return model_refuse(err, "IncorrectState", "Volume '%s' is in the 'creating' state.", id);
	if (!model_commits(dry_run, err))
		return false;
	volume_remove(m, index_find(&m->volumes, id));
	return true;
}

const struct model_volume *model_find_volume(const struct model *m, const char *id, struct error *err)
{
	const struct model_volume *v = index_find(&m->volumes, id);

	if (v)
		return v;
	if (inside_is_id(id, "vol-"))
		model_refuse(err, "InvalidVolume.NotFound", "The volume '%s' does not exist.", id);
	else
		model_refuse(err, "InvalidParameterValue",
			"Value (%s) for parameter volumeId is invalid. Expected: 'vol-...'.", id);
	return NULL;
}

const struct index *model_volumes(const struct model *m)
{
	return &m->volumes;
}
