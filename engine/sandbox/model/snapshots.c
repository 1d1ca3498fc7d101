/*
 * snapshots.c: a snapshot shows the volume as it was when CreateSnapshot was called: the copy is
 * ordered at once, and `completed` comes when both the delay has passed and the copy is there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

enum { PENDING_MAX = 5 }; /* per volume: ConcurrentSnapshotLimitExceeded, EC2 error codes */

static const char *const SNAPSHOT_STATES[MODEL_SNAPSHOT_STATE_COUNT] = {
	[MODEL_SNAPSHOT_PENDING] = "pending",
	[MODEL_SNAPSHOT_COMPLETED] = "completed",
	[MODEL_SNAPSHOT_ERROR] = "error",
};

const char *model_snapshot_state_name(enum model_snapshot_state s)
{
	return SNAPSHOT_STATES[s];
}

void snapshot_free(struct model_snapshot *s)
{
	free(s->description);
	free(s->kms_key);
	model_tags_release(&s->tags);
	free(s);
}

static void count_out(struct model *m, const struct model_snapshot *s)
{
	struct model_volume *v = index_find(&m->volumes, s->volume_id);

	if (v && s->state == MODEL_SNAPSHOT_PENDING)
		v->pending_snapshots--;
}

static void drop(struct model *m, struct model_snapshot *s)
{
	if (s->copied)
		m->orders.delete_snapshot(m->orders.ctx, s->id);
	count_out(m, s);
	index_remove(&m->snapshots, s->id);
	snapshot_free(s);
}

/* Completes it once both the clock and the copy say so. */
static void settle(struct model *m, struct model_snapshot *s)
{
	if (s->state != MODEL_SNAPSHOT_PENDING || m->now_ms < s->due_ms || (!s->copied && !s->failed))
		return;
	count_out(m, s);
	s->state = s->failed || s->spoilt ? MODEL_SNAPSHOT_ERROR : MODEL_SNAPSHOT_COMPLETED;
	s->completed_ms = m->now_ms;
	inside_effect(m, "CreateSnapshot", s->id, s->volume_id, s->started_ms);
}

void snapshot_completed(struct model *m, const char *id, int64_t due_ms)
{
	struct model_snapshot *s = index_find(&m->snapshots, id);

	(void)due_ms; /* a snapshot is completed once */
	if (s && !s->doomed)
		settle(m, s);
}

void model_snapshot_copied(struct model *m, const char *id, const struct error *err)
{
	struct model_snapshot *s = index_find(&m->snapshots, id);

	if (!s)
		return;
	s->copied = !err;
	s->failed = err;
	if (err)
		m->listener.trouble(m->listener.ctx, err);
	if (s->doomed)
		drop(m, s);
	else
		settle(m, s);
}

int model_snapshot_progress(const struct model *m, const struct model_snapshot *s)
{
	int64_t all = s->due_ms - s->started_ms, done = m->now_ms - s->started_ms;

	if (s->state == MODEL_SNAPSHOT_COMPLETED)
		return 100;
	return all > 0 && done < all ? (int)(done * 100 / all) : 99;
}

static bool check_snapshot(const struct model_volume *v, struct error *err)
{
	if (v->root)
		return model_refuse(err, "UnsupportedOperation",
			"The sandbox keeps a root volume inside its machine: '%s' has no snapshots", v->id);
	if (v->state != MODEL_VOLUME_AVAILABLE && v->state != MODEL_VOLUME_IN_USE)
		return model_refuse(err, "IncorrectState", "Volume '%s' is in the '%s' state.", v->id,
			model_volume_state_name(v->state));
	if (v->pending_snapshots >= PENDING_MAX)
		return model_refuse(err, "ConcurrentSnapshotLimitExceeded",
			"Maximum allowed in-progress snapshots for volume '%s' exceeded", v->id);
	return true;
}

static struct model_snapshot *snapshot_new(
	struct model *m, const struct model_volume *v, const struct model_snapshot_request *r)
{
	struct model_snapshot *s = alloc_zeroed(1, sizeof(*s));

	model_make_id(m, "snap-", s->id);
	text_copy(s->volume_id, sizeof(s->volume_id), v->id);
	s->size_gib = v->size_gib;
	s->encrypted = v->encrypted;
	s->kms_key = alloc_text(v->kms_key);
	s->description = alloc_text(r->description);
	s->started_ms = m->now_ms;
	model_tags_copy(&s->tags, r->tags);
	index_add(&m->snapshots, s->id, s);
	return s;
}

bool model_create_snapshot(struct model *m, const struct model_snapshot_request *r, bool dry_run,
	const struct model_snapshot **ret, struct error *err)
{
	struct model_volume *v = index_find(&m->volumes, r->volume_id);
	struct model_snapshot *s;

	if (!model_find_volume(m, r->volume_id, err) || !check_snapshot(v, err) ||
		!model_commits(dry_run, err))
		return false;
	s = snapshot_new(m, v, r);
	v->pending_snapshots++;
	s->due_ms = inside_schedule(m, LATENCY_SNAPSHOT, EVENT_COMPLETED, s->id);
	s->spoilt = inside_fault(m, FAULT_AT_SNAPSHOT, v->id);
	s->copied = m->orders.snapshot(m->orders.ctx, v->id, s->id);
	*ret = s;
	return true;
}

static const struct model_image *find_user(const struct model *m, const char *snapshot_id)
{
	const struct model_image *i;

	for (uint64_t at = 0; (i = index_next(&m->images, &at));)
		for (size_t b = 0; !i->deregistered && b < i->mapping_count; b++)
			if (!strcmp(i->mappings[b].snapshot_id, snapshot_id))
				return i;
	return NULL;
}

bool model_delete_snapshot(struct model *m, const char *id, bool dry_run, struct error *err)
{
	struct model_snapshot *s = index_find(&m->snapshots, id);
	const struct model_image *user;

	if (!model_find_snapshot(m, id, err))
		return false;
	user = find_user(m, id);
	if (user)
		return model_refuse(err, "InvalidSnapshot.InUse", "The snapshot %s is currently in use by %s",
			id, user->id);
	if (!model_commits(dry_run, err))
		return false;
	s->doomed = true;
	if (s->copied || s->failed)
		drop(m, s); /* else: when the copy that is under way ends */
	return true;
}

const struct model_snapshot *model_find_snapshot(const struct model *m, const char *id, struct error *err)
{
	const struct model_snapshot *s = index_find(&m->snapshots, id);

	if (s && !s->doomed)
		return s;
	if (inside_is_id(id, "snap-"))
		model_refuse(err, "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id);
	else
		model_refuse(err, "InvalidParameterValue",
			"Value (%s) for parameter snapshotId is invalid. Expected: 'snap-...'.", id);
	return NULL;
}

const struct index *model_snapshots(const struct model *m)
{
	return &m->snapshots;
}
