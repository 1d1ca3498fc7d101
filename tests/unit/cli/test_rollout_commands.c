/* status, watch, report, promote, pause and abort of rollouts: what is told of them, and what is said. */
#include "console.h"

#include <sys/wait.h>
#include <time.h>

#include "journal/journal.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "journal/rollout_record.h"
#include "plan/plan.h"

#define T0 INT64_C(1795312800000) /* 2026-11-22T02:00:00Z; the clock stands half a minute later */

static const char PLAN[] = "version: 1\n"
			   "name: acme\n"
			   "machines: { tags: { Service: demo } }\n"
			   "image: { id: ami-0abc }\n"
			   "ssh: { user: admin, agent: true }\n"
			   "data: [{ volume: { device: /dev/sdf }, mount: /data }]\n"
			   "service: { stop: 'true', start: 'true' }\n"
			   "ready: [{ tcp: 22 }]\n"
			   "rollout:\n"
			   "  canary: 1\n"
			   "  waves: [50%, 100%]\n"
			   "  gates:\n"
			   "    - { after: canary, command: ./ok }\n"
			   "    - { after: wave 1, command: ./ok }\n";

/* A journal with one rollout, ro-1, whose canary is rebuilt: it waits at its first gate. */
struct fixture {
	char folder[64], journal[96], plan[96], option[112];
	struct journal *j;
	struct lease lease; /* of ro-1, held by this process */
};

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static const struct machine_record MACHINES[] = {
	{ .number = 0,
		.machine = "i-0",
		.group = "",
		.stage = "canary",
		.state = "rebuilt",
		.rebuild = "rb-0",
		.took_ms = 20000 },
	{ .number = 1, .machine = "i-1", .group = "", .stage = "wave 1", .state = "waiting" },
	{ .number = 2, .machine = "i-2", .group = "", .stage = "wave 2", .state = "waiting" },
	{ .number = 3, .machine = "i-3", .group = "", .stage = "wave 2", .state = "waiting" },
};

static void add_rollout(struct fixture *f, const char *id, int64_t created_ms, const char *digest)
{
	struct error err = ERROR_INIT;
	const struct rollout_record r = { .id = id,
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = digest,
		.machines = ARRAY_SIZE(MACHINES),
		.created_ms = created_ms,
		.updated_ms = created_ms };

	must(rollout_record_create(f->j, &r, MACHINES, ARRAY_SIZE(MACHINES), &err), &err);
}

static void change(struct journal *j, const char *id, const struct machine_record *m,
	enum rollout_state state, const char *cause)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	struct rollout_change c;
	bool found;

	must(rollout_record_find(j, id, &a, &r, &found, &err), &err);
	c = (struct rollout_change){ .id = id,
		.version = r.version,
		.machines = m,
		.count = m ? 1 : 0,
		.state = state,
		.cause = cause,
		.now_ms = T0 + 25000 };
	must(rollout_record_change(j, &c, &err), &err);
}

static void drive(struct fixture *f)
{
	struct error err = ERROR_INIT;

	f->lease = (struct lease){ .rebuild = "ro-1", .version = "0.1.0" };
	holder_self("anna", &f->lease.holder);
	must(lease_take(f->j, &f->lease, T0, &err), &err);
}

static void leave(struct fixture *f)
{
	struct error err = ERROR_INIT;

	must(lease_release(f->j, &f->lease, &err), &err);
}

static void write_plan(const struct fixture *f)
{
	FILE *file = fopen(f->plan, "w");

	assert_non_null(file);
	fputs(PLAN, file);
	fclose(file);
}

static int make_journal(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	auto_diagnostics d = DIAGNOSTICS_INIT;
	struct error err = ERROR_INIT;
	struct plan *plan;

	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-rollouts-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->journal, sizeof(f->journal), "%s/journal.db", f->folder);
	snprintf(f->plan, sizeof(f->plan), "%s/acme.yaml", f->folder);
	snprintf(f->option, sizeof(f->option), "--journal=%s", f->journal);
	write_plan(f);
	must(plan_load(f->plan, &plan, &d, &err), &err);
	must(journal_open(f->journal, JOURNAL_WRITE, &f->j, &err), &err);
	add_rollout(f, "ro-1", T0, plan->digest);
	plan_free(plan);
	drive(f);
	*state = f;
	return 0;
}

