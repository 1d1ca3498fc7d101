/* Events are kept in order, whole, and before anything is done. */
#include "fixture.h"

#include <signal.h>

#include "journal/database.h"

static struct event note(const char *detail)
{
	return (struct event){ .kind = EVENT_NOTE, .rebuild = "rb-1", .at_ms = 5, .detail = detail };
}

static struct event intent(int64_t epoch)
{
	return (struct event){ .kind = EVENT_INTENT,
		.rebuild = "rb-1",
		.step = "detach",
		.effect = "detach-volume",
		.token = "rb-1-detach-1",
		.epoch = epoch };
}

struct seen {
	int64_t seqs[16];
	char details[16][32];
	struct event last;
	size_t count, stop_after;
};

static bool see(void *self, const struct event *e)
{
	struct seen *s = self;

	assert_true(s->count < 16);
	s->seqs[s->count] = e->seq;
	snprintf(s->details[s->count], sizeof(s->details[0]), "%s", e->detail);
	s->count++;
	return s->count != s->stop_after;
}

static struct seen events_of(struct journal *j, const char *rebuild, int64_t after)
{
	struct error err = ERROR_INIT;
	struct seen s = { .count = 0 };

	must(journal_events(j, rebuild, after, see, &s, &err), &err);
	return s;
}

static void events_come_back_in_the_order_they_were_appended(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct event both[] = { note("first"), note("second") }, third = note("third");
	struct seen s;

	must(journal_append(f->j, both, 2, &err), &err);
	must(journal_append(f->j, &third, 1, &err), &err);
	assert_int_equal(third.seq, 3);
	s = events_of(f->j, "rb-1", 0);
	assert_int_equal(s.count, 3);
	assert_string_equal(s.details[0], "first");
	assert_string_equal(s.details[2], "third");
	s = events_of(f->j, "rb-1", 2);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.seqs[0], 3);
}

static void a_reader_stops_when_it_has_seen_enough(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct event both[] = { note("first"), note("second") };
	struct seen s = { .stop_after = 1 };

	must(journal_append(f->j, both, 2, &err), &err);
	must(journal_events(f->j, NULL, 0, see, &s, &err), &err);
	assert_int_equal(s.count, 1);
}

static bool check_outcome(void *self, const struct event *e)
{
	*(bool *)self = true;
	assert_int_equal(e->kind, EVENT_OUTCOME);
	assert_int_equal(e->at_ms, 1234567890123);
	assert_string_equal(e->step, "detach");
	assert_string_equal(e->effect, "detach-volume");
	assert_string_equal(e->token, "t-1");
	assert_string_equal(e->detail, "reply lost");
	assert_int_equal(e->error, ERROR_TIMEOUT);
	assert_int_equal(e->happened, HAPPENED_UNKNOWN);
	assert_string_equal(e->request_id, "req-9");
	assert_int_equal(e->took_ms, 4200);
	assert_int_equal(e->epoch, 3);
	return true;
}

static void every_field_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	bool seen = false;
	struct event e = { .kind = EVENT_OUTCOME,
		.rebuild = "rb-1",
		.at_ms = 1234567890123,
		.step = "detach",
		.effect = "detach-volume",
		.token = "t-1",
		.detail = "reply lost",
		.error = ERROR_TIMEOUT,
		.happened = HAPPENED_UNKNOWN,
		.request_id = "req-9",
		.took_ms = 4200,
		.epoch = 3 };

	must(journal_append(f->j, &e, 1, &err), &err);
	must(journal_events(f->j, NULL, 0, check_outcome, &seen, &err), &err);
	assert_true(seen);
}

static void kinds_and_errors_are_stored_by_name(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_statement *s = NULL;
	bool found;
	struct event e = {
		.kind = EVENT_OUTCOME, .rebuild = "rb-1", .error = ERROR_THROTTLED, .happened = HAPPENED_NO
	};

	must(journal_append(f->j, &e, 1, &err), &err);
	must(database_prepare(f->j, "SELECT kind || ' ' || error || ' ' || happened FROM event", &s, &err),
		&err);
	must(statement_next(s, &found, &err), &err);
	assert_string_equal(statement_text(s, 0), "outcome throttled no");
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum event_kind k = EVENT_NONE; k < EVENT_KIND_COUNT; k++) {
		assert_non_null(event_kind_name(k));
		assert_int_equal(event_kind_parse(event_kind_name(k)), k);
	}
	assert_int_equal(event_kind_parse("teleported"), EVENT_NONE);
}

