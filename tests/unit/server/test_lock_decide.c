/* Who may go away: the limit holds whatever machines ask, and in whatever order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "server/lock_decide.h"
#include "server/lock_slots.h"

struct bench {
	struct lock_table table;
	struct lock_changes changes;
	int64_t now_ms, new_slots;
};

static int make_bench(void **state)
{
	static struct bench b;

	b = (struct bench){ .now_ms = 1000, .new_slots = 1 };
	*state = &b;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *b = *state;

	lock_table_release(&b->table);
	lock_changes_release(&b->changes);
	return 0;
}

static struct lock_decision ask(struct bench *b, enum lock_act act, const char *name, const char *who)
{
	return lock_decide(&b->table,
		&(struct lock_ask){ .act = act,
			.name = name,
			.who = who,
			.via = "test",
			.may_be_id = true,
			.new_slots = b->new_slots,
			.now_ms = b->now_ms },
		&b->changes);
}

static void is(struct lock_decision d, enum lock_verdict verdict)
{
	assert_int_equal(d.verdict, verdict);
}

static void a_lock_that_is_asked_for_is_made_and_held_by_one(void **state)
{
	struct bench *b = *state;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_FULL);
	is(ask(b, LOCK_TAKE, "other", "b"), LOCK_GRANTED);
}

static void taking_ones_own_again_succeeds_and_changes_nothing(void **state)
{
	struct bench *b = *state;
	size_t before;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	before = b->changes.count;
	b->now_ms++;
	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	assert_int_equal(b->changes.count, before);
	assert_int_equal(lock_table_find(&b->table, "db", false)->holders[0].since_ms, 1000);
}

static void nobody_gives_back_what_another_holds(void **state)
{
	struct bench *b = *state;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_GIVE_BACK, "db", "b"), LOCK_NOT_HOLDER);
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_FULL);
	is(ask(b, LOCK_GIVE_BACK, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_GRANTED);
}

static void time_takes_no_lock_away(void **state)
{
	struct bench *b = *state;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	b->now_ms += LOCK_STALE_MS;
	assert_true(lock_is_stale(lock_table_find(&b->table, "db", false), b->now_ms));
	assert_false(lock_is_stale(lock_table_find(&b->table, "db", false), b->now_ms - 1));
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_FULL);
}

static void a_disabled_lock_is_neither_taken_nor_given_back_but_can_be_released(void **state)
{
	struct bench *b = *state;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_DISABLE, "db", NULL), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_IS_DISABLED);
	is(ask(b, LOCK_GIVE_BACK, "db", "a"), LOCK_IS_DISABLED);
	is(ask(b, LOCK_RELEASE, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_IS_DISABLED);
	is(ask(b, LOCK_ENABLE, "db", NULL), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "db", "b"), LOCK_GRANTED);
}

static void a_lock_that_is_held_is_not_deleted(void **state)
{
	struct bench *b = *state;

	is(ask(b, LOCK_TAKE, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_DELETE, "db", NULL), LOCK_IN_USE);
	is(ask(b, LOCK_GIVE_BACK, "db", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_DELETE, "db", NULL), LOCK_GRANTED);
	is(ask(b, LOCK_SHOW, "db", NULL), LOCK_MISSING);
}

static void fewer_slots_than_holders_let_nobody_in_until_enough_are_back(void **state)
{
	struct bench *b = *state;

	b->new_slots = 3;
	is(ask(b, LOCK_TAKE, "web", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "web", "b"), LOCK_GRANTED);
	lock_resize(&b->table, lock_table_find(&b->table, "web", false), 1, 2000, &b->changes);
	is(ask(b, LOCK_TAKE, "web", "c"), LOCK_FULL);
	is(ask(b, LOCK_GIVE_BACK, "web", "a"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "web", "c"), LOCK_FULL);
	is(ask(b, LOCK_GIVE_BACK, "web", "b"), LOCK_GRANTED);
	is(ask(b, LOCK_TAKE, "web", "c"), LOCK_GRANTED);
}

static void an_id_finds_a_lock_only_if_none_has_that_name(void **state)
{
	struct bench *b = *state;
	char id[32];

	ask(b, LOCK_CREATE, "db", NULL);
	snprintf(id, sizeof(id), "%d", (int)lock_table_find(&b->table, "db", false)->id);
	assert_string_equal(lock_table_find(&b->table, id, true)->name, "db");
	assert_null(lock_table_find(&b->table, id, false));
	lock_table_add(&b->table, &(struct holding_lock){ .id = 999, .name = id });
	assert_string_equal(lock_table_find(&b->table, id, true)->name, id);
}

static void ids_are_never_given_twice(void **state)
{
	struct bench *b = *state;
	int64_t first;

	first = ask(b, LOCK_CREATE, "db", NULL).lock->id;
	is(ask(b, LOCK_DELETE, "db", NULL), LOCK_GRANTED);
	assert_true(ask(b, LOCK_CREATE, "db", NULL).lock->id > first);
	for (size_t i = 1; i < b->changes.count; i++)
		assert_true(b->changes.items[i].event_id > b->changes.items[i - 1].event_id);
}

enum { MACHINES = 40, GROUPS = 5, STEPS = 200 * 1000 };

/* xorshift64: the same numbers in every run. */
static unsigned random_below(uint64_t *seed, unsigned limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (unsigned)(*seed % limit);
}

