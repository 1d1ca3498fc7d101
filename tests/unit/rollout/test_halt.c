/* When a rollout begins nothing more: failures, machines without service, windows, operators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fleet_of.h"
#include "rollout/alarm.h"
#include "rollout/forecast.h"

static void assert_reason(const struct rollout *ro, const char *reason)
{
	char said[ROLLOUT_REASON_SIZE];

	assert_string_equal(rollout_reason(ro, said), reason);
}

static void without_a_rate_the_first_failure_halts(void **state)
{
	static const enum machine_end FAILURES[] = { END_ROLLED_BACK, END_REFUSED, END_PARKED };
	struct plan plan = plan_of_all();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rollout *ro = fleet_of(&plan, 50);

		begin(ro, 0);
		end(ro, 0, FAILURES[i]);
		nothing(ro, ROLLOUT_HALTED);
		assert_int_equal(rollout_halt(ro), HALT_FAILURES);
		assert_reason(ro, "1 of 50 machines failed, and at most 0 may");
		rollout_free(ro);
	}
}

static void as_many_may_fail_as_was_agreed_and_not_one_more(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout_turn t;
	struct rollout *ro;

	(void)state;
	plan.rollout.failure_rate = (struct plan_share){ 10, true };
	ro = fleet_of(&plan, 39);
	begin_all(ro, &t);
	for (uint32_t i = 0; i < 36; i++)
		end(ro, i, END_REBUILT);
	end(ro, 36, END_ROLLED_BACK);
	end(ro, 37, END_REFUSED);
	end(ro, 38, END_PARKED);
	assert_int_equal(rollout_halt(ro), HALT_NONE);
	end(ro, 0, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(ro), HALT_FAILURES);
	rollout_free(ro);
}

static void an_absolute_limit_holds_whatever_the_rate(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.failure_rate = (struct plan_share){ 50, true };
	plan.rollout.failures = 1;
	ro = fleet_of(&plan, 1000);
	begin(ro, 0);
	begin(ro, 1);
	end(ro, 0, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(ro), HALT_NONE);
	end(ro, 1, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(ro), HALT_FAILURES);
	rollout_free(ro);
}

static void it_stops_early_when_more_fail_than_the_rate_explains(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.failure_rate = (struct plan_share){ 5, true };
	ro = fleet_of(&plan, 1000); /* 50 may fail of all of them */
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(rollout_halt(ro), HALT_NONE);
		begin(ro, i);
		end(ro, i, END_ROLLED_BACK);
	}
	assert_int_equal(rollout_halt(ro), HALT_UNLIKELY);
	assert_reason(ro, "3 of the first 3 machines failed: more than a failure rate of 5% explains");
	rollout_free(ro);
}

/* The bound of Ville's inequality, by trying: 1,000 rollouts that fail exactly as agreed. */
static void a_fleet_that_fails_as_agreed_seldom_rings_the_alarm(void **state)
{
	uint64_t random = 42;
	int rang = 0;

	(void)state;
	for (int rollout = 0; rollout < 1000; rollout++) {
		size_t failures = 0;
		bool rings = false;

		for (size_t n = 1; n <= 2000 && !rings; n++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			failures += (random >> 33) % 100 < 2;
			rings = alarm_rings(failures, n, 0.02);
		}
		rang += rings;
	}
	assert_in_range(rang, 1, 50);
}

static void a_fleet_that_fails_three_times_as_often_is_found_out_soon(void **state)
{
	(void)state;
	assert_false(alarm_rings(0, 1000, 0.02));
	assert_true(alarm_rings(12, 200, 0.02));
	assert_false(alarm_rings(4, 200, 0.02));
}

static void acknowledged_failures_halt_no_more_but_new_ones_do(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = fleet_of(&plan, 10);

	(void)state;
	begin(ro, 0);
	end(ro, 0, END_ROLLED_BACK);
	nothing(ro, ROLLOUT_HALTED);
	rollout_acknowledge(ro, rollout_failures(ro), rollout_not_serving(ro));
	begin(ro, 1);
	end(ro, 1, END_ROLLED_BACK);
	nothing(ro, ROLLOUT_HALTED);
	rollout_free(ro);
}

