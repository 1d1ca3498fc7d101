/* What an operator may ask for, at any time. */
#include "fixture.h"

static void rolled_back_before_anything_was_changed_nothing_is_done(void **state)
{
	struct fixture *x = *state;

	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "the operator asked for it");
	assert_int_equal(x->cloud.log_count, 0);
}

static void rolled_back_while_permissions_are_asked_nothing_is_done(void **state)
{
	struct fixture *x = *state;

	while (!x->rebuild.flight_count)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_int_equal(x->rebuild.flight_count, 0);
	assert_int_equal(x->cloud.log_count, 0);
}

static void rolled_back_while_green_is_made_ready_blue_goes_on_serving(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_int_equal(fake_count(&x->cloud, EFFECT_QUIESCE), 0);
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
}

static void a_terminated_blue_is_not_gone_back_to(void **state)
{
	struct fixture *x = *state;

	fixture_ends(x, COURSE_DONE);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->next, "blue is terminated: only its image can be gone back to");
	assert_true(fake_green_serves(&x->cloud));
}

/* What goes on is the way forward: there is no other any more. */
static void rolled_back_after_blue_was_terminated_it_is_finished(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_TERMINATE_INSTANCE);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void rolled_back_when_blue_is_seen_to_be_gone_it_is_parked(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_SHUTTING_DOWN);
	while (x->rebuild.world.blue.state == INSTANCE_RUNNING)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_PARKED);
	fixture_says(&x->rebuild, "blue i-blue is shutting-down");
}

static void resumed_with_nothing_begun_nothing_is_done(void **state)
{
	struct fixture *x = *state;

	x->rebuild.options.only_unfinished = true;
	fixture_ends(x, COURSE_UNCHANGED);
	assert_int_equal(x->cloud.log_count, 0);
}

static void resumed_without_its_journal_what_was_begun_is_finished(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_crash_without_journal(&x->cloud, &x->next, true);
	x->next.options.only_unfinished = true;
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void stopped_it_waits_for_its_call_and_begins_nothing_new(void **state)
{
	struct fixture *x = *state;
	struct decision d;
	size_t effects;

	while (!x->rebuild.launch_unknown)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	rebuild_ask(&x->rebuild, REQUEST_STOP);
	effects = x->cloud.log_count + x->rebuild.flight_count;
	fixture_ends(x, COURSE_INTERRUPTED);
	assert_string_equal(x->rebuild.world.green.id, "i-green");
	assert_int_equal(x->cloud.log_count, effects);
	rebuild_decide(&x->rebuild, (struct moment){ x->cloud.now_ms, x->cloud.now_ms }, &d);
	assert_int_equal(x->rebuild.course, COURSE_INTERRUPTED);
	assert_int_equal(d.effect_count + d.query_count, 0);
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
}

/* Somebody else drives it: whatever the operator asks for here is theirs to do. */
static void what_is_lost_stays_lost(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	rebuild_lose(&x->rebuild, "ben@two drives it");
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	rebuild_lose(&x->rebuild, "eve@three drives it");
	fixture_says(&x->rebuild, "ben@two");
	rebuild_ask(&x->rebuild, REQUEST_STOP);
	fixture_ends(x, COURSE_TAKEN_OVER);
}

static void a_plan_of_a_rebuild_that_was_begun_changes_nothing(void **state)
{
	struct fixture *x = *state;
	size_t effects;

	fake_run_until_effect(&x->cloud, EFFECT_DETACH_VOLUME);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	x->next.options.preflight_only = true;
	effects = x->cloud.log_count;
	fixture_ends(x, COURSE_DONE);
	assert_true(x->next.adopted);
	assert_int_equal(x->cloud.log_count, effects);
}

static size_t rounds_of_questions(int pace_percent)
{
	struct fixture *x;
	void *own;
	size_t rounds;

	fixture_set_up(&own);
	x = own;
	x->rebuild.options.pace_percent = pace_percent;
	fixture_ends(x, COURSE_DONE);
	rounds = x->cloud.observed;
	fixture_tear_down(&own);
	return rounds;
}

/* A large fleet shares one quota of calls. */
static void at_a_slower_pace_the_cloud_is_asked_less(void **state)
{
	(void)state;
	assert_true(rounds_of_questions(400) < rounds_of_questions(100));
	assert_int_equal(rounds_of_questions(100), rounds_of_questions(0));
}

static void the_outage_is_predicted_from_what_clients_wait_for(void **state)
{
	struct fixture *x = *state;
	int64_t took_ms;

	fixture_ends(x, COURSE_DONE);
	took_ms = x->rebuild.window_closed_ms - x->rebuild.window_opened_ms;
	assert_in_range(rebuild_predicted_outage_ms(), took_ms / 3, took_ms * 3);
	assert_true(rebuild_predicted_ms() > rebuild_predicted_outage_ms()); /* backup and boot come first */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(rolled_back_before_anything_was_changed_nothing_is_done),
		WITH_CLOUD(rolled_back_while_permissions_are_asked_nothing_is_done),
		WITH_CLOUD(rolled_back_while_green_is_made_ready_blue_goes_on_serving),
		WITH_CLOUD(a_terminated_blue_is_not_gone_back_to),
		WITH_CLOUD(rolled_back_after_blue_was_terminated_it_is_finished),
		WITH_CLOUD(rolled_back_when_blue_is_seen_to_be_gone_it_is_parked),
		WITH_CLOUD(resumed_with_nothing_begun_nothing_is_done),
		WITH_CLOUD(resumed_without_its_journal_what_was_begun_is_finished),
		WITH_CLOUD(stopped_it_waits_for_its_call_and_begins_nothing_new),
		WITH_CLOUD(what_is_lost_stays_lost),
		WITH_CLOUD(a_plan_of_a_rebuild_that_was_begun_changes_nothing),
		cmocka_unit_test(at_a_slower_pace_the_cloud_is_asked_less),
		WITH_CLOUD(the_outage_is_predicted_from_what_clients_wait_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
