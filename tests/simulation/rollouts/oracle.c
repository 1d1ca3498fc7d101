#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/share.h"
#include "plan/window.h"

enum { TIMES_KEPT = 64, STAGES_MAX = 512 };

/* A part of the fleet that is finished before the next one begins. */
struct part {
	size_t limit;
	size_t gate; /* at its end; SIZE_MAX: none */
};

struct oracle {
	const struct story *story;
	struct view view;
	struct part parts[STAGES_MAX];
	size_t part_count;
	size_t canary, canary_gate, in_flight;
	size_t *limits, *away, *held_away; /* owned: of each group */
	size_t group_count, room;

	/* Counted. */
	size_t counts[MACHINE_STATE_COUNT], not_serving;
	size_t reach; /* machines below this number may go */
	bool is_canary, is_shut;
	struct window_span window; /* the answer for asked_ms, and all times until it ends */
	struct window_span after;  /* the one after it */
	int64_t asked_ms;
	int64_t took[TIMES_KEPT];
	size_t took_count;
};

const char *const bar_rules[BAR_COUNT] = {
	[BAR_STATE] = "begun-once",
	[BAR_HALTED] = "nothing-after-a-halt",
	[BAR_HELD] = "nothing-while-held",
	[BAR_GATE] = "gates",
	[BAR_IN_FLIGHT] = "in-flight",
	[BAR_CANARY] = "canary-first",
	[BAR_CLOSED] = "window",
	[BAR_WAVE] = "wave-after-wave",
	[BAR_PAUSE] = "pauses",
	[BAR_GROUP] = "per-group",
};

struct oracle *oracle_new(void)
{
	struct oracle *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	return o;
}

void oracle_free(struct oracle *o)
{
	free(o->limits);
	free(o->away);
	free(o->held_away);
	free(o);
}

/* ---- the fleet ---- */

static size_t gate_after(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->rollout.gate_count; i++)
		if (!strcmp(p->rollout.gates[i].after, name))
			return i;
	return SIZE_MAX;
}

static void add_part(struct oracle *o, size_t limit, size_t gate)
{
	if (o->part_count == STAGES_MAX)
		abort();
	o->parts[o->part_count++] = (struct part){ limit, gate };
}

/* Up to that machine, with a stop at the end of each zone. */
static void add_wave(struct oracle *o, const struct story *s, size_t from, struct part wave)
{
	for (size_t i = from + 1; s->plan.rollout.zone_by_zone && i < wave.limit; i++)
		if (s->bodies[i].zone != s->bodies[i - 1].zone)
			add_part(o, i, SIZE_MAX);
	add_part(o, wave.limit, wave.gate);
}

static void divide(struct oracle *o, const struct story *s)
{
	const struct plan *p = &s->plan;
	size_t from = 0;

	o->part_count = 0;
	for (size_t i = 0; i < p->rollout.wave_count; i++) {
		char name[] = "wave 0";
		size_t limit = share_at_least(p->rollout.waves[i], s->size);

		name[5] += (char)(i + 1);
		add_wave(o, s, from, (struct part){ limit, gate_after(p, name) });
		from = limit;
	}
	if (!p->rollout.wave_count)
		add_wave(o, s, 0, (struct part){ s->size, SIZE_MAX });
}

static size_t *fitting(size_t *list, size_t count)
{
	list = realloc(list, count * sizeof(*list));
	if (!list)
		abort();
	memset(list, 0, count * sizeof(*list));
	return list;
}

static size_t or_one(size_t n)
{
	return n ? n : 1;
}

void oracle_open(struct oracle *o, const struct story *s)
{
	const struct plan *p = &s->plan;

	o->story = s;
	o->window = (struct window_span){ .to_ms = 0 };
	o->canary = share_at_least(p->rollout.canary, s->size);
	o->canary_gate = gate_after(p, "canary");
	o->in_flight = or_one(share_at_most(p->rollout.in_flight, s->size));
	divide(o, s);
	o->group_count = s->group_count;
	o->limits = fitting(o->limits, s->group_count + 1);
	o->away = fitting(o->away, s->group_count + 1);
	o->held_away = fitting(o->held_away, s->group_count + 1);
	for (size_t i = 0; i < s->size; i++)
		if (s->bodies[i].group != ROLLOUT_NO_GROUP)
			o->limits[s->bodies[i].group]++;
	for (size_t i = 0; i < s->group_count; i++)
		o->limits[i] = or_one(share_at_most(p->rollout.per_group, o->limits[i]));
}

/* ---- counting ---- */

static enum machine_state state_of(const struct oracle *o, size_t i)
{
	return o->view.rows[i].row.state;
}

/* As it was seen: what changed since then was not. */
static bool was_down(const struct oracle *o, size_t i)
{
	const struct body *b = &o->story->bodies[i];
	bool down = b->down;

	for (size_t n = 0; n < STORY_FLAPS && b->flapped_ms[n] > o->view.seen_ms; n++)
		down = !down;
	return down;
}

