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
	struct trial *t = *state;

	for (size_t i = 0; i < 3; i++) {
		fleet_of(t, 50);
		begin(t, 0);
		end(t, 0, FAILURES[i]);
		nothing(t, ROLLOUT_HALTED);
		assert_int_equal(rollout_halt(t->ro), HALT_FAILURES);
		assert_reason(t->ro, "1 of 50 machines failed, and at most 0 may");
	}
}

static void as_many_may_fail_as_was_agreed_and_not_one_more(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.failure_rate = (struct plan_share){ 10, true };
	fleet_of(t, 39);
	begin_all(t);
	for (uint32_t i = 0; i < 36; i++)
		end(t, i, END_REBUILT);
	end(t, 36, END_ROLLED_BACK);
	end(t, 37, END_REFUSED);
	end(t, 38, END_PARKED);
	assert_int_equal(rollout_halt(t->ro), HALT_NONE);
	end(t, 0, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(t->ro), HALT_FAILURES);
}

static void an_absolute_limit_holds_whatever_the_rate(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.failure_rate = (struct plan_share){ 50, true };
	t->plan.rollout.failures = 1;
	fleet_of(t, 1000);
	begin(t, 0);
	begin(t, 1);
	end(t, 0, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(t->ro), HALT_NONE);
	end(t, 1, END_ROLLED_BACK);
	assert_int_equal(rollout_halt(t->ro), HALT_FAILURES);
}

static void it_stops_early_when_more_fail_than_the_rate_explains(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.failure_rate = (struct plan_share){ 5, true };
	fleet_of(t, 1000); /* 50 may fail of all of them */
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(rollout_halt(t->ro), HALT_NONE);
		begin(t, i);
		end(t, i, END_ROLLED_BACK);
	}
	assert_int_equal(rollout_halt(t->ro), HALT_UNLIKELY);
	assert_reason(t->ro, "3 of the first 3 machines failed: more than a failure rate of 5% explains");
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
	struct trial *t = *state;

	fleet_of(t, 10);
	begin(t, 0);
	end(t, 0, END_ROLLED_BACK);
	nothing(t, ROLLOUT_HALTED);
	rollout_acknowledge(t->ro, rollout_failures(t->ro), rollout_not_serving(t->ro));
	begin(t, 1);
	end(t, 1, END_ROLLED_BACK);
	nothing(t, ROLLOUT_HALTED);
}

static void too_many_machines_without_service_halt_it_for_whatever_reason(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.not_serving = (struct plan_share){ 1, false };
	t->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	fleet_of(t, 10);
	rollout_seen(t->ro, 8, false);
	begin(t, 0);
	end(t, 0, END_PARKED);
	nothing(t, ROLLOUT_HALTED);
	assert_int_equal(rollout_halt(t->ro), HALT_NOT_SERVING);
	assert_reason(t->ro, "2 of 10 machines do not serve, and at most 1 may");
	rollout_seen(t->ro, 8, true);
	begin(t, 1);
}

static void a_machine_in_our_own_hands_is_no_meltdown(void **state)
{
	struct trial *t = *state;

	t->plan.rollout.not_serving = (struct plan_share){ 1, false };
	fleet_of(t, 10);
	for (uint32_t i = 0; i < 5; i++) {
		begin(t, i);
		rollout_seen(t->ro, i, false);
	}
	assert_int_equal(rollout_halt(t->ro), HALT_NONE);
}

static void an_operator_stops_it_and_lets_it_go_on(void **state)
{
	struct trial *t = *state;

	fleet_of(t, 2);
	rollout_stop(t->ro, true);
	nothing(t, ROLLOUT_HALTED);
	assert_reason(t->ro, "an operator stopped it");
	rollout_stop(t->ro, false);
	begin(t, 0);
}

static void in_window(struct trial *t, const char *from, const char *to)
{
	t->plan.rollout.window = (struct plan_window){ .from = from, .to = to, .zone = "UTC" };
}

static void nothing_begins_outside_the_window(void **state)
{
	struct trial *t = *state;

	in_window(t, "13:00", "14:00");
	fleet_of(t, 2);
	assert_int_equal(nothing(t, ROLLOUT_CLOSED).wake_ms, NOON_MS + 60 * MINUTE_MS);
}

