/* Who goes next: canary, waves, gates, groups, zones, and those that cannot be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fleet_of.h"

static void a_canary_goes_alone_and_the_rest_follows(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 2;
	ro = fleet_of(&plan, 10);
	assert_int_equal(begin_all(ro, &t), 2);
	end(ro, 0, END_REBUILT);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 1, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 8);
	rollout_free(ro);
}

static void a_canary_counts_only_if_it_was_really_rebuilt(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 1;
	ro = fleet_of(&plan, 5);
	begin(ro, 0);
	end(ro, 0, END_UNCHANGED);
	begin(ro, 1);
	end(ro, 1, END_UNREACHABLE);
	begin(ro, 2);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 2, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 2);
	rollout_free(ro);
}

static void a_fleet_that_is_on_the_image_already_needs_no_canary(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 1;
	ro = fleet_of(&plan, 2);
	begin(ro, 0);
	end(ro, 0, END_UNCHANGED);
	begin(ro, 1);
	end(ro, 1, END_UNCHANGED);
	nothing(ro, ROLLOUT_OVER);
	rollout_free(ro);
}

static void a_wave_waits_for_the_one_before_it(void **state)
{
	static const struct plan_share WAVES[] = { { 10, true }, { 5, false }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	ro = fleet_of(&plan, 20);
	assert_int_equal(begin_all(ro, &t), 2);
	end(ro, 0, END_REBUILT);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 1, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 3);
	for (uint32_t i = 2; i < 5; i++)
		end(ro, i, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 15);
	rollout_free(ro);
}

static void waves_that_do_not_add_up_are_refused(void **state)
{
	static const struct plan_share BACKWARDS[] = { { 50, true }, { 3, false }, { 100, true } };
	static const struct plan_share SHORT[] = { { 50, true }, { 80, true } };
	struct plan plan = plan_of_all();
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rollout *ro = rollout_new(&(struct rollout_options){ &plan, MINUTE_MS });

		plan.rollout.waves = i ? SHORT : BACKWARDS;
		plan.rollout.wave_count = i ? 2 : 3;
		for (int n = 0; n < 20; n++)
			rollout_add(ro, ROLLOUT_NO_GROUP, 0);
		assert_false(rollout_prepare(ro, &err));
		assert_int_equal(err.kind, ERROR_PLAN);
		assert_non_null(strstr(err.message, i ? "reaches 16 of 20"
						      : "reaches 3 machines, and the one "
							"before it 10 already"));
		error_release(&err);
		rollout_free(ro);
	}
}

static void waves_of_a_small_fleet_may_coincide(void **state)
{
	static const struct plan_share WAVES[] = { { 1, true }, { 10, true }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	ro = fleet_of(&plan, 3);
	begin(ro, 0);
	end(ro, 0, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 2);
	rollout_free(ro);
}

static void a_gate_holds_until_it_is_promoted(void **state)
{
	static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };
	static const struct plan_gate GATES[] = { { "canary", NULL }, { "wave 1", NULL } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 1;
	plan.rollout.gates = GATES;
	plan.rollout.gate_count = 2;
	ro = fleet_of(&plan, 4);
	begin(ro, 0);
	end(ro, 0, END_REBUILT);
	assert_int_equal(nothing(ro, ROLLOUT_GATE).gate, 0);
	rollout_promote(ro, 1);
	begin(ro, 1);
	end(ro, 1, END_REBUILT);
	assert_int_equal(nothing(ro, ROLLOUT_GATE).gate, 1);
	rollout_promote(ro, 2);
	assert_int_equal(begin_all(ro, &t), 2);
	rollout_free(ro);
}

static void only_so_many_are_under_way(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.in_flight = (struct plan_share){ 30, true };
	ro = fleet_of(&plan, 10);
	assert_int_equal(begin_all(ro, &t), 3);
	assert_int_equal(t.phase, ROLLOUT_FULL);
	end(ro, 1, END_REBUILT);
	begin(ro, 3);
	rollout_free(ro);
}

/* Machines 0, 1, 2 are group 0; 3, 4, 5 group 1. */
static struct rollout *two_groups(const struct plan *plan)
{
	struct rollout *ro = rollout_new(&(struct rollout_options){ plan, MINUTE_MS });
	struct error err = ERROR_INIT;

	for (uint32_t i = 0; i < 6; i++)
		rollout_add(ro, i / 3, 0);
	assert_true(rollout_prepare(ro, &err));
	return ro;
}

static void a_group_never_has_more_members_away_than_it_may(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = two_groups(&plan);

	(void)state;
	begin(ro, 0);
	begin(ro, 3);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 3, END_REBUILT);
	begin(ro, 4);
	nothing(ro, ROLLOUT_FULL);
	rollout_free(ro);
}

static void a_member_that_does_not_serve_is_away(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = two_groups(&plan);

	(void)state;
	rollout_set(ro, 2, (struct machine_row){ .state = MACHINE_UNCHANGED });
	rollout_seen(ro, 2, false);
	begin(ro, 3);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 3, END_REBUILT);
	begin(ro, 4);
	rollout_seen(ro, 2, true);
	begin(ro, 0);
	rollout_free(ro);
}