static bool holds_up(const struct oracle *o, size_t i)
{
	enum machine_state s = state_of(o, i);

	return (s == MACHINE_WAITING || s == MACHINE_UNDER_WAY) && !o->view.rows[i].row.tries;
}

static void count_one(struct oracle *o, size_t i)
{
	const struct machine_row *row = &o->view.rows[i].row;
	uint32_t group = o->story->bodies[i].group;
	bool in_hand = row->state == MACHINE_UNDER_WAY, is_parked = row->state == MACHINE_PARKED;

	o->counts[row->state]++;
	o->not_serving += is_parked || (was_down(o, i) && !in_hand);
	if (row->state == MACHINE_REBUILT && row->took_ms > 0)
		o->took[o->took_count++ % TIMES_KEPT] = row->took_ms; /* in the end, the last ones' */
	if (group == ROLLOUT_NO_GROUP)
		return;
	o->held_away[group] += in_hand || is_parked;
	o->away[group] += in_hand || is_parked || was_down(o, i);
}

/* The first part that is not finished, or whose gate is shut. */
static void find_reach(struct oracle *o)
{
	size_t settled = 0, size = o->story->size, part = 0, promoted = o->view.orders->promoted;

	while (settled < size && !holds_up(o, settled))
		settled++;
	o->is_canary = o->story->plan.rollout.canary.amount && o->counts[MACHINE_REBUILT] < o->canary &&
		       settled < size;
	o->is_shut = !o->is_canary && o->story->plan.rollout.canary.amount && o->canary_gate != SIZE_MAX &&
		     o->canary_gate >= promoted;
	while (!o->is_shut && part + 1 < o->part_count && o->parts[part].limit <= settled) {
		o->is_shut =
			!o->is_canary && o->parts[part].gate != SIZE_MAX && o->parts[part].gate >= promoted;
		part += !o->is_shut;
	}
	o->reach = o->is_canary ? size : o->parts[part].limit;
}

static void find_window(struct oracle *o)
{
	int64_t wall_ms = o->view.wall_ms;

	if (!o->story->plan.rollout.window.from || (wall_ms >= o->asked_ms && wall_ms < o->window.to_ms))
		return;
	o->window = window_next(&o->story->plan.rollout.window, wall_ms);
	o->after = window_next(&o->story->plan.rollout.window, o->window.to_ms);
	o->asked_ms = wall_ms;
}

void oracle_count(struct oracle *o, const struct story *s, struct view v)
{
	o->view = v;
	find_window(o);
	memset(o->counts, 0, sizeof(o->counts));
	memset(o->away, 0, (o->group_count + 1) * sizeof(*o->away));
	memset(o->held_away, 0, (o->group_count + 1) * sizeof(*o->held_away));
	o->not_serving = o->took_count = 0;
	for (size_t i = 0; i < s->size; i++)
		count_one(o, i);
	find_reach(o);
}

/* ---- halts ---- */

static size_t beyond(size_t n, size_t known)
{
	return n > known ? n - known : 0;
}

size_t oracle_failures(const struct oracle *o, bool parked_too)
{
	return o->counts[MACHINE_ROLLED_BACK] + o->counts[MACHINE_REFUSED] +
	       (parked_too ? o->counts[MACHINE_PARKED] : 0);
}

size_t oracle_not_serving(const struct oracle *o)
{
	return o->not_serving;
}

static size_t may_fail(const struct oracle *o)
{
	const struct plan *p = &o->story->plan;
	size_t by_rate = share_at_most(p->rollout.failure_rate, o->story->size);
	size_t most = (size_t)p->rollout.failures;

	return most && most < by_rate ? most : by_rate;
}

static double rate(const struct oracle *o)
{
	struct plan_share r = o->story->plan.rollout.failure_rate;

	return r.percent ? r.amount / 100.0 : (double)r.amount / (double)o->story->size;
}

/* The likelihood ratio itself, of three times the rate to the rate, machine by machine. */
static bool is_unlikely(const struct oracle *o, size_t failures)
{
	double p = rate(o), q = p < 0.2 ? p * 3 : (1 + p) / 2;

	if (p <= 0 || p >= 1)
		return false;
	return pow(q / p, (double)failures) * pow((1 - q) / (1 - p), (double)o->counts[MACHINE_REBUILT]) >=
	       20;
}

