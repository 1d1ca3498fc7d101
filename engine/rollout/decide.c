/* decide.c: what a rollout does next, from how its machines stand. */
#include <stdio.h>

#include "base/clock.h"
#include "rollout/alarm.h"
#include "rollout/fleet.h"

/* ---- halts ---- */

static double agreed_rate(const struct rollout *ro)
{
	struct plan_share s = ro->plan->rollout.failure_rate;

	return s.percent ? s.amount / 100.0 : (double)s.amount / (double)ro->count;
}

static bool is_unlikely(const struct rollout *ro, size_t failures)
{
	double rate = agreed_rate(ro);

	return rate > 0 && rate < 1 && alarm_rings(failures, failures + ro->counts[MACHINE_REBUILT], rate);
}

static bool never_fits(const struct rollout *ro)
{
	const struct plan_window *w = &ro->plan->rollout.window;

	return w->from && forecast_long_ms(&ro->forecast) > window_length_ms(w);
}

/* What was acknowledged counts no more. */
static size_t more_than(size_t n, size_t known)
{
	return n > known ? n - known : 0;
}

enum halt rollout_halt(const struct rollout *ro)
{
	size_t failures = more_than(rollout_failures(ro), ro->known_failures);

	if (ro->stopped)
		return HALT_OPERATOR;
	if (failures > ro->may_fail)
		return HALT_FAILURES;
	if (is_unlikely(ro, failures))
		return HALT_UNLIKELY;
	if (more_than(ro->not_serving, ro->known_not_serving) > ro->may_not_serve)
		return HALT_NOT_SERVING;
	return never_fits(ro) ? HALT_WINDOW : HALT_NONE;
}

char *rollout_reason(const struct rollout *ro, char ret[ROLLOUT_REASON_SIZE])
{
	size_t failures = more_than(rollout_failures(ro), ro->known_failures);
	char took[CLOCK_SPAN_SIZE], open[CLOCK_SPAN_SIZE];

	ret[0] = '\0';
	switch (rollout_halt(ro)) {
	case HALT_NONE:
		break;
	case HALT_FAILURES:
		snprintf(ret, ROLLOUT_REASON_SIZE, "%zu of %zu machines failed, and at most %zu may",
			failures, ro->count, ro->may_fail);
		break;
	case HALT_UNLIKELY:
		snprintf(ret, ROLLOUT_REASON_SIZE,
			"%zu of the first %zu machines failed: more than a failure rate of %.4g%% explains",
			failures, failures + ro->counts[MACHINE_REBUILT], agreed_rate(ro) * 100);
		break;
	case HALT_NOT_SERVING:
		snprintf(ret, ROLLOUT_REASON_SIZE, "%zu of %zu machines do not serve, and at most %zu may",
			ro->not_serving, ro->count, ro->may_not_serve);
		break;
	case HALT_WINDOW:
		snprintf(ret, ROLLOUT_REASON_SIZE, "a rebuild takes up to %s, and the window is open for %s",
			clock_format_span(forecast_long_ms(&ro->forecast), took),
			clock_format_span(window_length_ms(&ro->plan->rollout.window), open));
		break;
	case HALT_OPERATOR:
		snprintf(ret, ROLLOUT_REASON_SIZE, "an operator stopped it");
		break;
	}
	return ret;
}

/* ---- stages ---- */

static const struct stage *present(const struct rollout *ro)
{
	return &ro->stages.list[ro->stage];
}

static bool has_enough_canaries(const struct rollout *ro)
{
	return ro->counts[MACHINE_REBUILT] >= ro->canary;
}

static bool is_complete(const struct rollout *ro)
{
	if (present(ro)->canary)
		return has_enough_canaries(ro) || !ro->unsettled;
	return !ro->held_up_by[ro->stage];
}

static bool is_shut(const struct rollout *ro, const struct stage *s)
{
	return s->gate != STAGE_NO_GATE && s->gate >= ro->promoted;
}

/* Goes on to the stage that is not complete, or stays before a gate; false: there is one. */
static bool pass_stages(struct rollout *ro)
{
	while (ro->stage + 1 < ro->stages.count && is_complete(ro)) {
		if (is_shut(ro, present(ro)))
			return false;
		ro->stage++;
	}
	return true;
}

/* ---- who is next ---- */

/* One that does not serve is away already: only the others count. */
static bool may_be_away(const struct rollout *ro, const struct machine *m)
{
	return m->group == ROLLOUT_NO_GROUP ||
	       ro->groups[m->group].away < ro->groups[m->group].limit + m->down;
}

/* Whether its group lets it go; if not, it waits in the group's line. */
static bool may_go(struct rollout *ro, uint32_t number)
{
	const struct machine *m = &ro->machines[number];

	if (!may_be_away(ro, m)) {
		struct group *g = &ro->groups[m->group];

		queue_put(m->down ? &g->line_down : &g->line, number, number);
		return false;
	}
	if (m->down) /* it was away already: there is room for one more */
		machine_let_group_go_on(ro, m);
	return true;
}

