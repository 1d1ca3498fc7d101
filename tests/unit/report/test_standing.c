/* How a rollout stands, and what it waits for. */
#include "fleet.h"

static char *tree(const struct standing *s, struct style style, size_t machines)
{
	auto_text text = { 0 };

	text_init(&text, 65536);
	standing_text(s, &style, machines, &text);
	return text_take(&text);
}

static void people_see_figures_stages_and_what_failed(void **state)
{
	struct standing s = STAND(&RUNNING, view(DRIVER, NULL));
	auto_free char *text = tree(&s, (struct style){ .unicode = true }, 20);

	(void)state;
	is_golden("standing.txt", text);
	standing_release(&s);
}

static void programs_see_the_same(void **state)
{
	struct standing s = STAND(&RUNNING, view(DRIVER, NULL));

	(void)state;
	is_golden_json("standing.json", standing_json(&s));
	standing_release(&s);
}

static void what_has_no_room_is_counted_and_the_worst_is_shown_first(void **state)
{
	struct standing s = STAND(&RUNNING, view(DRIVER, NULL));
	auto_free char *text = tree(&s, (struct style){ .unicode = false }, 2);

	(void)state;
	assert_non_null(strstr(text, "x i-0a11"));
	assert_non_null(strstr(text, "< i-0a2 "));
	assert_null(strstr(text, "i-0a9"));
	assert_non_null(strstr(text, "  and 4 more: changeover report ro-1\n"));
	standing_release(&s);
}

static void a_row_that_has_changed_counts_as_it_is_now(void **state)
{
	struct standing s = STAND(&RUNNING, view(DRIVER, NULL));
	struct machine_record changed = ROWS[4];
	struct standing_view v = view(DRIVER, NULL);

	(void)state;
	assert_int_equal(s.tally.counts[MACHINE_REBUILT], 2);
	changed.state = "rebuilt";
	changed.machine = changed.stage = "";
	standing_take(&s, &changed);
	standing_sum(&s, &RUNNING, &v);
	assert_int_equal(s.count, ARRAY_SIZE(ROWS));
	assert_int_equal(s.tally.counts[MACHINE_REBUILT], 3);
	assert_int_equal(s.tally.counts[MACHINE_UNDER_WAY], 0);
	assert_string_equal(s.machines[4].row.machine, "i-0a4");
	assert_int_equal(s.stages[1].tally.counts[MACHINE_REBUILT], 2);
	standing_release(&s);
}

static void a_state_of_a_later_version_calls_an_operator(void **state)
{
	const struct machine_record odd = { ROW(0, "canary"), .state = "levitating", .rebuild = "",
		.cause = "" };
	struct standing s = stand(&RUNNING, &odd, 1, view(DRIVER, NULL));

	(void)state;
	assert_int_equal(s.machines[0].state, MACHINE_PARKED);
	standing_release(&s);
}

/* ---- what it waits for ---- */

struct phase_case {
	struct rollout_record record;
	const char *driver;
	enum standing_phase phase;
	const char *waits, *next;
	bool at_rest;
};

#define RECORD(...)                                                                                          \
	{                                                                                                    \
		.id = "ro-1", .parent = "", .plan_name = "acme", .plan_path = "", .plan_digest = "",         \
		.cause = "", .created_ms = T0, __VA_ARGS__                                                   \
	}

static const struct phase_case PHASES[] = {
	{ RECORD(.state = ROLLOUT_IS_RUNNING), DRIVER, STANDING_GOES_ON, "", "", false },
	{ RECORD(.state = ROLLOUT_IS_RUNNING), "", STANDING_LEFT, "an operator: nobody drives it",
		"changeover resume ro-1", true },
	{ RECORD(.state = ROLLOUT_IS_RUNNING, .paused = true), DRIVER, STANDING_PAUSED,
		"an operator: it is paused; what is under way goes on", "changeover resume ro-1", false },
	{ RECORD(.state = ROLLOUT_IS_RUNNING, .paused = true), "", STANDING_PAUSED,
		"an operator: it is paused, and nobody drives it", "changeover resume ro-1", true },
	{ RECORD(.state = ROLLOUT_IS_HALTED), DRIVER, STANDING_HALTED,
		"an operator: it has halted; what is under way is finished or put back",
		"changeover resume ro-1", false },
	{ RECORD(.state = ROLLOUT_IS_HALTED, .paused = true), "", STANDING_HALTED,
		"an operator: it has halted", "changeover resume ro-1", true },
	{ RECORD(.state = ROLLOUT_IS_RUNNING, .wish = ROLLOUT_WISH_KEEP), DRIVER, STANDING_ENDS,
		"what is under way; then it ends, as an operator asked", "", false },
	{ RECORD(.state = ROLLOUT_IS_RUNNING, .wish = ROLLOUT_WISH_REVERT), DRIVER, STANDING_ENDS,
		"what is under way; then it ends, as an operator asked, and what was rebuilt is put back", "",
		false },
	{ RECORD(.state = ROLLOUT_IS_HALTED, .wish = ROLLOUT_WISH_KEEP, .paused = true), DRIVER,
		STANDING_ENDS, "what is under way; then it ends, as an operator asked", "", false },
	{ RECORD(.state = ROLLOUT_IS_RUNNING, .wish = ROLLOUT_WISH_KEEP), "", STANDING_LEFT,
		"an operator: nobody drives it", "changeover resume ro-1", true },
	{ RECORD(.state = ROLLOUT_IS_DONE, .paused = true), "", STANDING_OVER, "", "changeover report ro-1",
		true },
	{ RECORD(.state = ROLLOUT_IS_ABORTED), DRIVER, STANDING_OVER, "", "changeover report ro-1", true },
};