static void a_member_that_does_not_serve_goes_itself_wherever_it_stands_in_line(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = two_groups(&plan);

	(void)state;
	begin(ro, 0);
	begin(ro, 3);
	nothing(ro, ROLLOUT_FULL);
	rollout_seen(ro, 2, false);
	nothing(ro, ROLLOUT_FULL);
	end(ro, 0, END_REBUILT);
	begin(ro, 2);
	nothing(ro, ROLLOUT_FULL);
	rollout_seen(ro, 2, true);
	end(ro, 2, END_REBUILT);
	begin(ro, 1);
	rollout_free(ro);
}

static void a_parked_member_blocks_its_group_and_says_so(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.failure_rate = (struct plan_share){ 100, true };
	ro = two_groups(&plan);
	begin(ro, 0);
	begin(ro, 3);
	end(ro, 0, END_PARKED);
	for (uint32_t i = 3; i < 6; i++) {
		end(ro, i, END_REBUILT);
		if (i < 5)
			begin(ro, i + 1);
	}
	nothing(ro, ROLLOUT_BLOCKED);
	rollout_free(ro);
}

static void one_zone_is_finished_before_the_next(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = rollout_new(&(struct rollout_options){ &plan, MINUTE_MS });
	struct error err = ERROR_INIT;
	struct rollout_turn t;

	(void)state;
	plan.rollout.zone_by_zone = true;
	for (uint32_t i = 0; i < 7; i++)
		rollout_add(ro, ROLLOUT_NO_GROUP, i / 3);
	assert_true(rollout_prepare(ro, &err));
	for (uint32_t zone = 0; zone < 3; zone++) {
		size_t begun = begin_all(ro, &t);

		assert_int_equal(begun, zone < 2 ? 3 : 1);
		for (uint32_t i = 0; i < begun; i++)
			end(ro, zone * 3 + i, END_REBUILT);
	}
	nothing(ro, ROLLOUT_OVER);
	rollout_free(ro);
}

static void who_cannot_be_reached_is_set_aside_and_holds_up_nobody(void **state)
{
	static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	ro = fleet_of(&plan, 4);
	assert_int_equal(begin_all(ro, &t), 2);
	end(ro, 0, END_UNREACHABLE);
	end(ro, 1, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 2);
	assert_int_equal(t.wake_ms, NOON_MS + MINUTE_MS);
	end(ro, 2, END_REBUILT);
	end(ro, 3, END_REBUILT);
	assert_int_equal(nothing(ro, ROLLOUT_PAUSED).wake_ms, NOON_MS + MINUTE_MS);
	t = rollout_next(ro, NOON_MS + MINUTE_MS);
	assert_int_equal(t.phase, ROLLOUT_BEGIN);
	assert_int_equal(t.machine, 0);
	rollout_free(ro);
}

static void its_pauses_grow_and_then_it_is_given_up(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = fleet_of(&plan, 1);

	(void)state;
	for (int i = 0; i < 2; i++) {
		end(ro, 0, END_UNREACHABLE);
		assert_int_equal(rollout_row(ro, 0).state, MACHINE_SET_ASIDE);
		assert_int_equal(rollout_row(ro, 0).due_ms, NOON_MS + (MINUTE_MS << i));
	}
	end(ro, 0, END_UNREACHABLE);
	assert_int_equal(rollout_row(ro, 0).state, MACHINE_UNREACHABLE);
	assert_int_equal(rollout_failures(ro), 0);
	nothing(ro, ROLLOUT_OVER);
	rollout_free(ro);
}

static void whose_lock_was_not_to_be_had_has_not_failed_and_holds_up_nobody(void **state)
{
	static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 1;
	ro = fleet_of(&plan, 3);
	begin(ro, 0);
	end(ro, 0, END_LOCKED_OUT);
	assert_int_equal(rollout_row(ro, 0).state, MACHINE_LOCKED_OUT);
	assert_int_equal(rollout_failures(ro), 0);
	assert_int_equal(rollout_not_serving(ro), 0);
	begin(ro, 1); /* it is the canary now */
	nothing(ro, ROLLOUT_FULL);
	end(ro, 1, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 1);
	end(ro, 2, END_REBUILT);
	nothing(ro, ROLLOUT_OVER);
	rollout_free(ro);
}

static void who_had_to_wait_goes_unless_the_rollout_halts_or_the_window_has_closed(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.window = (struct plan_window){ .from = "11:00", .to = "13:00", .zone = "UTC" };
	ro = fleet_of(&plan, 2);
	assert_true(rollout_lets_go(ro, NOON_MS));
	assert_false(rollout_lets_go(ro, NOON_MS + 61 * MINUTE_MS));
	assert_true(rollout_lets_go(ro, NOON_MS));
	begin(ro, 0);
	end(ro, 0, END_PARKED);
	assert_false(rollout_lets_go(ro, NOON_MS));
	rollout_free(ro);
}

