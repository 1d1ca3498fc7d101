#include "rebuild/adopt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/absorb.h"
#include "cloud/tags.h"
#include "rebuild/claim.h"
#include "rebuild/course.h"
#include "rebuild/marks.h"
#include "rebuild/seen.h"

static const char CAUSE[] = "an earlier run turned back";

static bool has_role(const struct instance *i, const char *role)
{
	return !strcmp(i->role, role);
}

int64_t adopt_confirmed_ms(const struct rebuild *r)
{
	const struct instance *blue = &r->world.blue;
	bool ours = !strcmp(blue->rebuild, r->id) && has_role(blue, ROLE_RETIRED);

	return ours ? blue->confirmed_ms : 0;
}

void adopt_way_back(struct rebuild *r)
{
	if (r->resume_back)
		return;
	r->resume_back = true;
	text_copy(r->cause, sizeof(r->cause), CAUSE);
}

bool adopt_tells_of_another(const struct rebuild *r)
{
	const struct instance *blue = &r->world.blue;

	return blue->rebuild[0] && strcmp(blue->rebuild, r->id) != 0 &&
	       (has_role(blue, ROLE_BLUE) || has_role(blue, ROLE_RESTORING) || has_role(blue, ROLE_RETIRED));
}

bool adopt_is_displaced(const struct rebuild *r)
{
	return !r->resume_finished && adopt_tells_of_another(r);
}

void adopt_blue(struct rebuild *r)
{
	const struct instance *blue = &r->world.blue;

	if (r->resumed || !adopt_tells_of_another(r))
		return;
	if (seen_blue_gone(r) && !has_role(blue, ROLE_RESTORING))
		return; /* as good as over: what took its place is found by green's tag */
	text_copy(r->id, sizeof(r->id), blue->rebuild);
	r->resumed = r->adopted = r->changed_something = r->launch_begun_before = true;
	r->blue_quiesced = true; /* it may have been: nothing here says that it was not */
	r->volumes_found = 0;
	r->resume_finished = has_role(blue, ROLE_RETIRED) && !r->rollback_asked;
	r->confirmed_wall_ms = adopt_confirmed_ms(r);
	if (has_role(blue, ROLE_RESTORING))
		adopt_way_back(r);
}

void adopt_volumes(struct rebuild *r, const struct answer *a)
{
	if (r->volumes_found == r->volume_count)
		return;
	r->volumes_untagged = a->sighting_count < r->volume_count;
	for (size_t i = 0; !r->volumes_untagged && i < a->sighting_count; i++) {
		const struct volume *seen = &a->sightings[i].volume;
		size_t n = CLOUD_VOLUMES_MAX;

		if (text_starts_with(seen->role, ROLE_DATA))
			n = strtoul(seen->role + strlen(ROLE_DATA), NULL, 10);
		if (n >= r->volume_count || r->volumes[n].id[0])
			continue;
		text_copy(r->volumes[n].id, sizeof(r->volumes[n].id), seen->id);
		world_follow_volume(&r->world, seen->id);
		world_absorb(&r->world, &a->sightings[i]);
		r->volumes_found++;
	}
}

/* What is left of the span since then; a clock that was set back since must not make it longer. */
static int64_t rest_ms(int64_t begun_wall_ms, int64_t span_ms, struct moment now)
{
	int64_t age_ms = now.wall_ms < begun_wall_ms ? 0 : now.wall_ms - begun_wall_ms;

	return begun_wall_ms && age_ms < span_ms ? span_ms - age_ms : 0;
}

/*
 * What a process that died had sent a moment before takes hold, or it does not: then it shows. If that was a claim,
 * who drove the rebuild before has to have time to see it, as after one of our own.
 */
static int64_t predecessor_ms(const struct rebuild *r, struct moment now)
{
	int64_t call_ms = rest_ms(r->unanswered_wall_ms, CLAIM_CALL_MS, now);
	int64_t claim_ms = rest_ms(r->claim_begun_wall_ms, CLAIM_CALL_MS + CLAIM_SETTLE_MS, now);

	return call_ms > claim_ms ? call_ms : claim_ms;
}

static void wait_for_predecessor(struct rebuild *r, struct moment now)
{
	int64_t wait_ms = predecessor_ms(r, now);

	assert(wait_ms); /* else there is nothing to claim (adopt_is_done) */
	course_found(r);
	r->wait_until_ms = now.mono_ms + wait_ms;
}

/* Before the other engine could see the predecessor's claim, it wrote its own tags over it. */
static bool is_claim_overwritten(const struct rebuild *r)
{
	return r->wait_until_ms && r->settled && claim_is_held(r);
}

void adopt_claim(struct rebuild *r, struct moment now, struct effects *out)
{
	unsigned all = (2U << r->volume_count) - 1, blue = r->blue_missing ? 1 : 0;

	assert(!r->options.preflight_only); /* which is done without (adopt_is_done) */
	if (is_claim_overwritten(r)) {
		r->wait_until_ms = 0; /* now it is claimed anew */
		r->settled = false;
	}
	if (r->claimed_ms || r->wait_until_ms)
		return;
	if (!r->claim_begun && !claim_is_held(r)) {
		wait_for_predecessor(r, now);
		return;
	}
	if (!r->claim_begun)
		course_found(r);
	r->claim_begun = true; /* from here on the tags may show our journal: that settles nothing */
	if (!blue)
		marks_claim(r, NULL, 0, out);
	for (size_t i = 0; i < r->volume_count; i++)
		marks_claim(r, &r->volumes[i], i + 1, out);
	if (((step_run_of(r, out->step)->acked | blue) & all) == all)
		r->claimed_ms = now.mono_ms;
}

bool adopt_is_settling(struct rebuild *r, struct moment now)
{
	int64_t until_ms = r->claimed_ms ? r->claimed_ms + CLAIM_SETTLE_MS : r->wait_until_ms;

	if (!until_ms || r->settled)
		return false;
	if (now.mono_ms < until_ms)
		return true;
	r->settled = true;
	if (r->claimed_ms)
		r->claimed_since_ms = now.mono_ms; /* who has claimed it after us shows from here on */
	r->asked_count = 0;
	return false;
}

bool adopt_is_done(const struct rebuild *r, struct moment now)
{
	if (r->options.preflight_only)
		return true;
	if (r->claim_begun || r->wait_until_ms)
		return r->settled && !is_claim_overwritten(r);
	return !claim_is_held(r) && !predecessor_ms(r, now);
}
