/* A whole rebuild in virtual time, forward and back, with one fault at a time. */
#include "fixture.h"

static void green_serves_in_the_end_and_blue_is_gone(void **state)
{
	struct fixture *x = *state;

	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

static void blue_is_kept_stopped_until_its_time(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = 24 * 3600 * 1000;
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_STOPPED);
	assert_true(x->cloud.blue.protect);
}

static void effects_come_in_the_order_of_the_procedure(void **state)
{
	static const enum effect_kind ORDER[] = { EFFECT_KEEP_VOLUME, EFFECT_LAUNCH, EFFECT_QUIESCE,
		EFFECT_DETACH_VOLUME, EFFECT_ATTACH_VOLUME, EFFECT_MOUNT, EFFECT_START_SERVICE,
		EFFECT_ASSOCIATE_ADDRESS, EFFECT_STOP_INSTANCE, EFFECT_TERMINATE_INSTANCE };
	struct fixture *x = *state;

	fake_run(&x->cloud);
	for (size_t i = 1; i < ARRAY_SIZE(ORDER); i++)
		assert_true(fake_position(&x->cloud, ORDER[i - 1]) < fake_position(&x->cloud, ORDER[i]));
	assert_int_equal(fake_count(&x->cloud, EFFECT_CREATE_SNAPSHOT), 2);
	assert_int_equal(x->cloud.log_count, 16);
}

static void a_machine_on_the_image_already_is_left_alone(void **state)
{
	struct fixture *x = *state;

	x->cloud.blue_image = "ami-new";
	fixture_ends(x, COURSE_UNCHANGED);
	assert_int_equal(x->cloud.log_count, 0);
}

static void a_plan_changes_nothing(void **state)
{
	struct fixture *x = *state;

	x->rebuild.options.preflight_only = true;
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->cloud.log_count, 0);
}

static void a_wrong_mount_is_refused_before_anything_is_changed(void **state)
{
	struct fixture *x = *state;

	x->cloud.no_mount_on_blue = true;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "not mounted at /srv");
	assert_int_equal(x->cloud.log_count, 0);
}

static void a_green_that_fails_its_checks_puts_blue_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	fixture_says(&x->rebuild, "tcp 5432: refused");
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
	assert_false(x->cloud.blue.protect);
	assert_true(x->cloud.blue.volume_dies || x->cloud.holder == ON_BLUE);
}

/* Blue vanished while green was launched: clients are not made to wait for what cannot be done. */
static void a_blue_that_cannot_be_reached_any_more_is_left_alone(void **state)
{
	struct fixture *x = *state;

	while (!fake_count(&x->cloud, EFFECT_LAUNCH))
		fake_run_until(&x->cloud, x->cloud.events + 1);
	x->cloud.blue_unreachable = true;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_int_equal(fake_count(&x->cloud, EFFECT_QUIESCE), 0);
	assert_int_equal(x->rebuild.window_opened_ms, 0);
}

/* Half of what a rebuild costs in memory are its sessions. */
static void no_more_than_one_guest_is_kept_open_while_one_waits(void **state)
{
	struct fixture *x = *state;

	while (!fake_run_until(&x->cloud, x->cloud.events + 1))
		if (step_run_of(&x->rebuild, &step_boot)->since_ms && x->rebuild.world.green_guest.reachable)
			assert_false(rebuild_needs_guest(&x->rebuild, true) &&
				     rebuild_needs_guest(&x->rebuild, false));
	assert_int_equal(x->rebuild.course, COURSE_DONE);
}

/* Who is logged in to, and about whom nothing is asked for long. */
static void sessions_are_kept_open_while_there_is_use_for_them(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_TAG);
	assert_false(rebuild_needs_guest(&x->rebuild, false)); /* green takes a minute */
	assert_true(rebuild_needs_guest(&x->rebuild, true));   /* as soon as there is one */
	fake_run_until_effect(&x->cloud, EFFECT_QUIESCE);
	assert_true(rebuild_needs_guest(&x->rebuild, false));
	fake_run_until_effect(&x->cloud, EFFECT_MOUNT);
	assert_false(rebuild_needs_guest(&x->rebuild, false));
	assert_true(rebuild_needs_guest(&x->rebuild, true));
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fake_run_until_effect(&x->cloud, EFFECT_QUIESCE);
	assert_true(rebuild_needs_guest(&x->rebuild, false));
	assert_true(rebuild_needs_guest(&x->rebuild, true));
	fake_crash(&x->cloud, &x->next, false);
	assert_true(rebuild_needs_guest(&x->next, false));
	assert_true(rebuild_needs_guest(&x->next, true));
}

