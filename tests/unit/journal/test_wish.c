/* What operators ask of an engine in another process. */
#include "fixture.h"

#include "journal/wish.h"

static size_t count(struct fixture *f, struct arena *a, struct journal_wish **ret)
{
	struct error err = ERROR_INIT;
	size_t n;

	must(wish_list(f->j, a, ret, &n, &err), &err);
	return n;
}

static void the_last_wish_counts_until_it_is_heard(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct journal_wish *list;

	assert_int_equal(count(f, &a, &list), 0);
	must(wish_put(f->j, &(struct journal_wish){ "rb-1", JOURNAL_WISH_STOP }, 5, &err), &err);
	must(wish_put(f->j, &(struct journal_wish){ "rb-1", JOURNAL_WISH_ROLLBACK }, 6, &err), &err);
	assert_int_equal(count(f, &a, &list), 1);
	assert_string_equal(list[0].rebuild, "rb-1");
	assert_int_equal(list[0].kind, JOURNAL_WISH_ROLLBACK);
	must(wish_remove(f->j, "rb-1", &err), &err);
	assert_int_equal(count(f, &a, &list), 0);
}

static void a_rebuild_that_does_not_exist_has_no_wishes(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;

	assert_false(wish_put(f->j, &(struct journal_wish){ "rb-9", JOURNAL_WISH_STOP }, 5, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_last_wish_counts_until_it_is_heard, make_journal, remove_all),
		cmocka_unit_test_setup_teardown(
			a_rebuild_that_does_not_exist_has_no_wishes, make_journal, remove_all),
	};

	return RUN_ON_BOTH(tests);
}
