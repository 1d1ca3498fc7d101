#include "fleet_of.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

struct plan plan_of_all(void)
{
	return (struct plan){ .rollout = { .in_flight = { 100, true },
				      .per_group = { 1, false },
				      .tries = 3,
				      .pause_ms = MINUTE_MS } };
}

int trial_open(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->plan = plan_of_all();
	*state = t;
	return 0;
}

int trial_close(void **state)
{
	struct trial *t = *state;

	rollout_free(t->ro);
	free(t);
	return 0;
}

void fleet_of_parts(struct trial *t, size_t machines, uint32_t per_group, uint32_t per_zone)
{
	struct error err = ERROR_INIT;

	rollout_free(t->ro);
	t->ro = rollout_new(&(struct rollout_options){ &t->plan, MINUTE_MS });
	for (uint32_t i = 0; i < machines; i++)
		rollout_add(t->ro, per_group ? i / per_group : ROLLOUT_NO_GROUP, per_zone ? i / per_zone : 0);
	assert_true(rollout_prepare(t->ro, &err));
}

void fleet_of(struct trial *t, size_t machines)
{
	fleet_of_parts(t, machines, 0, 0);
}

static void go(struct rollout *ro, uint32_t machine)
{
	struct machine_row row = rollout_row(ro, machine);

	row.state = MACHINE_UNDER_WAY;
	rollout_set(ro, machine, row);
}

size_t begin_all(struct trial *t)
{
	size_t begun = 0;

	while ((t->turn = rollout_next(t->ro, NOON_MS)).phase == ROLLOUT_BEGIN) {
		go(t->ro, t->turn.machine);
		begun++;
	}
	return begun;
}

void begin(struct trial *t, uint32_t machine)
{
	struct rollout_turn turn = rollout_next(t->ro, NOON_MS);

	assert_int_equal(turn.phase, ROLLOUT_BEGIN);
	assert_int_equal(turn.machine, machine);
	go(t->ro, machine);
}

void end(struct trial *t, uint32_t machine, enum machine_end how)
{
	rollout_set(t->ro, machine, rollout_ended(t->ro, machine, how, NOON_MS));
}

struct rollout_turn nothing(struct trial *t, enum rollout_phase why)
{
	struct rollout_turn turn = rollout_next(t->ro, NOON_MS);

	assert_int_equal(turn.phase, why);
	return turn;
}
