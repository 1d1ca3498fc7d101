/* What came of a rollout: in one line, by cause and by machine. */
#include "fleet.h"

#include "report/causes.h"
#include "report/reason.h"
#include "report/rollout_report.h"

static struct rollout_record ended(enum rollout_state state)
{
	struct rollout_record r = RUNNING;

	r.state = state;
	return r;
}

static void people_read_what_failed_and_why(void **state)
{
	const struct rollout_record r = ended(ROLLOUT_IS_DONE);
	struct standing s = STAND(&r, view("", NULL));
	auto_text text = { 0 };

	(void)state;
	text_init(&text, 65536);
	rollout_report_text(&s, &(struct style){ .unicode = true }, &text);
	is_golden("rollout-report.txt", text.bytes);
	standing_release(&s);
}

static void a_step_summary_shows_it_as_tables(void **state)
{
	const struct rollout_record r = ended(ROLLOUT_IS_DONE);
	struct standing s = STAND(&r, view("", NULL));
	auto_text text = { 0 };

	(void)state;
	text_init(&text, 65536);
	rollout_report_markdown(&s, &text);
	is_golden("rollout-report.md", text.bytes);
	standing_release(&s);
}

static void programs_read_it_too(void **state)
{
	const struct rollout_record r = ended(ROLLOUT_IS_DONE);
	struct standing s = STAND(&r, view("", NULL));

	(void)state;
	is_golden_json("rollout-report.json", rollout_report_json(&s));
	standing_release(&s);
}

/* The example of what a person gets. */
static void one_failure_is_told_with_its_reason(void **state)
{
	struct machine_record rows[50];
	struct rollout_record r = ended(ROLLOUT_IS_DONE);
	struct standing s;
	json_auto_t *o = NULL;

	(void)state;
	for (int i = 0; i < 50; i++)
		rows[i] = (struct machine_record){ .number = i,
			.machine = "i-1",
			.group = "",
			.stage = "wave 1",
			.state = "rebuilt",
			.rebuild = "",
			.cause = "" };
	rows[7].state = "rolled-back";
	rows[7].cause = "readiness: http 503";
	rows[9].state = "unreachable";
	s = stand(&r, rows, 50, view("", NULL));
	o = rollout_report_json(&s);
	assert_string_equal(json_string_value(json_object_get(o, "summary")),
		"48 of 50 machines rebuilt, 1 rolled back (readiness: http 503), 1 unreachable");
	standing_release(&s);
}

static void a_foreign_text_cannot_leave_its_cell(void **state)
{
	const struct machine_record row = { ROW(0, "canary"), .state = "refused", .rebuild = "",
		.cause = "a | b\n<img src=x> @everyone [x](http://y)" };
	const struct rollout_record r = ended(ROLLOUT_IS_DONE);
	struct standing s = stand(&r, &row, 1, view("", NULL));
	auto_text text = { 0 };

	(void)state;
	text_init(&text, 65536);
	rollout_report_markdown(&s, &text);
	assert_non_null(
		strstr(text.bytes, "| a \\| b \\<img src=x\\> &#64;everyone \\[x\\]\\(http://y\\) |"));
	assert_null(strchr(text.bytes, '@'));
	standing_release(&s);
}

static void machines_without_a_reason_are_one_cause(void **state)
{
	const struct machine_record rows[] = {
		{ ROW(0, "canary"), .state = "parked", .rebuild = "", .cause = "" },
		{ ROW(1, "canary"), .state = "parked", .rebuild = "", .cause = "" },
		{ ROW(2, "canary"), .state = "refused", .rebuild = "", .cause = "" },
	};
	struct standing s = stand(&RUNNING, rows, 3, view("", NULL));
	auto_arena a = ARENA_INIT;
	struct causes c;

	(void)state;
	causes_find(&s, &a, &c);
	assert_int_equal(c.count, 2);
	assert_int_equal(c.list[0].count, 2);
	assert_int_equal(c.list[0].state, MACHINE_PARKED);
	assert_ptr_equal(c.list[0].machines[1], &s.machines[1]);
	standing_release(&s);
}

static void the_most_frequent_of_several_causes_is_told_first(void **state)
{
	const struct machine_record rows[] = {
		{ ROW(0, "canary"), .state = "refused", .rebuild = "", .cause = "no snapshot" },
		{ ROW(1, "wave 1"), .state = "refused", .rebuild = "", .cause = "no room in subnet-1" },
		{ ROW(2, "wave 1"), .state = "refused", .rebuild = "", .cause = "no room in subnet-2" },
	};
	struct standing s = stand(&RUNNING, rows, 3, view("", NULL));
	json_auto_t *o = rollout_report_json(&s);
	json_t *causes = json_object_get(o, "causes");

	(void)state;
	assert_int_equal(json_array_size(causes), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(causes, 0), "cause")),
		"no room in subnet-…");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(causes, 1), "cause")), "no snapshot");
	assert_string_equal(json_string_value(json_object_get(o, "summary")),
		"0 of 3 machines rebuilt, 3 refused (2 of them: no room in subnet-…)");
	standing_release(&s);
}

/* ---- reasons ---- */

static const struct {
	const char *reason, *stripped;
} REASONS[] = {
	{ "could not attach vol-0a1b to i-0c2d: volume is in another zone",
		"could not attach vol-… to i-…: volume is in another zone" },
	{ "readiness: http 503", "readiness: http 503" },
	{ "tcp 443: connection refused by 10.0.3.17", "tcp 443: connection refused by …" },
	{ "tcp 10.0.3.17:443 is closed", "tcp …:443 is closed" },
	{ "outage_limit of 5 min has passed", "outage_limit of … has passed" },
	{ "gave up after 3 min 20 s", "gave up after …" },
	{ "gave up after 7.4s, at last", "gave up after …, at last" },
	{ "exit code 3", "exit code 3" },
	{ "not before 2026-11-22T02:00:00Z", "not before …" },
	{ "not before 2026-11-22T02:00:00.123Z: closed", "not before …: closed" },
	{ "/data is held by postgres (pid 77)", "/data is held by postgres (pid …)" },
	{ "rebuild rb-7h2k9m3x0q of ro-1 has it", "rebuild rb-… of ro-… has it" },
	{ "multi-i-layer cake, vi-2, i-", "multi-i-layer cake, vi-2, i-" },
	{ "1.2.3 is old, 1.2.3.4 is an address", "1.2.3 is old, … is an address" },
	{ "30 servers, 5 months", "30 servers, 5 months" },
	{ "", "" },
};

static void only_what_belongs_to_one_machine_or_moment_is_stripped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(REASONS); i++) {
		auto_text text = { 0 };

		text_init(&text, 1024);
		reason_strip(REASONS[i].reason, &text);
		assert_string_equal(text.bytes, REASONS[i].stripped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_read_what_failed_and_why),
		cmocka_unit_test(a_step_summary_shows_it_as_tables),
		cmocka_unit_test(programs_read_it_too),
		cmocka_unit_test(one_failure_is_told_with_its_reason),
		cmocka_unit_test(a_foreign_text_cannot_leave_its_cell),
		cmocka_unit_test(machines_without_a_reason_are_one_cause),
		cmocka_unit_test(the_most_frequent_of_several_causes_is_told_first),
		cmocka_unit_test(only_what_belongs_to_one_machine_or_moment_is_stripped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
