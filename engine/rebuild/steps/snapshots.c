#include "rebuild/steps/snapshots.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Whether the token is that of the step's effect on the i-th volume, in whatever attempt. */
static bool is_from(const char *token, const struct rebuild *r, const struct step *s, size_t i)
{
	char start[CLOUD_TOKEN_SIZE], end[24];

	snprintf(start, sizeof(start), "%.24s.%s.", r->id, s->name);
	snprintf(end, sizeof(end), ".%zu", i);
	return text_starts_with(token, start) && text_ends_with(token, end);
}

const struct snapshot *snapshots_find(const struct rebuild *r, const struct step *s, size_t i)
{
	const struct snapshot *failed = NULL;

	for (size_t n = 0; n < r->world.snapshot_count; n++) {
		const struct snapshot *snapshot = &r->world.snapshots[n];

		if (!is_from(snapshot->token, r, s, i))
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
