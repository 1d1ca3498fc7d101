/* Who goes next: canary, waves, gates, groups, zones, and those that cannot be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fleet_of.h"

static const struct plan_share TWO_THEN_ALL[] = { { 2, false }, { 100, true } };

static void in_waves(struct trial *t, const struct plan_share *waves, size_t count)
{
	t->plan.rollout.waves = waves;
	t->plan.rollout.wave_count = count;
}

static void a_canary_goes_alone_and_the_rest_follows(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.canary.amount = 2;
	fleet_of(t, 10);
	assert_int_equal(begin_all(t), 2);
	end(t, 0, END_REBUILT);
	nothing(t, ROLLOUT_FULL);
	end(t, 1, END_REBUILT);
	assert_int_equal(begin_all(t), 8);
}

static void a_canary_counts_only_if_it_was_really_rebuilt(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.canary.amount = 1;
	fleet_of(t, 5);
	begin(t, 0);
	end(t, 0, END_UNCHANGED);
	begin(t, 1);
	end(t, 1, END_UNREACHABLE);
	begin(t, 2);
	nothing(t, ROLLOUT_FULL);
	end(t, 2, END_REBUILT);
	assert_int_equal(begin_all(t), 2);
}

static void a_fleet_that_is_on_the_image_already_needs_no_canary(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.canary.amount = 1;
	fleet_of(t, 2);
	begin(t, 0);
	end(t, 0, END_UNCHANGED);
	begin(t, 1);
	end(t, 1, END_UNCHANGED);
	nothing(t, ROLLOUT_OVER);
}

static void a_wave_waits_for_the_one_before_it(void **state)
{
	static const struct plan_share WAVES[] = { { 10, true }, { 5, false }, { 100, true } };
	struct trial *t = *state;

	in_waves(t, WAVES, ARRAY_SIZE(WAVES));
	fleet_of(t, 20);
	assert_int_equal(begin_all(t), 2);
	end(t, 0, END_REBUILT);
	nothing(t, ROLLOUT_FULL);
	end(t, 1, END_REBUILT);
	assert_int_equal(begin_all(t), 3);
	for (uint32_t i = 2; i < 5; i++)
		end(t, i, END_REBUILT);
	assert_int_equal(begin_all(t), 15);
}

static void assert_waves_refused(struct trial *t, const char *why)
{
	struct error err = ERROR_INIT;

	t->ro = rollout_new(&(struct rollout_options){ &t->plan, MINUTE_MS });
	for (int n = 0; n < 20; n++)
		rollout_add(t->ro, ROLLOUT_NO_GROUP, 0);
	assert_false(rollout_prepare(t->ro, &err));
	assert_int_equal(err.kind, ERROR_PLAN);
	assert_non_null(strstr(err.message, why));
	error_release(&err);
}

static void a_wave_that_reaches_no_farther_than_the_one_before_it_is_refused(void **state)
{
	static const struct plan_share WAVES[] = { { 50, true }, { 3, false }, { 100, true } };
	struct trial *t = *state;

	in_waves(t, WAVES, ARRAY_SIZE(WAVES));
	assert_waves_refused(t, "reaches 3 machines, and the one before it 10 already");
}

static void waves_that_do_not_reach_all_machines_are_refused(void **state)
{
	static const struct plan_share WAVES[] = { { 50, true }, { 80, true } };
	struct trial *t = *state;

	in_waves(t, WAVES, ARRAY_SIZE(WAVES));
	assert_waves_refused(t, "reaches 16 of 20");
}

static void waves_of_a_small_fleet_may_coincide(void **state)
{
	static const struct plan_share WAVES[] = { { 1, true }, { 10, true }, { 100, true } };
	struct trial *t = *state;

	in_waves(t, WAVES, ARRAY_SIZE(WAVES));
	fleet_of(t, 3);
	begin(t, 0);
	end(t, 0, END_REBUILT);
	assert_int_equal(begin_all(t), 2);
}

static void a_gate_holds_until_it_is_promoted(void **state)
{
	static const struct plan_gate GATES[] = { { "canary", NULL }, { "wave 1", NULL } };
	struct trial *t = *state;

	in_waves(t, TWO_THEN_ALL, ARRAY_SIZE(TWO_THEN_ALL));
	t->plan.rollout.canary.amount = 1;
	t->plan.rollout.gates = GATES;
	t->plan.rollout.gate_count = 2;
	fleet_of(t, 4);
	begin(t, 0);
	end(t, 0, END_REBUILT);
	assert_int_equal(nothing(t, ROLLOUT_GATE).gate, 0);
	rollout_promote(t->ro, 1);
	begin(t, 1);
	end(t, 1, END_REBUILT);
	assert_int_equal(nothing(t, ROLLOUT_GATE).gate, 1);
	rollout_promote(t->ro, 2);
	assert_int_equal(begin_all(t), 2);
}

static void only_so_many_are_under_way(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.in_flight = (struct plan_share){ 30, true };
	fleet_of(t, 10);
	assert_int_equal(begin_all(t), 3);
	assert_int_equal(t->turn.phase, ROLLOUT_FULL);
	end(t, 1, END_REBUILT);
	begin(t, 3);
}

/* Machines 0, 1, 2 are group 0; 3, 4, 5 group 1. */
static void two_groups(struct trial *t)
{
	fleet_of_parts(t, 6, 3, 0);
}