static void blues_session_is_open_while_it_is_looked_at_first(void **state)
{
	struct fixture *x = *state;

	assert_true(rebuild_needs_guest(&x->rebuild, false));
}

/* Questions of one kind wait for those of other rebuilds, in their thousands: the others are not repeated meanwhile. */
static void what_was_seen_of_blue_is_not_asked_again_while_the_rest_is_waited_for(void **state)
{
	struct fixture *x = *state;
	size_t addresses, volumes;

	x->cloud.slow = QUERY_INSTANCE;
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	addresses = x->cloud.asked[QUERY_ADDRESS];
	volumes = x->cloud.asked[QUERY_VOLUME];
	fake_run_until_effect(&x->cloud, EFFECT_QUIESCE);
	assert_int_equal(x->cloud.asked[QUERY_ADDRESS] - addresses, 1);
	assert_int_equal(x->cloud.asked[QUERY_VOLUME] - volumes, 1);
}

/* It takes a second or so until the traffic follows an address: that is no reason to ask at each check that fails. */
static void an_address_that_nobody_follows_yet_is_asked_about_now_and_then(void **state)
{
	struct fixture *x = *state;
	int64_t until_ms;
	size_t asked;

	fake_run_until_effect(&x->cloud, EFFECT_ASSOCIATE_ADDRESS);
	x->cloud.checks_fail_on_green = true;
	asked = x->cloud.asked[QUERY_ADDRESS];
	until_ms = x->cloud.now_ms + 9 * 1000;
	while (x->cloud.now_ms < until_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	assert_in_range(x->cloud.asked[QUERY_ADDRESS] - asked, 1, 2);
}

static void an_outage_past_its_limit_puts_blue_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	x->cloud.plan.outage_limit_ms = 10 * 1000;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	fixture_says(&x->rebuild, "outage limit");
}

