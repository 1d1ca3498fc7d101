/*
 * Whatever happens to a fleet, in whatever order: no limit is passed at any moment, every machine is accounted
 * for, and who reads the rows from a store decides as the one who wrote them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "fleet_of.h"
#include "plan/share.h"

enum { MACHINES_MOST = 120, GROUP_MOST = 5, SEEDS = 3000, STEPS_MAX = 20000 };

/* A fleet, and a book of it that is kept without the rollout's help. */
struct play {
	uint64_t random;
	struct plan plan;
	struct plan_share waves[3];
	struct rollout *ro;
	size_t size;
	uint32_t groups[MACHINES_MOST];
	enum machine_state states[MACHINES_MOST];
	int tries[MACHINES_MOST];
	bool down[MACHINES_MOST];
	size_t known_failures;
	int64_t wall_ms;
};

static size_t draw(struct play *p, size_t below)
{
	p->random = p->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)(p->random >> 33) % below;
}

static struct plan_share draw_share(struct play *p, int percents)
{
	return draw(p, 2) ? (struct plan_share){ (int)draw(p, 10) + 1, false }
			  : (struct plan_share){ (int)draw(p, (size_t)percents) + 1, true };
}

static void draw_plan(struct play *p)
{
	p->plan = plan_of_all();
	p->plan.rollout.in_flight = draw_share(p, 100);
	p->plan.rollout.per_group = (struct plan_share){ 1 + (int)draw(p, 2), false };
	if (draw(p, 2))
		p->plan.rollout.canary = draw_share(p, 5);
	if (draw(p, 2))
		p->plan.rollout.failure_rate = draw_share(p, 60);
	if (draw(p, 2)) {
		p->waves[0] = (struct plan_share){ 10, true };
		p->waves[1] = (struct plan_share){ 40, true };
		p->waves[2] = (struct plan_share){ 100, true };
		p->plan.rollout.waves = p->waves;
		p->plan.rollout.wave_count = 3;
	}
}

static struct rollout *make(const struct play *p)
{
	struct rollout *ro = rollout_new(&(struct rollout_options){ &p->plan, MINUTE_MS });
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < p->size; i++)
		rollout_add(ro, p->groups[i], 0);
	assert_true(rollout_prepare(ro, &err));
	return ro;
}

static void open_play(struct play *p, uint64_t seed)
{
	*p = (struct play){ .random = seed, .wall_ms = NOON_MS };
	draw_plan(p);
	p->size = 1 + draw(p, MACHINES_MOST);
	for (size_t i = 0; i < p->size; i++)
		p->groups[i] = draw(p, 4) ? (uint32_t)(draw(p, p->size) / GROUP_MOST) : ROLLOUT_NO_GROUP;
	p->ro = make(p);
}

static size_t count_in(const struct play *p, enum machine_state s)
{
	size_t n = 0;

	for (size_t i = 0; i < p->size; i++)
		n += p->states[i] == s;
	return n;
}

static bool is_away(const struct play *p, size_t i)
{
	return p->states[i] == MACHINE_UNDER_WAY || p->states[i] == MACHINE_PARKED || p->down[i];
}

static size_t away_in_group(const struct play *p, uint32_t group)
{
	size_t n = 0;

	for (size_t i = 0; i < p->size; i++)
		n += p->groups[i] == group && is_away(p, i);
	return n;
}

static size_t failures(const struct play *p)
{
	return count_in(p, MACHINE_ROLLED_BACK) + count_in(p, MACHINE_REFUSED) + count_in(p, MACHINE_PARKED);
}

static bool is_open(const struct play *p, size_t i)
{
	return (p->states[i] == MACHINE_WAITING || p->states[i] == MACHINE_UNDER_WAY) && !p->tries[i];
}

/* Every earlier wave is settled before a machine of a later one begins. */
static void assert_waves_in_order(const struct play *p, size_t machine)
{
	size_t reach = 0;

	if (count_in(p, MACHINE_REBUILT) < share_at_least(p->plan.rollout.canary, p->size))
		return; /* canaries go before all waves */
	for (size_t w = 0; w < p->plan.rollout.wave_count; w++) {
		size_t limit = share_at_least(p->waves[w], p->size);

		if (machine >= limit && !p->tries[machine])
			reach = limit;
	}
	for (size_t i = 0; i < reach; i++)
		assert_false(is_open(p, i));
}

static void assert_canary_alone(const struct play *p)
{
	size_t canary = share_at_least(p->plan.rollout.canary, p->size);

	if (canary && count_in(p, MACHINE_REBUILT) < canary)
		assert_true(count_in(p, MACHINE_REBUILT) + count_in(p, MACHINE_UNDER_WAY) <= canary);
}

