/* Somebody changes it by hand meanwhile: seen, explained, left alone; gone on with where that is safe. */
#include "fixture.h"

#include "base/text.h"
#include "cloud/absorb.h"
#include "cloud/tags.h"
#include "rebuild/order.h"
#include "rebuild/seen.h"

enum { HOUR_MS = 3600 * 1000 };

static void run_until_free(struct fixture *x)
{
	while (x->cloud.holder != ON_NOTHING)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
}

/* Nobody takes it away from there; blue cannot have it. */
static void a_volume_that_somebody_attached_elsewhere_is_left_there(void **state)
{
	struct fixture *x = *state;

	run_until_free(x);
	x->cloud.holder = ON_OTHER;
	fixture_ends(x, COURSE_PARKED);
	fixture_says(
		&x->rebuild, "somebody attached volume vol-1 to i-other, which is neither blue nor green");
	assert_int_equal(x->cloud.holder, ON_OTHER);
}

static void an_address_that_somebody_moved_elsewhere_turns_it_back(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.address = ON_OTHER;
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "somebody pointed Elastic IP 198.51.100.1 to i-other");
	assert_int_equal(x->cloud.address, ON_OTHER);
	assert_int_equal(fake_count(&x->cloud, EFFECT_QUIESCE), 0);
}

static void a_green_that_ends_while_it_boots_is_given_up(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.green.state = INSTANCE_TERMINATED;
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "boot: green i-green is terminated: no reason given");
	assert_true(fake_blue_serves(&x->cloud));
}

/* Even while nobody knows where the volume is, because the answer to its attachment was lost. */
static void without_a_green_nothing_is_asked_of_one_on_the_way_back(void **state)
{
	struct fixture *x = *state;
	struct rebuild *r = &x->next;

	rebuild_release(r);
	rebuild_init(r, "rb-test", &x->cloud.plan, "i-blue");
	r->resumed = true;
	text_copy(r->volumes[0].id, CLOUD_ID_SIZE, "vol-1");
	r->volumes[0].touched_ms = 1000;
	assert_false(seen_elsewhere(r, 0, true));
	assert_true(step_mount.undone(r, (struct moment){ 1000, 1000 }));
	text_copy(r->world.green.id, CLOUD_ID_SIZE, "i-green");
	assert_false(step_mount.undone(r, (struct moment){ 1000, 1000 }));
}

static void an_address_that_is_moved_right_after_the_switch_turns_it_back(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_ASSOCIATE_ADDRESS);
	x->cloud.address = ON_OTHER;
	fixture_ends(x, COURSE_ROLLED_BACK);
	fixture_says(&x->rebuild, "confirm: somebody pointed Elastic IP 198.51.100.1 to i-other");
	assert_true(x->cloud.blue.serving);
}

static void a_blue_that_somebody_terminates_while_it_is_retired_is_retired(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_STOP_INSTANCE);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_SHUTTING_DOWN);
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void a_green_that_nobody_can_log_in_to_any_more_is_given_up(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.green_unreachable = true;
	while (x->cloud.green.state != INSTANCE_RUNNING)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_ROLLED_BACK);
	fixture_says(&x->next, "boot: not done after 900 s: no answer");
	assert_true(fake_blue_serves(&x->cloud));
}

static void what_may_not_be_looked_at_any_more_parks_it(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.silence = (struct fake_silence){ QUERY_SNAPSHOTS, ERROR_DENIED, 100 };
	assert_int_equal(fixture_goes_on(x), COURSE_PARKED);
	fixture_says(&x->next, "preflight: not told");
	assert_true(fake_blue_serves(&x->cloud));
}

/* Green is what there is: it is not given up. */
static void with_blue_terminated_there_is_no_way_back(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	fixture_ends(x, COURSE_PARKED);
	fixture_says(&x->rebuild, "blue i-blue is terminated");
	assert_int_equal(x->cloud.green.state, INSTANCE_RUNNING);
}

static void a_blue_that_is_terminated_while_it_is_put_back_parks_it(void **state)
{
	struct fixture *x = *state;

	x->cloud.checks_fail_on_green = true;
	fixture_turns_back(x);
	run_until_free(x);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	x->cloud.fault = (struct fake_fault){ EFFECT_ATTACH_VOLUME, ERROR_MISSING, HAPPENED_NO, 100 };
	fixture_ends(x, COURSE_PARKED);
	fixture_says(&x->rebuild, "blue i-blue is terminated: only its image can be gone back to");
}

/* The tags say that blue was being put back; there is no blue any more, and green has everything. */
static void without_a_blue_to_be_put_back_green_is_finished(void **state)
{
	struct fixture *x = *state;

	fixture_bakes(x);
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fake_run_until_effect(&x->cloud, EFFECT_TAG);
	assert_string_equal(x->cloud.blue_tags.role, ROLE_RESTORING);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	x->cloud.plan.bake_ms = 0;
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void rolling_back_to_a_blue_that_is_gone_leaves_green_alone(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	fake_crash(&x->cloud, &x->next, false);
	x->next.resume_finished = false; /* as engine/run does */
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_PARKED);
	assert_true(fake_green_serves(&x->cloud));
}

