/* A rollout that a fleet shares with a worker elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/id.h"
#include "cloud/world.h"
#include "share_stage.h"

static void what_others_have_under_way_counts_and_is_not_begun(void **state)
{
	struct share_stage *s = *state;

	assert_int_equal(s->begun_count, 1);
	assert_string_equal(s->begun[0], "i-1");
	share_ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-2");
}

static void what_others_have_ended_lets_us_begin(void **state)
{
	struct share_stage *s = *state;

	share_writes(s, 0, "rebuilt");
	share_turn(s);
	assert_int_equal(s->begun_count, 1);
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_int_equal(share_count(s, MACHINE_REBUILT), 1);
}

/* Both chose the same machine on the same rows; who wrote it down first has it. */
static void a_machine_that_another_one_was_faster_with_is_left_to_it(void **state)
{
	struct share_stage *s = *state;

	share_writes(s, 0, "rebuilt");
	share_writes(s, 2, "under-way");
	share_ends(s, 1, COURSE_DONE); /* and the next that we know of is i-2 */
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-3");
	assert_int_equal(share_count(s, MACHINE_UNDER_WAY), 2);
}

/* Nobody has seen it yet when its rows are: it is not dead for that. */
static void what_a_newcomer_has_under_way_is_left_to_it(void **state)
{
	struct share_stage *s = *state;
	struct seat newcomer;

	share_sits_down(s, &newcomer, 3);
	share_writes(s, 0, "rebuilt");
	share_writes_from(s, &newcomer, 2, "under-way");
	share_ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-3");
}

static void what_the_dead_had_under_way_is_gone_on_with(void **state)
{
	struct share_stage *s = *state;

	share_pass(s, LEASE_LIFE_MS);
	assert_int_equal(s->begun_count, 1);
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
	share_ends(s, 0, COURSE_DONE);
	assert_int_equal(share_count(s, MACHINE_REBUILT), 1);
	assert_int_equal(share_count(s, MACHINE_UNDER_WAY), 2);
}

/* The lease of its rebuild was renewed a little later than that of the seat. */
static void a_rebuild_that_is_still_held_is_waited_for(void **state)
{
	struct share_stage *s = *state;

	s->held = "i-0";
	share_pass(s, LEASE_LIFE_MS + SECOND_MS);
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_non_null(strstr(s->told, "rb-9 is being driven by bert"));
	s->held = NULL;
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
}

static void who_was_taken_for_dead_does_nothing_more(void **state)
{
	struct share_stage *s = *state;
	struct error err = ERROR_INIT;
	int64_t seat = rollout_ledger_seat(s->ledger);

	/* Our lease is as old as theirs: for them we are the ones who slept. */
	s->now_ms += LEASE_LIFE_MS + SECOND_MS;
	share_must(seat_clear(s->j, "ro-1", seat, &s->other.lease.holder, s->now_ms, &err), &err);
	share_ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 1);
	assert_true(fleet_is_over(s->fleet));
	assert_non_null(strstr(s->told, "is not ours any more"));
}

/* As many as may be under way at a time, and no failure of theirs is the last word before that. */
static void who_comes_when_nobody_is_left_tries_again_what_has_parked(void **state)
{
	struct share_stage *s = *state;
	struct error err = ERROR_INIT;

	share_ends(s, 1, COURSE_PARKED);
	share_ends(s, 2, COURSE_PARKED);
	share_ends(s, 3, COURSE_PARKED);
	share_leave(s);
	share_writes(s, 0, "rebuilt");
	share_must(seat_release(s->j, &s->other, &err), &err);
	s->begun_count = 0;
	share_take_up(s);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[0], "i-4"); /* it was under way when we left */
	assert_string_equal(s->begun[1], "i-1");
	share_ends(s, 1, COURSE_DONE);
	assert_string_equal(s->begun[2], "i-2");
	share_ends(s, 4, COURSE_DONE);
	assert_string_equal(s->begun[3], "i-3");
	share_ends(s, 2, COURSE_PARKED);
	assert_string_equal(s->begun[4], "i-5");
}

