/* What only a database on a server does: it goes away, hangs, loses answers, and has other tenants. */
#include "fixture.h"

#include <signal.h>

#include "base/clock.h"
#include "base/text.h"
#include "journal/database.h"
#include "journal/driver.h"
#include "journal/schema.h"
#include "lossy.h"

enum { LIMIT_MS = 60 * 1000 }; /* for what takes as long as it takes */

static int64_t now_ms(void)
{
	return clock_mono_ms(&clock_system);
}

static bool server_does(struct fixture *f, const char *command)
{
	return test_postgres_do(&f->backend->server, command);
}

/* In the schema of this test. */
static bool server_runs(struct fixture *f, const char *sql)
{
	auto_text command = { 0 };

	text_init(&command, 1024);
	text_addf(&command, "sql postgres SET search_path = t%d; %s", f->backend->used, sql);
	return server_does(f, command.bytes);
}

static struct event note(const char *detail)
{
	return (struct event){ .kind = EVENT_NOTE, .rebuild = "rb-1", .at_ms = 5, .detail = detail };
}

static bool count_one(void *self, const struct event *e)
{
	(void)e;
	++*(int *)self;
	return true;
}

static int count_events(struct journal *j)
{
	struct error err = ERROR_INIT;
	int count = 0;

	must(journal_events(j, NULL, 0, count_one, &count, &err), &err);
	return count;
}

static void refused(const char *url, enum journal_access access, enum error_kind kind, const char *word)
{
	auto_error err = ERROR_INIT;
	struct journal *j = NULL;

	assert_false(journal_open(url, access, &j, &err));
	assert_null(j);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.message, word))
		fail_msg("`%s` does not name %s", err.message, word);
	assert_non_null(err.hint);
}

/* ---- it goes away ---- */

static void a_session_that_the_server_ended_is_begun_anew(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct event e = note("after");

	assert_true(server_does(f, "crash"));
	assert_true(server_does(f, "start"));
	must(journal_append(f->j, &e, 1, &err), &err);
	assert_int_equal(count_events(f->j), 1);
}

static void while_the_server_is_away_calls_say_so_at_once(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event e = note("kept by the caller");
	int64_t began;

	assert_true(server_does(f, "crash"));
	began = now_ms();
	for (int i = 0; i < 20; i++) {
		error_release(&err);
		assert_false(journal_append(f->j, &e, 1, &err));
		assert_true(error_is(&err, JOURNAL_AWAY));
	}
	assert_in_range(now_ms() - began, 0, 10 * 1000); /* not half a second for each */
	assert_true(server_does(f, "start"));
	error_release(&err);
	while (!journal_append(f->j, &e, 1, &err)) {
		assert_in_range(now_ms() - began, 0, LIMIT_MS);
		error_release(&err);
		usleep(50 * 1000);
	}
	assert_int_equal(count_events(f->j), 1);
}

static void a_server_that_hangs_is_given_up_within_seconds(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event e = note("kept by the caller");
	int64_t began = now_ms();

	assert_true(server_does(f, "freeze"));
	assert_false(journal_append(f->j, &e, 1, &err));
	assert_true(server_does(f, "thaw"));
	assert_true(error_is(&err, JOURNAL_AWAY));
	assert_in_range(now_ms() - began, 1000, 20 * 1000);
	error_release(&err);
	while (!journal_append(f->j, &e, 1, &err)) {
		assert_in_range(now_ms() - began, 0, LIMIT_MS);
		error_release(&err);
		usleep(200 * 1000);
	}
	assert_int_equal(count_events(f->j), 1);
}

static bool stand_still(struct journal *j, void *arg, struct error *err)
{
	(void)j, (void)arg, (void)err;
	raise(SIGSTOP);
	return true;
}

static void hold_the_lock(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;

	(void)!database_transaction(open_at(f->path, JOURNAL_WRITE), stand_still, NULL, &err);
}

