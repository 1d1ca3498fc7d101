/* What it means for a rollout that machines of it do not serve, which are not under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "patrol_stage.h"

/* More than one that does not serve halts it. */
static int set_up(void **state)
{
	struct stage *s = stage_open();

	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.not_serving.amount = 1;
	open_fleet(s, false);
	*state = s;
	return 0;
}

static void nothing_begins_before_the_machines_were_looked_at(void **state)
{
	struct stage *s = *state;

	assert_int_equal(s->begun_count, 0);
	assert_false(fleet_is_over(s->fleet));
	look(s);
	assert_int_equal(s->begun_count, 1);
}

static void it_halts_when_more_do_not_serve_than_may_and_names_them(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	look(s);
	assert_true(stage_was_told(s, "i-2 is stopped: it does not serve"));
	assert_false(fleet_has_halted(s->fleet));
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_TERMINATED);
	look(s);
	assert_true(fleet_has_halted(s->fleet));
	assert_true(stage_was_told(s, "the rollout halts: 2 of 4 machines do not serve, and at most 1 may: "
				      "i-2 is stopped, i-3 is terminated"));
}

static void a_machine_that_fails_its_status_checks_does_not_serve_and_is_named_when_it_halts(void **state)
{
	static const uint32_t ONE[] = { 3 }, BOTH[] = { 2, 3 };
	struct stage *s = *state;

	look_twice_at_impaired(s, ONE, 1);
	assert_true(stage_was_told(s, "i-3 fails its status checks: it does not serve"));
	assert_int_equal(not_serving(s), 1);
	assert_false(fleet_has_halted(s->fleet));
	look_twice_at_impaired(s, BOTH, 2);
	assert_true(fleet_has_halted(s->fleet));
	assert_true(stage_was_told(s, "the rollout halts: 2 of 4 machines do not serve, and at most 1 may: "
				      "i-2 fails its status checks, i-3 fails its status checks"));
}

static void one_that_passes_its_status_checks_again_counts_no_longer(void **state)
{
	static const uint32_t ONE[] = { 3 };
	struct stage *s = *state;

	look_twice_at_impaired(s, ONE, 1);
	look(s);
	assert_int_equal(not_serving(s), 0);
	assert_true(stage_was_told(s, "i-3 passes its status checks again"));
	assert_false(stage_was_told(s, "i-3 runs again"));
}

static void one_that_fails_its_checks_and_then_is_stopped_runs_again_in_the_end(void **state)
{
	static const uint32_t ONE[] = { 3 };
	struct stage *s = *state;

	look_twice_at_impaired(s, ONE, 1);
	show(s, 3, INSTANCE_STOPPING);
	look(s);
	assert_true(stage_was_told(s, "i-3 is stopping: it does not serve"));
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_false(stage_was_told(s, "i-3 is stopped"));
	assert_int_equal(not_serving(s), 1);
	look(s);
	assert_true(stage_was_told(s, "i-3 runs again"));
}

static void nothing_begins_while_it_is_in_doubt_whether_a_machine_serves(void **state)
{
	struct stage *s = *state;

	listing_add_impaired(&s->listing, IDS[3]);
	look(s);
	assert_int_equal(s->begun_count, 0);
	look(s);
	assert_int_equal(s->begun_count, 1);
}

static void what_has_halted_stays_so_and_nobody_looks_any_more(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	s->now_ms += PATROL_PAUSE_MS;
	assert_null(fleet_question(s->fleet, stage_moment(s)));
	assert_int_equal(s->begun_count, 0);
	assert_true(fleet_is_over(s->fleet));
}

static void taken_up_it_halts_again_and_goes_on_when_somebody_says_so(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	stage_close_fleet(s);
	open_fleet(s, false);
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_true(fleet_has_halted(s->fleet));
	stage_close_fleet(s);
	open_fleet(s, true);
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_false(fleet_has_halted(s->fleet));
	assert_int_equal(s->begun_count, 1);
}

static void whoever_goes_on_knows_those_too_that_were_in_doubt_at_first(void **state)
{
	struct stage *s = *state;

	stage_close_fleet(s);
	open_fleet(s, true);
	for (int looks = 0; looks < 2; looks++) {
		show(s, 1, INSTANCE_STOPPED);
		show(s, 2, INSTANCE_STOPPED);
		listing_add_impaired(&s->listing, IDS[3]);
		look(s);
	}
	assert_int_equal(not_serving(s), 3);
	assert_false(fleet_has_halted(s->fleet));
	assert_int_equal(s->begun_count, 1);
}

/* The operator who told us, from another process, cannot know how many they are. */
static void whoever_is_told_to_go_on_knows_those_that_do_not_serve(void **state)
{
	struct stage *s = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_true(fleet_has_halted(s->fleet));
	assert_true(rollout_order_resume(s->journal, fleet_id(s->fleet), 0, s->now_ms, &err));
	s->now_ms += 1000;
	stage_turn(s);
	assert_false(fleet_has_halted(s->fleet));
	assert_int_equal(s->begun_count, 1);
	assert_true(rollout_record_find(s->journal, fleet_id(s->fleet), &a, &r, &found, &err));
	assert_int_equal(r.state, ROLLOUT_IS_RUNNING);
	assert_int_equal(r.known_not_serving, 2);
}

