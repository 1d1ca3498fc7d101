/* status, report, promote, pause, abort and rollback of rollouts: what is told of them, and what is said. */
#include "rollouts.h"

/* ---- status ---- */

static void status_lists_rollouts_before_rebuilds(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct record rebuild = { .id = "rb-0", .blue = "i-0", .created_ms = T0, .updated_ms = T0 };
	auto_console c = { 0 };

	must(record_create(f->j, &rebuild, &err), &err);
	c = RUN("status", f->option);
	assert_int_equal(c.code, EXIT_DONE);
	assert_string_equal(c.out,
		"ro-1  running      2026-11-22T02:00:00Z  acme: 1 of 4 machines rebuilt, 3 not begun\n"
		"\n"
		"rb-0  planned      2026-11-22T02:00:00Z  i-0\n");
}

static void the_list_for_programs_has_both(void **state)
{
	struct fixture *f = *state;
	auto_console c = RUN("status", f->option, "--json");
	json_auto_t *document = console_document(&c);
	json_t *one = json_array_get(json_object_get(document, "rollouts"), 0);

	assert_string_equal(json_string_value(json_object_get(one, "rollout")), "ro-1");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "figures"), "waiting")), 3);
	assert_int_equal(json_array_size(json_object_get(document, "rebuilds")), 0);
	assert_string_equal(c.err, "");
}

static void status_of_a_rollout_says_what_it_waits_for(void **state)
{
	struct fixture *f = *state;
	auto_console c = RUN("status", f->option, "ro-1");

	assert_int_equal(c.code, EXIT_DONE);
	says(c.out, "ro-1 running for 30.0 s\n");
	says(c.out, "driven by       anna@");
	says(c.out, "waits for       its gate after canary, whose command is asked again and again\n");
	says(c.out, "next            changeover promote ro-1\n");
	says(c.out, "+ canary       1 of 1 machines rebuilt\n");
	says(c.out, ". wave 2       0 of 2 machines rebuilt, 2 not begun\n");
}

static void a_plan_that_was_changed_says_nothing_about_gates(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->plan, "a");
	auto_console c = { 0 };

	fputs("# another thought\n", file);
	fclose(file);
	c = RUN("status", f->option, "ro-1");
	assert_int_equal(c.code, EXIT_DONE);
	assert_null(strstr(c.out, "gate"));
}

static void status_works_on_a_journal_from_before_rollouts(void **state)
{
	struct fixture *f = *state;
	char command[256];
	auto_console c = { 0 };

	snprintf(command, sizeof(command),
		"/usr/bin/python3 -c \"import sqlite3; d = sqlite3.connect('%s'); d.executescript('DROP "
		"TABLE "
		"rollout_machine; DROP TABLE rollout; PRAGMA user_version = 2')\"",
		f->journal);
	assert_int_equal(system(command), 0);
	c = RUN("status", f->option);
	assert_int_equal(c.code, EXIT_DONE);
	says(c.err, "there are no rebuilds");
}

/* ---- which one ---- */

static void a_mistyped_rollout_is_answered_with_the_near_one(void **state)
{
	struct fixture *f = *state;
	auto_console near = RUN("status", f->option, "ro-7"), begun = RUN("report", f->option, "ro-");

	assert_int_equal(near.code, EXIT_FAILED);
	says(near.err, "there is no rollout ro-7: did you mean ro-1? The newest is ro-1");
	assert_int_equal(begun.code, EXIT_DONE);
}

static void without_an_id_it_is_the_only_one_that_is_not_over(void **state)
{
	struct fixture *f = *state;
	auto_console one = { 0 }, none = { 0 };

	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	none = RUN("pause", f->option);
	assert_int_equal(none.code, EXIT_FAILED);
	says(none.err, "all rollouts in");
	add_rollout(f, "ro-2", T0 + 1, "");
	one = RUN("pause", f->option);
	assert_int_equal(one.code, EXIT_DONE);
	says(one.out, "rollout ro-2 is paused");
}

static void several_that_are_not_over_are_named(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const struct machine_record other = { .machine = "i-9", .stage = "wave 1", .state = "waiting" };
	const struct rollout_record r = {
		.id = "ro-2", .plan_name = "b", .machines = 1, .created_ms = T0 + 1
	};
	auto_console c = { 0 };

	must(rollout_record_create(f->j, &r, &other, 1, &err), &err);
	c = RUN("promote", f->option);
	assert_int_equal(c.code, EXIT_USAGE);
	says(c.err, "2 rollouts are not over: ro-2 and ro-1");
}

