#include "server/holder_facts.h"

#include <string.h>

#include "base/clock.h"
#include "journal/lease.h"

static const char *const FATES[] = {
	[HOLDER_UNKNOWN] = "unknown",
	[HOLDER_AWAY] = "away",
	[HOLDER_BACK] = "back",
};

const char *holder_fate_name(enum holder_fate fate)
{
	return FATES[fate];
}

bool holder_facts_read(
	struct journal *j, struct arena *a, int64_t now_ms, struct holder_facts *ret, struct error *err)
{
	*ret = (struct holder_facts){ .journal = j, .arena = a, .now_ms = now_ms };
	return record_list(j, SIZE_MAX, a, &ret->rebuilds, &ret->count, err);
}

/* What a rebuild that stands so means for who holds a lock for it. */
static const struct {
	enum holder_fate fate;
	const char *text; /* after the rebuild's id and its machine; then comes the time */
} STATES[RECORD_STATE_COUNT] = {
	[RECORD_PLANNED] = { HOLDER_AWAY, "was begun and broken off; last heard of" },
	[RECORD_RUNNING] = { HOLDER_AWAY, "was broken off; last heard of" },
	[RECORD_DONE] = { HOLDER_BACK, "ended well at" },
	[RECORD_ROLLED_BACK] = { HOLDER_BACK, "was rolled back, blue serves again since" },
	[RECORD_PARKED] = { HOLDER_AWAY, "is parked since" },
	[RECORD_FAILED] = { HOLDER_UNKNOWN, "failed at" },
};

static void explain(const struct holder_facts *f, const struct record *r, const struct lease_view *lease,
	struct holder_fact *ret)
{
	char at[CLOCK_TEXT_SIZE];

	ret->rebuild = r->id;
	ret->fate = STATES[r->state].fate;
	if (lease->state == LEASE_HELD_ALIVE && !record_state_is_final(r->state))
		ret->text = arena_printf(
			f->arena, "%s of %s is under way, driven by %s", r->id, r->blue, lease->who);
	else
		ret->text = arena_printf(f->arena, "%s of %s %s %.19sZ%s%s", r->id, r->blue,
			STATES[r->state].text, clock_format(r->updated_ms, at), *r->cause ? ": " : "",
			r->cause);
}

static bool is_about(const struct record *r, const char *holder)
{
	return !strcmp(r->id, holder) || !strcmp(r->blue, holder) || !strcmp(r->green, holder);
}

/* The newest rebuild that is about the holder; NULL if there is none. */
static const struct record *find(const struct holder_facts *f, const char *holder)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_about(&f->rebuilds[i], holder))
			return &f->rebuilds[i];
	return NULL;
}

bool holder_facts_find(
	const struct holder_facts *f, const char *holder, struct holder_fact *ret, struct error *err)
{
	const struct record *r = find(f, holder);
	struct lease_view lease;

	*ret = (struct holder_fact){ HOLDER_UNKNOWN,
		"unknown here: this journal has no rebuild or machine of that name", "" };
	if (!r)
		return true;
	if (!lease_look(f->journal, r->id, f->now_ms, &lease, err))
		return false;
	explain(f, r, &lease, ret);
	return true;
}
