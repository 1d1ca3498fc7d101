#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/diagnostic.h"

static void diagnostics_come_in_file_order(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;

	(void)state;
	diagnostics_add(&d, 3, 1, "fourth");
	diagnostics_add(&d, 1, 9, "second");
	diagnostics_add(&d, 2, 1, "third");
	diagnostics_add(&d, 1, 2, "first");
	diagnostics_sort(&d);
	assert_string_equal(d.items[0].message, "first");
	assert_string_equal(d.items[1].message, "second");
	assert_string_equal(d.items[2].message, "third");
	assert_string_equal(d.items[3].message, "fourth");
}

static void what_stands_at_one_place_keeps_its_order(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;

	(void)state;
	diagnostics_add(&d, 2, 1, "b");
	diagnostics_add(&d, 1, 1, "%s", "a1");
	diagnostics_add(&d, 1, 1, "%s", "a2");
	diagnostics_sort(&d);
	assert_string_equal(d.items[0].message, "a1");
	assert_string_equal(d.items[1].message, "a2");
}

static void past_the_hundredth_they_are_only_counted(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;

	(void)state;
	for (int i = 1; i <= DIAGNOSTICS_MAX + 7; i++)
		diagnostics_add(&d, i, 1, "x");
	assert_int_equal(d.count, DIAGNOSTICS_MAX);
	assert_int_equal(d.dropped, 7);
}

static void nothing_that_steers_a_terminal_gets_through(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;

	(void)state;
	diagnostics_add(&d, 1, 1,
		"a\x1b[31m\nb\x7f"
		"c\xc2\x9b"
		"d caf\xc3\xa9 \xc2\xa0.");
	assert_string_equal(d.items[0].message, "a?[31m?b?c??d caf\xc3\xa9 \xc2\xa0.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diagnostics_come_in_file_order),
		cmocka_unit_test(what_stands_at_one_place_keeps_its_order),
		cmocka_unit_test(nothing_that_steers_a_terminal_gets_through),
		cmocka_unit_test(past_the_hundredth_they_are_only_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