static void an_intent_needs_the_lease(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event e = intent(0);

	assert_false(journal_append(f->j, &e, 1, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_true(error_is(&err, LEASE_LOST));
	assert_int_equal(events_of(f->j, NULL, 0).count, 0);
}

static void an_engine_that_lost_its_lease_can_begin_nothing_more(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease first = lease_elsewhere("rb-1"), second = lease_of("rb-1");
	struct event own = intent(0), late = intent(0);
	struct event outcome = { .kind = EVENT_OUTCOME, .rebuild = "rb-1", .happened = HAPPENED_YES };

	must(lease_take(f->j, &first, 1000, &err), &err);
	must(lease_take(f->j, &second, 1000 + LEASE_LIFE_MS + 1, &err), &err);
	own.epoch = second.epoch;
	late.epoch = first.epoch;
	must(journal_append(f->j, &own, 1, &err), &err);
	outcome.epoch = first.epoch;
	must(journal_append(f->j, &outcome, 1, &err), &err);
	assert_false(journal_append(f->j, &late, 1, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_true(error_is(&err, LEASE_LOST));
	assert_int_equal(events_of(f->j, NULL, 0).count, 2);
}

static void a_refused_intent_takes_its_whole_batch_with_it(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event batch[] = { note("proved"), intent(17) };

	assert_false(journal_append(f->j, batch, 2, &err));
	assert_int_equal(events_of(f->j, NULL, 0).count, 0);
}

static void an_event_of_an_unknown_rebuild_is_refused(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct event e = note("lost");

	e.rebuild = "rb-2";
	assert_false(journal_append(f->j, &e, 1, &err));
}

static void append_and_die(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	struct event e = note("survives");
	struct journal *j = open_at(f->path, JOURNAL_WRITE);

	if (journal_append(j, &e, 1, &err))
		raise(SIGKILL);
}

static void what_was_appended_survives_a_killed_process(void **state)
{
	struct fixture *f = *state;
	int status;

	journal_close(f->j);
	status = in_child(append_and_die, f);
	f->j = open_at(f->path, JOURNAL_READ);
	assert_true(WIFSIGNALED(status));
	assert_string_equal(events_of(f->j, NULL, 0).details[0], "survives");
}

/* Dies with the change in the database's hands. */
static bool change_and_die(struct journal *j, void *arg, struct error *err)
{
	const struct fixture *f = arg;

	if ((f->backend->is_postgres ||
		    database_execute(j, "INSERT INTO probe (id, room) VALUES (1, zeroblob(4000000))", err)) &&
		database_execute(j, "UPDATE rebuild SET blue = 'i-torn'", err))
		raise(SIGKILL);
	return false;
}

static void die_in_a_transaction(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	struct journal *j = open_at(f->path, JOURNAL_WRITE);

	/* So small a page cache of SQLite's that the change is in the file already. */
	if ((f->backend->is_postgres || database_execute(j, "PRAGMA cache_size = 1", &err)) &&
		!database_transaction(j, change_and_die, f, &err))
		_exit(1);
}

static void half_a_transaction_is_undone_by_the_next_reader(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r;
	bool found;
	int status;

	journal_close(f->j);
	status = in_child(die_in_a_transaction, f);
	f->j = open_at(f->path, JOURNAL_READ);
	assert_true(WIFSIGNALED(status));
	must(record_find(f->j, "rb-1", &a, &r, &found, &err), &err);
	assert_true(found);
	assert_string_equal(r.blue, "i-blue");
}

enum { WRITERS_EVENTS = 20 };

static void append_many(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	struct journal *j = open_at(f->path, JOURNAL_WRITE);

	for (int i = 0; i < WRITERS_EVENTS; i++) {
		struct event e = note("from the child");

		if (!journal_append(j, &e, 1, &err))
			_exit(1);
	}
	journal_close(j);
}

static bool count_dense(void *self, const struct event *e)
{
	int64_t *last = self;

	assert_int_equal(e->seq, *last + 1);
	*last = e->seq;
	return true;
}

static void two_processes_can_append_at_once(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int64_t last = 0;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		f->j = NULL;
		append_many(f);
		_exit(0);
	}
	for (int i = 0; i < WRITERS_EVENTS; i++) {
		struct event e = note("from the parent");

		must(journal_append(f->j, &e, 1, &err), &err);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	must(journal_events(f->j, NULL, 0, count_dense, &last, &err), &err);
	assert_int_equal(last, 2 * WRITERS_EVENTS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(events_come_back_in_the_order_they_were_appended),
		TEST(a_reader_stops_when_it_has_seen_enough),
		TEST(every_field_comes_back_as_it_was),
		TEST(kinds_and_errors_are_stored_by_name),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
		TEST(an_intent_needs_the_lease),
		TEST(an_engine_that_lost_its_lease_can_begin_nothing_more),
		TEST(a_refused_intent_takes_its_whole_batch_with_it),
		TEST(an_event_of_an_unknown_rebuild_is_refused),
		TEST(what_was_appended_survives_a_killed_process),
		TEST(half_a_transaction_is_undone_by_the_next_reader),
		TEST(two_processes_can_append_at_once),
	};

	return RUN_ON_BOTH(tests);
}