static void too_many_machines_without_service_halt_it_for_whatever_reason(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.not_serving = (struct plan_share){ 1, false };
	plan.rollout.failure_rate = (struct plan_share){ 100, true };
	ro = fleet_of(&plan, 10);
	rollout_seen(ro, 8, false);
	begin(ro, 0);
	end(ro, 0, END_PARKED);
	nothing(ro, ROLLOUT_HALTED);
	assert_int_equal(rollout_halt(ro), HALT_NOT_SERVING);
	assert_reason(ro, "2 of 10 machines do not serve, and at most 1 may");
	rollout_seen(ro, 8, true);
	begin(ro, 1);
	rollout_free(ro);
}

static void a_machine_in_our_own_hands_is_no_meltdown(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro;

	(void)state;
	plan.rollout.not_serving = (struct plan_share){ 1, false };
	ro = fleet_of(&plan, 10);
	for (uint32_t i = 0; i < 5; i++) {
		begin(ro, i);
		rollout_seen(ro, i, false);
	}
	assert_int_equal(rollout_halt(ro), HALT_NONE);
	rollout_free(ro);
}

static void an_operator_stops_it_and_lets_it_go_on(void **state)
{
	struct plan plan = plan_of_all();
	struct rollout *ro = fleet_of(&plan, 2);

	(void)state;
	rollout_stop(ro, true);
	nothing(ro, ROLLOUT_HALTED);
	assert_reason(ro, "an operator stopped it");
	rollout_stop(ro, false);
	begin(ro, 0);
	rollout_free(ro);
}

static struct plan plan_with_window(const char *from, const char *to)
{
	struct plan plan = plan_of_all();

	plan.rollout.window = (struct plan_window){ .from = from, .to = to, .zone = "UTC" };
	return plan;
}

static void nothing_begins_outside_the_window(void **state)
{
	struct plan plan = plan_with_window("13:00", "14:00");
	struct rollout *ro = fleet_of(&plan, 2);

	(void)state;
	assert_int_equal(nothing(ro, ROLLOUT_CLOSED).wake_ms, NOON_MS + 60 * MINUTE_MS);
	rollout_free(ro);
}

static void nothing_begins_that_could_not_end_in_the_window(void **state)
{
	struct plan plan = plan_with_window("11:00", "12:30");
	struct rollout *ro = fleet_of(&plan, 3);

	(void)state;
	begin(ro, 0);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 31 * MINUTE_MS });
	assert_int_equal(nothing(ro, ROLLOUT_CLOSED).wake_ms, NOON_MS + 23 * 60 * MINUTE_MS);
	rollout_free(ro);
}

/* What was found out about one day's window is not kept for the next. */
static void each_day_has_a_window_of_its_own(void **state)
{
	const int64_t day = 24 * 60 * MINUTE_MS, hour = 60 * MINUTE_MS;
	struct plan plan = plan_with_window("11:00", "12:30");
	struct rollout *ro = fleet_of(&plan, 3);

	(void)state;
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 31 * MINUTE_MS });
	for (int64_t noon = NOON_MS; noon < NOON_MS + 3 * day; noon += day) {
		assert_int_equal(rollout_next(ro, noon).wake_ms, noon + day - hour);
		assert_int_equal(rollout_next(ro, noon + hour).wake_ms, noon + day - hour);
		assert_int_equal(rollout_next(ro, noon).wake_ms, noon + day - hour);
	}
	assert_int_equal(rollout_next(ro, NOON_MS - hour).phase, ROLLOUT_BEGIN);
	rollout_free(ro);
}

static void a_window_that_no_rebuild_fits_halts_it(void **state)
{
	struct plan plan = plan_with_window("12:00", "12:30");
	struct rollout *ro = fleet_of(&plan, 3);

	(void)state;
	begin(ro, 0);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 45 * MINUTE_MS });
	nothing(ro, ROLLOUT_HALTED);
	assert_reason(ro, "a rebuild takes up to 45 min 0 s, and the window is open for 30 min 0 s");
	rollout_free(ro);
}

