/* What many changes come to: the tables are given the last state of each thing, and every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "journal/holding_outcome.h"

static struct holding_change change(
	enum holding_change_kind kind, int64_t lock, const char *holder, int64_t event)
{
	return (struct holding_change){
		.kind = kind, .lock = { .id = lock }, .event_id = event, .holder = holder
	};
}

/* The numbers of a list's changes, in its order. */
static void are(const struct holding_list *l, const char *expected)
{
	char text[256] = "";

	for (size_t i = 0; i < l->count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d", i ? " " : "",
			(int)l->items[i]->event_id);
	assert_string_equal(text, expected);
}

static void of_each_lock_and_holder_the_last_change_is_left(void **state)
{
	const struct holding_change changes[] = {
		change(HOLDING_LOCK_CREATED, 7, "a", 1),
		change(HOLDING_TAKEN, 7, "a", 2),
		change(HOLDING_LOCK_CREATED, 3, NULL, 3),
		change(HOLDING_TAKEN, 3, "a", 4),
		change(HOLDING_TAKEN, 7, "b", 5),
		change(HOLDING_GIVEN_BACK, 7, "a", 6),
		change(HOLDING_RELEASED, 7, "b", 7),
		change(HOLDING_TAKEN, 7, "b", 8),
		change(HOLDING_LOCK_RESIZED, 3, NULL, 9),
	};
	auto_arena a = ARENA_INIT;
	const struct holding_outcome o = holding_outcome(changes, ARRAY_SIZE(changes), &a);

	(void)state;
	are(&o.gone, "");
	are(&o.locks, "9 8");
	are(&o.holders, "4 6 8");
	are(&o.events, "1 2 3 4 5 6 7 8 9");
}

static void a_lock_that_goes_takes_everything_with_it(void **state)
{
	const struct holding_change changes[] = {
		change(HOLDING_GIVEN_BACK, 5, "a", 1),
		change(HOLDING_LOCK_CREATED, 6, "a", 2),
		change(HOLDING_LOCK_DELETED, 5, NULL, 3),
		change(HOLDING_TAKEN, 6, "a", 4),
		change(HOLDING_LOCK_CREATED, 8, "b", 5),
		change(HOLDING_LOCK_DELETED, 8, NULL, 6),
		change(HOLDING_LOCK_CREATED, 9, "c", 7),
	};
	auto_arena a = ARENA_INIT;
	const struct holding_outcome o = holding_outcome(changes, ARRAY_SIZE(changes), &a);

	(void)state;
	are(&o.gone, "3 6");
	are(&o.locks, "4 7");
	are(&o.holders, "4");
	are(&o.events, "2 4 7");
}

static void of_no_changes_nothing_is_left(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct holding_outcome o = holding_outcome(NULL, 0, &a);

	(void)state;
	assert_true(!o.gone.count && !o.locks.count && !o.holders.count && !o.events.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_each_lock_and_holder_the_last_change_is_left),
		cmocka_unit_test(a_lock_that_goes_takes_everything_with_it),
		cmocka_unit_test(of_no_changes_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