static bool find_ready(struct rollout *ro, uint32_t *ret)
{
	while (heap_next(&ro->ready) < (int64_t)present(ro)->limit) {
		const struct machine *m;

		*ret = queue_take(&ro->ready);
		m = &ro->machines[*ret];
		if (machine_is_ready(m)) {
			if (may_go(ro, *ret))
				return true;
			continue;
		}
		/* Another worker has it: its group may wait for nobody. */
		machine_let_group_go_on(ro, m);
	}
	return false;
}

/* The first of those that are tried again says when; one whose row says otherwise is queued elsewhere, or not. */
static bool is_current(const struct rollout *ro)
{
	const uint32_t *first = heap_first(&ro->again);
	const struct machine *m = &ro->machines[*first];

	return machine_waits_again(m) && m->row.due_ms == heap_next(&ro->again);
}

/* When the next one is tried again; INT64_MAX: there is none. */
static int64_t again_ms(struct rollout *ro)
{
	while (heap_first(&ro->again) && !is_current(ro))
		queue_take(&ro->again);
	return heap_next(&ro->again);
}

/* Those that could not be reached come after all others, and only when their time has come. */
static bool find_again(struct rollout *ro, int64_t wall_ms, uint32_t *ret)
{
	while (again_ms(ro) <= wall_ms) {
		*ret = queue_take(&ro->again);
		if (may_go(ro, *ret))
			return true;
	}
	return false;
}

bool rollout_has_room(const struct rollout *ro)
{
	return ro->counts[MACHINE_UNDER_WAY] < ro->in_flight;
}

/* Of canaries no more than are missing. */
static bool has_room(const struct rollout *ro)
{
	if (present(ro)->canary && ro->counts[MACHINE_REBUILT] + ro->counts[MACHINE_UNDER_WAY] >= ro->canary)
		return false;
	return rollout_has_room(ro);
}

/* Those that are tried again go whichever stage it is. */
bool rollout_is_held_up(const struct rollout *ro, uint32_t number)
{
	const struct machine *m = &ro->machines[number];

	return machine_waits_again(m) || (machine_is_ready(m) && number < present(ro)->limit);
}

/* ---- the window ---- */

/* The one that is open or comes next; the clock may have been set back since it was looked for. */
static struct window_span current_window(struct rollout *ro, int64_t wall_ms)
{
	if (wall_ms < ro->window_asked_ms || wall_ms >= ro->window.to_ms) {
		ro->window = window_next(&ro->plan->rollout.window, wall_ms);
		ro->window_asked_ms = wall_ms;
		ro->window_after.to_ms = 0;
	}
	return ro->window;
}

static struct window_span window_after(struct rollout *ro)
{
	if (!ro->window_after.to_ms)
		ro->window_after = window_next(&ro->plan->rollout.window, ro->window.to_ms);
	return ro->window_after;
}

/* When a machine may be begun with so that it ends in a window: now, or when the next one opens. */
static int64_t opens_ms(struct rollout *ro, int64_t wall_ms)
{
	struct window_span w;

	if (!ro->plan->rollout.window.from)
		return wall_ms;
	w = current_window(ro, wall_ms);
	if (wall_ms < w.from_ms)
		return w.from_ms;
	if (wall_ms + forecast_long_ms(&ro->forecast) <= w.to_ms)
		return wall_ms;
	return window_after(ro).from_ms;
}

bool rollout_lets_go(struct rollout *ro, int64_t wall_ms)
{
	return rollout_halt(ro) == HALT_NONE && opens_ms(ro, wall_ms) <= wall_ms;
}

/* ---- all together ---- */

static bool is_over(const struct rollout *ro)
{
	return !ro->counts[MACHINE_WAITING] && !ro->counts[MACHINE_UNDER_WAY] &&
	       !ro->counts[MACHINE_SET_ASIDE];
}

static struct rollout_turn nobody(struct rollout *ro)
{
	struct rollout_turn t = { .phase = ROLLOUT_BLOCKED, .wake_ms = again_ms(ro) };

	if (ro->counts[MACHINE_UNDER_WAY])
		t.phase = ROLLOUT_FULL;
	else if (t.wake_ms != INT64_MAX)
		t.phase = ROLLOUT_PAUSED;
	return t;
}

static struct rollout_turn turn(enum rollout_phase phase, int64_t wake_ms)
{
	return (struct rollout_turn){ .phase = phase, .wake_ms = wake_ms };
}

struct rollout_turn rollout_next(struct rollout *ro, int64_t wall_ms)
{
	struct rollout_turn t = turn(ROLLOUT_BEGIN, INT64_MAX);
	int64_t opens;

	if (is_over(ro))
		return turn(ROLLOUT_OVER, INT64_MAX);
	if (rollout_halt(ro) != HALT_NONE)
		return turn(ROLLOUT_HALTED, INT64_MAX);
	if (ro->held)
		return turn(ROLLOUT_HELD, INT64_MAX);
	if (!pass_stages(ro)) {
		t = turn(ROLLOUT_GATE, INT64_MAX);
		t.gate = present(ro)->gate;
		return t;
	}
	if (!has_room(ro))
		return turn(ROLLOUT_FULL, INT64_MAX);
	opens = opens_ms(ro, wall_ms);
	if (opens > wall_ms)
		return turn(ROLLOUT_CLOSED, opens);
	return find_ready(ro, &t.machine) || find_again(ro, wall_ms, &t.machine) ? t : nobody(ro);
}