/* ---- promote ---- */

static void promote_opens_the_gate_and_says_what_comes_next(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console first = RUN("promote", f->option), second = RUN("promote", f->option),
		     third = RUN("promote", f->option);

	assert_int_equal(first.code, EXIT_DONE);
	assert_string_equal(first.out, "gate 1, after canary is open\n"
				       "wave 1 is next\n"
				       "gate 2, after wave 1 is the next one that is shut\n");
	assert_string_equal(second.out, "gate 2, after wave 1 is open ahead of its time\n"
					"wave 2 is next\n"
					"no gate is shut any more\n");
	assert_int_equal(third.code, EXIT_FAILED);
	says(third.err, "all gates of rollout ro-1 are open: it has 2");
	assert_int_equal(row(f, "ro-1", &a).promoted, 2);
}

static void promote_opens_all_gates_up_to_a_number(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console both = RUN("promote", f->option, "--gate=2", "--json"),
		     again = RUN("promote", f->option, "--gate=1"),
		     far = RUN("promote", f->option, "--gate=3");
	json_auto_t *document = console_document(&both);

	assert_int_equal(json_array_size(json_object_get(document, "opened")), 2);
	assert_int_equal(json_integer_value(json_object_get(document, "gates_open")), 2);
	assert_null(json_object_get(document, "next_gate"));
	assert_int_equal(again.code, EXIT_DONE);
	says(again.out, "gate 1, after canary was open already");
	assert_int_equal(far.code, EXIT_USAGE);
	says(far.err, "has 2 gates, and no gate 3");
	assert_int_equal(row(f, "ro-1", &a).promoted, 2);
}

static void what_one_operator_says_stays_when_another_speaks(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console pause = RUN("pause", f->option), promote = RUN("promote", f->option);
	struct rollout_record r = row(f, "ro-1", &a);

	assert_int_equal(pause.code + promote.code, EXIT_DONE);
	assert_true(r.paused);
	assert_int_equal(r.promoted, 1);
}

/* ---- pause ---- */

static void a_pause_is_ended_by_off(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console on = RUN("pause", f->option, "ro-1"), off = { 0 };

	assert_string_equal(on.out, "rollout ro-1 is paused: no machine is begun with; 0 under way\n");
	assert_string_equal(on.err, "");
	assert_true(row(f, "ro-1", &a).paused);
	leave(f);
	off = RUN("pause", f->option, "--off");
	assert_string_equal(off.out, "rollout ro-1 is not paused any more\n");
	says(off.err, "nobody drives it: `changeover resume ro-1` goes on");
	assert_false(row(f, "ro-1", &a).paused);
}

static void nothing_is_said_of_a_rollout_that_is_over(void **state)
{
	struct fixture *f = *state;
	auto_console pause = { 0 }, promote = { 0 }, end = { 0 };

	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	pause = RUN("pause", f->option, "ro-1");
	promote = RUN("promote", f->option, "ro-1");
	end = RUN("abort", f->option, "ro-1", "--keep");
	assert_int_equal(pause.code, EXIT_FAILED);
	says(pause.err, "rollout ro-1 is over: done");
	says(promote.err, "rollout ro-1 is over: done");
	says(end.err, "rollout ro-1 is over: done");
}

/* ---- resume ---- */

/* It halts for that, and still has machines under way. */
static void whoever_drives_it_is_told_that_failures_are_known(void **state)
{
	struct fixture *f = *state;
	const struct machine_record failed = { .number = 1, .state = "rolled-back", .rebuild = "rb-1" };
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	change(f->j, "ro-1", &failed, ROLLOUT_IS_HALTED, "1 of 4 machines failed");
	must(rollout_order_pause(f->j, "ro-1", true, T0, &err), &err);
	let_bert_drive(f);
	c = RUN("resume", f->option, "ro-1");
	assert_int_equal(c.code, EXIT_DONE);
	says(c.err, "told bert@far pid 7");
	assert_int_equal(row(f, "ro-1", &a).known_failures, 1);
	assert_false(row(f, "ro-1", &a).paused);
}

static void what_is_being_ended_does_not_go_on(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, T0, &err), &err);
	let_bert_drive(f);
	c = RUN("resume", f->option, "ro-1");
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "rollout ro-1 is ending, as an operator asked");
	says(c.err, "it is driven by bert@far pid 7");
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_KEEP);
}

