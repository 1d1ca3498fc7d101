/* What fails, and what comes of it: tried again, gone another way, or told with what helps. */
#include "fixture.h"

#include <stdio.h>

#include "base/text.h"

static void a_launch_that_finds_no_room_leaves_blue_as_it_was(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, ERROR_CAPACITY, HAPPENED_NO, 100 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_int_equal(x->cloud.fault.times, 99);
	assert_true(fake_blue_serves(&x->cloud));
	assert_false(x->cloud.blue.protect);
}

static void the_cause_keeps_the_hint_and_the_request_of_what_failed_first(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, ERROR_DENIED, HAPPENED_NO, 1 };
	fixture_turns_back(x);
	x->cloud.fault = (struct fake_fault){ EFFECT_PROTECT_INSTANCE, ERROR_CAPACITY, HAPPENED_NO, 1 };
	fixture_ends(x, COURSE_PARKED);
	assert_string_equal(x->rebuild.cause_hint, FAKE_HINT);
	assert_string_equal(x->rebuild.cause_request, FAKE_REQUEST);
}

static void a_hint_for_what_failed_later_is_not_given(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, ERROR_CAPACITY, HAPPENED_NO, 1 };
	fixture_turns_back(x);
	x->cloud.fault = (struct fake_fault){ EFFECT_PROTECT_INSTANCE, ERROR_UNSAFE, HAPPENED_NO, 1 };
	fixture_ends(x, COURSE_PARKED);
	assert_null(x->rebuild.cause_hint);
	assert_string_equal(x->rebuild.cause_request, FAKE_REQUEST);
}

/* AWS has a request id to name, a guest has none. */
static void what_fails_on_a_guest_has_no_request(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_QUIESCE, ERROR_REMOTE, HAPPENED_YES, 1 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_string_equal(x->rebuild.cause_request, "");
	assert_true(fake_blue_serves(&x->cloud));
}

/* No verdict is not a good one. */
static void checks_that_cannot_be_made_put_blue_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_CHECK, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 100000 };
	while (x->rebuild.course == COURSE_FORWARD)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	x->cloud.fault.times = 0;
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "ready: not done after 120 s: made to fail");
	assert_true(fake_blue_serves(&x->cloud));
}

/* A journal is no place for the same line twice a second, for as long as an operator sleeps. */
static void what_is_waited_for_is_told_once(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	fixture_turns_back(x);
	x->cloud.fault = (struct fake_fault){ EFFECT_CHECK, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 50 };
	x->cloud.waits = 0;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_in_range(x->cloud.waits, 1, 5);
}

static void a_check_that_fails_once_while_it_bakes_is_no_breach(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.bake_ms = 60 * 1000;
	while (!step_run_of(&x->rebuild, &step_bake)->since_ms)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	x->cloud.fault = (struct fake_fault){ EFFECT_CHECK, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 2 };
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

/* Blue's disk may have been detached a moment ago by a process that died. */
static void a_quiesce_that_misses_a_disk_looks_where_it_is(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_QUIESCE, ERROR_MISSING, HAPPENED_NO, 1 };
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void a_quiesce_that_does_not_say_what_became_of_a_volume_is_not_believed(void **state)
{
	struct fixture *x = *state;

	while (x->rebuild.world.green_status.health != HEALTH_OK)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	x->cloud.disk_unreported = true;
	fake_run_until_effect(&x->cloud, EFFECT_QUIESCE);
	x->cloud.disk_unreported = false;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_int_equal(fake_count(&x->cloud, EFFECT_DETACH_VOLUME), 0);
	assert_true(fake_blue_serves(&x->cloud));
}

static void a_mount_that_misses_its_disk_turns_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_MOUNT, ERROR_MISSING, HAPPENED_NO, 1 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

/* Green was launched all the same: nothing of it may be left over. */
static void a_launch_of_which_nobody_knows_is_found_out_about_on_the_way_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, ERROR_REMOTE, HAPPENED_UNKNOWN, 1 };
	while (x->cloud.fault.times)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	assert_string_equal(x->rebuild.world.green.id, "");
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
}

/* An address that was moved a moment ago may still lead to the other machine's host key; not for ever. */
static void a_blue_that_denies_us_for_long_parks_the_way_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	fixture_turns_back(x);
	x->cloud.fault = (struct fake_fault){ EFFECT_MOUNT, ERROR_DENIED, HAPPENED_NO, 100 };
	fixture_ends(x, COURSE_PARKED);
	assert_in_range(x->cloud.fault.times, 90, 95);
	fixture_says(
		&x->rebuild, "could not undo quiesce: made to fail (turned back because: ready: not done");
	x->cloud.fault.times = 0;
	assert_int_equal(fixture_goes_on(x), COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

static void a_backup_that_fails_leaves_blue_as_it_was(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_CREATE_SNAPSHOT);
	x->cloud.snapshots[0].state = SNAPSHOT_ERROR;
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "backup: snapshot snap-0 of vol-1 failed");
	assert_true(fake_blue_serves(&x->cloud));
}

