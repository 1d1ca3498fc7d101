#include "rebuild/steps/snapshots.h"

#include <string.h>

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

void snapshots_create(struct rebuild *r, const struct step *s, const char *role, struct effects *out)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		struct effect *e;

		if (snapshots_find(r, s, i))
			continue;
		e = step_effect(out, EFFECT_CREATE_SNAPSHOT, i);
		if (!e)
			continue;
		e->role = role;
		e->tags = r->blueprint.tags;
		e->tag_count = r->blueprint.tag_count;
		memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
	}
}