static void is_phase(const struct phase_case *c)
{
	struct standing s = STAND(&c->record, view(c->driver, NULL));
	auto_text waits = { 0 };
	auto_text next = { 0 };

	text_init(&waits, 1024);
	text_init(&next, 1024);
	standing_waits(&s, &waits);
	standing_next(&s, &next);
	assert_int_equal(s.phase, c->phase);
	assert_string_equal(waits.bytes, c->waits);
	assert_string_equal(next.bytes, c->next);
	assert_int_equal(standing_is_at_rest(&s), c->at_rest);
	standing_release(&s);
}

static void each_phase_says_what_it_waits_for_and_what_comes_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(PHASES); i++)
		is_phase(&PHASES[i]);
}

/* ---- by the plan ---- */

static const struct plan_gate GATES[] = { { "canary", "./ok" }, { "wave 1", NULL } };
static const struct plan_share WAVES[] = { { 2, false }, { 100, true } };

static struct plan plan_with_gates(void)
{
	struct plan p = { .name = "acme" };

	p.rollout.canary = (struct plan_share){ 1, false };
	p.rollout.waves = WAVES;
	p.rollout.wave_count = ARRAY_SIZE(WAVES);
	p.rollout.in_flight = p.rollout.per_group = (struct plan_share){ 10, false };
	p.rollout.gates = GATES;
	p.rollout.gate_count = ARRAY_SIZE(GATES);
	p.rollout.tries = 5;
	return p;
}

static const struct machine_record AT_GATE[] = { GREEN(0, "canary"), GREEN(1, "wave 1"), WAITS(2), WAITS(3) };

static void a_rollout_waits_at_the_gate_that_its_rows_have_come_to(void **state)
{
	const struct plan p = plan_with_gates();
	struct rollout_record r = RUNNING;
	struct standing s = stand(&r, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	auto_text line = { 0 };

	(void)state;
	assert_int_equal(s.phase, STANDING_AT_GATE);
	assert_ptr_equal(s.gate, &GATES[0]);
	assert_false(standing_is_at_rest(&s));
	standing_release(&s);
	r.promoted = 1;
	s = stand(&r, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	assert_ptr_equal(s.gate, &GATES[1]);
	text_init(&line, 1024);
	standing_waits(&s, &line);
	assert_string_equal(line.bytes, "its gate after wave 1");
	text_clear(&line);
	standing_next(&s, &line);
	assert_string_equal(line.bytes, "changeover promote ro-1");
	standing_release(&s);
	r.promoted = 2;
	s = stand(&r, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	assert_int_equal(s.phase, STANDING_GOES_ON);
	standing_release(&s);
}

static void an_end_is_expected_only_while_nothing_is_waited_for(void **state)
{
	const struct plan p = plan_with_gates();
	struct standing goes_on = STAND(&RUNNING, view(DRIVER, NULL));
	struct standing waits = stand(&RUNNING, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	auto_free char *first = tree(&goes_on, (struct style){ 0 }, 20);
	auto_free char *second = tree(&waits, (struct style){ 0 }, 20);

	(void)state;
	assert_non_null(strstr(first, "expected end"));
	assert_null(strstr(second, "expected end"));
	standing_release(&goes_on);
	standing_release(&waits);
}

static void a_rollout_that_puts_back_has_no_gates(void **state)
{
	const struct plan p = plan_with_gates();
	struct rollout_record r = RUNNING;
	struct standing s;

	(void)state;
	r.kind = ROLLOUT_GOES_BACK;
	s = stand(&r, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	assert_int_equal(s.phase, STANDING_GOES_ON);
	standing_release(&s);
}

static void a_closed_window_is_named_with_its_hour(void **state)
{
	struct plan p = plan_with_gates();
	struct rollout_record r = RUNNING;
	auto_text line = { 0 };
	struct standing s;

	(void)state;
	p.rollout.gate_count = 0;
	p.rollout.window = (struct plan_window){ .from = "04:00", .to = "05:00", .zone = "UTC" };
	s = stand(&r, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	assert_int_equal(s.phase, STANDING_CLOSED);
	text_init(&line, 1024);
	standing_waits(&s, &line);
	assert_string_equal(line.bytes, "its window, which opens at 2026-11-22T04:00:00Z");
	standing_release(&s);
}

static void a_plan_that_does_not_fit_the_rows_says_nothing(void **state)
{
	static const struct plan_share ONE[] = { { 1, false } };
	struct plan p = plan_with_gates();
	struct standing s;

	(void)state;
	p.rollout.waves = ONE;
	p.rollout.wave_count = 1;
	s = stand(&RUNNING, AT_GATE, ARRAY_SIZE(AT_GATE), view(DRIVER, &p));
	assert_int_equal(s.phase, STANDING_GOES_ON);
	standing_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_see_figures_stages_and_what_failed),
		cmocka_unit_test(programs_see_the_same),
		cmocka_unit_test(what_has_no_room_is_counted_and_the_worst_is_shown_first),
		cmocka_unit_test(a_row_that_has_changed_counts_as_it_is_now),
		cmocka_unit_test(a_state_of_a_later_version_calls_an_operator),
		cmocka_unit_test(each_phase_says_what_it_waits_for_and_what_comes_next),
		cmocka_unit_test(a_rollout_waits_at_the_gate_that_its_rows_have_come_to),
		cmocka_unit_test(an_end_is_expected_only_while_nothing_is_waited_for),
		cmocka_unit_test(a_rollout_that_puts_back_has_no_gates),
		cmocka_unit_test(a_closed_window_is_named_with_its_hour),
		cmocka_unit_test(a_plan_that_does_not_fit_the_rows_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