/* ---- abort ---- */

static void whoever_drives_it_is_asked_to_end(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console keep = RUN("abort", f->option, "--keep"), revert = { 0 };

	assert_int_equal(keep.code, EXIT_DONE);
	says(keep.err, "asked anna@");
	says(keep.out, "waits for what is under way; then it ends, as an operator asked");
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_KEEP);
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_RUNNING);
	revert = RUN("abort", f->option, "ro-1", "--revert");
	assert_int_equal(revert.code, EXIT_DONE);
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_REVERT);
}

static void a_rollout_that_nobody_drives_is_over_at_once(void **state)
{
	struct fixture *f = *state;
	const struct machine_record under_way = { .number = 1, .state = "under-way", .rebuild = "rb-1" };
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	change(f->j, "ro-1", &under_way, ROLLOUT_IS_HALTED, "1 of 4 machines failed");
	leave(f);
	c = RUN("abort", f->option, "--keep", "ro-1");
	assert_int_equal(c.code, EXIT_DONE);
	says(c.out, "ro-1 x aborted: 1 of 4 machines rebuilt, 1 under way, 2 not begun; an operator gave it "
		    "up\n");
	says(c.err, "1 of its machines had been begun with");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_ABORTED);
	assert_string_equal(row(f, "ro-1", &a).cause, "an operator gave it up");
}

static void nobody_can_put_back_what_nobody_drives(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	leave(f);
	c = RUN("abort", f->option, "--revert", "ro-1");
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "next: changeover rollback ro-1");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_RUNNING);
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_NONE);
}

static void what_becomes_of_the_rebuilt_machines_is_not_guessed(void **state)
{
	struct fixture *f = *state;
	auto_console none = RUN("abort", f->option, "ro-1"),
		     both = RUN("abort", f->option, "--keep", "--revert"),
		     rollback = RUN("abort", f->option, "--rollback", "ro-1"),
		     rebuild = RUN("abort", f->option, "--keep", "rb-1");

	assert_int_equal(none.code, EXIT_USAGE);
	says(none.err, "--keep or --revert?");
	assert_int_equal(both.code, EXIT_USAGE);
	assert_int_equal(rollback.code, EXIT_USAGE);
	says(rollback.err, "--revert");
	assert_int_equal(rebuild.code, EXIT_USAGE);
	says(rebuild.err, "--rollback");
}

/* ---- report ---- */

static void a_report_is_written_in_three_forms(void **state)
{
	struct fixture *f = *state;
	const struct machine_record failed = {
		.number = 1, .state = "rolled-back", .cause = "readiness: http 503"
	};
	auto_console text = { 0 }, markdown = { 0 }, json = { 0 };
	json_auto_t *document = NULL;

	change(f->j, "ro-1", &failed, ROLLOUT_IS_HALTED, "1 of 4 machines failed");
	text = RUN("report", f->option, "ro-1");
	assert_int_equal(text.code, EXIT_DONE);
	assert_memory_equal(text.out,
		"1 of 4 machines rebuilt, 1 rolled back (readiness: http 503), 2 not begun; halted: 1 of 4",
		80);
	markdown = RUN("report", f->option, "--format", "markdown");
	says(markdown.out, "| 1 | rolled back | readiness: http 503 | `i-1` |");
	json = RUN("report", f->option, "--format=json");
	document = console_document(&json);
	assert_int_equal(json_array_size(json_object_get(document, "causes")), 1);
	assert_int_equal(json_array_size(json_object_get(document, "machines")), 4);
}

/* ---- rollback ---- */

static void add_rebuild(struct fixture *f, const char *id, const char *blue, const char *green)
{
	struct error err = ERROR_INIT;
	const struct record r = { .id = id,
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = "digest",
		.blue = blue,
		.green = green,
		.state = RECORD_DONE,
		.created_ms = T0,
		.updated_ms = T0 };

	must(record_create(f->j, &r, &err), &err);
}

static void a_machine_that_was_rebuilt_once_more_since_is_not_put_back(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	add_rebuild(f, "rb-0", "i-0", "i-green");
	add_rebuild(f, "rb-9", "i-green", "i-greener");
	c = console_run((char *[]){ "rollback", f->option, "ro-1", NULL }, environment_of_nobody());
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "green i-green of rebuild rb-0 has been replaced since, by rebuild rb-9");
	says(c.err, "roll that one back first");
}