static void a_machine_under_way_is_its_rebuilds_own_matter(void **state)
{
	struct stage *s = *state;

	look(s);
	assert_int_equal(s->begun[0], 0);
	show(s, 0, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 0);
	assert_false(stage_was_told(s, "i-0 is stopped"));
	ends(s, 0, COURSE_ROLLED_BACK);
	assert_int_equal(not_serving(s), 0); /* what was seen meanwhile is past */
}

static void after_its_rebuild_green_is_looked_after(void **state)
{
	struct stage *s = *state;

	look(s);
	stage_record(s, "i-0", "i-green", RECORD_DONE);
	ends(s, 0, COURSE_DONE);
	show(s, 0, INSTANCE_STOPPED); /* blue was retired */
	listing_add(&s->listing, "i-green", INSTANCE_RUNNING);
	look(s);
	assert_int_equal(not_serving(s), 0);
	listing_add(&s->listing, "i-green", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
	assert_true(stage_was_told(s, "i-green is stopped: it does not serve"));
}

static void taken_up_the_first_look_is_at_those_that_serve_by_now(void **state)
{
	struct stage *s = *state;

	look(s);
	stage_record(s, "i-0", "i-green", RECORD_DONE);
	fleet_recorded(s->fleet, 0, "rb-1");
	ends(s, 0, COURSE_DONE);
	stage_close_fleet(s);
	open_fleet(s, false);
	listing_add(&s->listing, "i-green", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
}

static void a_machine_that_another_process_replaced_is_looked_after_where_it_is_now(void **state)
{
	struct stage *s = *state;

	stage_record(s, "i-3", "i-new", RECORD_DONE);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 0);
	listing_add(&s->listing, "i-new", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
}

static void one_that_runs_again_counts_no_longer(void **state)
{
	struct stage *s = *state;

	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
	look(s);
	assert_int_equal(not_serving(s), 0);
	assert_true(stage_was_told(s, "i-3 runs again"));
}

static void that_it_could_not_look_is_said_once_and_halts_nothing(void **state)
{
	struct stage *s = *state;
	size_t before = s->note_count;

	for (int i = 0; i < 2; i++) {
		error_set(&s->listing.err, ERROR_REMOTE, "no route");
		look(s);
	}
	assert_int_equal(s->note_count, before + 1);
	assert_string_equal(s->notes[before], "could not look which machines of the rollout serve: no route");
	assert_int_equal(s->begun_count, 0);
	look(s);
	assert_int_equal(s->begun_count, 1);
}

/* Else it would wait for ever: asking again does not help. */
static void who_may_not_look_at_all_is_told_so_and_begins_nothing(void **state)
{
	struct stage *s = *state;

	error_set(&s->listing.err, ERROR_DENIED, "not authorized");
	look(s);
	assert_true(s->is_denied);
	assert_non_null(strstr(s->denial.message, "may not look which machines of the rollout serve"));
	error_release(&s->denial);
	assert_int_equal(s->begun_count, 0);
}

/* The right was taken away meanwhile: what runs goes on. */
static void who_may_not_look_any_more_goes_on(void **state)
{
	struct stage *s = *state;

	look(s);
	error_set(&s->listing.err, ERROR_DENIED, "not authorized");
	look(s);
	assert_false(s->is_denied);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_begins_before_the_machines_were_looked_at),
		TEST(it_halts_when_more_do_not_serve_than_may_and_names_them),
		TEST(a_machine_that_fails_its_status_checks_does_not_serve_and_is_named_when_it_halts),
		TEST(one_that_passes_its_status_checks_again_counts_no_longer),
		TEST(one_that_fails_its_checks_and_then_is_stopped_runs_again_in_the_end),
		TEST(nothing_begins_while_it_is_in_doubt_whether_a_machine_serves),
		TEST(what_has_halted_stays_so_and_nobody_looks_any_more),
		TEST(taken_up_it_halts_again_and_goes_on_when_somebody_says_so),
		TEST(whoever_goes_on_knows_those_too_that_were_in_doubt_at_first),
		TEST(whoever_is_told_to_go_on_knows_those_that_do_not_serve),
		TEST(a_machine_under_way_is_its_rebuilds_own_matter),
		TEST(after_its_rebuild_green_is_looked_after),
		TEST(taken_up_the_first_look_is_at_those_that_serve_by_now),
		TEST(a_machine_that_another_process_replaced_is_looked_after_where_it_is_now),
		TEST(one_that_runs_again_counts_no_longer),
		TEST(that_it_could_not_look_is_said_once_and_halts_nothing),
		TEST(who_may_not_look_at_all_is_told_so_and_begins_nothing),
		TEST(who_may_not_look_any_more_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
