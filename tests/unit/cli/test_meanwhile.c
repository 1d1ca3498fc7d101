/* What others do to a rollout in the midst of a command: it is found, and nobody's word is lost. */
#include "rollouts.h"

#include "between.h"

#define RUN_ASKING_AWS(...) console_run((char *[]){ __VA_ARGS__, NULL }, environment_of_nobody())

/* ---- resume ---- */

static void somebody_gives_it_up(void *arg)
{
	struct fixture *f = arg;

	change(f->j, "ro-1", NULL, ROLLOUT_IS_ABORTED, "an operator gave it up");
}

/* Once it was chosen there are plan, credentials and clients to be read and made. */
static void what_was_given_up_is_not_resumed_as_a_new_rollout(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };
	struct error err = ERROR_INIT;
	struct rollout_record *list;
	size_t count;

	leave(f);
	between_watch("FROM lease", 1, somebody_gives_it_up, f);
	c = RUN_ASKING_AWS("resume", f->option, "ro-1");
	between_came();
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "rollout ro-1 is over");
	must(rollout_record_list(f->j, 10, &a, &list, &count, &err), &err);
	assert_int_equal(count, 1);
}

static void somebody_wants_it_back(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;

	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0, &err), &err);
}

/* Whoever wanted it back was told that the driver was asked, and is not overruled by who knows nothing of it. */
static void who_tells_a_driver_to_go_on_overrules_nobody(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	let_bert_drive(f);
	between_watch("FROM rollout_machine", 1, somebody_wants_it_back, f);
	c = RUN("resume", f->option, "ro-1");
	between_came();
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "rollout ro-1 is ending, as an operator asked");
	says(c.err, "it is driven by bert@far pid 7");
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_REVERT);
}

static void bert_leaves(void *arg)
{
	let_bert_leave(arg);
}

/* The plan is not here: that it is looked for shows who goes on. */
static void who_leaves_while_he_is_told_to_go_on_leaves_it_to_us(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	unlink(f->plan);
	let_bert_drive(f);
	between_watch("FROM rollout_machine", 1, bert_leaves, f);
	c = RUN("resume", f->option, "ro-1");
	between_came();
	assert_null(strstr(c.err, "told bert"));
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, f->plan);
}

/* ---- abort ---- */

static void who_leaves_while_he_is_asked_to_end_it_leaves_that_to_us(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	let_bert_drive(f);
	between_watch("FROM rollout_machine", 1, bert_leaves, f);
	c = RUN("abort", f->option, "ro-1", "--keep");
	between_came();
	assert_int_equal(c.code, EXIT_DONE);
	assert_null(strstr(c.err, "asked bert"));
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_ABORTED);
}

static void bert_takes_it_up(void *arg)
{
	struct fixture *f = arg;

	let_bert_drive(f);
}

/* He has changed no row yet. */
static void who_takes_up_what_is_being_given_up_is_asked_to_end_it(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };

	leave(f);
	between_watch("FROM rollout_machine", 1, bert_takes_it_up, f);
	c = RUN("abort", f->option, "ro-1", "--keep");
	between_came();
	assert_int_equal(c.code, EXIT_DONE);
	says(c.err, "asked bert@far pid 7");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_RUNNING);
	assert_int_equal(row(f, "ro-1", &a).wish, ROLLOUT_WISH_KEEP);
}

/* ---- watch and status ---- */

static void its_driver_ends_and_leaves(void *arg)
{
	struct fixture *f = arg;

	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	leave(f);
}

static void who_ends_while_it_is_looked_at_has_not_left_it_to_anybody(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	between_watch("FROM rollout WHERE id = ", 1, its_driver_ends_and_leaves, f);
	c = RUN("watch", f->option, "ro-1");
	between_came();
	assert_null(strstr(c.out, "nobody drives it"));
	assert_int_equal(c.code, EXIT_DONE);
}

/* The driver of ro-1, which is this process, drives a rebuild too. */
static void drive_rebuild(struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct lease l = { .rebuild = "rb-1", .version = "0.1.0" };
	const struct record r = {
		.id = "rb-1", .plan_path = f->plan, .blue = "i-1", .state = RECORD_RUNNING, .created_ms = T0
	};

	holder_self("anna", &l.holder);
	must(record_create(f->j, &r, &err), &err);
	must(lease_take(f->j, &l, T0, &err), &err);
}

static void its_rebuild_is_done(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	const struct record r = { .id = "rb-1", .plan_path = f->plan, .blue = "i-1", .state = RECORD_DONE };

	must(record_close(f->j, &r, &(struct lease){ .rebuild = "rb-1", .epoch = 1 }, &err), &err);
}

static void who_closes_a_rebuild_while_it_is_looked_at_has_not_left_it_to_anybody(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	drive_rebuild(f);
	between_watch("FROM rebuild WHERE id = ", 2, its_rebuild_is_done, f);
	c = RUN("watch", f->option, "rb-1");
	between_came();
	assert_null(strstr(c.err, "nobody drives"));
	assert_int_equal(c.code, EXIT_DONE);
}

static void status_names_no_command_that_goes_on_with_what_is_done(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	drive_rebuild(f);
	between_watch("FROM rebuild WHERE id = ", 1, its_rebuild_is_done, f);
	c = RUN("status", f->option, "rb-1");
	between_came();
	assert_null(strstr(c.out, "changeover apply"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_given_up_is_not_resumed_as_a_new_rollout),
		TEST(who_tells_a_driver_to_go_on_overrules_nobody),
		TEST(who_leaves_while_he_is_told_to_go_on_leaves_it_to_us),
		TEST(who_leaves_while_he_is_asked_to_end_it_leaves_that_to_us),
		TEST(who_takes_up_what_is_being_given_up_is_asked_to_end_it),
		TEST(who_ends_while_it_is_looked_at_has_not_left_it_to_anybody),
		TEST(who_closes_a_rebuild_while_it_is_looked_at_has_not_left_it_to_anybody),
		TEST(status_names_no_command_that_goes_on_with_what_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
