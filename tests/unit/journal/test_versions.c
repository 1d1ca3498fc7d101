/* Journals that earlier versions made, and later ones. */
#include "file.h"

#include "journal/database.h"
#include "journal/holding.h"
#include "journal/rollout_record.h"
#include "journal/schema.h"
#include "journal/wish.h"

/* As earlier versions made it: without the tables that came later. */
static void make_old(const char *path, int version)
{
	static const struct {
		int since;
		const char *drop;
	} LATER[] = {
		{ 2, "DROP TABLE identity; DROP TABLE wish" },
		{ 3, "DROP TABLE rollout_machine; DROP TABLE rollout" },
		{ 4, "DROP TABLE machine_lock_holder; DROP TABLE machine_lock_event;"
		     "DROP TABLE machine_lock; DROP TABLE machine_lock_state" },
		{ 5, "ALTER TABLE rollout_machine DROP COLUMN seat" },
		{ 6, "ALTER TABLE wish DROP COLUMN epoch" },
	};
	char sql[96];

	for (size_t i = ARRAY_SIZE(LATER); i--;) /* the last first */
		if (LATER[i].since > version)
			change(path, LATER[i].drop);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	change(path, sql);
}

static void an_older_journal_gets_what_it_lacks(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r = { .id = "rb-1", .blue = "i-1", .state = RECORD_DONE };
	struct holding_state locks;
	bool found;

	f->j = open_at(f->path, JOURNAL_WRITE);
	must(record_create(f->j, &r, &err), &err);
	journal_close(f->j);
	for (int version = 1; version < SCHEMA_VERSION; version++) {
		make_old(f->path, version);
		f->j = open_at(f->path, JOURNAL_WRITE);
		assert_memory_equal(journal_id(f->j), "jr-", 3);
		must(record_find(f->j, "rb-1", &a, &r, &found, &err), &err);
		assert_true(found);
		must(holding_look(f->j, &locks, &err), &err);
		assert_int_equal(locks.number, 1);
		journal_close(f->j);
	}
	f->j = NULL;
}

/* Nobody knows any more who was asked: whoever drives it next may be somebody else. */
static void what_was_asked_in_an_older_journal_is_for_nobody(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct journal_wish *list;
	size_t count;

	f->j = open_at(f->path, JOURNAL_WRITE);
	must(record_create(f->j, &(struct record){ .id = "rb-1", .blue = "i-1" }, &err), &err);
	journal_close(f->j);
	make_old(f->path, 5);
	change(f->path, "INSERT INTO wish (rebuild, what, at_ms) VALUES ('rb-1', 'rollback', 1)");
	f->j = open_at(f->path, JOURNAL_WRITE);
	must(wish_list(f->j, &a, &list, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].epoch, 0); /* a lease's first is 1 */
	must(wish_remove(f->j, &list[0], &err) && wish_list(f->j, &a, &list, &count, &err), &err);
	assert_int_equal(count, 0);
}

static void an_older_journal_that_is_only_read_has_no_locks(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct holding_state locks;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	make_old(f->path, 3);
	f->j = open_at(f->path, JOURNAL_READ);
	must(holding_look(f->j, &locks, &err), &err);
	must(holding_read(f->j, &(struct holding_sink){ .self = NULL }, &err), &err);
}

static bool is_seen(void *self, const struct machine_record *m)
{
	(void)m;
	*(bool *)self = true;
	return true;
}

/* Reading makes no tables, so what they would hold is not there. */
static void an_older_journal_that_is_only_read_has_no_rollouts(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct rollout_record r, *list;
	bool found, seen = false;
	size_t count;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	make_old(f->path, 2);
	f->j = open_at(f->path, JOURNAL_READ);
	must(rollout_record_list(f->j, 20, &a, &list, &count, &err), &err);
	assert_int_equal(count, 0);
	must(rollout_record_find(f->j, "ro-1", &a, &r, &found, &err), &err);
	assert_false(found);
	must(rollout_record_find_open(f->j, "acme", &a, &r, &found, &err), &err);
	assert_false(found);
	must(rollout_record_machines(f->j, "ro-1", 0, is_seen, &seen, &err), &err);
	assert_false(seen);
}

static void a_newer_version_is_refused_and_named(void **state)
{
	struct fixture *f = *state;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	change(f->path, "PRAGMA user_version = 99");
	refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "version 99");
	refused(f->path, JOURNAL_READ, ERROR_LOCAL, "version 99");
}

/* A journal with enough in it to have pages of every kind. */
int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(an_older_journal_gets_what_it_lacks),
		TEST(what_was_asked_in_an_older_journal_is_for_nobody),
		TEST(an_older_journal_that_is_only_read_has_no_locks),
		TEST(an_older_journal_that_is_only_read_has_no_rollouts),
		TEST(a_newer_version_is_refused_and_named),
	};

	return cmocka_run_group_tests(tests, use_sqlite, leave_backend);
}
