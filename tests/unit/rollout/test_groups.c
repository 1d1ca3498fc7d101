/* Groups that hold up those of their members that are left: who waits, for how many, and how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fleet_of.h"

/* Two groups of two; the first wave reaches one member of the second group. */
static void of_machines_that_are_left_only_those_of_this_wave_are_held_up(void **state)
{
	static const struct plan_share WAVES[] = { { 3, false }, { 100, true } };
	struct trial *t = *state;

	t->plan.rollout.waves = WAVES;
	t->plan.rollout.wave_count = ARRAY_SIZE(WAVES);
	t->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	fleet_of_parts(t, 4, 2, 0);
	begin(t, 0);
	begin(t, 2);
	end(t, 0, END_PARKED);
	end(t, 2, END_REBUILT);
	nothing(t, ROLLOUT_BLOCKED);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(rollout_is_held_up(t->ro, i), i == 1);
}

static void of_a_share_of_a_group_one_member_at_least_may_be_away(void **state)
{
	static const struct {
		struct plan_share share;
		size_t limit;
	} CASES[] = { { { 1, false }, 1 }, { { 70, true }, 2 }, { { 10, true }, 1 } };
	struct trial *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		t->plan.rollout.per_group = CASES[i].share;
		fleet_of_parts(t, 6, 3, 0);
		assert_int_equal(rollout_group_limit(t->ro, 0), CASES[i].limit);
	}
}

static void patience_is_all_the_pauses_between_the_tries(void **state)
{
	static const struct {
		int tries;
		int64_t minutes;
	} CASES[] = { { 1, 0 }, { 2, 1 }, { 5, 15 }, { 12, 2047 },
		{ 13, 2047 + 24 * 60 } }; /* a day at most */
	struct trial *t = *state;

	fleet_of(t, 1);
	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		t->plan.rollout.tries = CASES[i].tries;
		assert_int_equal(rollout_patience_ms(t->ro), CASES[i].minutes * MINUTE_MS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(of_machines_that_are_left_only_those_of_this_wave_are_held_up),
		TRIAL(of_a_share_of_a_group_one_member_at_least_may_be_away),
		TRIAL(patience_is_all_the_pauses_between_the_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
