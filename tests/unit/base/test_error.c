#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "base/error.h"

static void context_is_put_in_front_on_the_way_up(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	assert_false(error_set(&err, ERROR_CONFLICT, "volume is in %s", "another zone"));
	assert_false(error_wrap(&err, "could not attach %s", "vol-1"));
	assert_false(error_wrap(&err, "attach"));
	assert_string_equal(err.message, "attach: could not attach vol-1: volume is in another zone");
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_int_equal(err.happened, HAPPENED_NO);
}

static void the_system_s_reason_ends_the_text(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	assert_false(error_set_errno(&err, ERROR_MISSING, ENOENT, "could not open %s", "x.yaml"));
	assert_string_equal(err.message, "could not open x.yaml: No such file or directory");
}

static void upstream_s_own_word_is_kept_and_compared(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	assert_false(error_is(&err, "VolumeInUse"));
	error_set(&err, ERROR_CONFLICT, "no");
	error_set_code(&err, "IncorrectState");
	error_set_code(&err, "VolumeInUse");
	assert_true(error_is(&err, "VolumeInUse"));
	assert_false(error_is(&err, "IncorrectState"));
}

static void a_moved_error_is_handed_on_whole(void **state)
{
	auto_error from = ERROR_INIT, to = ERROR_INIT;

	(void)state;
	error_set(&from, ERROR_THROTTLED, "slow down");
	error_hint(&from, "wait");
	error_set_code(&from, "RequestLimitExceeded");
	from.happened = HAPPENED_UNKNOWN;
	assert_false(error_move(&to, &from));
	assert_int_equal(from.kind, ERROR_NONE);
	assert_null(from.message);
	assert_string_equal(to.message, "slow down");
	assert_string_equal(to.hint, "wait");
	assert_true(error_is(&to, "RequestLimitExceeded"));
	assert_int_equal(to.happened, HAPPENED_UNKNOWN);
}

static void a_copied_error_owns_its_texts(void **state)
{
	auto_error from = ERROR_INIT, to = ERROR_INIT;

	(void)state;
	error_set(&from, ERROR_REMOTE, "broken");
	error_copy(&to, &from);
	assert_ptr_not_equal(to.message, from.message);
	error_release(&from);
	assert_string_equal(to.message, "broken");
}

static void every_kind_has_a_name_that_reads_back(void **state)
{
	(void)state;
	for (int kind = ERROR_NONE; kind <= ERROR_BUG; kind++)
		assert_int_equal(error_kind_parse(error_kind_name((enum error_kind)kind)), kind);
	assert_int_equal(error_kind_parse("nonsense"), ERROR_BUG);
	assert_string_equal(error_happened_name(HAPPENED_UNKNOWN), "unknown");
}

static void an_error_can_be_released_twice_and_used_again(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERROR_LOCAL, "disk full");
	error_release(&err);
	error_release(&err);
	assert_int_equal(err.kind, ERROR_NONE);
	error_set(&err, ERROR_LOCAL, "again");
	assert_string_equal(err.message, "again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(context_is_put_in_front_on_the_way_up),
		cmocka_unit_test(the_system_s_reason_ends_the_text),
		cmocka_unit_test(upstream_s_own_word_is_kept_and_compared),
		cmocka_unit_test(a_moved_error_is_handed_on_whole),
		cmocka_unit_test(a_copied_error_owns_its_texts),
		cmocka_unit_test(every_kind_has_a_name_that_reads_back),
		cmocka_unit_test(an_error_can_be_released_twice_and_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
