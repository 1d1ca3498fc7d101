#include "rollout/rollout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "plan/share.h"
#include "rollout/fleet.h"

enum { DOUBLINGS_MAX = 16, PAUSE_MOST_MS = 24 * 3600 * 1000 };

struct rollout *rollout_new(const struct rollout_options *o)
{
	struct rollout *ro = alloc_zeroed(1, sizeof(*ro));

	ro->plan = o->plan;
	heap_init(&ro->ready, sizeof(uint32_t));
	heap_init(&ro->again, sizeof(uint32_t));
	ro->forecast.typical_ms = o->typical_ms;
	return ro;
}

void rollout_free(struct rollout *ro)
{
	if (!ro)
		return;
	for (size_t i = 0; i < ro->group_count; i++) {
		heap_release(&ro->groups[i].line);
		heap_release(&ro->groups[i].line_down);
	}
	heap_release(&ro->ready);
	heap_release(&ro->again);
	stages_release(&ro->stages);
	free(ro->held_up_by);
	free(ro->machines);
	free(ro->groups);
	free(ro);
}

static void know_group(struct rollout *ro, uint32_t group)
{
	ro->groups = alloc_room(ro->groups, &ro->group_size, (size_t)group + 1, sizeof(*ro->groups));
	for (; ro->group_count <= group; ro->group_count++) {
		ro->groups[ro->group_count] = (struct group){ .members = 0 };
		heap_init(&ro->groups[ro->group_count].line, sizeof(uint32_t));
		heap_init(&ro->groups[ro->group_count].line_down, sizeof(uint32_t));
	}
	ro->groups[group].members++;
}

uint32_t rollout_add(struct rollout *ro, uint32_t group, uint32_t zone)
{
	ro->machines = alloc_room(ro->machines, &ro->size, ro->count + 1, sizeof(*ro->machines));
	if (group != ROLLOUT_NO_GROUP)
		know_group(ro, group);
	ro->machines[ro->count] = (struct machine){ .group = group, .zone = zone };
	ro->counts[MACHINE_WAITING]++;
	return (uint32_t)ro->count++;
}

static size_t at_least_one(size_t n)
{
	return n ? n : 1;
}

static void resolve_shares(struct rollout *ro)
{
	const struct plan *p = ro->plan;
	size_t by_rate = share_at_most(p->rollout.failure_rate, ro->count);
	size_t absolute = (size_t)p->rollout.failures;

	ro->canary = share_at_least(p->rollout.canary, ro->count);
	ro->in_flight = at_least_one(share_at_most(p->rollout.in_flight, ro->count));
	ro->may_fail = absolute && absolute < by_rate ? absolute : by_rate;
	ro->may_not_serve =
		p->rollout.not_serving.amount ? share_at_most(p->rollout.not_serving, ro->count) : ro->count;
	for (size_t i = 0; i < ro->group_count; i++) {
		struct group *g = &ro->groups[i];

		g->limit = (uint32_t)at_least_one(share_at_most(p->rollout.per_group, g->members));
	}
}

bool machine_waits_again(const struct machine *m)
{
	return m->row.state == MACHINE_SET_ASIDE || (m->row.state == MACHINE_WAITING && m->row.tries);
}

bool machine_is_ready(const struct machine *m)
{
	return m->row.state == MACHINE_WAITING && !m->row.tries;
}

void queue_put(struct heap *queue, int64_t key, uint32_t number)
{
	heap_put(queue, key, &number);
}

uint32_t queue_take(struct heap *queue)
{
	uint32_t number;

	heap_take(queue, &number);
	return number;
}

static void enqueue(struct rollout *ro, uint32_t number)
{
	const struct machine *m = &ro->machines[number];

	if (machine_waits_again(m))
		queue_put(&ro->again, m->row.due_ms, number);
	else if (machine_is_ready(m))
		queue_put(&ro->ready, number, number);
}

static bool make_stages(struct rollout *ro, struct error *err)
{
	size_t *ends = alloc_zeroed(ro->count, sizeof(*ends)), count = 0;
	bool made;

	for (size_t i = 1; ro->plan->rollout.zone_by_zone && i < ro->count; i++)
		if (ro->machines[i].zone != ro->machines[i - 1].zone)
			ends[count++] = i;
	made = stages_make(&ro->stages, ro->plan, ro->count, (struct zone_ends){ ends, count }, err);
	free(ends);
	return made;
}

static bool reaches(const struct stage *s, uint32_t number)
{
	return !s->canary && number < s->limit;
}

