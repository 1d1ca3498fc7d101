#include "rebuild/steps/snapshots.h"

#include <assert.h>
#include <string.h>

#include "rebuild/seen.h"
#include "rebuild/token.h"

const struct snapshot *snapshots_find(const struct rebuild *r, const struct step *s, size_t i)
{
	const struct snapshot *failed = NULL;

	for (size_t n = 0; n < r->world.snapshot_count; n++) {
		const struct snapshot *snapshot = &r->world.snapshots[n];

		if (!token_is_of(snapshot->token, r->id, s->name, i))
			continue;
		if (snapshot->state != SNAPSHOT_ERROR)
			return snapshot;
		failed = snapshot;
	}
	return failed;
}

static void fill(struct effect *e, const struct rebuild *r, size_t i, const char *role)
{
	e->role = role;
	e->tags = r->blueprint.tags;
	e->tag_count = r->blueprint.tag_count;
	memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
}

void snapshots_create(struct rebuild *r, const struct step *s, const char *role, struct effects *out)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		struct effect *e =
			snapshots_find(r, s, i) ? NULL : step_effect(out, EFFECT_CREATE_SNAPSHOT, i);

		if (e)
			fill(e, r, i, role);
	}
}

bool snapshots_replace_failed(struct rebuild *r, size_t first_part, const char *role, struct effects *out)
{
	bool none = true;

	for (size_t i = 0; i < r->volume_count; i++) {
		struct effect *e;

		if (seen_recovery_point(r, r->volumes[i].id))
			continue;
		none = false;
		e = step_effect_again(out, EFFECT_CREATE_SNAPSHOT, first_part + i);
		assert(e); /* on the way back nothing is done while anything is under way */
		fill(e, r, i, role);
	}
	return none;
}