static void a_group_never_has_more_members_away_than_it_may(void **state)
{
	struct trial *t = *state;

	two_groups(t);
	begin(t, 0);
	begin(t, 3);
	nothing(t, ROLLOUT_FULL);
	end(t, 3, END_REBUILT);
	begin(t, 4);
	nothing(t, ROLLOUT_FULL);
}

static void a_member_that_does_not_serve_is_away(void **state)
{
	struct trial *t = *state;

	two_groups(t);
	rollout_set(t->ro, 2, (struct machine_row){ .state = MACHINE_UNCHANGED });
	rollout_seen(t->ro, 2, false);
	begin(t, 3);
	nothing(t, ROLLOUT_FULL);
	end(t, 3, END_REBUILT);
	begin(t, 4);
	rollout_seen(t->ro, 2, true);
	begin(t, 0);
}

static void a_member_that_does_not_serve_goes_itself_wherever_it_stands_in_line(void **state)
{
	struct trial *t = *state;

	two_groups(t);
	begin(t, 0);
	begin(t, 3);
	nothing(t, ROLLOUT_FULL);
	rollout_seen(t->ro, 2, false);
	nothing(t, ROLLOUT_FULL);
	end(t, 0, END_REBUILT);
	begin(t, 2);
	nothing(t, ROLLOUT_FULL);
	rollout_seen(t->ro, 2, true);
	end(t, 2, END_REBUILT);
	begin(t, 1);
}

static void a_parked_member_blocks_its_group_and_says_so(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	two_groups(t);
	begin(t, 0);
	begin(t, 3);
	end(t, 0, END_PARKED);
	for (uint32_t i = 3; i < 6; i++) {
		end(t, i, END_REBUILT);
		if (i < 5)
			begin(t, i + 1);
	}
	nothing(t, ROLLOUT_BLOCKED);
}

static void one_zone_is_finished_before_the_next(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.zone_by_zone = true;
	fleet_of_parts(t, 7, 0, 3);
	for (uint32_t zone = 0; zone < 3; zone++) {
		size_t begun = begin_all(t);

		assert_int_equal(begun, zone < 2 ? 3 : 1);
		for (uint32_t i = 0; i < begun; i++)
			end(t, zone * 3 + i, END_REBUILT);
	}
	nothing(t, ROLLOUT_OVER);
}