/* All wait, so each holds up its stage. */
static void divide(struct rollout *ro)
{
	uint32_t stage = 0;

	ro->held_up_by = alloc_zeroed(ro->stages.count, sizeof(*ro->held_up_by));
	for (uint32_t i = 0; i < ro->count; i++) {
		while (!reaches(&ro->stages.list[stage], i))
			stage++;
		ro->machines[i].stage = stage;
		ro->held_up_by[stage]++;
	}
	ro->unsettled = ro->count;
}

bool rollout_prepare(struct rollout *ro, struct error *err)
{
	resolve_shares(ro);
	if (!make_stages(ro, err))
		return false;
	divide(ro);
	for (uint32_t i = 0; i < ro->count; i++)
		enqueue(ro, i);
	return true;
}

/* ---- what a change of one machine changes ---- */

bool machine_is_away(const struct machine *m)
{
	return m->row.state == MACHINE_UNDER_WAY || m->row.state == MACHINE_PARKED || m->down;
}

static bool lacks_service(const struct machine *m)
{
	return m->row.state == MACHINE_PARKED || (m->down && m->row.state != MACHINE_UNDER_WAY);
}

/* It holds up its stage no longer. Those that could not be reached at first hold up nobody. */
static bool is_settled(const struct machine *m)
{
	return (m->row.state != MACHINE_WAITING && m->row.state != MACHINE_UNDER_WAY) || m->row.tries;
}

/* Takes the first out of a line; true if it could go now. */
static bool call_first(struct rollout *ro, struct heap *line)
{
	uint32_t number = queue_take(line);

	enqueue(ro, number);
	return machine_is_ready(&ro->machines[number]) && number < ro->stages.list[ro->stage].limit;
}

void machine_let_group_go_on(struct rollout *ro, const struct machine *m)
{
	struct group *g;
	bool moved = false;

	if (m->group == ROLLOUT_NO_GROUP)
		return;
	g = &ro->groups[m->group];
	while (g->away < g->limit && heap_first(&g->line) && !moved)
		moved = call_first(ro, &g->line);
	while (g->away <= g->limit && heap_first(&g->line_down)) /* they are few */
		call_first(ro, &g->line_down);
}

/* Takes the machine out of all counts, or puts it in. */
static void count(struct rollout *ro, const struct machine *m, int by)
{
	ro->counts[m->row.state] += (size_t)by;
	ro->not_serving += lacks_service(m) ? (size_t)by : 0;
	if (!is_settled(m)) {
		ro->held_up_by[m->stage] += (size_t)by;
		ro->unsettled += (size_t)by;
	}
	if (m->group != ROLLOUT_NO_GROUP && machine_is_away(m))
		ro->groups[m->group].away += (uint32_t)by;
}

/* The clock may have been set back meanwhile. */
static bool has_time(struct machine_row row)
{
	return row.state == MACHINE_REBUILT && row.took_ms > 0;
}

/* How long it took, as its row says from now on. */
static void count_time(struct rollout *ro, uint32_t number, struct machine_row row)
{
	if (has_time(ro->machines[number].row))
		forecast_remove(&ro->forecast, number);
	if (has_time(row))
		forecast_add(&ro->forecast, number, row.took_ms);
}

/*
 * What an earlier stage waits for may come back: a machine that was parked is tried again, an end that was noted here
 * was not taken by the store. Who reads the rows anew is in that stage, and so are we.
 */
static void step_back(struct rollout *ro, const struct machine *m)
{
	if (ro->stages.list[0].canary && ro->counts[MACHINE_REBUILT] < ro->canary)
		ro->stage = 0;
	else if (!is_settled(m) && m->stage < ro->stage)
		ro->stage = m->stage;
}

void rollout_set(struct rollout *ro, uint32_t number, struct machine_row row)
{
	struct machine *m = &ro->machines[number];
	bool was_away = machine_is_away(m);

	count(ro, m, -1);
	count_time(ro, number, row);
	m->row = row;
	count(ro, m, 1);
	step_back(ro, m);
	enqueue(ro, number);
	if (was_away && !machine_is_away(m))
		machine_let_group_go_on(ro, m);
}

void rollout_seen(struct rollout *ro, uint32_t number, bool serves)
{
	struct machine *m = &ro->machines[number];
	bool was_away = machine_is_away(m);

	if (m->down == !serves)
		return;
	count(ro, m, -1);
	m->down = !serves;
	count(ro, m, 1);
	if (m->down) /* it may stand in its group's line, and waits for itself no longer */
		enqueue(ro, number);
	if (was_away && !machine_is_away(m))
		machine_let_group_go_on(ro, m);
}

/* ---- how a rebuild ended ---- */

/* After so many tries and one more. */
static int64_t pause_ms(const struct rollout *ro, int tries)
{
	int doublings = tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX;
	int64_t pause = ro->plan->rollout.pause_ms << doublings;

	return pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS;
}

