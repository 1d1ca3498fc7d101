/*
 * worker: what it finds in a store, and makes of it. The machines of these rollouts are back already, so that
 * nobody is asked for anything.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rollouts.h"

#include "between.h"

/* Of the only machine of ro-1 that was rebuilt. */
static void add_rebuild_that_is_back(struct fixture *f)
{
	struct error err = ERROR_INIT;
	const struct record r = { .id = "rb-0",
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = "digest",
		.blue = "i-0",
		.green = "i-green",
		.state = RECORD_ROLLED_BACK,
		.created_ms = T0,
		.updated_ms = T0 };

	must(record_create(f->j, &r, &err), &err);
}

static struct console work(struct fixture *f)
{
	return console_run((char *[]){ "worker", f->option, "--until-idle", NULL }, environment_of_nobody());
}

static bool find_back(struct fixture *f, struct arena *a, struct rollout_record *ret)
{
	struct rollout_record *list;
	struct error err = ERROR_INIT;
	size_t count;

	must(rollout_record_list(f->j, 10, a, &list, &count, &err), &err);
	*ret = list[0];
	return count == 2 && ret->kind == ROLLOUT_GOES_BACK;
}

static void is_to_go_back_and_left(struct fixture *f)
{
	struct error err = ERROR_INIT;

	change(f->j, "ro-1", NULL, ROLLOUT_IS_HALTED, "an operator stopped it");
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0 + 25000, &err), &err);
	leave(f);
}

/* ---- promises ---- */

static void what_is_to_be_put_back_and_nobody_drives_is_put_back(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };
	struct rollout_record back;

	add_rebuild_that_is_back(f);
	is_to_go_back_and_left(f);
	c = work(f);
	assert_int_equal(c.code, EXIT_DONE);
	assert_true(find_back(f, &a, &back));
	assert_int_equal(back.state, ROLLOUT_IS_DONE);
	assert_string_equal(back.parent, "ro-1");
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_REVERTED);
}

/* Its worker died between the two. */
static void what_was_chosen_and_not_begun_needs_no_way_back(void **state)
{
	struct fixture *f = *state;
	const struct machine_record chosen = { .number = 1, .state = "under-way" };
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };
	struct rollout_record back;

	add_rebuild_that_is_back(f);
	change(f->j, "ro-1", &chosen, ROLLOUT_IS_RUNNING, "");
	is_to_go_back_and_left(f);
	c = work(f);
	assert_int_equal(c.code, EXIT_DONE);
	assert_true(find_back(f, &a, &back));
	assert_int_equal(back.machines, 2);
	assert_int_equal(back.state, ROLLOUT_IS_DONE);
}

static void what_halted_is_left_to_people_who_have_not_said_so(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };
	struct rollout_record r;

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_HALTED, "1 of 4 machines failed");
	c = work(f);
	assert_int_equal(c.code, EXIT_DONE);
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_HALTED);
	assert_false(find_back(f, &a, &r));
}

static void a_way_back_that_was_left_to_workers_is_taken_up(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console left = { 0 }, c = { 0 };
	struct error err = ERROR_INIT;
	struct rollout_record back;

	leave(f);
	add_rebuild_that_is_back(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	left = RUN("rollback", f->option, "ro-1", "--detach");
	assert_int_equal(left.code, EXIT_DONE);
	assert_true(find_back(f, &a, &back));
	must(rollout_order_pause(f->j, back.id, false, T0, &err), &err); /* it is older than the clock says */
	c = work(f);
	says(c.err, back.id);
	assert_int_equal(row(f, back.id, &a).state, ROLLOUT_IS_DONE);
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_REVERTED);
}

/* Its limits may be others now; and the rebuilds that it undoes are of the plan as it was. */
static void a_way_back_by_a_changed_plan_is_for_people_to_begin(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_console c = { 0 };
	struct rollout_record r;
	FILE *plan;

	is_to_go_back_and_left(f);
	plan = fopen(f->plan, "a");
	assert_non_null(plan);
	fputs("  in_flight: 2\n", plan);
	fclose(plan);
	c = work(f);
	says(c.err, "is not the plan that ro-1 was begun with");
	assert_false(find_back(f, &a, &r));
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_HALTED);
}

static void somebody_ends_us(void *arg)
{
	(void)arg;
	raise(SIGTERM);
}

/* It opens its store just then. */
static void who_is_told_to_end_before_it_has_begun_ends_in_order(void **state)
{
	struct fixture *f = *state;
	pid_t worker = fork();
	sigset_t none;
	int status;

	if (!worker) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL); /* workers before it were in this process, too */
		between_watch("", 0, somebody_ends_us, NULL);
		_exit(work(f).code);
	}
	assert_int_equal(waitpid(worker, &status, 0), worker);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_to_be_put_back_and_nobody_drives_is_put_back),
		TEST(what_was_chosen_and_not_begun_needs_no_way_back),
		TEST(what_halted_is_left_to_people_who_have_not_said_so),
		TEST(a_way_back_that_was_left_to_workers_is_taken_up),
		TEST(a_way_back_by_a_changed_plan_is_for_people_to_begin),
		TEST(who_is_told_to_end_before_it_has_begun_ends_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
