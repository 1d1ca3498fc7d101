/* backup.c: a snapshot of the data while blue still serves, to go back to if all else fails. */
#include "rebuild/steps/steps.h"

#include <stdio.h>

#include "rebuild/seen.h"
#include "rebuild/steps/snapshots.h"

/* Nothing leaves blue without a recovery point of its own (point.c): what became of an earlier one is past. */
static bool has_left_blue(const struct rebuild *r)
{
	return r->resumed && seen_each_left(r);
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (has_left_blue(r))
		return true;
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct snapshot *s = snapshots_find(r, &step_backup, i);

		if (!s || s->state == SNAPSHOT_ERROR)
			return false;
		if (r->plan->backup.wait_completed && s->state != SNAPSHOT_COMPLETED)
			return false;
	}
	return true;
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++) {
		const struct snapshot *s = snapshots_find(r, &step_backup, i);

		if (!s || s->state != SNAPSHOT_ERROR)
			continue;
		snprintf(r->finding, sizeof(r->finding), "snapshot %s of %s failed", s->id, s->volume_id);
		return r->finding;
	}
	return NULL;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	snapshots_create(r, &step_backup, "backup", out);
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++)
		if (out->run->acted_ms || snapshots_find(r, &step_backup, i))
			step_look(out, QUERY_SNAPSHOTS, r->volumes[i].id, (struct pace){ 9000, 4000 });
}

static const char *waits_for(const struct rebuild *r)
{
	return r->plan->backup.wait_completed ? "the snapshot is not completed yet" : NULL;
}

const struct step step_backup = {
	.name = "backup",
	.summary = "Take a snapshot of the data while blue serves",
	.needs = FACT_PROTECTED,
	.gives = FACT_BACKED_UP,
	.limit_s = 12 * 3600, /* a first snapshot of a large volume takes hours */
	.typical_ms = 90 * 1000,
	.waits_for = waits_for,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
};
