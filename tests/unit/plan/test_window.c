/* Windows in their time zones, over midnight, weekdays and changes of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/share.h"
#include "plan/window.h"

/* 2026-11-22 was a Sunday; midnight UTC. */
static const int64_t SUNDAY_MS = 1795305600000;
static const int64_t HOUR_MS = 3600 * 1000, DAY_MS = 24 * 3600 * 1000;

static struct plan_window daily(const char *from, const char *to, const char *zone)
{
	return (struct plan_window){ .from = from, .to = to, .zone = zone };
}

static void assert_span(const struct plan_window *w, int64_t at_ms, int64_t from_ms, int64_t to_ms)
{
	struct window_span s = window_next(w, at_ms);

	assert_int_equal(s.from_ms, from_ms);
	assert_int_equal(s.to_ms, to_ms);
}

static void it_is_the_one_that_is_open_or_the_next(void **state)
{
	struct plan_window w = daily("01:00", "05:00", "UTC");

	(void)state;
	assert_span(&w, SUNDAY_MS, SUNDAY_MS + HOUR_MS, SUNDAY_MS + 5 * HOUR_MS);
	assert_span(&w, SUNDAY_MS + 2 * HOUR_MS, SUNDAY_MS + HOUR_MS, SUNDAY_MS + 5 * HOUR_MS);
	assert_span(
		&w, SUNDAY_MS + 5 * HOUR_MS, SUNDAY_MS + DAY_MS + HOUR_MS, SUNDAY_MS + DAY_MS + 5 * HOUR_MS);
}

static void its_time_zone_counts(void **state)
{
	struct plan_window w = daily("01:00", "05:00", "Europe/Amsterdam");

	(void)state;
	assert_span(&w, SUNDAY_MS, SUNDAY_MS, SUNDAY_MS + 4 * HOUR_MS);
	assert_true(window_knows_zone("Europe/Amsterdam"));
	assert_false(window_knows_zone("Europe/Atlantis"));
}

static void over_midnight_it_belongs_to_the_day_it_begins_on(void **state)
{
	static const int SATURDAY[] = { PLAN_SATURDAY };
	struct plan_window w = daily("22:00", "04:00", "UTC");

	(void)state;
	w.days = SATURDAY;
	w.day_count = 1;
	assert_int_equal(window_length_ms(&w), 6 * HOUR_MS);
	assert_span(&w, SUNDAY_MS + HOUR_MS, SUNDAY_MS - 2 * HOUR_MS, SUNDAY_MS + 4 * HOUR_MS);
	assert_span(&w, SUNDAY_MS + 4 * HOUR_MS, SUNDAY_MS + 7 * DAY_MS - 2 * HOUR_MS,
		SUNDAY_MS + 7 * DAY_MS + 4 * HOUR_MS);
}

/* Clocks went from 02:00 to 03:00 on 2026-03-29 in Amsterdam: 01:00 to 05:00 was three hours long. */
static void a_day_with_a_change_of_the_clock_is_as_long_as_it_is(void **state)
{
	struct plan_window w = daily("01:00", "05:00", "Europe/Amsterdam");
	int64_t march29_ms = 1774742400000;

	(void)state;
	assert_span(&w, march29_ms, march29_ms, march29_ms + 3 * HOUR_MS);
}

static void a_window_that_a_change_of_the_clock_swallows_is_left_out(void **state)
{
	static const int SUNDAYS[] = { PLAN_SUNDAY };
	struct plan_window w = daily("02:00", "03:00", "Europe/Amsterdam");
	int64_t march29_ms = 1774742400000;

	(void)state;
	w.days = SUNDAYS;
	w.day_count = 1;
	/* the Sunday after: 02:00 in summer is midnight UTC */
	assert_span(&w, march29_ms, march29_ms + 7 * DAY_MS, march29_ms + 7 * DAY_MS + HOUR_MS);
}

static void shares_are_rounded_to_the_safe_side(void **state)
{
	struct plan_share tenth = { 10, true }, three = { 3, false };

	(void)state;
	assert_int_equal(share_at_most(tenth, 25), 2);
	assert_int_equal(share_at_least(tenth, 25), 3);
	assert_int_equal(share_at_least(tenth, 200000), 20000);
	assert_int_equal(share_at_most(three, 2), 2);
	assert_int_equal(share_at_least(three, 200), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_one_that_is_open_or_the_next),
		cmocka_unit_test(its_time_zone_counts),
		cmocka_unit_test(over_midnight_it_belongs_to_the_day_it_begins_on),
		cmocka_unit_test(a_day_with_a_change_of_the_clock_is_as_long_as_it_is),
		cmocka_unit_test(a_window_that_a_change_of_the_clock_swallows_is_left_out),
		cmocka_unit_test(shares_are_rounded_to_the_safe_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
