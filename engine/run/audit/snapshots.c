/* Rules about snapshots. */
#include <string.h>

#include "run/audit/rules.h"

enum {
	SNAPSHOTS_PER_REBUILD = 2, /* of each volume: backup and point */
	KEPT_BY_DEFAULT = 3,       /* backup.keep, where a plan does not say (plan/table.c) */
};

static size_t newer_points(const struct audit_look *l)
{
	const struct inventory *in = l->c->in;
	size_t count = 0;

	for (size_t i = 0; i < in->snapshot_count; i++)
		count += !strcmp(in->snapshots[i].volume_id, l->snapshot->volume_id) &&
			 in->snapshots[i].state == SNAPSHOT_COMPLETED &&
			 in->snapshots[i].started_ms > l->snapshot->started_ms;
	return count;
}

/* Beyond what `kept` rebuilds leave. */
static bool is_beyond(const struct audit_look *l, int kept, struct finding *f)
{
	size_t newer = newer_points(l);

	if (l->c->fate == FATE_OPEN || l->snapshot->state != SNAPSHOT_COMPLETED ||
		newer < (size_t)kept * SNAPSHOTS_PER_REBUILD)
		return false;
	f->what = arena_printf(l->arena, "is a snapshot of %s with %zu newer ones, beyond what is kept",
		l->snapshot->volume_id, newer);
	f->since_ms = l->snapshot->started_ms;
	rule_set_effect(l, EFFECT_DELETE_SNAPSHOT, f);
	return true;
}

bool rule_snapshot_left(const struct audit_look *l, struct finding *f)
{
	return rule_is_of_plan(l) && is_beyond(l, l->o->snapshots_kept, f);
}

/* How many its plan keeps is not known here: nothing of it is deleted unasked. */
bool rule_snapshot_many(const struct audit_look *l, struct finding *f)
{
	return !rule_is_of_plan(l) && is_beyond(l, KEPT_BY_DEFAULT, f);
}

bool rule_snapshot_failed(const struct audit_look *l, struct finding *f)
{
	if (l->c->fate == FATE_OPEN || l->snapshot->state != SNAPSHOT_ERROR)
		return false;
	f->what = arena_printf(l->arena, "is a snapshot of %s that failed: nothing can be restored from it",
		l->snapshot->volume_id);
	f->since_ms = l->snapshot->started_ms;
	rule_set_effect(l, EFFECT_DELETE_SNAPSHOT, f);
	return true;
}
