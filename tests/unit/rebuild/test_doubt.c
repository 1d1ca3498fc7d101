/* What nobody knows for certain: calls that were not answered, and what a process did that was killed. */
#include "fixture.h"
#include "rebuild/seen.h"

/* EC2 does not show at once what it has launched; and a refusal says nothing of the call before it. */
static void refuse_a_launch_whose_answer_was_lost(
	struct fixture *x, enum error_kind kind, char token[CLOUD_TOKEN_SIZE])
{
	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 1 };
	while (x->cloud.fault.times)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	memcpy(token, x->cloud.launch_token, CLOUD_TOKEN_SIZE);
	x->cloud.launch_token[0] = '\0';
	x->cloud.fault = (struct fake_fault){ EFFECT_LAUNCH, kind, HAPPENED_NO, 1 };
	while (x->cloud.fault.times)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
}

static void a_launch_whose_answer_was_lost_is_repeated_under_the_same_token(void **state)
{
	struct fixture *x = *state;
	char token[CLOUD_TOKEN_SIZE];

	refuse_a_launch_whose_answer_was_lost(x, ERROR_THROTTLED, token);
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_DONE);
	assert_string_equal(x->cloud.launch_token, token);
}

static void a_launch_whose_answer_was_lost_is_looked_for_on_the_way_back(void **state)
{
	struct fixture *x = *state;
	char token[CLOUD_TOKEN_SIZE];

	refuse_a_launch_whose_answer_was_lost(x, ERROR_CAPACITY, token);
	memcpy(x->cloud.launch_token, token, sizeof(token));
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_ROLLED_BACK);
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
}

/* EC2 did not show green yet, and then the engine was stopped (SIGSTOP): what it last saw is not what is. */
static void an_absence_that_was_seen_long_ago_is_not_believed(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;
	char token[CLOUD_TOKEN_SIZE];

	while (!fake_count(&x->cloud, EFFECT_LAUNCH))
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	memcpy(token, x->cloud.launch_token, sizeof(token));
	x->cloud.launch_token[0] = '\0';
	assert_true(fake_crash(&x->cloud, next, true));
	next->launch_begun_before = true;
	rebuild_ask(next, REQUEST_ROLLBACK);
	while (next->course != COURSE_BACK || !step_run_of(next, &step_launch)->since_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	memcpy(x->cloud.launch_token, token, sizeof(token));
	x->cloud.now_ms += 60 * 1000;
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_ROLLED_BACK);
	assert_int_equal(x->cloud.green.state, INSTANCE_TERMINATED);
}

/* The start of a process that was killed came in between, and the service bears no second one. */
static void a_start_that_fails_after_a_resumption_is_looked_into(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	while (!step_run_of(&x->rebuild, &step_start)->since_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	x->cloud.green.serving = false;
	assert_true(fake_crash(&x->cloud, next, false));
	x->cloud.fault = (struct fake_fault){ EFFECT_START_SERVICE, ERROR_REMOTE, HAPPENED_YES, 1 };
	while (x->cloud.fault.times)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	x->cloud.green.serving = true;
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_DONE);
}

static void a_start_that_fails_again_turns_back(void **state)
{
	struct fixture *x = *state;

	while (!step_run_of(&x->rebuild, &step_start)->since_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	x->cloud.green.serving = false;
	assert_true(fake_crash(&x->cloud, &x->next, false));
	x->cloud.fault = (struct fake_fault){ EFFECT_START_SERVICE, ERROR_REMOTE, HAPPENED_YES, 2 };
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

static void what_was_never_asked_was_not_answered(void **state)
{
	struct fixture *x = *state;

	fake_run_until(&x->cloud, 5);
	assert_true(seen_answered_since(&x->rebuild, QUERY_IMAGE, "ami-new", 1));
	assert_false(seen_answered_since(&x->rebuild, QUERY_IMAGE, "ami-new", x->cloud.now_ms + 1));
	assert_false(seen_answered_since(&x->rebuild, QUERY_IMAGE, "ami-other", 1));
	assert_false(seen_answered_since(&x->rebuild, QUERY_LAUNCHED, "ami-new", 1));
}

/* The plan did not wait for it; the volume has left blue since, with a recovery point of its own. */
static void a_backup_that_failed_late_does_not_turn_back_what_is_gone_on_with(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	while (!step_run_of(&x->rebuild, &step_mount)->since_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	x->cloud.snapshots[0].state = SNAPSHOT_ERROR;
	assert_true(fake_crash(&x->cloud, next, true));
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_DONE);
}

/* Backup and point were both copied in the background, and both failed after the outage. */
static void nothing_leaves_green_without_a_recovery_point(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	x->cloud.plan.keep_ms = 3600 * 1000;
	fake_run(&x->cloud);
	for (size_t i = 0; i < x->cloud.snapshot_count; i++)
		x->cloud.snapshots[i].state = SNAPSHOT_ERROR;
	fake_crash_without_journal(&x->cloud, next, false);
	rebuild_ask(next, REQUEST_ROLLBACK);
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_ROLLED_BACK);
	assert_int_equal(fake_count(&x->cloud, EFFECT_CREATE_SNAPSHOT), 3);
}

/* Its volumes could not all be tagged: by blue's tag somebody would go on with what cannot be known. */
static void a_rebuild_that_never_tagged_blue_does_not_write_that_it_turns_back(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_TAG, ERROR_DENIED, HAPPENED_NO, 1 };
	while (x->rebuild.course != COURSE_BACK)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	while (!fake_run_until(&x->cloud, x->cloud.events + 1))
		assert_string_not_equal(x->cloud.blue_tags.role, "restoring");
	assert_int_equal(x->rebuild.course, COURSE_ROLLED_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(a_launch_whose_answer_was_lost_is_repeated_under_the_same_token),
		WITH_CLOUD(a_launch_whose_answer_was_lost_is_looked_for_on_the_way_back),
		WITH_CLOUD(an_absence_that_was_seen_long_ago_is_not_believed),
		WITH_CLOUD(a_start_that_fails_after_a_resumption_is_looked_into),
		WITH_CLOUD(a_start_that_fails_again_turns_back),
		WITH_CLOUD(what_was_never_asked_was_not_answered),
		WITH_CLOUD(a_backup_that_failed_late_does_not_turn_back_what_is_gone_on_with),
		WITH_CLOUD(nothing_leaves_green_without_a_recovery_point),
		WITH_CLOUD(a_rebuild_that_never_tagged_blue_does_not_write_that_it_turns_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
