/* Engines that share no journal, on one machine: who has lost it finds out, and does nothing more. */
#include "base/text.h"
#include "cloud/tags.h"
#include "fixture.h"
#include "rebuild/claim.h"

static void run_until_begun(struct fixture *x, const struct step *s)
{
	while (!step_run_of(&x->rebuild, s)->since_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
}

/* Until blue is tagged as ours, and the engine does not know it. */
static void run_until_it_tags_blue(struct fixture *x)
{
	while (!x->cloud.volume_tags.rebuild[0])
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	x->cloud.fault = (struct fake_fault){ EFFECT_TAG, ERROR_TIMEOUT, HAPPENED_UNKNOWN, 1 };
	while (x->cloud.fault.times)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	assert_string_equal(x->cloud.blue_tags.rebuild, x->rebuild.id);
}

static void put_tags(struct fake_tags *t, const char *rebuild, const char *role)
{
	text_copy(t->rebuild, sizeof(t->rebuild), rebuild);
	text_copy(t->role, sizeof(t->role), role);
	text_copy(t->journal, sizeof(t->journal), "jr-2 ben@two");
}

static void tag_by_another(struct fake_cloud *f, const char *rebuild)
{
	put_tags(&f->blue_tags, rebuild, ROLE_BLUE);
	text_copy(f->blue_tags.found, sizeof(f->blue_tags.found), "unprotected eipalloc-1");
	put_tags(&f->volume_tags, rebuild, ROLE_DATA "0");
}

/* Another engine's rebuild of blue, from its beginning to its end. */
static void replace_blue(struct fake_cloud *f)
{
	tag_by_another(f, "rb-other");
	f->blue = (struct fake_machine){ .state = INSTANCE_TERMINATED };
	f->green = (struct fake_machine){ .state = INSTANCE_RUNNING, .mounted = true, .serving = true };
	put_tags(&f->green_tags, "rb-other", ROLE_GREEN);
	text_copy(f->launch_token, sizeof(f->launch_token), "rb-other.launch.1.0");
	f->holder = f->address = ON_GREEN;
}

/* The journal knows the rebuild, and that it has not come as far as the outage. */
static void resume(struct fixture *x)
{
	static const struct rebuild_past PAST = { .volumes = { "vol-1" }, .volume_count = 1 };

	rebuild_resume(&x->rebuild, &PAST);
}

static void gives_way(struct fixture *x)
{
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_REFUSED);
	assert_non_null(strstr(x->rebuild.cause, "rebuild rb-other of i-blue has taken its place"));
	assert_int_equal(x->cloud.log_count, 0);
}

/* As a rule EC2's status checks take longer than that: here it is as if they were not waited for. */
static void the_outage_does_not_begin_before_our_tags_have_stood(void **state)
{
	struct fixture *x = *state;
	int64_t stands_ms;

	run_until_begun(x, &step_boot);
	assert_true(x->rebuild.claimed_since_ms > 0);
	x->rebuild.claimed_since_ms += 20 * 1000;
	stands_ms = x->rebuild.claimed_since_ms + CLAIM_SETTLE_MS;
	run_until_begun(x, &step_quiesce);
	assert_true(x->rebuild.world.blue.asked_ms >= stands_ms);
	assert_true(step_run_of(&x->rebuild, &step_quiesce)->since_ms >= stands_ms);
}

/* It had looked at blue before our tags stood there, and wrote its own over them. */
static void of_two_that_begin_at_the_same_moment_one_stops_before_the_outage(void **state)
{
	struct fixture *x = *state;

	run_until_begun(x, &step_boot);
	while (x->cloud.now_ms < claim_stands_ms(&x->rebuild) - 100)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	tag_by_another(&x->cloud, "rb-other");
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	assert_int_equal(fake_count(&x->cloud, EFFECT_QUIESCE), 0);
	assert_true(fake_blue_serves(&x->cloud));
}

static void of_two_that_begin_at_the_same_moment_one_whose_volume_is_tagged_by_the_other_stops(void **state)
{
	struct fixture *x = *state;

	run_until_begun(x, &step_boot);
	put_tags(&x->cloud.volume_tags, "rb-other", ROLE_DATA "0");
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	assert_int_equal(fake_count(&x->cloud, EFFECT_QUIESCE), 0);
}

