/* Two engines and one machine: whose journal stands in the tags drives it. */
#include "fixture.h"

#include "base/text.h"
#include "cloud/tags.h"

static void begun_by_another(struct fixture *x)
{
	text_copy(x->cloud.blue_tags.rebuild, CLOUD_NAME_SIZE, "rb-another");
	text_copy(x->cloud.blue_tags.role, CLOUD_ID_SIZE, ROLE_BLUE);
	text_copy(x->cloud.blue_tags.journal, CLOUD_HOLDER_SIZE, "jr-9 eve@three");
}

/* Its tags appear after blue was looked at, and before ours stand there. */
static void who_begins_a_moment_later_gives_way(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_TAG, ERROR_THROTTLED, HAPPENED_NO, 4 };
	while (x->cloud.fault.times == 4)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	begun_by_another(x);
	fixture_ends(x, COURSE_TAKEN_OVER);
	fixture_says(&x->rebuild, "rebuild rb-test of i-blue is driven by eve@three now");
	assert_int_equal(fake_count(&x->cloud, EFFECT_PROTECT_INSTANCE), 0);
}

static void a_rebuild_that_has_moved_nothing_yet_gives_way(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	begun_by_another(x);
	assert_int_equal(fixture_goes_on(x), COURSE_REFUSED);
	fixture_says(&x->next, "rebuild rb-another of i-blue has taken its place");
	assert_true(fake_blue_serves(&x->cloud));
}

/* Written by hand, or by a program that does not say for whom. */
static void who_drives_it_need_not_be_named(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	text_copy(x->cloud.blue_tags.journal, CLOUD_HOLDER_SIZE, "jr-9");
	fixture_ends(x, COURSE_TAKEN_OVER);
	fixture_says(&x->rebuild, "rebuild rb-test of i-blue is driven by somebody else now");
}

/* Its green has the volume already: what our journal tells of is over. */
static void a_rebuild_whose_machine_is_anothers_by_now_gives_way(void **state)
{
	struct fixture *x = *state;
	size_t effects;

	fake_run_until_effect(&x->cloud, EFFECT_DETACH_VOLUME);
	begun_by_another(x);
	x->cloud.holder = ON_OTHER;
	x->cloud.volume_free_at_ms = 0;
	effects = x->cloud.log_count;
	assert_int_equal(fixture_goes_on(x), COURSE_REFUSED);
	fixture_says(&x->next, "rebuild rb-another of i-blue has taken its place: go on with that one");
	assert_int_equal(x->cloud.log_count, effects);
}

/* It cannot tag blue, is going back, and was begun anew by somebody else after it had looked. */
static void a_rebuild_that_is_put_back_gives_way_too(void **state)
{
	struct fixture *x = *state;

	x->cloud.fault = (struct fake_fault){ EFFECT_TAG, ERROR_THROTTLED, HAPPENED_NO, 100 };
	fixture_turns_back(x);
	fake_crash(&x->cloud, &x->next, false);
	while (x->next.course == COURSE_FORWARD)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	begun_by_another(x);
	fixture_ends(x, COURSE_TAKEN_OVER);
	fixture_says(&x->next, "rebuild rb-test of i-blue is driven by eve@three now");
	assert_string_equal(x->cloud.blue_tags.rebuild, "rb-another");
}

/* Who has no journal cannot be told from others, and writes nobody's name. */
static void without_any_journal_it_is_finished_too(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_ATTACH_VOLUME);
	fake_crash_without_journal(&x->cloud, &x->next, true);
	x->next.options.journal = "";
	fixture_ends(x, COURSE_DONE);
	assert_int_equal(x->next.claimed_ms, 0);
	assert_true(fake_green_serves(&x->cloud));
}

static void begun_without_a_journal_its_tags_name_none(void **state)
{
	struct fixture *x = *state;

	x->rebuild.options.journal = "";
	fixture_ends(x, COURSE_DONE);
	assert_string_equal(x->cloud.blue_tags.journal, "");
	assert_string_equal(x->cloud.volume_tags.journal, "");
}

static void killed_after_a_call(struct fixture *x, int64_t begun_before_ms)
{
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_crash(&x->cloud, &x->next, false);
	x->next.unanswered_wall_ms = x->cloud.now_ms - begun_before_ms;
}

/* How long the process that goes on looks around before it does anything. */
static int64_t looks_around_ms(struct fixture *x)
{
	int64_t since_ms = x->cloud.now_ms;

	while (!step_run_of(&x->next, &step_preflight)->proved)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	return x->cloud.now_ms - since_ms;
}

/* It may take hold a little after its process died. */
static void a_call_that_was_under_way_is_waited_for(void **state)
{
	struct fixture *x = *state;

	killed_after_a_call(x, 0);
	assert_in_range(looks_around_ms(x), 5000, 6000);
	fixture_ends(x, COURSE_DONE);
}

static void a_clock_that_was_set_back_does_not_make_it_wait_longer(void **state)
{
	struct fixture *x = *state;

	killed_after_a_call(x, -3600 * 1000);
	assert_in_range(looks_around_ms(x), 5000, 6000);
	fixture_ends(x, COURSE_DONE);
}

static void a_call_of_long_ago_is_not_waited_for(void **state)
{
	struct fixture *x = *state;

	killed_after_a_call(x, 10 * 1000);
	assert_in_range(looks_around_ms(x), 1, 2000);
	fixture_ends(x, COURSE_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(who_begins_a_moment_later_gives_way),
		WITH_CLOUD(a_rebuild_that_has_moved_nothing_yet_gives_way),
		WITH_CLOUD(who_drives_it_need_not_be_named),
		WITH_CLOUD(a_rebuild_whose_machine_is_anothers_by_now_gives_way),
		WITH_CLOUD(a_rebuild_that_is_put_back_gives_way_too),
		WITH_CLOUD(without_any_journal_it_is_finished_too),
		WITH_CLOUD(begun_without_a_journal_its_tags_name_none),
		WITH_CLOUD(a_call_that_was_under_way_is_waited_for),
		WITH_CLOUD(a_call_of_long_ago_is_not_waited_for),
		WITH_CLOUD(a_clock_that_was_set_back_does_not_make_it_wait_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
