/* A rollout that goes back, and is shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "share_stage.h"

static void what_others_put_back_counts_and_is_left_to_them(void **state)
{
	struct share_stage *s = *state;

	assert_int_equal(s->begun_count, 1);
	assert_string_equal(s->begun[0], "i-1");
	share_ends(s, 1, COURSE_ROLLED_BACK);
	assert_int_equal(share_count(s, MACHINE_REBUILT), 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_string_equal(s->begun[1], "i-2");
	assert_int_equal(share_count(s, MACHINE_UNDER_WAY), 2);
}

static void what_the_dead_were_putting_back_is_gone_on_with(void **state)
{
	struct share_stage *s = *state;

	share_pass(s, LEASE_LIFE_MS);
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
	share_ends(s, 0, COURSE_ROLLED_BACK);
	assert_int_equal(share_count(s, MACHINE_REBUILT), 1);
}

/* It was under way forward when its worker died, and the lease of its rebuild lives a little longer. */
static void what_was_under_way_forward_a_moment_ago_is_waited_for(void **state)
{
	struct share_stage *s = *state;

	s->held = "i-2";
	share_ends(s, 1, COURSE_ROLLED_BACK);
	assert_int_equal(s->begun_count, 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_int_equal(share_count(s, MACHINE_UNDER_WAY), 2);
	s->held = NULL;
	share_pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, share_open_back, share_close)
	const struct CMUnitTest tests[] = {
		TEST(what_others_put_back_counts_and_is_left_to_them),
		TEST(what_the_dead_were_putting_back_is_gone_on_with),
		TEST(what_was_under_way_forward_a_moment_ago_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
