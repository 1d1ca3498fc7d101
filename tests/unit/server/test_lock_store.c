/* Several processes on one journal: whoever decides on what is outdated is told so, and the limit holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/lock_store.h"

enum { STORES = 3, ROUNDS = 300 };

static char folder[] = "/tmp/changeover-locks-XXXXXX";
static char path[64];

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static struct lock_store open_store(struct journal **j)
{
	struct error err = ERROR_INIT;
	struct lock_store s;

	must(journal_open(path, JOURNAL_WRITE, j, &err), &err);
	lock_store_init(&s, *j);
	must(lock_store_refresh(&s, &err), &err);
	return s;
}

static void settle(struct lock_store *s)
{
	struct error err = ERROR_INIT;

	must(holding_settle(s->journal, &err), &err);
}

static void close_store(struct lock_store *s)
{
	settle(s);
	journal_close(s->journal);
	lock_store_release(s);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/journal.db", mkdtemp(folder));
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return unlink(path) < 0 || rmdir(folder) < 0;
}

static enum lock_verdict ask(struct lock_store *s, enum lock_act act, const char *name, const char *who)
{
	const struct lock_ask a = {
		.act = act, .name = name, .who = who, .via = "test", .new_slots = 2, .now_ms = 5
	};

	return lock_decide(&s->table, &a, &s->changes).verdict;
}

/* True if it was written. */
static bool save(struct lock_store *s)
{
	struct error err = ERROR_INIT;
	bool outdated;

	must(lock_store_save(s, &outdated, &err), &err);
	return !outdated;
}

static void refresh(struct lock_store *s)
{
	struct error err = ERROR_INIT;

	must(lock_store_refresh(s, &err), &err);
}

static void of_two_that_decide_at_the_same_moment_one_decides_again(void **state)
{
	struct journal *first_journal, *second_journal;
	struct lock_store first = open_store(&first_journal), second = open_store(&second_journal);

	(void)state;
	assert_int_equal(ask(&first, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	assert_int_equal(ask(&first, LOCK_TAKE, "db", "b"), LOCK_GRANTED);
	assert_int_equal(ask(&second, LOCK_TAKE, "db", "c"), LOCK_GRANTED);
	assert_true(save(&first));
	assert_false(save(&second));
	refresh(&second);
	assert_int_equal(ask(&second, LOCK_TAKE, "db", "c"), LOCK_FULL);
	assert_true(save(&second));
	close_store(&first);
	close_store(&second);
}

static void what_was_decided_and_not_written_is_forgotten(void **state)
{
	struct journal *j;
	struct lock_store s = open_store(&j);

	(void)state;
	assert_int_equal(ask(&s, LOCK_TAKE, "web", "a"), LOCK_GRANTED);
	s.is_fresh = false; /* as after a save that failed */
	refresh(&s);
	assert_null(lock_table_find(&s.table, "web", false));
	assert_true(save(&s));
	close_store(&s);
}

/* All that is in one table is in the other, and in the same order. */
static void same_tables(const struct lock_table *one, const struct lock_table *other)
{
	assert_int_equal(one->count, other->count);
	assert_int_equal(one->last_id, other->last_id);
	for (size_t i = 0; i < one->count; i++) {
		const struct lock *a = one->locks[i], *b = other->locks[i];

		assert_string_equal(a->name, b->name);
		assert_true(a->id == b->id && a->slots == b->slots && a->enabled == b->enabled &&
			    a->created_ms == b->created_ms && a->updated_ms == b->updated_ms &&
			    a->count == b->count);
		for (size_t n = 0; n < a->count; n++)
			assert_non_null(lock_find_holder(b, a->holders[n].name));
	}
}

/* What a fresh store reads, from the tables and from what has not come there yet. */
static void reads_alike(const struct lock_store *s)
{
	struct journal *j;
	struct lock_store fresh = open_store(&j);

	same_tables(&s->table, &fresh.table);
	journal_close(j);
	lock_store_release(&fresh);
}

static void what_was_decided_is_what_others_read(void **state)
{
	static const enum lock_act ACTS[] = { LOCK_TAKE, LOCK_TAKE, LOCK_TAKE, LOCK_GIVE_BACK, LOCK_RELEASE,
		LOCK_CREATE, LOCK_ENABLE, LOCK_DISABLE, LOCK_DELETE };
	struct journal *j;
	struct lock_store s = open_store(&j);
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 5; i++) {
			const char name[] = { (char)('p' + (random >> 16) % 4), '\0' };
			const char who[] = { (char)('a' + (random >> 20) % 5), '\0' };

			ask(&s, ACTS[(random >> 24) % ARRAY_SIZE(ACTS)], name, who);
			random = random * 1664525 + 1013904223; /* Numerical Recipes' */
		}
		assert_true(save(&s));
		if (round % 7 == 0)
			settle(&s);
		if (round % 10 == 0)
			reads_alike(&s);
	}
	close_store(&s);
}