static int remove_journal(void **state)
{
	struct fixture *f = *state;

	journal_close(f->j);
	unlink(f->journal);
	unlink(f->plan);
	rmdir(f->folder);
	free(f);
	return 0;
}

static struct rollout_record row(struct fixture *f, const char *id, struct arena *a)
{
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	must(rollout_record_find(f->j, id, a, &r, &found, &err), &err);
	assert_true(found);
	return r;
}

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

/* ---- watch ---- */

static void watch_ends_with_how_the_rollout_stands(void **state)
{
	static const struct {
		enum rollout_state state;
		const char *machine;
		enum exit_code code;
	} ENDS[] = {
		{ ROLLOUT_IS_HALTED, "rolled-back", EXIT_PARKED },
		{ ROLLOUT_IS_DONE, "rebuilt", EXIT_DONE },
		{ ROLLOUT_IS_DONE, "unreachable", EXIT_FAILED },
		{ ROLLOUT_IS_ABORTED, "rebuilt", EXIT_FAILED },
		{ ROLLOUT_IS_REVERTED, "rebuilt", EXIT_ROLLED_BACK },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ENDS); i++) {
		const struct machine_record m = { .number = 1, .state = ENDS[i].machine };
		auto_console c = { 0 };

		change(f->j, "ro-1", &m, ENDS[i].state, "");
		c = RUN("watch", f->option, "ro-1");
		assert_int_equal(c.code, ENDS[i].code);
	}
}

static void watch_does_not_wait_for_what_nobody_drives(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	leave(f);
	c = RUN("watch", f->option);
	assert_int_equal(c.code, EXIT_PARKED);
	assert_string_equal(c.out,
		"02:00:30Z ro-1 x running: 1 of 4 machines rebuilt, 3 not begun; waits for an "
		"operator: nobody drives it\n");
}

/* What happens in another process half a second after the watch began: one machine, then the end. */
static void go_on_elsewhere(const struct fixture *f)
{
	const struct machine_record rebuilt = {
		.number = 1, .state = "rebuilt", .took_ms = 7000, .rebuild = "rb-1"
	};
	struct error err = ERROR_INIT;
	struct journal *j;

	nanosleep(&(struct timespec){ .tv_nsec = 500 * 1000 * 1000 }, NULL);
	if (!journal_open(f->journal, JOURNAL_WRITE, &j, &err))
		_exit(1);
	change(j, "ro-1", &rebuilt, ROLLOUT_IS_RUNNING, "");
	change(j, "ro-1", NULL, ROLLOUT_IS_HALTED, "enough");
	journal_close(j);
	_exit(0);
}

static void watch_tells_what_changes(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };
	pid_t other = fork();
	int status;

	if (!other)
		go_on_elsewhere(f);
	c = RUN("watch", f->option);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_int_equal(c.code, EXIT_PARKED);
	assert_string_equal(c.out,
		"02:00:30Z ro-1 o running: 1 of 4 machines rebuilt, 3 not begun; waits for its gate after "
		"canary, whose command is asked again and again\n"
		"02:00:30Z ro-1 + i-1                  rebuilt in 7.0 s  (rb-1)\n"
		"02:00:30Z ro-1 x halted: 2 of 4 machines rebuilt, 2 not begun; enough\n");
}

static void watch_as_json_prints_one_document(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };
	json_auto_t *document = NULL;

	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	c = RUN("watch", f->option, "--json", "ro-1");
	document = console_document(&c);
	assert_int_equal(json_array_size(json_object_get(document, "rollouts")), 1);
	says(c.err, "done: 1 of 4");
}

