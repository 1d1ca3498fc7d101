/* A holder is judged by what became of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "journal/lease.h"
#include "server/holder_facts.h"

#define NOW_MS INT64_C(1795312800000) /* 2026-11-22T02:00:00Z */

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static int open_journal(void **state)
{
	struct error err = ERROR_INIT;
	struct journal *j;

	must(journal_open_temporary(&j, &err), &err);
	*state = j;
	return 0;
}

static int close_journal(void **state)
{
	journal_close(*state);
	return 0;
}

static void add(struct journal *j, struct record r)
{
	struct error err = ERROR_INIT;

	r.updated_ms = NOW_MS;
	must(record_create(j, &r, &err), &err);
}

static void found(struct journal *j, const char *holder, enum holder_fate fate, const char *words)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct holder_facts facts;
	struct holder_fact fact;

	must(holder_facts_read(j, &a, NOW_MS, &facts, &err), &err);
	must(holder_facts_find(&facts, holder, &fact, &err), &err);
	assert_string_equal(fact.text, words);
	assert_int_equal(fact.fate, fate);
}

static void where_its_rebuild_stands_says_where_a_holder_is(void **state)
{
	static const struct {
		enum record_state state;
		enum holder_fate fate;
		const char *words;
	} ROWS[] = {
		{ RECORD_PLANNED, HOLDER_AWAY,
			"rb of i-1 was begun and broken off; last heard of 2026-11-22T02:00:00Z: why" },
		{ RECORD_RUNNING, HOLDER_AWAY,
			"rb of i-1 was broken off; last heard of 2026-11-22T02:00:00Z: why" },
		{ RECORD_DONE, HOLDER_BACK, "rb of i-1 ended well at 2026-11-22T02:00:00Z: why" },
		{ RECORD_ROLLED_BACK, HOLDER_BACK,
			"rb of i-1 was rolled back, blue serves again since 2026-11-22T02:00:00Z: why" },
		{ RECORD_PARKED, HOLDER_AWAY, "rb of i-1 is parked since 2026-11-22T02:00:00Z: why" },
		{ RECORD_FAILED, HOLDER_UNKNOWN, "rb of i-1 failed at 2026-11-22T02:00:00Z: why" },
	};

	(void)state;
	assert_int_equal(sizeof(ROWS) / sizeof(ROWS[0]), RECORD_STATE_COUNT);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		void *j;

		open_journal(&j);
		add(j, (struct record){ .id = "rb", .blue = "i-1", .cause = "why", .state = ROWS[i].state });
		found(j, "i-1", ROWS[i].fate, ROWS[i].words);
		close_journal(&j);
	}
}

static void a_rebuild_that_somebody_drives_is_under_way(void **state)
{
	struct error err = ERROR_INIT;
	struct lease l = {
		.rebuild = "rb", .version = "1", .holder = { .name = "anna@far", .place = "elsewhere" }
	};

	add(*state, (struct record){ .id = "rb", .blue = "i-1", .state = RECORD_PARKED, .cause = "old" });
	must(lease_take(*state, &l, NOW_MS, &err), &err);
	found(*state, "rb", HOLDER_AWAY,
		"rb of i-1 is under way, driven by anna@far (changeover 1), since 2026-11-22T02:00:00.000Z");
}

static void the_newest_rebuild_counts_whichever_of_its_names_the_holder_has(void **state)
{
	add(*state,
		(struct record){
			.id = "rb-1", .blue = "i-1", .green = "i-2", .state = RECORD_DONE, .created_ms = 1 });
	add(*state, (struct record){ .id = "rb-2", .blue = "i-2", .state = RECORD_PARKED, .created_ms = 2 });
	found(*state, "i-1", HOLDER_BACK, "rb-1 of i-1 ended well at 2026-11-22T02:00:00Z");
	found(*state, "i-2", HOLDER_AWAY, "rb-2 of i-2 is parked since 2026-11-22T02:00:00Z");
	found(*state, "rb-1", HOLDER_BACK, "rb-1 of i-1 ended well at 2026-11-22T02:00:00Z");
}

static void of_a_stranger_nothing_is_known(void **state)
{
	add(*state, (struct record){ .id = "rb-1", .blue = "i-1", .state = RECORD_DONE });
	found(*state, "web3.example.com", HOLDER_UNKNOWN,
		"unknown here: this journal has no rebuild or machine of that name");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_journal, close_journal)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_its_rebuild_stands_says_where_a_holder_is),
		TEST(a_rebuild_that_somebody_drives_is_under_way),
		TEST(the_newest_rebuild_counts_whichever_of_its_names_the_holder_has),
		TEST(of_a_stranger_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