static const char *id_in(const struct console *c, json_t **document)
{
	*document = console_document(c);
	return json_string_value(json_object_get(*document, "rollout"));
}

/* Both write it down; who comes second finds it. */
static void what_is_left_to_workers_to_put_back_is_one_rollout(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console first = { 0 }, second = { 0 };
	json_auto_t *one = NULL, *other = NULL;
	const char *id;

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	first = RUN("rollback", f->option, "ro-1", "--detach", "--json");
	second = RUN("rollback", f->option, "ro-1", "--detach", "--json");
	assert_int_equal(first.code, EXIT_DONE);
	id = id_in(&first, &one);
	assert_string_equal(id, id_in(&second, &other));
	assert_int_equal(json_integer_value(json_object_get(one, "machines")), 1);
	assert_int_equal(row(f, id, &a).kind, ROLLOUT_GOES_BACK);
	assert_string_equal(row(f, id, &a).parent, "ro-1");
	assert_string_equal(row(f, id, &a).plan_path, f->plan);
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_ABORTED);
}

static void what_somebody_drives_is_not_left_to_workers_to_put_back(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	let_bert_drive(f);
	c = RUN("rollback", f->option, "ro-1", "--detach");
	assert_int_equal(c.code, EXIT_LOCKED);
	says(c.err, "rollout ro-1 is being driven by bert@far");
	says(c.err, "changeover abort --revert ROLLOUT");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_RUNNING);
}

static void only_a_rollout_is_left_to_workers(void **state)
{
	struct fixture *f = *state;
	auto_console rebuild = RUN("rollback", f->option, "rb-1", "--detach"),
		     by_rebuild = RUN("rollback", f->option, "ro-1", "--by-rebuild"),
		     lost = RUN("rollback", "--without-journal", "ro-1");

	assert_int_equal(rebuild.code, EXIT_USAGE);
	assert_int_equal(by_rebuild.code, EXIT_USAGE);
	assert_int_equal(lost.code, EXIT_USAGE);
	says(lost.err, "changeover rollback --without-journal PLAN");
}

/* An operator said so before anything was rebuilt: nobody has to do anything for that. */
static void a_rollout_without_a_rebuild_is_reverted_by_saying_so(void **state)
{
	struct fixture *f = *state;
	const struct machine_record withdrawn = { .number = 0, .state = "waiting" };
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	change(f->j, "ro-1", &withdrawn, ROLLOUT_IS_HALTED, "an operator stopped it");
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0, &err), &err);
	leave(f);
	c = RUN("rollback", f->option, "ro-1", "--detach");
	assert_int_equal(c.code, EXIT_DONE);
	says(c.err, "had rebuilt nothing");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_REVERTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_lists_rollouts_before_rebuilds),
		TEST(the_list_for_programs_has_both),
		TEST(status_of_a_rollout_says_what_it_waits_for),
		TEST(a_plan_that_was_changed_says_nothing_about_gates),
		TEST(status_works_on_a_journal_from_before_rollouts),
		TEST(a_mistyped_rollout_is_answered_with_the_near_one),
		TEST(without_an_id_it_is_the_only_one_that_is_not_over),
		TEST(several_that_are_not_over_are_named),
		TEST(promote_opens_the_gate_and_says_what_comes_next),
		TEST(promote_opens_all_gates_up_to_a_number),
		TEST(what_one_operator_says_stays_when_another_speaks),
		TEST(a_pause_is_ended_by_off),
		TEST(nothing_is_said_of_a_rollout_that_is_over),
		TEST(whoever_drives_it_is_told_that_failures_are_known),
		TEST(what_is_being_ended_does_not_go_on),
		TEST(whoever_drives_it_is_asked_to_end),
		TEST(a_rollout_that_nobody_drives_is_over_at_once),
		TEST(nobody_can_put_back_what_nobody_drives),
		TEST(what_becomes_of_the_rebuilt_machines_is_not_guessed),
		TEST(a_report_is_written_in_three_forms),
		TEST(a_machine_that_was_rebuilt_once_more_since_is_not_put_back),
		TEST(what_is_left_to_workers_to_put_back_is_one_rollout),
		TEST(what_somebody_drives_is_not_left_to_workers_to_put_back),
		TEST(only_a_rollout_is_left_to_workers),
		TEST(a_rollout_without_a_rebuild_is_reverted_by_saying_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
