#include "fault.h"

#include "engine.h"
#include "history.h"
#include "mutants.h"
#include "trace.h"

enum { SHORT_OUTAGE_MS = 60 * 1000 }; /* an outage limit that a slow but healthy cloud may pass */

static int64_t weight(const struct history *h, int kind)
{
	return mutants_has_fault(h, (enum fault_kind)kind) ? fault_rows[kind].weight : 0;
}

static int64_t sum_of_weights(const struct history *h)
{
	int64_t sum = 0;

	for (int k = 0; k < FAULT_KIND_COUNT; k++)
		sum += weight(h, k);
	return sum;
}

static enum fault_kind draw_kind(struct history *h)
{
	int64_t at = history_between(h, 0, sum_of_weights(h) - 1);

	for (int k = 0; k < FAULT_KIND_COUNT; k++) {
		at -= weight(h, k);
		if (at < 0)
			return (enum fault_kind)k;
	}
	return FAULT_REFUSED;
}

static int draw_times(struct history *h)
{
	return history_chance(h, 70) ? 1 : (int)history_between(h, 2, 7);
}

static enum effect_kind draw_only(struct history *h, enum fault_kind kind)
{
	if (kind == FAULT_NO_ROOM)
		return EFFECT_LAUNCH;
	if (fault_rows[kind].scope != FAULT_OF_CLOUD || history_chance(h, 60))
		return EFFECT_NOTHING;
	return (enum effect_kind)history_between(h, EFFECT_KEEP_VOLUME, EFFECT_ASSOCIATE_ADDRESS);
}

/* How many effects a rebuild begins, there and back: faults come anywhere among them. */
enum { EFFECTS_MOST = 34, DELAY_MOST_MS = 4000, LONG_DELAY_MOST_MS = 30000 };

static void draw_one(struct history *h, struct fault *f)
{
	const struct fault_row *row;

	f->kind = draw_kind(h);
	row = &fault_rows[f->kind];
	f->place = (int)history_between(h, 0, (int64_t)h->place_count - 1);
	f->after_effects = (int)history_between(h, 0, EFFECTS_MOST);
	f->delay_ms = history_between(h, 0, history_chance(h, 80) ? DELAY_MOST_MS : LONG_DELAY_MOST_MS);
	if (row->scope != FAULT_OF_MOMENT && history_chance(h, 40))
		f->delay_ms = 0; /* strikes the very next call: those that go out together, too */
	f->times = row->scope == FAULT_OF_MOMENT ? 1 : draw_times(h);
	f->only = row->scope == FAULT_OF_MOMENT ? EFFECT_NOTHING : draw_only(h, f->kind);
	f->for_ms = history_between(h, row->least_ms, row->most_ms);
	if (row->may_stay && history_chance(h, 35))
		f->for_ms = INT64_MAX;
	f->state = FAULT_TO_COME;
	f->played = 0;
}

void fault_draw(struct history *h)
{
	static const int COUNTS[] = { 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6 };

	h->fault_count = (size_t)COUNTS[history_between(h, 0, ARRAY_SIZE(COUNTS) - 1)];
	if (!sum_of_weights(h))
		h->fault_count = 0;
	for (size_t i = 0; i < h->fault_count; i++)
		draw_one(h, &h->faults[i]);
}

static void plan(struct history *h, size_t i, enum occasion kind, int64_t after_ms)
{
	history_plan(h, after_ms, (struct calendar_entry){ .kind = kind, .object = (uint32_t)i });
}

void fault_effect_begun(struct history *h, int place)
{
	for (size_t i = 0; i < h->fault_count && !h->mended; i++) {
		struct fault *f = &h->faults[i];
		bool at_once;

		if (f->state != FAULT_TO_COME || f->place != place ||
			f->after_effects > h->places[place].facts.effects)
			continue;
		at_once = fault_rows[f->kind].scope != FAULT_OF_MOMENT && !f->delay_ms;
		f->state = at_once ? FAULT_ACTIVE : FAULT_DUE;
		if (!at_once)
			plan(h, i, OCCASION_FAULT, f->delay_ms);
	}
}

static void played(struct history *h, struct fault *f)
{
	f->played++;
	h->tally.faults[f->kind]++;
	trace_fault(h, f, true);
}

void fault_begin(struct history *h, size_t i)
{
	struct fault *f = &h->faults[i];
	const struct fault_row *row = &fault_rows[f->kind];

	if (f->state != FAULT_DUE || h->mended)
		return;
	f->state = FAULT_ACTIVE;
	if (row->scope != FAULT_OF_MOMENT)
		return;
	if (!row->begin(h, f)) {
		f->state = FAULT_OVER;
		return;
	}
	played(h, f);
	if (!row->end)
		f->state = FAULT_OVER;
	else if (f->for_ms != INT64_MAX)
		plan(h, i, OCCASION_FAULT_ENDS, f->for_ms);
}

void fault_end(struct history *h, size_t i)
{
	struct fault *f = &h->faults[i];

	if (f->state != FAULT_ACTIVE)
		return;
	f->state = FAULT_OVER;
	if (!fault_rows[f->kind].end)
		return;
	fault_rows[f->kind].end(h, f);
	trace_fault(h, f, false);
}

void fault_mend_all(struct history *h)
{
	if (!h->mended)
		h->mended_ms = h->now_ms;
	h->mended = true;
	for (size_t i = 0; i < h->engine_count; i++)
		engine_continue(h, &h->engines[i]);
	for (size_t i = 0; i < h->fault_count; i++) {
		fault_end(h, i);
		h->faults[i].state = FAULT_OVER;
	}
}

struct fault *fault_take(struct history *h, int place, const struct effect *e)
{
	enum fault_scope scope = effect_is_guest(e->kind) ? FAULT_OF_COMMAND : FAULT_OF_CLOUD;

	for (size_t i = 0; i < h->fault_count; i++) {
		struct fault *f = &h->faults[i];

		if (f->state != FAULT_ACTIVE || f->place != place || fault_rows[f->kind].scope != scope)
			continue;
		if (f->only != EFFECT_NOTHING && f->only != e->kind)
			continue;
		played(h, f);
		if (f->played >= f->times)
			f->state = FAULT_OVER;
		return f;
	}
	return NULL;
}

bool fault_has_struck(const struct history *h, const struct place *p, enum fault_kind kind)
{
	for (size_t i = 0; i < h->fault_count; i++)
		if (h->faults[i].kind == kind && h->faults[i].played && &h->places[h->faults[i].place] == p)
			return true;
	return false;
}

unsigned fault_excuses(const struct history *h, int place)
{
	unsigned excuses = 0;

	for (size_t i = 0; i < h->fault_count; i++)
		if (h->faults[i].played && mutants_is_cause(h, h->faults[i].kind) &&
			(fault_rows[h->faults[i].kind].everywhere || h->faults[i].place == place))
			excuses |= fault_rows[h->faults[i].kind].excuses;
	if (h->places[place].plan.outage_limit_ms && h->places[place].plan.outage_limit_ms <= SHORT_OUTAGE_MS)
		excuses |= EXCUSES_BACK;
	return excuses;
}