/* Each round some of the stores decide before any of them writes. */
static void many_processes_never_exceed_the_limit_together(void **state)
{
	struct lock_store stores[STORES];
	struct journal *journals[STORES];
	int written = 0, outdated = 0;

	(void)state;
	for (int i = 0; i < STORES; i++)
		stores[i] = open_store(&journals[i]);
	for (int round = 0; round < ROUNDS; round++) {
		const char who[] = { (char)('a' + round % 7), '\0' };
		enum lock_act act = round % 3 ? LOCK_TAKE : LOCK_GIVE_BACK;

		for (int i = 0; i < STORES; i++)
			refresh(&stores[i]);
		for (int i = 0; i < STORES; i++)
			ask(&stores[i], act, "many", i ? who : "z");
		for (int i = 0; i < STORES; i++) {
			bool changed = stores[i].changes.count > 0;

			if (!save(&stores[i]))
				outdated++;
			else
				written += changed;
		}
		if (round % 20 == 0)
			settle(&stores[round / 20 % STORES]);
		refresh(&stores[0]);
		assert_true(lock_table_find(&stores[0].table, "many", false)->count <= 2);
	}
	assert_true(written > ROUNDS / 4 && outdated > ROUNDS / 10);
	for (int i = 0; i < STORES; i++)
		close_store(&stores[i]);
}

/* A clock on which each look takes so long. */
static int64_t look(void *self)
{
	static int64_t now_ms;

	return now_ms += *(int64_t *)self;
}

/* Takes and gives back a lock with a long name until so many bytes are only in the log. */
static void fill(struct lock_store *s, size_t bytes)
{
	char name[LOCK_NAME_MAX];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	while (holding_left(s->journal) < bytes) {
		for (int i = 0; i < 40; i++)
			ask(s, i % 2 ? LOCK_GIVE_BACK : LOCK_TAKE, name, "a");
		assert_true(save(s));
	}
}

static void a_slice_is_settled_when_nobody_waits_and_with_two_in_any_case(void **state)
{
	int64_t fast_ms = 1;
	const struct clock clock = { .mono_ms = look, .self = &fast_ms };
	struct journal *j;
	struct lock_store s = open_store(&j);
	size_t left;

	(void)state;
	lock_store_settle_slice(&s, false, &clock); /* there is nothing */
	fill(&s, HOLDING_SLICE);
	left = holding_left(j);
	lock_store_settle_slice(&s, true, &clock);
	assert_int_equal(holding_left(j), left);
	lock_store_settle_slice(&s, false, &clock);
	assert_true(holding_left(j) < HOLDING_SLICE);
	fill(&s, 2 * HOLDING_SLICE);
	lock_store_settle_slice(&s, true, &clock);
	assert_true(holding_left(j) < 2 * HOLDING_SLICE);
	close_store(&s);
}

static void where_slices_are_slow_the_log_is_left_until_it_is_full(void **state)
{
	int64_t slow_ms = 20;
	const struct clock clock = { .mono_ms = look, .self = &slow_ms };
	struct journal *j;
	struct lock_store s = open_store(&j);
	size_t left;

	(void)state;
	fill(&s, 3 * HOLDING_SLICE);
	lock_store_settle_slice(&s, false, &clock);
	left = holding_left(j);
	assert_true(left < 3 * HOLDING_SLICE);
	lock_store_settle_slice(&s, false, &clock);
	assert_int_equal(holding_left(j), left);
	settle(&s);
	lock_store_settle_slice(&s, false, &clock); /* as after every turn: it is another log now */
	fill(&s, HOLDING_SLICE);
	lock_store_settle_slice(&s, false, &clock);
	assert_true(holding_left(j) < HOLDING_SLICE);
	close_store(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_that_decide_at_the_same_moment_one_decides_again),
		cmocka_unit_test(what_was_decided_and_not_written_is_forgotten),
		cmocka_unit_test(what_was_decided_is_what_others_read),
		cmocka_unit_test(many_processes_never_exceed_the_limit_together),
		cmocka_unit_test(a_slice_is_settled_when_nobody_waits_and_with_two_in_any_case),
		cmocka_unit_test(where_slices_are_slow_the_log_is_left_until_it_is_full),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
