/* What is asked of whoever drives a rebuild, and what becomes of that if it changes hands meanwhile. */
#include "rollouts.h"

#include "between.h"
#include "journal/wish.h"

static const struct lease BERT = { .rebuild = "rb-1",
	.version = "0.1.0",
	.holder = { .name = "bert@far pid 7", .place = "another-boot/1", .pid = 7, .started = 70 } };
static const struct lease CARL = { .rebuild = "rb-1",
	.version = "0.1.0",
	.holder = { .name = "carl@near pid 8", .place = "third-boot/1", .pid = 8, .started = 80 } };

/* The rebuild rb-1, driven by bert; its lease is the rebuild's first. */
static void let_bert_drive_rebuild(struct fixture *f, enum record_state state)
{
	struct error err = ERROR_INIT;
	struct lease bert = BERT;
	const struct record r = {
		.id = "rb-1", .plan_path = f->plan, .blue = "i-1", .state = state, .created_ms = T0
	};

	must(record_create(f->j, &r, &err) && lease_take(f->j, &bert, T0, &err), &err);
}

static void close_rebuild(struct fixture *f, enum record_state state)
{
	struct error err = ERROR_INIT;
	struct lease bert = BERT;
	const struct record r = { .id = "rb-1", .plan_path = f->plan, .blue = "i-1", .state = state };

	bert.epoch = 1;
	must(record_close(f->j, &r, &bert, &err), &err);
}

static void bert_ends(void *arg)
{
	close_rebuild(arg, RECORD_DONE);
}

/* Bert was not heard of for so long. */
static void carl_takes_over(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	struct lease carl = CARL;

	must(lease_take(f->j, &carl, T0 + LEASE_LIFE_MS + 1, &err), &err);
}

static void bert_puts_it_back_and_carl_looks(void *arg)
{
	close_rebuild(arg, RECORD_ROLLED_BACK);
	carl_takes_over(arg);
}

static void nothing_is_left(struct fixture *f)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct journal_wish *list;
	size_t count;

	must(wish_list(f->j, &a, &list, &count, &err), &err);
	assert_int_equal(count, 0);
}

/* Somebody comes after the nth statement of that text; the caller frees what was said. */
static struct console abort_while(struct fixture *f, const char *text, int nth, void (*come)(void *arg))
{
	struct console c;

	between_watch(text, nth, come, f);
	c = RUN("abort", f->option, "rb-1");
	between_came();
	return c;
}

static void a_driver_that_ends_before_it_is_asked_is_not_asked(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	let_bert_drive_rebuild(f, RECORD_RUNNING);
	c = abort_while(f, "FROM rebuild WHERE id = ", 1, bert_ends);
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "nobody drives rebuild rb-1: it is done");
	nothing_is_left(f);
}

static void somebody_would_write(void *arg)
{
	struct fixture *f = arg;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->journal, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_BUSY);
	sqlite3_close(db);
	between = (struct between){ "FROM lease", 1, bert_ends, f };
}

/* Whoever drives it when it is looked at does so still when the request is there. */
static void nobody_comes_between_the_look_and_the_asking(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	let_bert_drive_rebuild(f, RECORD_RUNNING);
	c = abort_while(f, "FROM lease", 1, somebody_would_write);
	assert_int_equal(c.code, EXIT_DONE);
}

/* While it is waited for: it is looked at once when it is asked, then again and again. */
#define WHILE_WAITING "FROM lease", 2

static void a_driver_that_ends_is_answered_for_by_the_record(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	let_bert_drive_rebuild(f, RECORD_RUNNING);
	c = abort_while(f, WHILE_WAITING, bert_ends);
	assert_int_equal(c.code, EXIT_DONE);
	says(c.err, "asked bert@far pid 7");
	says(c.out, "rb-1 done");
	nothing_is_left(f);
}

static void who_takes_over_was_not_asked_and_is_named(void **state)
{
	struct fixture *f = *state;
	char *const commands[][4] = { { (char *)"abort", f->option, (char *)"rb-1" },
		{ (char *)"abort", f->option, (char *)"rb-1", (char *)"--rollback" },
		{ (char *)"rollback", f->option, (char *)"rb-1" } };

	let_bert_drive_rebuild(f, RECORD_RUNNING);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		auto_console c = { 0 };

		between_watch(WHILE_WAITING, carl_takes_over, f);
		c = RUN(commands[i][0], commands[i][1], commands[i][2], commands[i][3]);
		between_came();
		assert_int_equal(c.code, EXIT_LOCKED);
		says(c.err, "rebuild rb-1 was taken over, and is being driven by carl@near pid 8");
		nothing_is_left(f);
	}
}

static void what_came_to_its_end_before_it_was_taken_is_answered_for_by_the_record(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	let_bert_drive_rebuild(f, RECORD_RUNNING);
	c = abort_while(f, WHILE_WAITING, bert_puts_it_back_and_carl_looks);
	assert_int_equal(c.code, EXIT_ROLLED_BACK);
	says(c.out, "rb-1 rolled-back");
}

/* It is put back after its end, say: that it is done is no answer to what was asked. */
static void what_was_over_before_it_was_asked_is_no_answer(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	let_bert_drive_rebuild(f, RECORD_DONE);
	c = abort_while(f, WHILE_WAITING, carl_takes_over);
	assert_int_equal(c.code, EXIT_LOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_driver_that_ends_before_it_is_asked_is_not_asked),
		TEST(nobody_comes_between_the_look_and_the_asking),
		TEST(a_driver_that_ends_is_answered_for_by_the_record),
		TEST(who_takes_over_was_not_asked_and_is_named),
		TEST(what_came_to_its_end_before_it_was_taken_is_answered_for_by_the_record),
		TEST(what_was_over_before_it_was_asked_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