/* SIGSTOP: nobody has told it that its tag stands. */
static void whoever_is_stopped_while_it_tags_blue_finds_that_another_went_on_with_its_rebuild(void **state)
{
	struct fixture *x = *state;
	size_t effects;

	run_until_it_tags_blue(x);
	effects = x->cloud.log_count;
	tag_by_another(&x->cloud, "rb-test");
	x->cloud.now_ms += 200 * 1000;
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	assert_non_null(strstr(x->rebuild.cause, "is driven by ben@two now"));
	assert_int_equal(x->cloud.log_count, effects);
}

static void whoever_is_stopped_while_another_replaces_blue_makes_no_second_green(void **state)
{
	struct fixture *x = *state;
	size_t effects;

	run_until_it_tags_blue(x);
	effects = x->cloud.log_count;
	replace_blue(&x->cloud);
	x->cloud.now_ms += 60 * 1000;
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	assert_int_equal(x->cloud.log_count, effects);
}

/* By hand: no tag says so. */
static void no_green_is_made_for_a_blue_that_was_terminated(void **state)
{
	struct fixture *x = *state;
	struct fake_tags blue, volume;

	run_until_it_tags_blue(x);
	blue = x->cloud.blue_tags;
	volume = x->cloud.volume_tags;
	replace_blue(&x->cloud);
	x->cloud.blue_tags = blue;
	x->cloud.volume_tags = volume;
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_PARKED);
	assert_non_null(strstr(x->rebuild.cause, "blue i-blue was terminated"));
	assert_int_equal(fake_count(&x->cloud, EFFECT_LAUNCH), 0);
}

static void volumes_that_another_rebuild_moves_are_not_taken_for_ours(void **state)
{
	struct fixture *x = *state;

	tag_by_another(&x->cloud, "rb-other");
	x->cloud.blue.mounted = x->cloud.blue.serving = false;
	x->cloud.holder = ON_NOTHING;
	resume(x);
	gives_way(x);
}

/* It had been rolled back, which its journal does not know: otherwise no other one could have begun. */
static void what_had_ended_before_another_rebuild_began_gives_way_to_that(void **state)
{
	static const struct rebuild_past PAST = { .volumes = { "vol-1" },
		.volume_count = 1,
		.window_opened = true,
		.turned_back = true,
		.cause = "start: it failed" };
	struct fixture *x = *state;

	tag_by_another(&x->cloud, "rb-other");
	x->cloud.blue.mounted = x->cloud.blue.serving = false;
	x->cloud.holder = ON_NOTHING;
	rebuild_resume(&x->rebuild, &PAST);
	gives_way(x);
}

/* Otherwise the same command with this journal would find nothing to go on with for ever. */
static void a_journal_whose_blue_another_rebuild_has_replaced_gives_way(void **state)
{
	struct fixture *x = *state;

	replace_blue(&x->cloud);
	resume(x);
	gives_way(x);
}

/* Ours was resumed before it had tagged blue: whose tag stands there first has the machine. */
static void another_rebuild_that_begins_after_a_resumption_is_seen_too(void **state)
{
	struct fixture *x = *state;

	resume(x);
	while (!step_run_of(&x->rebuild, &step_preflight)->proved)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	tag_by_another(&x->cloud, "rb-other");
	x->cloud.now_ms += CLAIM_FRESH_MS;
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_TAKEN_OVER);
	assert_true(fake_blue_serves(&x->cloud));
}