/* After the outage limit the cloud still shows it on blue; it must not be mounted there while it goes. */
static void a_volume_that_leaves_is_not_mounted_again_whatever_the_cloud_shows(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.outage_limit_ms = 10 * 1000;
	x->cloud.hangs_ms = 12 * 1000;
	x->cloud.shows_before = true;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

static void a_volume_whose_detaching_was_refused_is_mounted_again_at_once(void **state)
{
	struct fixture *x = *state;
	int64_t outage_ms;

	x->cloud.fault = (struct fake_fault){ EFFECT_DETACH_VOLUME, ERROR_DENIED, HAPPENED_NO, 1 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	outage_ms = x->rebuild.window_closed_ms - x->rebuild.window_opened_ms;
	assert_in_range(outage_ms, 1, 15 * 1000);
}

/* Whatever fails for good, wherever: blue serves, or (once it is retired) green does. */
static void any_effect_that_fails_for_good_leaves_one_that_serves(void **state)
{
	(void)state;
	for (int kind = EFFECT_KEEP_VOLUME; kind < EFFECT_CHECK; kind++) {
		struct fixture *x;
		void *own;

		if (kind == EFFECT_DELETE_SNAPSHOT || kind == EFFECT_START_INSTANCE)
			continue; /* not part of this rebuild */
		fixture_set_up(&own);
		x = own;
		x->cloud.fault = (struct fake_fault){ (enum effect_kind)kind, ERROR_DENIED, HAPPENED_NO, 1 };
		fake_run(&x->cloud);
		assert_int_equal(x->cloud.fault.times, 0);
		if (fake_green_serves(&x->cloud))
			assert_int_equal(x->rebuild.course, COURSE_PARKED);
		else
			assert_true(fake_blue_serves(&x->cloud));
		fixture_tear_down(&own);
	}
}

/* A lost answer is looked into: the effect is not done twice, and the rebuild goes on. */
static void any_effect_whose_answer_is_lost_is_found_out_about(void **state)
{
	(void)state;
	for (int kind = EFFECT_KEEP_VOLUME; kind < EFFECT_CHECK; kind++) {
		struct fixture *x;
		void *own;

		if (kind == EFFECT_DELETE_SNAPSHOT || kind == EFFECT_START_INSTANCE)
			continue;
		fixture_set_up(&own);
		x = own;
		x->cloud.fault =
			(struct fake_fault){ (enum effect_kind)kind, ERROR_REMOTE, HAPPENED_UNKNOWN, 1 };
		fake_run(&x->cloud);
		assert_int_equal(x->cloud.fault.times, 0);
		assert_int_equal(x->rebuild.course, COURSE_DONE);
		assert_true(fake_green_serves(&x->cloud));
		if (kind == EFFECT_LAUNCH || kind == EFFECT_DETACH_VOLUME || kind == EFFECT_ATTACH_VOLUME)
			assert_int_equal(fake_count(&x->cloud, (enum effect_kind)kind), 1);
		fixture_tear_down(&own);
	}
}

static void a_throttled_effect_is_done_a_little_later(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_DETACH_VOLUME, ERROR_THROTTLED, HAPPENED_NO, 3 };
	fixture_ends(x, COURSE_DONE);
}

static void going_back_does_not_need_green_to_be_healthy(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	x->cloud.plan.outage_limit_ms = 60 * 1000;
	x->cloud.plan.service.stop = "stop";
	x->cloud.fault = (struct fake_fault){ EFFECT_START_SERVICE, ERROR_DENIED, HAPPENED_NO, 1 };
	fake_run(&x->cloud);
	assert_true(fake_blue_serves(&x->cloud));
}

/* What a sweep varies. */
struct sweep {
	bool back;              /* checks fail on green */
	bool under_way_happens; /* what was under way when it was killed */
	bool without_journal;   /* it is gone on with from the tags alone */
};

/*
 * Killed after each event in turn, the same command goes on. Without the journal the way forward may be
 * tried again before blue is put back; either end is whole.
 */
static void killed_after(size_t events, const struct sweep *s, bool *ret_over)
{
	struct fixture *x;
	void *own;

	fixture_set_up(&own);
	x = own;
	x->cloud.checks_fail_on_green = s->back;
	/* Soon: every failed check is one more event to be killed after. */
	x->cloud.plan.outage_limit_ms = s->back ? 6000 : 0;
	*ret_over = fake_run_until(&x->cloud, events);
	if (!*ret_over) {
		if (s->without_journal)
			fake_crash_without_journal(&x->cloud, &x->next, s->under_way_happens);
		else
			fake_crash(&x->cloud, &x->next, s->under_way_happens);
		fake_run(&x->cloud);
		if (s->back)
			assert_int_equal(x->next.course, COURSE_ROLLED_BACK);
		else if (x->next.course !=
			 COURSE_DONE) /* blue was terminated already: nothing was left to be done */
			assert_true(s->without_journal && x->next.course == COURSE_UNCHANGED);
	}
	assert_true(s->back ? fake_blue_serves(&x->cloud) : fake_green_serves(&x->cloud));
	assert_false(s->back && x->cloud.blue.protect);
	fixture_tear_down(&own);
}

static void sweep(struct sweep s)
{
	bool over = false;

	for (size_t events = 1; !over; events++)
		killed_after(events, &s, &over);
}

static void killed_anywhere_on_the_way_forward_it_is_finished(void **state)
{
	(void)state;
	sweep((struct sweep){ .under_way_happens = false });
	sweep((struct sweep){ .under_way_happens = true });
}

static void killed_anywhere_while_going_back_blue_is_put_back(void **state)
{
	(void)state;
	sweep((struct sweep){ .back = true, .under_way_happens = false });
	sweep((struct sweep){ .back = true, .under_way_happens = true });
}

static void killed_anywhere_it_is_finished_without_the_journal_too(void **state)
{
	(void)state;
	sweep((struct sweep){ .without_journal = true, .under_way_happens = false });
	sweep((struct sweep){ .without_journal = true, .under_way_happens = true });
}

static void killed_anywhere_while_going_back_the_tags_alone_put_blue_back(void **state)
{
	(void)state;
	sweep((struct sweep){ .back = true, .without_journal = true, .under_way_happens = false });
	sweep((struct sweep){ .back = true, .without_journal = true, .under_way_happens = true });
}

/* The plan still names blue, which is gone: green's tags say what took its place. */
static void a_finished_plan_applied_again_without_the_journal_does_nothing(void **state)
{
	struct fixture *x = *state;
	size_t effects;

	fixture_ends(x, COURSE_DONE);
	effects = x->cloud.log_count;
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_UNCHANGED);
	assert_int_equal(x->cloud.log_count, effects);
}