static int by_length(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* As long as only one of twenty passes. */
static int64_t long_ms(const struct oracle *o)
{
	size_t count = o->took_count < TIMES_KEPT ? o->took_count : TIMES_KEPT;
	int64_t sorted[TIMES_KEPT];

	if (!count)
		return o->story->typical_ms;
	memcpy(sorted, o->took, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_length);
	return sorted[count * 95 / 100];
}

enum halt oracle_halt(const struct oracle *o)
{
	const struct plan *p = &o->story->plan;
	const struct orders *said = o->view.orders;
	size_t failures = beyond(oracle_failures(o, true), said->known_failures);
	size_t down = beyond(o->not_serving, said->known_not_serving);

	if (said->wish != ROLLOUT_WISH_NONE)
		return HALT_OPERATOR;
	if (failures > may_fail(o))
		return HALT_FAILURES;
	if (is_unlikely(o, failures))
		return HALT_UNLIKELY;
	if (p->rollout.not_serving.amount && down > share_at_most(p->rollout.not_serving, o->story->size))
		return HALT_NOT_SERVING;
	if (p->rollout.window.from && long_ms(o) > window_length_ms(&p->rollout.window))
		return HALT_WINDOW;
	return HALT_NONE;
}

/* ---- one machine ---- */

bool oracle_is_over(const struct oracle *o)
{
	return !o->counts[MACHINE_WAITING] && !o->counts[MACHINE_SET_ASIDE] && !o->counts[MACHINE_UNDER_WAY];
}

bool oracle_is_shut(const struct oracle *o)
{
	return o->is_shut;
}

bool oracle_fits_now(const struct oracle *o)
{
	int64_t wall_ms = o->view.wall_ms;

	if (!o->story->plan.rollout.window.from)
		return true;
	return o->window.from_ms <= wall_ms && wall_ms + long_ms(o) <= o->window.to_ms;
}

bool oracle_is_again(const struct oracle *o, uint32_t i)
{
	return state_of(o, i) == MACHINE_SET_ASIDE ||
	       (state_of(o, i) == MACHINE_WAITING && o->view.rows[i].row.tries);
}

bool oracle_opens_at(const struct oracle *o, int64_t wall_ms)
{
	return wall_ms == (o->view.wall_ms < o->window.from_ms ? o->window.from_ms : o->after.from_ms);
}

/* One that does not serve is away already: only the others count. */
static bool has_full_group(const struct oracle *o, size_t i)
{
	uint32_t group = o->story->bodies[i].group;

	return group != ROLLOUT_NO_GROUP && o->away[group] - was_down(o, i) >= o->limits[group];
}

int64_t oracle_again_ms(const struct oracle *o)
{
	int64_t first_ms = INT64_MAX;

	for (uint32_t i = 0; i < o->story->size; i++)
		if (oracle_is_again(o, i) && !has_full_group(o, i) && o->view.rows[i].row.due_ms < first_ms)
			first_ms = o->view.rows[i].row.due_ms;
	return first_ms;
}

/* What keeps any machine from beginning. */
static enum bar bar_of_all(const struct oracle *o)
{
	size_t under_way = o->counts[MACHINE_UNDER_WAY];

	if (oracle_halt(o) != HALT_NONE)
		return BAR_HALTED;
	if (o->view.orders->held)
		return BAR_HELD;
	if (o->is_shut)
		return BAR_GATE;
	if (under_way >= o->in_flight)
		return BAR_IN_FLIGHT;
	if (o->is_canary && o->counts[MACHINE_REBUILT] + under_way >= o->canary)
		return BAR_CANARY;
	return oracle_fits_now(o) ? BAR_NONE : BAR_CLOSED;
}

static enum bar bar_of_one(const struct oracle *o, uint32_t i)
{
	bool again = oracle_is_again(o, i);

	if (!again && state_of(o, i) != MACHINE_WAITING)
		return BAR_STATE;
	if (!again && i >= o->reach)
		return BAR_WAVE;
	if (again && o->view.rows[i].row.due_ms > o->view.wall_ms)
		return BAR_PAUSE;
	return has_full_group(o, i) ? BAR_GROUP : BAR_NONE;
}

enum bar oracle_bar(const struct oracle *o, uint32_t i)
{
	enum bar one = bar_of_one(o, i);

	return one == BAR_STATE || bar_of_all(o) == BAR_NONE ? one : bar_of_all(o);
}

uint32_t oracle_first(const struct oracle *o)
{
	uint32_t size = (uint32_t)o->story->size;
	uint32_t first = size, again = size;

	if (bar_of_all(o) != BAR_NONE)
		return size;
	for (uint32_t i = size; i-- > 0;) {
		if (bar_of_one(o, i) != BAR_NONE)
			continue;
		if (oracle_is_again(o, i))
			again = i;
		else
			first = i;
	}
	return first < size ? first : again;
}

/* ---- figures ---- */

size_t oracle_under_way(const struct oracle *o)
{
	return o->counts[MACHINE_UNDER_WAY];
}

size_t oracle_in_flight(const struct oracle *o)
{
	return o->in_flight;
}

uint32_t oracle_crowded(const struct oracle *o)
{
	for (uint32_t i = 0; i < o->group_count; i++)
		if (o->held_away[i] > o->limits[i])
			return i;
	return ROLLOUT_NO_GROUP;
}