/* It was killed before it had tagged blue, which still tells how the rebuild before it ended. */
static void what_an_earlier_rebuild_left_in_blues_tags_is_no_loss(void **state)
{
	struct fixture *x = *state;

	tag_by_another(&x->cloud, "rb-before");
	put_tags(&x->cloud.blue_tags, "rb-before", ROLE_RESTORED);
	resume(x);
	fake_run(&x->cloud);
	assert_int_equal(x->rebuild.course, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

/* Both engines that began at the same moment are gone: blue names the one, the volume the other. */
static void volumes_that_carry_another_tag_are_where_the_plan_says(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	run_until_begun(x, &step_boot);
	put_tags(&x->cloud.volume_tags, "rb-other", ROLE_DATA "0");
	fake_crash_without_journal(&x->cloud, next, false);
	fake_run(&x->cloud);
	assert_string_equal(next->id, "rb-test");
	assert_int_equal(next->course, COURSE_DONE);
	assert_string_equal(x->cloud.volume_tags.rebuild, "rb-test");
}

/* The rebuild had come to its end when it was found; then, before the claim had settled, blue was wanted back. */
static void a_way_back_that_begins_while_a_claim_settles_is_gone_on_with(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	x->cloud.plan.keep_ms = 3600 * 1000;
	fake_run(&x->cloud);
	fake_crash_without_journal(&x->cloud, next, false);
	while (!next->claimed_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	text_copy(x->cloud.blue_tags.role, sizeof(x->cloud.blue_tags.role), ROLE_RESTORING);
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_ROLLED_BACK);
	assert_true(fake_blue_serves(&x->cloud));
}

/* A way back may have begun that could not be written into the tags. */
static void a_green_without_its_data_is_not_taken_for_the_end(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	x->cloud.plan.keep_ms = 3600 * 1000;
	while (strcmp(x->cloud.blue_tags.role, ROLE_RETIRED) != 0)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	fake_crash_without_journal(&x->cloud, next, false);
	x->cloud.green.mounted = x->cloud.green.serving = false;
	fake_run(&x->cloud);
	assert_int_equal(next->course, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void what_is_left_of_a_rebuild_is_claimed_without_a_blue_that_is_forgotten(void **state)
{
	struct fixture *x = *state;
	struct rebuild *next = &x->next;

	while (x->cloud.blue.state != INSTANCE_TERMINATED)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	assert_true(fake_crash(&x->cloud, next, true));
	x->cloud.blue_forgotten = true;
	put_tags(&x->cloud.volume_tags, "rb-test", ROLE_DATA "0");
	fake_run(&x->cloud);
	assert_true(next->claimed_ms > 0);
	assert_int_equal(next->course, COURSE_DONE);
}

/* The tags name our journal already; but who drove the rebuild before may not have seen that yet. */
static void resume_after_a_claim(struct fixture *x)
{
	struct rebuild_past past = { .volumes = { "vol-1" }, .volume_count = 1 };
	size_t effects;

	run_until_begun(x, &step_boot);
	effects = x->cloud.log_count;
	past.claim_begun_wall_ms = x->cloud.now_ms - 1000;
	rebuild_release(&x->rebuild);
	rebuild_init(&x->rebuild, "rb-test", &x->cloud.plan, "i-blue");
	x->rebuild.options.journal = "jr-1 anna@one";
	x->cloud.pending_count = 0;
	rebuild_resume(&x->rebuild, &past);
	while (x->cloud.now_ms < past.claim_begun_wall_ms + CLAIM_SETTLE_MS) {
		assert_int_equal(x->cloud.log_count, effects);
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	}
}

static void a_claim_of_a_process_that_was_killed_is_waited_for_as_well(void **state)
{
	struct fixture *x = *state;

	resume_after_a_claim(x);
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->rebuild.claimed_ms, 0);
}

static void a_claim_that_was_written_over_before_it_was_seen_is_made_anew(void **state)
{
	struct fixture *x = *state;

	resume_after_a_claim(x);
	tag_by_another(&x->cloud, "rb-test");
	fixture_ends(x, COURSE_DONE);
	assert_true(x->rebuild.claimed_ms > 0);
	assert_string_equal(x->cloud.volume_tags.journal, "jr-1 anna@one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(the_outage_does_not_begin_before_our_tags_have_stood),
		WITH_CLOUD(of_two_that_begin_at_the_same_moment_one_stops_before_the_outage),
		WITH_CLOUD(
			of_two_that_begin_at_the_same_moment_one_whose_volume_is_tagged_by_the_other_stops),
		WITH_CLOUD(whoever_is_stopped_while_it_tags_blue_finds_that_another_went_on_with_its_rebuild),
		WITH_CLOUD(whoever_is_stopped_while_another_replaces_blue_makes_no_second_green),
		WITH_CLOUD(no_green_is_made_for_a_blue_that_was_terminated),
		WITH_CLOUD(volumes_that_another_rebuild_moves_are_not_taken_for_ours),
		WITH_CLOUD(what_had_ended_before_another_rebuild_began_gives_way_to_that),
		WITH_CLOUD(a_journal_whose_blue_another_rebuild_has_replaced_gives_way),
		WITH_CLOUD(another_rebuild_that_begins_after_a_resumption_is_seen_too),
		WITH_CLOUD(what_an_earlier_rebuild_left_in_blues_tags_is_no_loss),
		WITH_CLOUD(volumes_that_carry_another_tag_are_where_the_plan_says),
		WITH_CLOUD(a_way_back_that_begins_while_a_claim_settles_is_gone_on_with),
		WITH_CLOUD(a_claim_of_a_process_that_was_killed_is_waited_for_as_well),
		WITH_CLOUD(a_claim_that_was_written_over_before_it_was_seen_is_made_anew),
		WITH_CLOUD(a_green_without_its_data_is_not_taken_for_the_end),
		WITH_CLOUD(what_is_left_of_a_rebuild_is_claimed_without_a_blue_that_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