static void nothing_begins_that_could_not_end_in_the_window(void **state)
{
	struct trial *t = *state;

	in_window(t, "11:00", "12:30");
	fleet_of(t, 3);
	begin(t, 0);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 31 * MINUTE_MS });
	assert_int_equal(nothing(t, ROLLOUT_CLOSED).wake_ms, NOON_MS + 23 * 60 * MINUTE_MS);
}

/* What was found out about one day's window is not kept for the next. */
static void each_day_has_a_window_of_its_own(void **state)
{
	const int64_t day = 24 * 60 * MINUTE_MS, hour = 60 * MINUTE_MS;
	struct trial *t = *state;

	in_window(t, "11:00", "12:30");
	fleet_of(t, 3);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 31 * MINUTE_MS });
	for (int64_t noon = NOON_MS; noon < NOON_MS + 3 * day; noon += day) {
		assert_int_equal(rollout_next(t->ro, noon).wake_ms, noon + day - hour);
		assert_int_equal(rollout_next(t->ro, noon + hour).wake_ms, noon + day - hour);
		assert_int_equal(rollout_next(t->ro, noon).wake_ms, noon + day - hour);
	}
	assert_int_equal(rollout_next(t->ro, NOON_MS - hour).phase, ROLLOUT_BEGIN);
}

static void a_rebuild_takes_longer_than_the_window(struct trial *t)
{
	in_window(t, "12:00", "12:30");
	fleet_of(t, 3);
	begin(t, 0);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_REBUILT, .took_ms = 45 * MINUTE_MS });
	nothing(t, ROLLOUT_HALTED);
}

static void a_window_that_no_rebuild_fits_halts_it(void **state)
{
	struct trial *t = *state;

	a_rebuild_takes_longer_than_the_window(t);
	assert_reason(t->ro, "a rebuild takes up to 45 min 0 s, and the window is open for 30 min 0 s");
}

static void a_clock_that_jumps_does_not_open_the_window(void **state)
{
	struct trial *t = *state;
	const int64_t hour = 60 * MINUTE_MS;

	in_window(t, "11:00", "13:00");
	fleet_of(t, 5);
	assert_int_equal(rollout_next(t->ro, NOON_MS).phase, ROLLOUT_BEGIN);
	assert_int_equal(rollout_next(t->ro, NOON_MS + 5 * hour).phase, ROLLOUT_CLOSED);
	assert_int_equal(rollout_next(t->ro, NOON_MS - 3 * hour).phase, ROLLOUT_CLOSED);
	assert_int_equal(rollout_next(t->ro, NOON_MS).phase, ROLLOUT_BEGIN);
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
	struct trial *t = *state;

	a_rebuild_takes_longer_than_the_window(t);
	rollout_set(t->ro, 0, (struct machine_row){ .state = MACHINE_UNDER_WAY });
	begin(t, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(without_a_rate_the_first_failure_halts),
		TRIAL(as_many_may_fail_as_was_agreed_and_not_one_more),
		TRIAL(an_absolute_limit_holds_whatever_the_rate),
		TRIAL(it_stops_early_when_more_fail_than_the_rate_explains),
		cmocka_unit_test(a_fleet_that_fails_as_agreed_seldom_rings_the_alarm),
		cmocka_unit_test(a_fleet_that_fails_three_times_as_often_is_found_out_soon),
		TRIAL(acknowledged_failures_halt_no_more_but_new_ones_do),
		TRIAL(too_many_machines_without_service_halt_it_for_whatever_reason),
		TRIAL(a_machine_in_our_own_hands_is_no_meltdown),
		TRIAL(an_operator_stops_it_and_lets_it_go_on),
		TRIAL(nothing_begins_outside_the_window),
		TRIAL(nothing_begins_that_could_not_end_in_the_window),
		TRIAL(each_day_has_a_window_of_its_own),
		TRIAL(a_window_that_no_rebuild_fits_halts_it),
		TRIAL(a_clock_that_jumps_does_not_open_the_window),
		cmocka_unit_test(a_forecast_goes_by_the_last_rebuilds),
		cmocka_unit_test(a_forecast_does_not_depend_on_the_order_in_which_rows_are_read),
		TRIAL(an_end_that_is_not_so_after_all_is_not_in_the_forecast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