static void who_cannot_be_reached_is_set_aside_and_holds_up_nobody(void **state)
{
	struct trial *t = *state;

	in_waves(t, TWO_THEN_ALL, ARRAY_SIZE(TWO_THEN_ALL));
	fleet_of(t, 4);
	assert_int_equal(begin_all(t), 2);
	end(t, 0, END_UNREACHABLE);
	end(t, 1, END_REBUILT);
	assert_int_equal(begin_all(t), 2);
	assert_int_equal(t->turn.wake_ms, NOON_MS + MINUTE_MS);
	end(t, 2, END_REBUILT);
	end(t, 3, END_REBUILT);
	assert_int_equal(nothing(t, ROLLOUT_PAUSED).wake_ms, NOON_MS + MINUTE_MS);
	t->turn = rollout_next(t->ro, NOON_MS + MINUTE_MS);
	assert_int_equal(t->turn.phase, ROLLOUT_BEGIN);
	assert_int_equal(t->turn.machine, 0);
}

static void its_pauses_grow_and_then_it_is_given_up(void **state)
{
	struct trial *t = *state;

	fleet_of(t, 1);
	for (int i = 0; i < 2; i++) {
		end(t, 0, END_UNREACHABLE);
		assert_int_equal(rollout_row(t->ro, 0).state, MACHINE_SET_ASIDE);
		assert_int_equal(rollout_row(t->ro, 0).due_ms, NOON_MS + (MINUTE_MS << i));
	}
	end(t, 0, END_UNREACHABLE);
	assert_int_equal(rollout_row(t->ro, 0).state, MACHINE_UNREACHABLE);
	assert_int_equal(rollout_failures(t->ro), 0);
	nothing(t, ROLLOUT_OVER);
}

static void whose_lock_was_not_to_be_had_has_not_failed_and_holds_up_nobody(void **state)
{
	struct trial *t = *state;

	in_waves(t, TWO_THEN_ALL, ARRAY_SIZE(TWO_THEN_ALL));
	t->plan.rollout.canary.amount = 1;
	fleet_of(t, 3);
	begin(t, 0);
	end(t, 0, END_LOCKED_OUT);
	assert_int_equal(rollout_row(t->ro, 0).state, MACHINE_LOCKED_OUT);
	assert_int_equal(rollout_failures(t->ro), 0);
	assert_int_equal(rollout_not_serving(t->ro), 0);
	begin(t, 1); /* it is the canary now */
	nothing(t, ROLLOUT_FULL);
	end(t, 1, END_REBUILT);
	assert_int_equal(begin_all(t), 1);
	end(t, 2, END_REBUILT);
	nothing(t, ROLLOUT_OVER);
}

static void who_had_to_wait_goes_unless_the_rollout_halts_or_the_window_has_closed(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.window = (struct plan_window){ .from = "11:00", .to = "13:00", .zone = "UTC" };
	fleet_of(t, 2);
	assert_true(rollout_lets_go(t->ro, NOON_MS));
	assert_false(rollout_lets_go(t->ro, NOON_MS + 61 * MINUTE_MS));
	assert_true(rollout_lets_go(t->ro, NOON_MS));
	begin(t, 0);
	end(t, 0, END_PARKED);
	assert_false(rollout_lets_go(t->ro, NOON_MS));
}

static void what_was_withdrawn_waits_again(void **state)
{
	struct trial *t = *state;

	fleet_of(t, 2);
	begin(t, 0);
	end(t, 0, END_WITHDRAWN);
	assert_int_equal(rollout_failures(t->ro), 0);
	begin(t, 0);
	begin(t, 1);
	nothing(t, ROLLOUT_FULL);
}

/* Another worker took what was offered here: its row comes back as under way. */
static void what_another_worker_has_begun_is_not_begun_again(void **state)
{
	struct trial *t = *state;

	two_groups(t);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(t, 3);
	nothing(t, ROLLOUT_FULL);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_REBUILT });
	rollout_set(t->ro, 1, (struct machine_row){ .state = MACHINE_REBUILT });
	begin(t, 2);
}

