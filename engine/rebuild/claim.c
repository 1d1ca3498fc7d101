#include "rebuild/claim.h"

#include <string.h>

#include "base/text.h"
#include "rebuild/adopt.h"
#include "rebuild/seen.h"
#include "rebuild/steps/steps.h"

static bool ends_word(char c)
{
	return c == ' ' || c == '\0';
}

/* The first word is the journal's id; the rest is for people, and may be cut off. */
static bool is_ours(const struct rebuild *r, const char *journal)
{
	const char *ours = r->options.journal;
	size_t i = 0;

	while (!ends_word(journal[i]) && journal[i] == ours[i])
		i++;
	return ends_word(journal[i]) && ends_word(ours[i]);
}

/* The tags of one thing, as seen at some time. */
struct tagged {
	const char *rebuild, *journal;
	int64_t asked_ms;
};

/* Blue first, then the volumes. */
static struct tagged tags_of(const struct rebuild *r, size_t i)
{
	const struct world *w = &r->world;

	if (!i)
		return (struct tagged){ w->blue.rebuild, w->blue.journal, w->blue.asked_ms };
	return (struct tagged){ w->volumes[i - 1].rebuild, w->volumes[i - 1].journal,
		w->volumes[i - 1].tags_asked_ms };
}

static bool is_held(const struct rebuild *r, const struct tagged *t)
{
	return r->options.journal[0] && !strcmp(t->rebuild, r->id) && t->journal[0] &&
	       !is_ours(r, t->journal);
}

bool claim_is_held(const struct rebuild *r)
{
	for (size_t i = 0; i <= r->world.volume_count; i++) {
		struct tagged t = tags_of(r, i);

		if (is_held(r, &t))
			return true;
	}
	return false;
}

static bool is_of_another(const struct rebuild *r, const struct tagged *t)
{
	return t->rebuild[0] && strcmp(t->rebuild, r->id) != 0;
}

/*
 * Nobody has told us yet that our tag stands on blue. Another rebuild of it may have been begun while we looked
 * around, or were stopped, and may even have come to its end; or the tag stands, and ours was gone on with by it.
 */
static bool is_begun_elsewhere(const struct rebuild *r)
{
	/* What is put back has forgotten how far its steps had come. */
	bool looked = r->course == COURSE_BACK || step_run_seen(r, &step_preflight)->proved;

	if (r->adopted)
		return adopt_tells_of_another(r);
	if (r->resumed)
		return looked && adopt_is_displaced(r);
	if (seen_blue_gone(r) && !r->changed_something)
		return false; /* what took its place is found by green's tag */
	return claim_is_held(r) || adopt_tells_of_another(r);
}

bool claim_is_lost(const struct rebuild *r)
{
	if (!r->claimed_since_ms)
		return is_begun_elsewhere(r);
	for (size_t i = 0; i <= r->world.volume_count; i++) {
		struct tagged t = tags_of(r, i);

		if (t.asked_ms >= r->claimed_since_ms && (is_held(r, &t) || is_of_another(r, &t)))
			return true;
	}
	return false;
}

const char *claim_holder(const struct rebuild *r)
{
	const char *space = strchr(r->world.blue.journal, ' ');

	return space ? space + 1 : "somebody else";
}

int64_t claim_seen_ms(const struct rebuild *r)
{
	int64_t seen = 0;

	for (size_t i = 0; i <= r->world.volume_count; i++)
		if (tags_of(r, i).asked_ms > seen)
			seen = tags_of(r, i).asked_ms;
	return seen;
}

int64_t claim_stands_ms(const struct rebuild *r)
{
	int64_t percent = r->options.pace_percent ? r->options.pace_percent : 100;

	return r->claimed_since_ms + CLAIM_SETTLE_MS * percent / 100;
}