static void what_was_withdrawn_waits_again(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = fleet_of(&plan, 2);

	(void)state;
	begin(ro, 0);
	end(ro, 0, END_WITHDRAWN);
	assert_int_equal(rollout_failures(ro), 0);
	begin(ro, 0);
	begin(ro, 1);
	nothing(ro, ROLLOUT_FULL);
	rollout_free(ro);
}

/* Another worker took what was offered here: its row comes back as under way. */
static void what_another_worker_has_begun_is_not_begun_again(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = two_groups(&plan);

	(void)state;
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(ro, 3);
	nothing(ro, ROLLOUT_FULL);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT });
	rollout_set(ro, 1, (struct machine_row){ .state = MACHINE_REBUILT });
	begin(ro, 2);
	rollout_free(ro);
}

/* 0 and 1 stand in our line for 2; then another worker takes 0, and its rows come to us by their numbers. */
static void a_line_goes_on_past_those_that_another_worker_has_begun(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = two_groups(&plan);

	(void)state;
	rollout_set(ro, 2, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(ro, 3);
	nothing(ro, ROLLOUT_FULL);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	rollout_set(ro, 2, (struct machine_row){ .state = MACHINE_REBUILT });
	nothing(ro, ROLLOUT_FULL);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT });
	begin(ro, 1);
	rollout_free(ro);
}

/* An operator wants it; whoever reads the rows anew is in the first wave again. */
static void a_wave_waits_again_for_a_parked_machine_that_is_tried_again(void **state)
{
	static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.failure_rate = (struct plan_share){ 100, true };
	ro = fleet_of(&plan, 4);
	assert_int_equal(begin_all(ro, &t), 2);
	end(ro, 0, END_PARKED);
	end(ro, 1, END_REBUILT);
	begin(ro, 2);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(ro, ROLLOUT_FULL);
	end(ro, 0, END_REBUILT);
	begin(ro, 3);
	rollout_free(ro);
}

static void an_end_that_the_store_did_not_take_ends_no_canary_and_no_wave(void **state)
{
	static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };
	struct plan plan = plan_of_waves(WAVES, ARRAY_SIZE(WAVES));
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.canary.amount = 1;
	ro = fleet_of(&plan, 4);
	begin(ro, 0);
	end(ro, 0, END_REBUILT);
	assert_int_equal(rollout_next(ro, NOON_MS).machine, 1);
	rollout_set(ro, 1, rollout_row(ro, 1));
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(ro, ROLLOUT_FULL);
	end(ro, 0, END_REBUILT);
	begin(ro, 1);
	end(ro, 1, END_REBUILT);
	assert_int_equal(rollout_next(ro, NOON_MS).machine, 2);
	rollout_set(ro, 2, rollout_row(ro, 2));
	rollout_set(ro, 1, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	nothing(ro, ROLLOUT_FULL);
	end(ro, 1, END_REBUILT);
	assert_int_equal(begin_all(ro, &t), 2);
	rollout_free(ro);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_canary_goes_alone_and_the_rest_follows),
		cmocka_unit_test(a_canary_counts_only_if_it_was_really_rebuilt),
		cmocka_unit_test(a_fleet_that_is_on_the_image_already_needs_no_canary),
		cmocka_unit_test(a_wave_waits_for_the_one_before_it),
		cmocka_unit_test(waves_that_do_not_add_up_are_refused),
		cmocka_unit_test(waves_of_a_small_fleet_may_coincide),
		cmocka_unit_test(a_gate_holds_until_it_is_promoted),
		cmocka_unit_test(only_so_many_are_under_way),
		cmocka_unit_test(a_group_never_has_more_members_away_than_it_may),
		cmocka_unit_test(a_member_that_does_not_serve_is_away),
		cmocka_unit_test(a_member_that_does_not_serve_goes_itself_wherever_it_stands_in_line),
		cmocka_unit_test(a_parked_member_blocks_its_group_and_says_so),
		cmocka_unit_test(one_zone_is_finished_before_the_next),
		cmocka_unit_test(who_cannot_be_reached_is_set_aside_and_holds_up_nobody),
		cmocka_unit_test(its_pauses_grow_and_then_it_is_given_up),
		cmocka_unit_test(whose_lock_was_not_to_be_had_has_not_failed_and_holds_up_nobody),
		cmocka_unit_test(who_had_to_wait_goes_unless_the_rollout_halts_or_the_window_has_closed),
		cmocka_unit_test(what_was_withdrawn_waits_again),
		cmocka_unit_test(what_another_worker_has_begun_is_not_begun_again),
		cmocka_unit_test(a_line_goes_on_past_those_that_another_worker_has_begun),
		cmocka_unit_test(a_wave_waits_again_for_a_parked_machine_that_is_tried_again),
		cmocka_unit_test(an_end_that_the_store_did_not_take_ends_no_canary_and_no_wave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