/* Its session is ended by the server (idle_in_transaction_session_timeout). */
static void a_writer_that_was_stopped_does_not_hold_up_the_others(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event e = note("goes on");
	int64_t began = now_ms();
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		hold_the_lock(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_false(journal_append(f->j, &e, 1, &err));
	assert_true(error_is(&err, JOURNAL_AWAY));
	error_release(&err);
	while (!journal_append(f->j, &e, 1, &err)) {
		assert_in_range(now_ms() - began, 0, LIMIT_MS);
		error_release(&err);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* ---- answers that are lost ---- */

/* The first COMMIT over the lossy way is that of opening. */
static struct journal *open_lossy(struct fixture *f, enum lossy_loss loss, pid_t *pid)
{
	struct test_postgres way = { .keeper = 0 };
	char url[POSTGRES_URL_SIZE];

	snprintf(way.folder, sizeof(way.folder), "%s", f->folder);
	*pid = lossy_start(f->folder, f->backend->server.folder, 2, loss);
	test_postgres_url(&way, f->backend->used, url);
	return open_at(url, JOURNAL_WRITE);
}

static void blue_is(struct journal *j, const char *expected)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r;
	bool found;

	must(record_find(j, "rb-1", &a, &r, &found, &err), &err);
	assert_true(found);
	assert_string_equal(r.blue, expected);
}

/* What shows whether it was done twice. */
static bool add_mark(struct journal *j, void *arg, struct error *err)
{
	++*(int *)arg;
	return database_execute(j, "UPDATE rebuild SET blue = blue || '!'", err);
}

static void mark_over_a_lossy_way(struct fixture *f, enum lossy_loss loss, int expected_runs)
{
	struct error err = ERROR_INIT;
	int runs = 0;
	pid_t pid;
	struct journal *j = open_lossy(f, loss, &pid);

	must(database_transaction(j, add_mark, &runs, &err), &err);
	journal_close(j);
	lossy_end(pid);
	assert_int_equal(runs, expected_runs);
	blue_is(f->j, "i-blue!");
}

static void a_commit_whose_answer_was_lost_is_found_out(void **state)
{
	mark_over_a_lossy_way(*state, LOSE_ANSWER, 1);
}

static void a_commit_that_never_arrived_is_made_again(void **state)
{
	mark_over_a_lossy_way(*state, LOSE_REQUEST, 2);
}

/* Nobody could say whether it was taken, and now the same events come once more with another one behind them. */
static void events_that_come_again_are_taken_once(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct event first = note("first"), again[2];

	must(journal_append(f->j, &first, 1, &err), &err);
	again[0] = first;
	again[1] = note("second");
	must(journal_append(f->j, again, 2, &err), &err);
	assert_int_equal(again[1].seq, 2);
	again[1].seq = 7; /* that of an attempt that came to nothing */
	must(journal_append(f->j, &again[1], 1, &err), &err);
	assert_int_equal(again[1].seq, 3);
	assert_int_equal(count_events(f->j), 3);
}

static void a_record_that_comes_again_is_the_same_one(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct record r = { .id = "rb-2", .blue = "i-2", .created_ms = 7 };

	must(record_create(f->j, &r, &err), &err);
	must(record_create(f->j, &r, &err), &err);
}

/* ---- conflicts ---- */

static bool conflict_twice(struct journal *j, void *arg, struct error *err)
{
	const int *runs = arg;

	return add_mark(j, arg, err) &&
	       (*runs > 2 ||
		       database_execute(j, "DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END$$", err));
}

static void a_transaction_that_was_told_to_try_again_leaves_nothing_of_its_first_tries(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int runs = 0;

	must(database_transaction(f->j, conflict_twice, &runs, &err), &err);
	assert_int_equal(runs, 3);
	blue_is(f->j, "i-blue!");
}

/* ---- what is there already ---- */

static void a_newer_version_is_refused_and_named(void **state)
{
	struct fixture *f = *state;

	assert_true(server_runs(f, "UPDATE changeover_journal SET version = 99"));
	refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "version 99");
	refused(f->path, JOURNAL_READ, ERROR_LOCAL, "version 99");
}

static void the_tables_of_another_program_are_left_alone(void **state)
{
	struct fixture *f = *state;

	assert_true(server_runs(f, "CREATE TABLE event (what TEXT); INSERT INTO event VALUES ('birthday')"));
	refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "not a journal");
	refused(f->path, JOURNAL_READ, ERROR_LOCAL, "not a journal");
	assert_true(server_runs(f, "SELECT what FROM event"));
	assert_false(server_runs(f, "SELECT 1 FROM rebuild"));
}

