/* What operators ask of an engine in another process. */
#include "fixture.h"

#include "journal/lease.h"
#include "journal/wish.h"

static size_t count(struct fixture *f, struct arena *a, struct journal_wish **ret)
{
	struct error err = ERROR_INIT;
	size_t n;

	must(wish_list(f->j, a, ret, &n, &err), &err);
	return n;
}

static struct lease_view put(struct fixture *f, struct journal_wish *q)
{
	struct error err = ERROR_INIT;
	struct lease_view driver;

	must(wish_put(f->j, q, 1000, &driver, &err), &err);
	return driver;
}

static void the_last_wish_counts_until_it_is_heard(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lease far = lease_elsewhere("rb-1");
	struct journal_wish stop = { .rebuild = "rb-1", .kind = JOURNAL_WISH_STOP };
	struct journal_wish back = { .rebuild = "rb-1", .kind = JOURNAL_WISH_ROLLBACK }, *list;

	assert_int_equal(count(f, &a, &list), 0);
	must(lease_take(f->j, &far, 1000, &err), &err);
	put(f, &stop);
	assert_non_null(strstr(put(f, &back).who, "bert@far pid 7"));
	assert_int_equal(count(f, &a, &list), 1);
	assert_string_equal(list[0].rebuild, "rb-1");
	assert_int_equal(list[0].kind, JOURNAL_WISH_ROLLBACK);
	assert_int_equal(list[0].epoch, far.epoch);
	must(wish_remove(f->j, &stop, &err), &err);
	assert_int_equal(count(f, &a, &list), 1); /* it is not there any more: another one is */
	must(wish_remove(f->j, &back, &err), &err);
	assert_int_equal(count(f, &a, &list), 0);
}

/* Both leave it in the journal if they die then: whoever asked, and whoever was asked. */
static void a_wish_is_for_the_one_who_drives_now_and_for_nobody_later(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");
	struct journal_wish q = { .rebuild = "rb-1" }, *list;

	must(lease_take(f->j, &far, 1000, &err), &err);
	put(f, &q);
	must(lease_take(f->j, &own, 1001 + LEASE_LIFE_MS, &err), &err);
	assert_int_equal(count(f, &a, &list), 1);
	assert_int_equal(list[0].epoch, far.epoch);
	assert_int_not_equal(list[0].epoch, own.epoch);
}

static void what_is_asked_of_nobody_is_not_left(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lease far = lease_elsewhere("rb-1");
	struct journal_wish q = { .rebuild = "rb-1" }, *list;

	assert_int_equal(put(f, &q).state, LEASE_FREE);
	assert_int_equal(count(f, &a, &list), 0);
	must(lease_take(f->j, &far, 1000, &err), &err);
	put(f, &q);
	must(lease_release(f->j, &far, &err), &err);
	assert_int_equal(put(f, &q).state, LEASE_FREE);
	assert_int_equal(count(f, &a, &list), 0); /* nor what was left before */
}

static void what_comes_too_late_goes_with_the_end_of_the_rebuild(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lease far = lease_elsewhere("rb-1");
	struct journal_wish q = { .rebuild = "rb-1" }, *list;

	must(lease_take(f->j, &far, 1000, &err), &err);
	put(f, &q);
	must(record_close(f->j, &(struct record){ .id = "rb-1", .state = RECORD_DONE }, &far, &err), &err);
	assert_int_equal(count(f, &a, &list), 0);
}

static void a_rebuild_that_does_not_exist_has_no_wishes(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-9");
	struct journal_wish q = { .rebuild = "rb-9" };
	struct lease_view driver;

	must(lease_take(f->j, &far, 1000, &err), &err);
	assert_false(wish_put(f->j, &q, 1000, &driver, &err));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(the_last_wish_counts_until_it_is_heard),
		TEST(a_wish_is_for_the_one_who_drives_now_and_for_nobody_later),
		TEST(what_is_asked_of_nobody_is_not_left),
		TEST(what_comes_too_late_goes_with_the_end_of_the_rebuild),
		TEST(a_rebuild_that_does_not_exist_has_no_wishes),
	};

	return RUN_ON_BOTH(tests);
}