/* After a machine was begun. */
static void assert_limits(const struct play *p, size_t machine)
{
	size_t at_a_time = share_at_most(p->plan.rollout.in_flight, p->size);
	size_t may_fail = share_at_most(p->plan.rollout.failure_rate, p->size);

	assert_true(count_in(p, MACHINE_UNDER_WAY) <= (at_a_time ? at_a_time : 1));
	assert_true(failures(p) <= may_fail + p->known_failures);
	if (p->groups[machine] != ROLLOUT_NO_GROUP)
		assert_true(away_in_group(p, p->groups[machine]) <= (size_t)p->plan.rollout.per_group.amount);
	assert_waves_in_order(p, machine);
	assert_canary_alone(p);
}

static void begin_one(struct play *p, uint32_t machine)
{
	struct machine_row row = rollout_row(p->ro, machine);

	assert_true(p->states[machine] == MACHINE_WAITING || p->states[machine] == MACHINE_SET_ASIDE);
	row.state = p->states[machine] = MACHINE_UNDER_WAY;
	rollout_set(p->ro, machine, row);
	assert_limits(p, machine);
}

static enum machine_end draw_end(struct play *p)
{
	static const enum machine_end SELDOM[] = { END_UNCHANGED, END_ROLLED_BACK, END_REFUSED, END_PARKED,
		END_UNREACHABLE, END_UNREACHABLE, END_WITHDRAWN, END_LOCKED_OUT };

	return draw(p, 4) ? END_REBUILT : SELDOM[draw(p, ARRAY_SIZE(SELDOM))];
}

/* One of those under way ends; false: there is none. */
static bool end_one(struct play *p)
{
	size_t start = draw(p, p->size);

	for (size_t n = 0; n < p->size; n++) {
		uint32_t i = (uint32_t)((start + n) % p->size);
		struct machine_row row;

		if (p->states[i] != MACHINE_UNDER_WAY)
			continue;
		row = rollout_ended(p->ro, i, draw_end(p), p->wall_ms);
		p->states[i] = row.state;
		p->tries[i] = row.tries;
		rollout_set(p->ro, i, row);
		return true;
	}
	return false;
}

static void flap(struct play *p)
{
	size_t i = draw(p, p->size);

	p->down[i] = !p->down[i] && draw(p, 3) == 0;
	rollout_seen(p->ro, (uint32_t)i, !p->down[i]);
}

/* Another worker begins by reading the rows. */
static void assert_decided_alike(struct play *p)
{
	struct rollout *other = make(p);
	struct rollout_turn a = rollout_next(p->ro, p->wall_ms), b;

	if (a.phase == ROLLOUT_BEGIN)
		rollout_set(p->ro, a.machine, rollout_row(p->ro, a.machine));
	for (size_t i = p->size; i-- > 0;) {
		rollout_set(other, (uint32_t)i, rollout_row(p->ro, (uint32_t)i));
		rollout_seen(other, (uint32_t)i, !p->down[i]);
	}
	rollout_acknowledge(other, p->known_failures, 0);
	b = rollout_next(other, p->wall_ms);
	assert_int_equal(a.phase, b.phase);
	if (a.phase == ROLLOUT_BEGIN && !p->tries[a.machine])
		assert_int_equal(a.machine, b.machine);
	rollout_free(other);
}

static void acknowledge(struct play *p)
{
	p->known_failures = failures(p);
	rollout_acknowledge(p->ro, p->known_failures, 0);
}

/* False when it has come to its end. */
static bool step(struct play *p)
{
	struct rollout_turn t;

	if (draw(p, 3) == 0)
		flap(p);
	if (draw(p, 8) == 0)
		assert_decided_alike(p);
	t = rollout_next(p->ro, p->wall_ms);
	if (t.phase == ROLLOUT_BEGIN)
		begin_one(p, t.machine);
	else if (t.phase == ROLLOUT_OVER)
		return false;
	else if (t.phase == ROLLOUT_HALTED && !end_one(p))
		acknowledge(p);
	else if (t.phase == ROLLOUT_PAUSED)
		p->wall_ms = t.wake_ms;
	else if (t.phase == ROLLOUT_BLOCKED && count_in(p, MACHINE_PARKED))
		return false;
	if (draw(p, 2))
		end_one(p);
	p->wall_ms += 1000;
	return true;
}

static void assert_all_accounted_for(const struct play *p)
{
	size_t sum = 0;

	for (int s = 0; s < MACHINE_STATE_COUNT; s++) {
		assert_int_equal(
			rollout_count(p->ro, (enum machine_state)s), count_in(p, (enum machine_state)s));
		sum += count_in(p, (enum machine_state)s);
	}
	assert_int_equal(sum, p->size);
	assert_int_equal(rollout_failures(p->ro), failures(p));
}

static void no_limit_is_passed_whatever_happens(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct play p;
		int steps = 0;

		open_play(&p, seed);
		while (step(&p) && steps < STEPS_MAX)
			steps++;
		if (steps == STEPS_MAX)
			fail_msg("seed %d: it does not come to its end", (int)seed);
		assert_all_accounted_for(&p);
		rollout_free(p.ro);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_is_passed_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