static void two_park_and_all_leave(struct share_stage *s)
{
	struct error err = ERROR_INIT;

	share_ends(s, 1, COURSE_PARKED);
	share_ends(s, 2, COURSE_PARKED);
	share_leave(s);
	share_writes(s, 0, "rebuilt");
	share_must(seat_release(s->j, &s->other, &err), &err);
	s->begun_count = 0;
}

static void of_several_who_come_at_once_the_first_tries_again_what_has_parked(void **state)
{
	struct share_stage *s = *state;
	struct error err = ERROR_INIT;
	const struct query *q;
	struct seat second;

	two_park_and_all_leave(s);
	share_open_fleet(s);
	share_must(fleet_ask(s->fleet, &q, &err), &err);
	share_sits_down(s, &second, 3);
	share_must(fleet_listed(s->fleet, NULL, &err), &err);
	share_turn(s);
	assert_string_equal(s->begun[0], "i-3"); /* it was under way when we left */
	assert_string_equal(s->begun[1], "i-1");
}

static void the_others_leave_it_to_that_one(void **state)
{
	struct share_stage *s = *state;
	struct seat first;

	two_park_and_all_leave(s);
	share_sits_down(s, &first, 3);
	share_take_up(s);
	assert_string_equal(s->begun[0], "i-3");
	assert_string_equal(s->begun[1], "i-4");
	assert_int_equal(share_count(s, MACHINE_PARKED), 2);
}

