#include "fleet_of.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct plan plan_of_all(void)
{
	return (struct plan){ .rollout = { .in_flight = { 100, true },
				      .per_group = { 1, false },
				      .tries = 3,
				      .pause_ms = MINUTE_MS } };
}

struct plan plan_of_waves(const struct plan_share *waves, size_t count)
{
	struct plan plan = plan_of_all();

	plan.rollout.waves = waves;
	plan.rollout.wave_count = count;
	return plan;
}

struct rollout *fleet_of(const struct plan *plan, size_t machines)
{
	struct rollout *ro = rollout_new(&(struct rollout_options){ plan, MINUTE_MS });
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < machines; i++)
		rollout_add(ro, ROLLOUT_NO_GROUP, 0);
	assert_true(rollout_prepare(ro, &err));
	return ro;
}

static void go(struct rollout *ro, uint32_t machine)
{
	struct machine_row row = rollout_row(ro, machine);

	row.state = MACHINE_UNDER_WAY;
	rollout_set(ro, machine, row);
}

size_t begin_all(struct rollout *ro, struct rollout_turn *ret)
{
	size_t begun = 0;

	while ((*ret = rollout_next(ro, NOON_MS)).phase == ROLLOUT_BEGIN) {
		go(ro, ret->machine);
		begun++;
	}
	return begun;
}

void begin(struct rollout *ro, uint32_t machine)
{
	struct rollout_turn t = rollout_next(ro, NOON_MS);

	assert_int_equal(t.phase, ROLLOUT_BEGIN);
	assert_int_equal(t.machine, machine);
	go(ro, machine);
}

void end(struct rollout *ro, uint32_t machine, enum machine_end how)
{
	rollout_set(ro, machine, rollout_ended(ro, machine, how, NOON_MS));
}

struct rollout_turn nothing(struct rollout *ro, enum rollout_phase why)
{
	struct rollout_turn t = rollout_next(ro, NOON_MS);

	assert_int_equal(t.phase, why);
	return t;
}