static void reading_neither_creates_nor_writes(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;

	refused(f->path, JOURNAL_READ, ERROR_MISSING, "there is none");
	assert_false(server_runs(f, "SELECT 1 FROM changeover_journal"));
	journal_close(open_at(f->path, JOURNAL_WRITE));
	f->j = open_at(f->path, JOURNAL_READ);
	assert_false(record_create(f->j, &(struct record){ .id = "rb-1" }, &err));
}

/* As it was before rollouts had tables, and before it was known of whom something is asked. */
static void an_older_journal_gets_what_it_lacks(void **state)
{
	struct fixture *f = *state;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	assert_true(server_runs(f, "DROP TABLE rollout_machine, rollout; ALTER TABLE wish DROP COLUMN epoch;"
				   "UPDATE changeover_journal SET version = 2"));
	journal_close(open_at(f->path, JOURNAL_WRITE));
	assert_true(server_runs(f, "SELECT 1 FROM rollout_machine"));
	assert_true(server_runs(f, "SELECT epoch FROM wish"));
}

/* ---- texts ---- */

static bool copy_detail(void *self, const struct event *e)
{
	snprintf(self, 64, "%s", e->detail);
	return false;
}

static void what_is_no_utf8_is_repaired_and_taken(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct event e = note("caf\xe9 '; DROP TABLE event; --");
	char detail[64] = "";

	must(journal_append(f->j, &e, 1, &err), &err);
	must(journal_events(f->j, NULL, 0, copy_detail, detail, &err), &err);
	assert_string_equal(detail, "caf\xef\xbf\xbd '; DROP TABLE event; --");
}

static void a_password_is_shown_nowhere(void **state)
{
	static const char *const URLS[] = { "postgres://anna:hunter2@127.0.0.1:1/x",
		"postgres://127.0.0.1:1/x?user=anna&password=hunter2",
		"postgresql://anna:hun/ter2@127.0.0.1:1/x", "postgres://anna:hunter2@127.0.0.1:port/x",
		"postgres://anna:hunter2@[::1/x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(URLS); i++) {
		auto_error err = ERROR_INIT;
		struct journal *j = NULL;

		assert_false(journal_open(URLS[i], JOURNAL_WRITE, &j, &err));
		if (strstr(err.message, "ter2") || strstr(err.message, "hun"))
			fail_msg("`%s`", err.message);
		assert_non_null(strstr(err.message, "postgres://"));
	}
}

int main(void)
{
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_all)
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(a_session_that_the_server_ended_is_begun_anew),
		TEST(while_the_server_is_away_calls_say_so_at_once),
		TEST(a_server_that_hangs_is_given_up_within_seconds),
		TEST(a_writer_that_was_stopped_does_not_hold_up_the_others),
		TEST(a_commit_whose_answer_was_lost_is_found_out),
		TEST(a_commit_that_never_arrived_is_made_again),
		TEST(events_that_come_again_are_taken_once),
		TEST(a_record_that_comes_again_is_the_same_one),
		TEST(a_transaction_that_was_told_to_try_again_leaves_nothing_of_its_first_tries),
		TEST(a_newer_version_is_refused_and_named),
		EMPTY(the_tables_of_another_program_are_left_alone),
		EMPTY(reading_neither_creates_nor_writes),
		EMPTY(an_older_journal_gets_what_it_lacks),
		TEST(what_is_no_utf8_is_repaired_and_taken),
		cmocka_unit_test(a_password_is_shown_nowhere),
	};

	return cmocka_run_group_tests(tests, use_postgres, leave_backend);
}
