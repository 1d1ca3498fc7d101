/* prune.c: delete the oldest snapshots that earlier rebuilds made, beyond the number to be kept. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/seen.h"

/* How many of our snapshots of the same volume are newer. A snapshot deleted a moment ago is shown no more. */
static int newer(const struct rebuild *r, const struct snapshot *s)
{
	int count = 0;

	for (size_t i = 0; i < r->world.snapshot_count; i++) {
		const struct snapshot *other = &r->world.snapshots[i];

		if (other->state != SNAPSHOT_ERROR && !strcmp(other->volume_id, s->volume_id) &&
			other->started_ms > s->started_ms)
			count++;
	}
	return count;
}

/* Two are made by each rebuild: backup and point. */
static bool is_old(const struct rebuild *r, const struct snapshot *s)
{
	return s->rebuild[0] && strcmp(s->rebuild, r->id) != 0 && newer(r, s) >= r->plan->backup.keep * 2;
}

static bool is_gone(const struct rebuild *r, size_t i)
{
	return step_run_seen(r, &step_prune)->acked & 1U << i;
}

static bool are_all_known(const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (!seen_answered(r, QUERY_SNAPSHOTS, r->volumes[i].id))
			return false;
	return true;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (!are_all_known(r))
		return false;
	for (size_t i = 0; i < r->world.snapshot_count; i++)
		if (is_old(r, &r->world.snapshots[i]) && !is_gone(r, i))
			return false;
	return true;
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++)
		if (!seen_answered(r, QUERY_SNAPSHOTS, r->volumes[i].id))
			step_look(out, QUERY_SNAPSHOTS, r->volumes[i].id, (struct pace){ 0, 60 * 1000 });
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	for (size_t i = 0; i < r->world.snapshot_count; i++) {
		struct effect *e = is_old(r, &r->world.snapshots[i])
					   ? step_effect(out, EFFECT_DELETE_SNAPSHOT, i)
					   : NULL;

		if (e)
			memcpy(e->snapshot_id, r->world.snapshots[i].id, sizeof(e->snapshot_id));
	}
}

const struct step step_prune = {
	.name = "prune",
	.summary = "Delete snapshots of earlier rebuilds beyond the number to be kept",
	.needs = FACT_RETIRED,
	.gives = FACT_PRUNED,
	.limit_s = 300,
	.typical_ms = 0,
	.parks = true,
	.proved = proved,
	.act = act,
	.look = look,
};