static void with_both_machines_gone_nothing_is_left_to_go_on_with(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	x->cloud.green.state = INSTANCE_TERMINATED;
	assert_int_equal(fixture_goes_on(x), COURSE_PARKED);
	fixture_says(&x->next, "neither blue i-blue nor a green of rebuild rb-test is there any more");
}

/* The cloud shows a terminated instance for an hour; then it knows none of that name. */
static void a_kept_blue_that_the_cloud_has_forgotten_is_as_good_as_terminated(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue_forgotten = true;
	x->cloud.now_ms += HOUR_MS;
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
	assert_int_equal(fake_count(&x->cloud, EFFECT_TERMINATE_INSTANCE), 0);
	assert_true(fake_green_serves(&x->cloud));
}

/* Since when it is kept stood in the tag: nobody knows it any more. */
static void a_kept_blue_whose_tag_was_removed_is_kept_for_its_full_time(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue_tags.confirmed_ms = 0;
	x->cloud.now_ms += HOUR_MS / 2;
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_true(x->next.confirmed_wall_ms > x->rebuild.confirmed_wall_ms + HOUR_MS / 2);
	assert_int_equal(x->cloud.blue.state, INSTANCE_STOPPED);
}

/* Killed once the address points to green; blue's tag, which names it, is gone. */
static void killed_with_the_tag_removed(struct fixture *x)
{
	fixture_bakes(x);
	x->cloud.blue_tags.found[0] = '\0';
	x->cloud.plan.bake_ms = 0;
}

static void an_address_that_no_tag_names_is_found_on_green(void **state)
{
	struct fixture *x = *state;

	killed_with_the_tag_removed(x);
	x->cloud.slow = QUERY_OF_REBUILD; /* green is not known yet when blue has been asked about */
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

/* Clients would be left behind. */
static void an_address_that_is_on_neither_and_that_no_tag_names_parks_it(void **state)
{
	struct fixture *x = *state;

	killed_with_the_tag_removed(x);
	x->cloud.address = ON_OTHER;
	assert_int_equal(fixture_goes_on(x), COURSE_PARKED);
	fixture_says(
		&x->next, "no Elastic IP points to blue i-blue or a green of it any more: somebody moved it");
}

/* It is left where it is; blue gets everything else. */
static void going_back_does_not_need_the_address_that_somebody_moved(void **state)
{
	struct fixture *x = *state;

	killed_with_the_tag_removed(x);
	x->cloud.address = ON_OTHER;
	fake_crash(&x->cloud, &x->next, false);
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(x->cloud.blue.serving);
	assert_int_equal(x->cloud.address, ON_OTHER);
}

static void of_two_addresses_the_one_that_somebody_moved_is_left_there(void **state)
{
	struct fixture *x = *state;

	fixture_bakes(x);
	assert_true(world_follow_address(&x->rebuild.world, "eipalloc-2"));
	rebuild_ask(&x->rebuild, REQUEST_ROLLBACK);
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_int_equal(fake_count(&x->cloud, EFFECT_ASSOCIATE_ADDRESS), 2); /* there, and back */
}

static void a_kept_blue_is_terminated_wherever_the_address_is_by_now(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue_tags.found[0] = '\0';
	x->cloud.address = ON_OTHER;
	x->cloud.by_hand = true;
	x->cloud.now_ms += HOUR_MS;
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

static void a_finished_rebuild_with_both_machines_gone_is_over(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	x->cloud.green.state = INSTANCE_TERMINATED;
	x->cloud.now_ms += HOUR_MS;
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
}

/* Another machine serves in its place: its checks would prove nothing. */
static void a_green_that_was_replaced_since_is_not_asked_whether_it_is_well(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.checks_fail_on_green = true;
	x->cloud.now_ms += HOUR_MS;
	fake_crash(&x->cloud, &x->next, false);
	x->next.green_replaced = true;
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

/* "No such instance" may be an answer from a moment ago. */
static void a_kept_blue_that_holds_the_data_again_is_not_believed_to_be_gone(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue_forgotten = x->cloud.by_hand = x->cloud.guards_may_refuse = true;
	x->cloud.holder = ON_BLUE;
	x->cloud.green.mounted = false;
	x->cloud.now_ms += HOUR_MS;
	assert_int_equal(fixture_goes_on(x), COURSE_PARKED);
	fixture_says(&x->next, "a data volume of the plan is still attached to blue");
	assert_int_equal(x->cloud.blue.state, INSTANCE_STOPPED);
}

static void adopted_with_volumes_that_carry_no_tag(struct fixture *x)
{
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.volume_tags = (struct fake_tags){ .role = "" };
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_true(x->next.adopted);
	assert_true(fake_green_serves(&x->cloud));
}

static void volumes_without_their_tags_are_where_the_plan_says(void **state)
{
	adopted_with_volumes_that_carry_no_tag(*state);
}

static void also_those_that_the_plan_names_by_device(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .device = "/dev/sdf" };
	adopted_with_volumes_that_carry_no_tag(x);
}

static void also_those_that_the_plan_names_by_a_tag(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .tag = { "Role", "data" } };
	adopted_with_volumes_that_carry_no_tag(x);
}

/* The plan says where it was on blue; on green nobody knows which disk it is. */
static void without_its_tag_a_volume_that_is_named_by_device_is_not_found_on_green(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .device = "/dev/sdf" };
	fake_run_until_effect(&x->cloud, EFFECT_START_SERVICE);
	x->cloud.volume_tags = (struct fake_tags){ .role = "" };
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_PARKED);
	fixture_says(&x->next, "not every volume of the plan carries the tags of rebuild rb-test");
	assert_true(x->cloud.green.serving);
}