static void what_could_not_be_given_back_is_given_back_a_little_later(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	fixture_turns_back(x);
	x->cloud.fault = (struct fake_fault){ EFFECT_KEEP_VOLUME, ERROR_THROTTLED, HAPPENED_NO, 2 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(x->cloud.blue.volume_dies);
	assert_int_equal(x->cloud.fault.times, 0);
}

static void a_volume_that_outlived_blue_before_does_so_afterwards(void **state)
{
	struct fixture *x = *state;

	x->cloud.blue.volume_dies = false;
	x->cloud.checks_fail_on_green = true;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_int_equal(fake_count(&x->cloud, EFFECT_KEEP_VOLUME), 0);
}

/* Clients may be waiting: what cannot be written down is done all the same. */
static void a_way_back_that_cannot_be_written_down_is_gone_all_the_same(void **state)
{
	struct fixture *x = *state;
	int64_t asked_ms;

	fixture_bakes(x);
	fake_run_until(&x->cloud, x->cloud.events + 40);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	x->cloud.silence = (struct fake_silence){ QUERY_INSTANCE, ERROR_REMOTE, 100000 };
	for (asked_ms = x->cloud.now_ms; x->cloud.now_ms < asked_ms + 20 * 1000;)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	assert_true(step_run_of(&x->rebuild, &step_switch)->since_ms); /* that is undone next */
	x->cloud.silence.times = 0;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

/* Its service could not be stopped before it loses the address: then it is stopped as a machine. */
static void a_green_that_cannot_be_quiesced_is_stopped(void **state)
{
	struct fixture *x = *state;

	fixture_bakes(x);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	x->cloud.fault = (struct fake_fault){ EFFECT_QUIESCE, ERROR_REMOTE, HAPPENED_NO, 100 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_true(fake_position(&x->cloud, EFFECT_STOP_INSTANCE) < FAKE_LOG_MAX);
}

/* Green may have been started by whoever rebooted it: it serves, but not on its data. */
static void a_service_that_passes_without_its_data_is_not_taken_for_started(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_START_SERVICE, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 1 };
	fake_run_until_effect(&x->cloud, EFFECT_START_SERVICE);
	fake_run_until(&x->cloud, x->cloud.events + 1);
	x->cloud.green.mounted = false;
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
	assert_int_equal(fake_count(&x->cloud, EFFECT_MOUNT), 2);
}

static void a_start_that_never_arrived_is_given_again(void **state)
{
	struct fixture *x = *state;

	x->cloud.lost_means_undone = true;
	x->cloud.fault = (struct fake_fault){ EFFECT_START_SERVICE, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 1 };
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
	assert_int_equal(fake_count(&x->cloud, EFFECT_START_SERVICE), 1);
}

/* What earlier rebuilds left, oldest first, and in between one that somebody took by hand. */
static void keep_old_snapshots(struct fake_cloud *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct snapshot *s = &f->snapshots[f->snapshot_count++];

		*s = (struct snapshot){
			.volume_id = "vol-1", .started_ms = (int64_t)i + 1, .state = SNAPSHOT_COMPLETED
		};
		snprintf(s->id, sizeof(s->id), "snap-old-%zu", i);
		text_copy(s->rebuild, sizeof(s->rebuild), i == 1 ? "" : "rb-old");
	}
}

/* More than can be under way at a time. */
static void old_snapshots_are_deleted_and_those_of_others_are_kept(void **state)
{
	struct fixture *x = *state;
	bool others = false;

	keep_old_snapshots(&x->cloud, 26);
	x->cloud.snapshots[25].state = SNAPSHOT_ERROR; /* is no recovery point, and does not count as one */
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(fake_count(&x->cloud, EFFECT_DELETE_SNAPSHOT), 26 - 1 - 5);
	assert_int_equal(x->cloud.snapshot_count, 2 + 5 + 1);
	for (size_t i = 0; i < x->cloud.snapshot_count; i++)
		others = others || !strcmp(x->cloud.snapshots[i].id, "snap-old-1");
	assert_true(others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(a_launch_that_finds_no_room_leaves_blue_as_it_was),
		WITH_CLOUD(the_cause_keeps_the_hint_and_the_request_of_what_failed_first),
		WITH_CLOUD(a_hint_for_what_failed_later_is_not_given),
		WITH_CLOUD(what_fails_on_a_guest_has_no_request),
		WITH_CLOUD(checks_that_cannot_be_made_put_blue_back),
		WITH_CLOUD(what_is_waited_for_is_told_once),
		WITH_CLOUD(a_check_that_fails_once_while_it_bakes_is_no_breach),
		WITH_CLOUD(a_quiesce_that_misses_a_disk_looks_where_it_is),
		WITH_CLOUD(a_quiesce_that_does_not_say_what_became_of_a_volume_is_not_believed),
		WITH_CLOUD(a_mount_that_misses_its_disk_turns_back),
		WITH_CLOUD(a_launch_of_which_nobody_knows_is_found_out_about_on_the_way_back),
		WITH_CLOUD(a_blue_that_denies_us_for_long_parks_the_way_back),
		WITH_CLOUD(a_backup_that_fails_leaves_blue_as_it_was),
		WITH_CLOUD(what_could_not_be_given_back_is_given_back_a_little_later),
		WITH_CLOUD(a_volume_that_outlived_blue_before_does_so_afterwards),
		WITH_CLOUD(a_way_back_that_cannot_be_written_down_is_gone_all_the_same),
		WITH_CLOUD(a_green_that_cannot_be_quiesced_is_stopped),
		WITH_CLOUD(a_service_that_passes_without_its_data_is_not_taken_for_started),
		WITH_CLOUD(a_start_that_never_arrived_is_given_again),
		WITH_CLOUD(old_snapshots_are_deleted_and_those_of_others_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
