/* Machines that are left because members of their groups are away: who is waited for, how long, and what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "patrol_stage.h"

enum { PAUSE_MS = 61000, PATIENCE_MS = PAUSE_MS + 2 * PAUSE_MS }; /* three tries */

/* Any may fail, and any may not serve; one of each group may be away. The first `red` machines are a group. */
static struct stage *open_groups(size_t red)
{
	struct stage *s = stage_open();

	s->plan.machines.group_by = "Cluster";
	s->plan.rollout.failure_rate = s->plan.rollout.in_flight = (struct plan_share){ 100, true };
	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.tries = 3;
	s->plan.rollout.pause_ms = PAUSE_MS;
	for (size_t i = 0; i < MACHINES; i++)
		listing_add(&s->listing, IDS[i], INSTANCE_RUNNING)->group = i < red ? "red" : "blue";
	open_fleet(s, false);
	listing_init(&s->listing);
	return s;
}

static int set_up_pairs(void **state)
{
	*state = open_groups(2);
	return 0;
}

static int set_up_one_group(void **state)
{
	*state = open_groups(MACHINES);
	return 0;
}

/* Both of the second group are rebuilt. */
static void finish_blue(struct stage *s)
{
	ends(s, 2, COURSE_ROLLED_BACK);
	ends(s, 3, COURSE_ROLLED_BACK);
}

/* i-0 does not serve, and is done with: all that is left is i-1, of its group. */
static void block_by_stopped(struct stage *s)
{
	show(s, 0, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(s->begun_count, 2); /* i-0, which is away already, and i-2 */
	ends(s, 0, COURSE_REFUSED);
	finish_blue(s);
	assert_int_equal(s->begun_count, 3);
}

static void look_at_stopped(struct stage *s)
{
	show(s, 0, INSTANCE_STOPPED);
	look(s);
}

/* What stands in the journal for those who watch; gives the version of the rows. */
static int64_t assert_cause(struct stage *s, const char *cause)
{
	struct rollout_record *list;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	size_t count;

	assert_true(rollout_record_list(s->journal, 1, &a, &list, &count, &err));
	assert_int_equal(list[0].state, ROLLOUT_IS_RUNNING);
	assert_string_equal(list[0].cause, cause);
	return list[0].version;
}

static void a_member_that_does_not_serve_is_waited_for_and_named(void **state)
{
	static const char CAUSE[] = "waits for i-0 of group red, which does not serve";
	struct stage *s = *state;
	int64_t version;

	block_by_stopped(s);
	assert_false(fleet_is_over(s->fleet));
	assert_true(
		stage_was_told(s, "the rollout waits for i-0 of group red, which does not serve, until "));
	version = assert_cause(s, CAUSE);
	look_at_stopped(s); /* it is looked after meanwhile, and nothing is written */
	assert_false(fleet_is_over(s->fleet));
	assert_int_equal(assert_cause(s, CAUSE), version);
}

static void once_it_serves_again_its_neighbour_goes(void **state)
{
	struct stage *s = *state;

	block_by_stopped(s);
	look(s);
	assert_true(stage_was_told(s, "i-0 runs again"));
	assert_int_equal(s->begun_count, 4);
	assert_int_equal(s->begun[3], 1);
	assert_cause(s, "");
	ends(s, 1, COURSE_ROLLED_BACK);
	assert_true(fleet_is_over(s->fleet));
}

static void it_is_waited_for_as_long_as_one_that_cannot_be_reached_is_tried(void **state)
{
	struct stage *s = *state;
	int64_t since_ms;

	block_by_stopped(s);
	since_ms = s->now_ms;
	while (s->now_ms + PATROL_PAUSE_MS < since_ms + PATIENCE_MS) {
		look_at_stopped(s);
		assert_false(fleet_is_over(s->fleet));
	}
	assert_true(fleet_wake_ms(s->fleet) <= since_ms + PATIENCE_MS);
	s->now_ms = since_ms + PATIENCE_MS - 1;
	stage_turn(s);
	assert_false(fleet_is_over(s->fleet));
	assert_int_equal(fleet_wake_ms(s->fleet), since_ms + PATIENCE_MS);
	s->now_ms++;
	stage_turn(s);
	assert_true(fleet_is_over(s->fleet));
	assert_true(stage_was_told(s, "1 machine is left: i-1 of group red waits for i-0, which is stopped"));
	assert_cause(s, "1 machine is left: i-1 of group red waits for i-0, which is stopped");
}

static void one_that_is_parked_is_not_waited_for(void **state)
{
	struct stage *s = *state;

	look(s);
	ends(s, 0, COURSE_PARKED);
	finish_blue(s);
	assert_true(fleet_is_over(s->fleet));
	assert_true(stage_was_told(s, "1 machine is left: i-1 of group red waits for i-0, which is parked"));
}

static void nobody_is_waited_for_whose_return_would_let_nobody_go(void **state)
{
	struct stage *s = *state;

	look(s);
	ends(s, 0, COURSE_PARKED);
	assert_true(fleet_is_over(s->fleet));
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_true(fleet_is_over(s->fleet));
	assert_true(
		stage_was_told(s, "3 machines are left: i-1, i-2, i-3 of group red wait for i-0, which is "
				  "parked, i-3, which is stopped"));
}

static void status_checks_that_fail_are_said_to_be_why(void **state)
{
	static const uint32_t FIRST[] = { 0 };
	struct stage *s = *state;

	look_twice_at_impaired(s, FIRST, 1);
	ends(s, 0, COURSE_REFUSED);
	finish_blue(s);
	assert_true(
		stage_was_told(s, "the rollout waits for i-0 of group red, which does not serve, until "));
	s->now_ms += PATIENCE_MS;
	stage_turn(s);
	assert_true(stage_was_told(
		s, "1 machine is left: i-1 of group red waits for i-0, which fails its status checks"));
}

static void an_operator_who_ends_it_need_not_wait(void **state)
{
	struct stage *s = *state;

	block_by_stopped(s);
	fleet_stop(s->fleet);
	stage_turn(s);
	assert_true(fleet_is_over(s->fleet));
}

#define PAIRS(name) cmocka_unit_test_setup_teardown(name, set_up_pairs, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIRS(a_member_that_does_not_serve_is_waited_for_and_named),
		PAIRS(once_it_serves_again_its_neighbour_goes),
		PAIRS(it_is_waited_for_as_long_as_one_that_cannot_be_reached_is_tried),
		PAIRS(one_that_is_parked_is_not_waited_for),
		PAIRS(status_checks_that_fail_are_said_to_be_why),
		PAIRS(an_operator_who_ends_it_need_not_wait),
		cmocka_unit_test_setup_teardown(
			nobody_is_waited_for_whose_return_would_let_nobody_go, set_up_one_group, stage_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