static void a_clock_that_jumps_does_not_open_the_window(void **state)
{
	struct plan plan = plan_with_window("11:00", "13:00");
	struct rollout *ro = fleet_of(&plan, 5);
	const int64_t hour = 60 * MINUTE_MS;

	(void)state;
	assert_int_equal(rollout_next(ro, NOON_MS).phase, ROLLOUT_BEGIN);
	assert_int_equal(rollout_next(ro, NOON_MS + 5 * hour).phase, ROLLOUT_CLOSED);
	assert_int_equal(rollout_next(ro, NOON_MS - 3 * hour).phase, ROLLOUT_CLOSED);
	assert_int_equal(rollout_next(ro, NOON_MS).phase, ROLLOUT_BEGIN);
	rollout_free(ro);
}

static void a_forecast_goes_by_the_last_rebuilds(void **state)
{
	struct forecast f = { .typical_ms = 7 };

	(void)state;
	assert_int_equal(forecast_median_ms(&f), 7);
	for (uint32_t i = 0; i < 1000; i++)
		forecast_add(&f, i, 9000 + i % 10);
	for (uint32_t i = 1; i <= FORECAST_KEPT; i++)
		forecast_add(&f, 1000 + i, i);
	assert_int_equal(forecast_median_ms(&f), 33);
	assert_int_equal(forecast_long_ms(&f), 61);
}

static void a_forecast_does_not_depend_on_the_order_in_which_rows_are_read(void **state)
{
	struct forecast up = { .typical_ms = 7 }, down = { .typical_ms = 7 };

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		forecast_add(&up, i, i * 37 % 499);
		forecast_add(&down, 499 - i, (499 - i) * 37 % 499);
	}
	assert_int_equal(forecast_median_ms(&up), forecast_median_ms(&down));
	assert_int_equal(forecast_long_ms(&up), forecast_long_ms(&down));
}

/* Its end was noted, and the store did not take it. */
static void an_end_that_is_not_so_after_all_is_not_in_the_forecast(void **state)
{
	struct plan plan = plan_with_window("12:00", "12:30");
	struct rollout *ro = fleet_of(&plan, 3);

	(void)state;
	begin(ro, 0);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 45 * MINUTE_MS });
	nothing(ro, ROLLOUT_HALTED);
	rollout_set(ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(ro, 1);
	rollout_free(ro);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_rate_the_first_failure_halts),
		cmocka_unit_test(as_many_may_fail_as_was_agreed_and_not_one_more),
		cmocka_unit_test(an_absolute_limit_holds_whatever_the_rate),
		cmocka_unit_test(it_stops_early_when_more_fail_than_the_rate_explains),
		cmocka_unit_test(a_fleet_that_fails_as_agreed_seldom_rings_the_alarm),
		cmocka_unit_test(a_fleet_that_fails_three_times_as_often_is_found_out_soon),
		cmocka_unit_test(acknowledged_failures_halt_no_more_but_new_ones_do),
		cmocka_unit_test(too_many_machines_without_service_halt_it_for_whatever_reason),
		cmocka_unit_test(a_machine_in_our_own_hands_is_no_meltdown),
		cmocka_unit_test(an_operator_stops_it_and_lets_it_go_on),
		cmocka_unit_test(nothing_begins_outside_the_window),
		cmocka_unit_test(nothing_begins_that_could_not_end_in_the_window),
		cmocka_unit_test(each_day_has_a_window_of_its_own),
		cmocka_unit_test(a_window_that_no_rebuild_fits_halts_it),
		cmocka_unit_test(a_clock_that_jumps_does_not_open_the_window),
		cmocka_unit_test(a_forecast_goes_by_the_last_rebuilds),
		cmocka_unit_test(a_forecast_does_not_depend_on_the_order_in_which_rows_are_read),
		cmocka_unit_test(an_end_that_is_not_so_after_all_is_not_in_the_forecast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