/* What the changes say, applied by somebody who knows nothing of the decisions: as the store does. */
static void replay(const struct lock_changes *changes, bool held[GROUPS][MACHINES])
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct holding_change *c = &changes->items[i];
		bool *slot;

		if (c->kind != HOLDING_TAKEN && c->kind != HOLDING_GIVEN_BACK && c->kind != HOLDING_RELEASED)
			continue;
		slot = &held[c->lock.name[0] - 'a'][c->holder[0] - '0'];
		assert_int_equal(*slot, c->kind != HOLDING_TAKEN);
		*slot = c->kind == HOLDING_TAKEN;
	}
}

static int count_held(const bool held[MACHINES])
{
	int count = 0;

	for (int i = 0; i < MACHINES; i++)
		count += held[i];
	return count;
}

static void no_order_of_requests_exceeds_the_limit(void **state)
{
	static const enum lock_act ACTS[] = { LOCK_TAKE, LOCK_TAKE, LOCK_TAKE, LOCK_GIVE_BACK, LOCK_GIVE_BACK,
		LOCK_RELEASE, LOCK_DISABLE, LOCK_ENABLE, LOCK_DELETE, LOCK_SHOW };
	struct bench *b = *state;
	bool held[GROUPS][MACHINES] = { { false } };
	uint64_t seed = 20261122;
	int most = 0;

	for (int i = 0; i < STEPS; i++) {
		unsigned group = random_below(&seed, GROUPS), machine = random_below(&seed, MACHINES);
		const char name[] = { (char)('a' + group), '\0' }, who[] = { (char)('0' + machine), '\0' };
		enum lock_act act = ACTS[random_below(&seed, ARRAY_SIZE(ACTS))];
		struct lock_decision d;

		b->new_slots = group + 1;
		d = ask(b, act, name,
			act == LOCK_TAKE || act == LOCK_GIVE_BACK || act == LOCK_RELEASE ? who : NULL);
		replay(&b->changes, held);
		lock_changes_clear(&b->changes);
		assert_true(count_held(held[group]) <= (int)group + 1);
		if (act == LOCK_TAKE)
			assert_int_equal(d.verdict == LOCK_GRANTED, held[group][machine] && d.lock->enabled);
		if (d.lock)
			assert_int_equal(d.lock->count, count_held(held[group]));
		most = count_held(held[GROUPS - 1]) > most ? count_held(held[GROUPS - 1]) : most;
	}
	assert_int_equal(most, GROUPS); /* the limit was reached, or this proves nothing */
}

static void slots_are_read_by_name_and_for_all_others(void **state)
{
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct lock_slots s;

	(void)state;
	assert_true(lock_slots_read(NULL, &a, &s, &err));
	assert_int_equal(lock_slots_of(&s, "db"), 1);
	assert_true(lock_slots_read("db=3,2,a=b=7", &a, &s, &err));
	assert_int_equal(lock_slots_of(&s, "db"), 3);
	assert_int_equal(lock_slots_of(&s, "a=b"), 7);
	assert_int_equal(lock_slots_of(&s, "web"), 2);
}

static void what_is_no_list_of_slots_is_refused(void **state)
{
	static const char *const BAD[] = { "", "db", "db=", "db=0", "=1", "1,2", "db=1,db=1", "1,", "db=-1",
		"db=10001", "99999999999999999999", "db=1x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
		auto_arena a = ARENA_INIT;
		auto_error err = ERROR_INIT;
		struct lock_slots s;

		if (lock_slots_read(BAD[i], &a, &s, &err))
			fail_msg("`%s` was taken", BAD[i]);
		assert_int_equal(err.kind, ERROR_USAGE);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)
	const struct CMUnitTest tests[] = {
		TEST(a_lock_that_is_asked_for_is_made_and_held_by_one),
		TEST(taking_ones_own_again_succeeds_and_changes_nothing),
		TEST(nobody_gives_back_what_another_holds),
		TEST(time_takes_no_lock_away),
		TEST(a_disabled_lock_is_neither_taken_nor_given_back_but_can_be_released),
		TEST(a_lock_that_is_held_is_not_deleted),
		TEST(fewer_slots_than_holders_let_nobody_in_until_enough_are_back),
		TEST(an_id_finds_a_lock_only_if_none_has_that_name),
		TEST(ids_are_never_given_twice),
		TEST(no_order_of_requests_exceeds_the_limit),
		cmocka_unit_test(slots_are_read_by_name_and_for_all_others),
		cmocka_unit_test(what_is_no_list_of_slots_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