static void a_volume_whose_tag_was_changed_is_not_taken_for_the_plans(void **state)
{
	static const char *const ROLES[] = { "elsewhere", "data.1" };
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	for (size_t i = 0; i < ARRAY_SIZE(ROLES); i++) {
		text_copy(x->cloud.volume_tags.role, CLOUD_ID_SIZE, ROLES[i]);
		assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_PARKED);
		fixture_says(&x->next, "not every volume of the plan carries the tags of rebuild rb-test");
	}
}

static void of_volumes_with_the_same_tags_the_first_is_taken(void **state)
{
	struct fixture *x = *state;

	x->cloud.tags_copied = true;
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_string_equal(x->next.volumes[0].id, "vol-1");
	assert_int_equal(x->next.volumes_found, 1);
}

/* Its key is in a tag of blue's, unless that was too long for it: the console shows it again after a start. */
static void a_blue_that_is_started_again_is_known_by_its_console(void **state)
{
	struct fixture *x = *state;
	const char *console = x->cloud.console;

	x->cloud.plan.keep_ms = HOUR_MS;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue_tags.host_key[0] = '\0';
	x->cloud.console = ""; /* of a stopped instance */
	fake_crash_without_journal(&x->cloud, &x->next, false);
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	fake_run_until_effect(&x->cloud, EFFECT_START_INSTANCE);
	x->cloud.console = console;
	fixture_ends(x, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
	assert_string_equal(order_host_keys(&x->next, false), console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(a_volume_that_somebody_attached_elsewhere_is_left_there),
		WITH_CLOUD(an_address_that_somebody_moved_elsewhere_turns_it_back),
		WITH_CLOUD(without_a_green_nothing_is_asked_of_one_on_the_way_back),
		WITH_CLOUD(an_address_that_is_moved_right_after_the_switch_turns_it_back),
		WITH_CLOUD(a_blue_that_somebody_terminates_while_it_is_retired_is_retired),
		WITH_CLOUD(a_green_that_nobody_can_log_in_to_any_more_is_given_up),
		WITH_CLOUD(what_may_not_be_looked_at_any_more_parks_it),
		WITH_CLOUD(a_green_that_ends_while_it_boots_is_given_up),
		WITH_CLOUD(with_blue_terminated_there_is_no_way_back),
		WITH_CLOUD(a_blue_that_is_terminated_while_it_is_put_back_parks_it),
		WITH_CLOUD(without_a_blue_to_be_put_back_green_is_finished),
		WITH_CLOUD(rolling_back_to_a_blue_that_is_gone_leaves_green_alone),
		WITH_CLOUD(with_both_machines_gone_nothing_is_left_to_go_on_with),
		WITH_CLOUD(a_kept_blue_that_the_cloud_has_forgotten_is_as_good_as_terminated),
		WITH_CLOUD(a_kept_blue_whose_tag_was_removed_is_kept_for_its_full_time),
		WITH_CLOUD(an_address_that_no_tag_names_is_found_on_green),
		WITH_CLOUD(an_address_that_is_on_neither_and_that_no_tag_names_parks_it),
		WITH_CLOUD(going_back_does_not_need_the_address_that_somebody_moved),
		WITH_CLOUD(of_two_addresses_the_one_that_somebody_moved_is_left_there),
		WITH_CLOUD(a_kept_blue_is_terminated_wherever_the_address_is_by_now),
		WITH_CLOUD(a_finished_rebuild_with_both_machines_gone_is_over),
		WITH_CLOUD(a_green_that_was_replaced_since_is_not_asked_whether_it_is_well),
		WITH_CLOUD(a_kept_blue_that_holds_the_data_again_is_not_believed_to_be_gone),
		WITH_CLOUD(volumes_without_their_tags_are_where_the_plan_says),
		WITH_CLOUD(also_those_that_the_plan_names_by_device),
		WITH_CLOUD(also_those_that_the_plan_names_by_a_tag),
		WITH_CLOUD(without_its_tag_a_volume_that_is_named_by_device_is_not_found_on_green),
		WITH_CLOUD(a_volume_whose_tag_was_changed_is_not_taken_for_the_plans),
		WITH_CLOUD(of_volumes_with_the_same_tags_the_first_is_taken),
		WITH_CLOUD(a_blue_that_is_started_again_is_known_by_its_console),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