/* 0 and 1 stand in our line for 2; then another worker takes 0, and its rows come to us by their numbers. */
static void a_line_goes_on_past_those_that_another_worker_has_begun(void **state)
{
	struct trial *t = *state;

	two_groups(t);
	rollout_set(t->ro, 2, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(t, 3);
	nothing(t, ROLLOUT_FULL);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	rollout_set(t->ro, 2, (struct machine_row){ .state = MACHINE_REBUILT });
	nothing(t, ROLLOUT_FULL);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_REBUILT });
	begin(t, 1);
}

/* An operator wants it; whoever reads the rows anew is in the first wave again. */
static void a_wave_waits_again_for_a_parked_machine_that_is_tried_again(void **state)
{
	struct trial *t = *state;

	in_waves(t, TWO_THEN_ALL, ARRAY_SIZE(TWO_THEN_ALL));
	t->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	fleet_of(t, 4);
	assert_int_equal(begin_all(t), 2);
	end(t, 0, END_PARKED);
	end(t, 1, END_REBUILT);
	begin(t, 2);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(t, ROLLOUT_FULL);
	end(t, 0, END_REBUILT);
	begin(t, 3);
}

static void an_end_that_the_store_did_not_take_ends_no_canary_and_no_wave(void **state)
{
	struct trial *t = *state;

	in_waves(t, TWO_THEN_ALL, ARRAY_SIZE(TWO_THEN_ALL));
	t->plan.rollout.canary.amount = 1;
	fleet_of(t, 4);
	begin(t, 0);
	end(t, 0, END_REBUILT);
	assert_int_equal(rollout_next(t->ro, NOON_MS).machine, 1);
	rollout_set(t->ro, 1, rollout_row(t->ro, 1));
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(t, ROLLOUT_FULL);
	end(t, 0, END_REBUILT);
	begin(t, 1);
	end(t, 1, END_REBUILT);
	assert_int_equal(rollout_next(t->ro, NOON_MS).machine, 2);
	rollout_set(t->ro, 2, rollout_row(t->ro, 2));
	rollout_set(t->ro, 1, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(t, ROLLOUT_FULL);
	end(t, 1, END_REBUILT);
	assert_int_equal(begin_all(t), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(a_canary_goes_alone_and_the_rest_follows),
		TRIAL(a_canary_counts_only_if_it_was_really_rebuilt),
		TRIAL(a_fleet_that_is_on_the_image_already_needs_no_canary),
		TRIAL(a_wave_waits_for_the_one_before_it),
		TRIAL(a_wave_that_reaches_no_farther_than_the_one_before_it_is_refused),
		TRIAL(waves_that_do_not_reach_all_machines_are_refused),
		TRIAL(waves_of_a_small_fleet_may_coincide),
		TRIAL(a_gate_holds_until_it_is_promoted),
		TRIAL(only_so_many_are_under_way),
		TRIAL(a_group_never_has_more_members_away_than_it_may),
		TRIAL(a_member_that_does_not_serve_is_away),
		TRIAL(a_member_that_does_not_serve_goes_itself_wherever_it_stands_in_line),
		TRIAL(a_parked_member_blocks_its_group_and_says_so),
		TRIAL(one_zone_is_finished_before_the_next),
		TRIAL(who_cannot_be_reached_is_set_aside_and_holds_up_nobody),
		TRIAL(its_pauses_grow_and_then_it_is_given_up),
		TRIAL(whose_lock_was_not_to_be_had_has_not_failed_and_holds_up_nobody),
		TRIAL(who_had_to_wait_goes_unless_the_rollout_halts_or_the_window_has_closed),
		TRIAL(what_was_withdrawn_waits_again),
		TRIAL(what_another_worker_has_begun_is_not_begun_again),
		TRIAL(a_line_goes_on_past_those_that_another_worker_has_begun),
		TRIAL(a_wave_waits_again_for_a_parked_machine_that_is_tried_again),
		TRIAL(an_end_that_the_store_did_not_take_ends_no_canary_and_no_wave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