/* In another process: the rollout ends as an operator asked, and is put back. */
static void go_back_elsewhere(const struct fixture *f)
{
	struct rollout_record back = { .id = "ro-2",
		.kind = ROLLOUT_GOES_BACK,
		.parent = "ro-1",
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = "digest",
		.machines = 1,
		.created_ms = T0,
		.updated_ms = T0 };
	const struct machine_record rebuilt = {
		.number = 0, .machine = "i-0", .state = "rebuilt", .took_ms = 7000, .rebuild = "rb-0"
	};
	struct lease lease = { .rebuild = "ro-2", .version = "0.1.0" };
	struct error err = ERROR_INIT;
	struct journal *j;

	nanosleep(&(struct timespec){ .tv_nsec = 500 * 1000 * 1000 }, NULL);
	if (!journal_open(f->journal, JOURNAL_WRITE, &j, &err))
		_exit(1);
	change(j, "ro-1", NULL, ROLLOUT_IS_ABORTED, "put back by ro-2");
	must(rollout_record_create(j, &back, &MACHINES[0], 1, &err), &err);
	holder_self("anna", &lease.holder);
	must(lease_take(j, &lease, T0, &err), &err);
	nanosleep(&(struct timespec){ .tv_sec = 3 }, NULL);
	change(j, "ro-2", &rebuilt, ROLLOUT_IS_DONE, "");
	journal_close(j);
	_exit(0);
}

static void watch_follows_a_rollout_that_is_put_back(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_console c = { 0 };
	pid_t other;
	int status;

	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0, &err), &err);
	other = fork();
	if (!other)
		go_back_elsewhere(f);
	c = RUN("watch", f->option, "ro-1");
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_int_equal(c.code, EXIT_ROLLED_BACK);
	says(c.out, " ro-1 x aborted");
	says(c.out, " ro-2 + done");
}

static void watch_tells_machines_that_were_locked_out_from_those_that_failed(void **state)
{
	const struct machine_record out = { .number = 1, .state = "locked-out" },
				    failed = { .number = 2, .state = "rolled-back" };
	struct fixture *f = *state;
	auto_console locked = { 0 }, worse = { 0 };

	change(f->j, "ro-1", &out, ROLLOUT_IS_DONE, "");
	locked = RUN("watch", f->option, "ro-1");
	assert_int_equal(locked.code, EXIT_LOCKED);
	change(f->j, "ro-1", &failed, ROLLOUT_IS_DONE, "");
	worse = RUN("watch", f->option, "ro-1");
	assert_int_equal(worse.code, EXIT_FAILED);
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

/* Nobody is asked for anything: no call goes to that port. */
static void a_machine_that_was_rebuilt_once_more_since_is_not_put_back(void **state)
{
	char *environment[] = { "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL=http://127.0.0.1:9", "SSH_AUTH_SOCK=/nowhere",
		NULL };
	struct fixture *f = *state;
	auto_console c = { 0 };

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	add_rebuild(f, "rb-0", "i-0", "i-green");
	add_rebuild(f, "rb-9", "i-green", "i-greener");
	c = console_run((char *[]){ "rollback", f->option, "ro-1", NULL }, environment);
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "green i-green of rebuild rb-0 has been replaced since, by rebuild rb-9");
	says(c.err, "roll that one back first");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_journal)

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
		TEST(whoever_drives_it_is_asked_to_end),
		TEST(a_rollout_that_nobody_drives_is_over_at_once),
		TEST(nobody_can_put_back_what_nobody_drives),
		TEST(what_becomes_of_the_rebuilt_machines_is_not_guessed),
		TEST(a_report_is_written_in_three_forms),
		TEST(watch_ends_with_how_the_rollout_stands),
		TEST(watch_does_not_wait_for_what_nobody_drives),
		TEST(watch_tells_what_changes),
		TEST(watch_as_json_prints_one_document),
		TEST(watch_follows_a_rollout_that_is_put_back),
		TEST(a_machine_that_was_rebuilt_once_more_since_is_not_put_back),
		TEST(watch_tells_machines_that_were_locked_out_from_those_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