/* Somebody else may be about to adopt them, on the rows as they are. */
static void who_takes_the_seat_of_the_dead_says_so_of_each_machine(void **state)
{
	const struct machine_record adopted = { .number = 1, .state = "under-way", .seat = 1 };
	struct share_stage *s = *state;
	struct rollout_change c = { .id = "ro-1", .seat = &s->other, .machines = &adopted, .count = 1 };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	share_leave(s);
	share_must(rollout_record_find(s->j, "ro-1", &a, &r, &found, &err), &err);
	c.version = r.version;
	share_take_up(s);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-1");
	assert_false(rollout_record_change(s->j, &c, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
}

static void all_but_the_first_are_rebuilt(struct share_stage *s)
{
	for (uint32_t i = 1; i < MACHINES; i++)
		share_ends(s, i, COURSE_DONE);
}

static void it_waits_for_what_others_have_under_way(void **state)
{
	struct share_stage *s = *state;

	all_but_the_first_are_rebuilt(s);
	assert_false(fleet_is_over(s->fleet));
	share_writes(s, 0, "rebuilt");
	share_pass(s, SECOND_MS);
	assert_true(fleet_is_over(s->fleet));
}

static void who_is_told_to_end_does_not_wait_for_others(void **state)
{
	struct share_stage *s = *state;

	fleet_stop(s->fleet);
	assert_false(fleet_is_over(s->fleet));
	share_ends(s, 1, COURSE_INTERRUPTED);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(share_count(s, MACHINE_UNDER_WAY), 1);
}

static void calls_are_shared_with_those_that_live(void **state)
{
	struct share_stage *s = *state;

	share_pass(s, SECOND_MS);
	assert_int_equal(s->parts, 2);
	share_pass(s, LEASE_LIFE_MS);
	share_pass(s, SECOND_MS);
	assert_int_equal(s->parts, 1);
}

static struct rollout_record record(struct share_stage *s, struct arena *a)
{
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	share_must(rollout_record_find(s->j, "ro-1", a, &r, &found, &err), &err);
	return r;
}

/* It sees that machines do not serve; we have not looked since. */
static void what_another_one_halts_for_stops_us_and_stands(void **state)
{
	struct share_stage *s = *state;
	const struct rollout_change halt = {
		.seat = &s->other, .state = ROLLOUT_IS_HALTED, .cause = "two are gone"
	};
	char reason[ROLLOUT_REASON_SIZE];
	auto_arena a = ARENA_INIT;

	share_changes(s, halt);
	share_ends(s, 1, COURSE_DONE); /* decided on older rows: it is to be written first */
	assert_int_equal(s->begun_count, 1);
	assert_true(fleet_has_halted(s->fleet));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
	assert_string_equal(record(s, &a).cause, "two are gone");
	assert_string_equal(fleet_reason(s->fleet, reason), "two are gone");
	assert_non_null(strstr(s->told, "another one halts the rollout: two are gone"));
}

static void halts_elsewhere(struct share_stage *s)
{
	share_changes(s, (struct rollout_change){
				 .seat = &s->other, .state = ROLLOUT_IS_HALTED, .cause = "two are gone" });
}

static void what_another_one_halted_goes_on_for_all_when_it_is_resumed(void **state)
{
	struct share_stage *s = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	halts_elsewhere(s);
	share_pass(s, SECOND_MS);
	assert_true(fleet_has_halted(s->fleet));
	share_must(rollout_order_resume(s->j, "ro-1", 0, s->now_ms, &err), &err);
	share_ends(s, 1, COURSE_DONE); /* decided on older rows: that it goes on is read first */
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_RUNNING);
	share_pass(s, SECOND_MS);
	assert_false(fleet_has_halted(s->fleet));
	assert_int_equal(s->begun_count, 2);
	halts_elsewhere(s);
	share_pass(s, SECOND_MS);
	assert_true(fleet_has_halted(s->fleet));
}

/* It was running when it was chosen. */
static void who_comes_to_what_has_just_halted_stops_with_the_others(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	share_leave(s);
	halts_elsewhere(s);
	share_take_up(s);
	assert_true(fleet_has_halted(s->fleet));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

static void who_leaves_does_not_set_going_what_has_halted(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	fleet_stop(s->fleet);
	halts_elsewhere(s);
	share_ends(s, 1, COURSE_INTERRUPTED);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

static void operators_say(struct share_stage *s, enum rollout_wish wish)
{
	struct error err = ERROR_INIT;

	share_must(rollout_order_end(s->j, "ro-1", wish, s->now_ms, &err), &err);
}

static void put_back_please(struct share_stage *s)
{
	operators_say(s, ROLLOUT_WISH_REVERT);
}

/* Nothing is left to be begun: it is not done for that. */
static void a_rollout_that_is_to_be_put_back_ends_halted(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	all_but_the_first_are_rebuilt(s);
	put_back_please(s);
	share_writes(s, 0, "rebuilt");
	share_pass(s, SECOND_MS);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(fleet_wish(s->fleet), ROLLOUT_WISH_REVERT);
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

static void so_does_one_whose_operator_spoke_last(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	share_writes(s, 0, "rebuilt");
	share_pass(s, SECOND_MS);
	for (uint32_t i = 1; i + 1 < MACHINES; i++)
		share_ends(s, i, COURSE_DONE);
	put_back_please(s); /* the fleet listens once a second */
	share_ends(s, MACHINES - 1, COURSE_DONE);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(fleet_wish(s->fleet), ROLLOUT_WISH_REVERT);
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

static void so_does_one_that_was_to_be_given_up_a_moment_before(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	share_writes(s, 0, "rebuilt");
	operators_say(s, ROLLOUT_WISH_KEEP);
	share_pass(s, SECOND_MS);
	put_back_please(s);
	share_ends(s, 1, COURSE_DONE);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(fleet_wish(s->fleet), ROLLOUT_WISH_REVERT);
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

/* They have spoken in the moment in which it was over. */
static void nobody_leaves_who_has_not_heard_all(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;

	share_writes(s, 0, "rebuilt");
	fleet_stop(s->fleet);
	share_ends(s, 1, COURSE_INTERRUPTED);
	assert_true(fleet_is_over(s->fleet));
	operators_say(s, ROLLOUT_WISH_KEEP);
	assert_false(fleet_leave(s->fleet));
	share_turn(s);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_ABORTED);
	assert_true(fleet_leave(s->fleet));
}

/* What is to be put back was begun with the plan as it was. */
static void a_changed_plan_gives_up_nothing_that_is_to_be_put_back(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const struct query *q;

	share_ends(s, 1, COURSE_DONE);
	share_ends(s, 2, COURSE_DONE);
	share_writes(s, 0, "rebuilt");
	put_back_please(s);
	share_pass(s, SECOND_MS);
	share_ends(s, 3, COURSE_INTERRUPTED);
	share_leave(s);
	s->plan.digest = "e";
	share_open_fleet(s);
	assert_false(fleet_ask(s->fleet, &q, &err));
	assert_non_null(strstr(err.message, "is to be put back, as an operator asked"));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
}

/* Who chose it saw it not over yet; others brought it to its end before we had a seat. */
static void a_rollout_that_is_over_is_not_begun_anew(void **state)
{
	struct share_stage *s = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	const struct query *q;
	bool found;

	share_leave(s);
	share_changes(s, (struct rollout_change){ .seat = &s->other, .state = ROLLOUT_IS_DONE });
	share_open_fleet(s);
	assert_false(fleet_ask(s->fleet, &q, &err));
	assert_non_null(strstr(err.message, "rollout ro-1 is over"));
	share_must(rollout_record_find_open(s->j, "acme", &a, &r, &found, &err), &err);
	assert_false(found);
}

/* A worker that found it without one would take it. */
static void a_rollout_begins_with_its_seat_or_not_at_all(void **state)
{
	static const struct machine_record machine = { .machine = "i-9", .state = "waiting" };
	struct share_stage *s = *state;
	char id[CLOUD_NAME_SIZE];
	struct lease elsewhere = { .rebuild = id, .holder = s->other.lease.holder, .version = "0.1.0" };
	struct rollout_ledger *l = rollout_ledger_new(&(struct rollout_ledger_options){
		.journal = s->j, .clock = &s->clock, .entropy = &s->entropy, .plan = &s->plan });
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	id_random(id, sizeof(id), "ro-", &s->entropy);
	share_must(lease_take(s->j, &elsewhere, s->now_ms, &err), &err);
	assert_false(rollout_ledger_begin(l, &machine, 1, &err));
	assert_true(error_is(&err, LEASE_HELD));
	assert_string_equal(rollout_ledger_id(l), "");
	error_release(&err);
	share_must(rollout_record_find(s->j, id, &a, &r, &found, &err), &err);
	assert_false(found);
	rollout_ledger_free(l);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, share_open, share_close)
	const struct CMUnitTest tests[] = {
		TEST(what_others_have_under_way_counts_and_is_not_begun),
		TEST(what_others_have_ended_lets_us_begin),
		TEST(a_machine_that_another_one_was_faster_with_is_left_to_it),
		TEST(what_a_newcomer_has_under_way_is_left_to_it),
		TEST(what_the_dead_had_under_way_is_gone_on_with),
		TEST(a_rebuild_that_is_still_held_is_waited_for),
		TEST(who_was_taken_for_dead_does_nothing_more),
		TEST(who_comes_when_nobody_is_left_tries_again_what_has_parked),
		TEST(of_several_who_come_at_once_the_first_tries_again_what_has_parked),
		TEST(the_others_leave_it_to_that_one),
		TEST(who_takes_the_seat_of_the_dead_says_so_of_each_machine),
		TEST(it_waits_for_what_others_have_under_way),
		TEST(who_is_told_to_end_does_not_wait_for_others),
		TEST(calls_are_shared_with_those_that_live),
		TEST(what_another_one_halts_for_stops_us_and_stands),
		TEST(what_another_one_halted_goes_on_for_all_when_it_is_resumed),
		TEST(who_comes_to_what_has_just_halted_stops_with_the_others),
		TEST(who_leaves_does_not_set_going_what_has_halted),
		TEST(a_rollout_that_is_to_be_put_back_ends_halted),
		TEST(so_does_one_whose_operator_spoke_last),
		TEST(so_does_one_that_was_to_be_given_up_a_moment_before),
		TEST(nobody_leaves_who_has_not_heard_all),
		TEST(a_changed_plan_gives_up_nothing_that_is_to_be_put_back),
		TEST(a_rollout_that_is_over_is_not_begun_anew),
		TEST(a_rollout_begins_with_its_seat_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