int64_t rollout_patience_ms(const struct rollout *ro)
{
	int64_t sum = 0;

	for (int tries = 0; tries + 1 < ro->plan->rollout.tries; tries++)
		sum += pause_ms(ro, tries);
	return sum;
}

static struct machine_row unreached(const struct rollout *ro, int tries, int64_t wall_ms)
{
	if (tries + 1 >= ro->plan->rollout.tries)
		return (struct machine_row){ .state = MACHINE_UNREACHABLE, .tries = tries + 1 };
	return (struct machine_row){
		.state = MACHINE_SET_ASIDE, .tries = tries + 1, .due_ms = wall_ms + pause_ms(ro, tries)
	};
}

struct machine_row rollout_ended(
	const struct rollout *ro, uint32_t number, enum machine_end end, int64_t wall_ms)
{
	static const enum machine_state STATES[] = {
		[END_REBUILT] = MACHINE_REBUILT,
		[END_UNCHANGED] = MACHINE_UNCHANGED,
		[END_ROLLED_BACK] = MACHINE_ROLLED_BACK,
		[END_REFUSED] = MACHINE_REFUSED,
		[END_PARKED] = MACHINE_PARKED,
		[END_WITHDRAWN] = MACHINE_WAITING,
		[END_LOCKED_OUT] = MACHINE_LOCKED_OUT,
	};
	int tries = ro->machines[number].row.tries;

	if (end == END_UNREACHABLE)
		return unreached(ro, tries, wall_ms);
	return (struct machine_row){ .state = STATES[end], .tries = tries };
}

/* ---- operators ---- */

void rollout_promote(struct rollout *ro, size_t gates)
{
	if (gates > ro->promoted)
		ro->promoted = gates;
}

void rollout_acknowledge(struct rollout *ro, size_t failures, size_t not_serving)
{
	ro->known_failures = failures;
	ro->known_not_serving = not_serving;
}

void rollout_hold(struct rollout *ro, bool held)
{
	ro->held = held;
}

void rollout_stop(struct rollout *ro, bool stopped)
{
	ro->stopped = stopped;
}

/* ---- how it stands ---- */

size_t rollout_size(const struct rollout *ro)
{
	return ro->count;
}

struct machine_row rollout_row(const struct rollout *ro, uint32_t number)
{
	return ro->machines[number].row;
}

size_t rollout_wave_of(const struct rollout *ro, uint32_t number)
{
	return number < ro->canary ? 0 : ro->stages.list[ro->machines[number].stage].wave;
}

size_t rollout_count(const struct rollout *ro, enum machine_state s)
{
	return ro->counts[s];
}

static const enum machine_state FAILURES[] = { MACHINE_ROLLED_BACK, MACHINE_REFUSED, MACHINE_PARKED };

size_t rollout_failures(const struct rollout *ro)
{
	size_t failures = 0;

	for (size_t i = 0; i < ARRAY_SIZE(FAILURES); i++)
		failures += ro->counts[FAILURES[i]];
	return failures;
}

size_t rollout_not_serving(const struct rollout *ro)
{
	return ro->not_serving;
}

size_t rollout_group_limit(const struct rollout *ro, uint32_t number)
{
	return ro->groups[ro->machines[number].group].limit;
}

int64_t rollout_expected_end_ms(const struct rollout *ro, int64_t wall_ms)
{
	size_t left = ro->counts[MACHINE_WAITING] + ro->counts[MACHINE_UNDER_WAY];
	size_t rounds = (left + ro->in_flight - 1) / ro->in_flight;

	return wall_ms + (int64_t)rounds * forecast_median_ms(&ro->forecast);
}

static const char *const STATE_NAMES[MACHINE_STATE_COUNT] = {
	[MACHINE_WAITING] = "waiting",
	[MACHINE_UNDER_WAY] = "under-way",
	[MACHINE_SET_ASIDE] = "set-aside",
	[MACHINE_REBUILT] = "rebuilt",
	[MACHINE_UNCHANGED] = "unchanged",
	[MACHINE_ROLLED_BACK] = "rolled-back",
	[MACHINE_REFUSED] = "refused",
	[MACHINE_PARKED] = "parked",
	[MACHINE_UNREACHABLE] = "unreachable",
	[MACHINE_LOCKED_OUT] = "locked-out",
};

const char *machine_state_name(enum machine_state s)
{
	return STATE_NAMES[s];
}

enum machine_state machine_state_parse(const char *name)
{
	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		if (!strcmp(STATE_NAMES[i], name))
			return (enum machine_state)i;
	return MACHINE_PARKED;
}

bool machine_state_is_failure(enum machine_state s)
{
	for (size_t i = 0; i < ARRAY_SIZE(FAILURES); i++)
		if (FAILURES[i] == s)
			return true;
	return false;
}
