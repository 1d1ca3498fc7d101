#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/compiler.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static void times_are_written_as_rfc_3339_and_iso_8601(void **state)
{
	const int64_t at = 1440938160007; /* the moment of AWS's signing examples, and 7 ms */
	char text[CLOCK_TEXT_SIZE], compact[CLOCK_COMPACT_SIZE];

	(void)state;
	assert_string_equal(clock_format(at, text), "2015-08-30T12:36:00.007Z");
	assert_string_equal(clock_format_seconds(at, text), "2015-08-30T12:36:00Z");
	assert_string_equal(clock_format_time(at, text), "12:36:00Z");
	assert_string_equal(clock_format_compact(at, compact), "20150830T123600Z");
	assert_string_equal(clock_format(0, text), "1970-01-01T00:00:00.000Z");
}

static void spans_are_written_for_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} SPANS[] = {
		{ 0, "0 ms" },
		{ 999, "999 ms" },
		{ 1000, "1.0 s" },
		{ 7400, "7.4 s" },
		{ MINUTE, "1 min 0 s" },
		{ 3 * MINUTE + 20000, "3 min 20 s" },
		{ HOUR - 1000, "59 min 59 s" },
		{ 25 * (int64_t)HOUR + 5 * MINUTE, "25 h 5 min" },
	};
	char text[CLOCK_SPAN_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(SPANS); i++)
		assert_string_equal(clock_format_span(SPANS[i].ms, text), SPANS[i].text);
}

static void the_earlier_of_two_times_counts_and_never_comes_last(void **state)
{
	(void)state;
	assert_int_equal(clock_earlier(3, 5), 3);
	assert_int_equal(clock_earlier(INT64_MAX, 5), 5);
}

static int64_t tell(void *self)
{
	return *(int64_t *)self;
}

static void a_test_brings_its_own_time(void **state)
{
	int64_t now = 42;
	const struct clock own = { .mono_ms = tell, .wall_ms = tell, .self = &now };

	(void)state;
	assert_int_equal(clock_mono_ms(&own), 42);
	now = 43;
	assert_int_equal(clock_wall_ms(&own), 43);
}

static void the_machine_s_monotonic_time_does_not_go_back(void **state)
{
	int64_t before = clock_mono_ms(&clock_system);

	(void)state;
	assert_true(before > 0);
	assert_true(clock_mono_ms(&clock_system) >= before);
	assert_true(clock_wall_ms(&clock_system) > 1700000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_as_rfc_3339_and_iso_8601),
		cmocka_unit_test(spans_are_written_for_people),
		cmocka_unit_test(the_earlier_of_two_times_counts_and_never_comes_last),
		cmocka_unit_test(a_test_brings_its_own_time),
		cmocka_unit_test(the_machine_s_monotonic_time_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