static void a_blue_that_is_gone_is_answered_with_what_took_its_place(void **state)
{
	struct fixture *x = *state;

	fixture_ends(x, COURSE_DONE);
	x->cloud.green_image = "ami-other";
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_REFUSED);
	fixture_says(&x->next, "i-blue was replaced by i-green (rebuild rb-test)");
}

/* Kept, stopped: nothing is begun again, and when its time has come it is terminated. */
static void a_kept_blue_is_terminated_in_its_time_without_the_journal(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = 3600 * 1000;
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_STOPPED);
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_STOPPED);
	x->cloud.now_ms += x->cloud.plan.keep_ms;
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

static void rolled_back_after_the_end_blue_serves_again(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = 3600 * 1000;
	fixture_ends(x, COURSE_DONE);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(green_serves_in_the_end_and_blue_is_gone),
		WITH_CLOUD(blue_is_kept_stopped_until_its_time),
		WITH_CLOUD(effects_come_in_the_order_of_the_procedure),
		WITH_CLOUD(a_machine_on_the_image_already_is_left_alone),
		WITH_CLOUD(a_plan_changes_nothing),
		WITH_CLOUD(a_wrong_mount_is_refused_before_anything_is_changed),
		WITH_CLOUD(a_green_that_fails_its_checks_puts_blue_back),
		WITH_CLOUD(a_blue_that_cannot_be_reached_any_more_is_left_alone),
		WITH_CLOUD(no_more_than_one_guest_is_kept_open_while_one_waits),
		WITH_CLOUD(sessions_are_kept_open_while_there_is_use_for_them),
		WITH_CLOUD(blues_session_is_open_while_it_is_looked_at_first),
		WITH_CLOUD(what_was_seen_of_blue_is_not_asked_again_while_the_rest_is_waited_for),
		WITH_CLOUD(an_address_that_nobody_follows_yet_is_asked_about_now_and_then),
		WITH_CLOUD(an_outage_past_its_limit_puts_blue_back),
		WITH_CLOUD(a_volume_that_leaves_is_not_mounted_again_whatever_the_cloud_shows),
		WITH_CLOUD(a_volume_whose_detaching_was_refused_is_mounted_again_at_once),
		cmocka_unit_test(any_effect_that_fails_for_good_leaves_one_that_serves),
		cmocka_unit_test(any_effect_whose_answer_is_lost_is_found_out_about),
		WITH_CLOUD(a_throttled_effect_is_done_a_little_later),
		WITH_CLOUD(going_back_does_not_need_green_to_be_healthy),
		cmocka_unit_test(killed_anywhere_on_the_way_forward_it_is_finished),
		cmocka_unit_test(killed_anywhere_while_going_back_blue_is_put_back),
		cmocka_unit_test(killed_anywhere_it_is_finished_without_the_journal_too),
		cmocka_unit_test(killed_anywhere_while_going_back_the_tags_alone_put_blue_back),
		WITH_CLOUD(a_finished_plan_applied_again_without_the_journal_does_nothing),
		WITH_CLOUD(a_blue_that_is_gone_is_answered_with_what_took_its_place),
		WITH_CLOUD(a_kept_blue_is_terminated_in_its_time_without_the_journal),
		WITH_CLOUD(rolled_back_after_the_end_blue_serves_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
