/* watch, of a rollout: what it shows while others drive it, and how it ends. */
#include "rollouts.h"

#include <sys/wait.h>
#include <time.h>

static void watch_ends_with_how_the_rollout_stands(void **state)
{
	static const struct {
		enum rollout_state state;
		const char *machine;
		enum exit_code code;
	} ENDS[] = {
		{ ROLLOUT_IS_HALTED, "rolled-back", EXIT_PARKED },
		{ ROLLOUT_IS_DONE, "rebuilt", EXIT_DONE },
		{ ROLLOUT_IS_DONE, "unreachable", EXIT_FAILED },
		{ ROLLOUT_IS_ABORTED, "rebuilt", EXIT_FAILED },
		{ ROLLOUT_IS_REVERTED, "rebuilt", EXIT_ROLLED_BACK },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ENDS); i++) {
		const struct machine_record m = { .number = 1, .state = ENDS[i].machine };
		auto_console c = { 0 };

		change(f->j, "ro-1", &m, ENDS[i].state, "");
		c = RUN("watch", f->option, "ro-1");
		assert_int_equal(c.code, ENDS[i].code);
	}
}

static void watch_does_not_wait_for_what_nobody_drives(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };

	leave(f);
	c = RUN("watch", f->option);
	assert_int_equal(c.code, EXIT_PARKED);
	assert_string_equal(c.out,
		"02:00:30Z ro-1 x running: 1 of 4 machines rebuilt, 3 not begun; waits for an "
		"operator: nobody drives it\n");
}

/* What happens in another process half a second after the watch began: one machine, then the end. */
static void go_on_elsewhere(const struct fixture *f)
{
	const struct machine_record rebuilt = {
		.number = 1, .state = "rebuilt", .took_ms = 7000, .rebuild = "rb-1"
	};
	struct error err = ERROR_INIT;
	struct journal *j;

	nanosleep(&(struct timespec){ .tv_nsec = 500 * 1000 * 1000 }, NULL);
	if (!journal_open(f->journal, JOURNAL_WRITE, &j, &err))
		_exit(1);
	change_from(j, &f->seat, "ro-1", &rebuilt, ROLLOUT_IS_RUNNING, "");
	change_from(j, &f->seat, "ro-1", NULL, ROLLOUT_IS_HALTED, "enough");
	journal_close(j);
	_exit(0);
}

static void watch_tells_what_changes(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };
	pid_t other = fork();
	int status;

	if (!other)
		go_on_elsewhere(f);
	c = RUN("watch", f->option);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_int_equal(c.code, EXIT_PARKED);
	assert_string_equal(c.out,
		"02:00:30Z ro-1 o running: 1 of 4 machines rebuilt, 3 not begun; waits for its gate after "
		"canary, whose command is asked again and again\n"
		"02:00:30Z ro-1 + i-1                  rebuilt in 7.0 s  (rb-1)\n"
		"02:00:30Z ro-1 x halted: 2 of 4 machines rebuilt, 2 not begun; enough\n");
}

static void watch_as_json_prints_one_document(void **state)
{
	struct fixture *f = *state;
	auto_console c = { 0 };
	json_auto_t *document = NULL;

	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	c = RUN("watch", f->option, "--json", "ro-1");
	document = console_document(&c);
	assert_int_equal(json_array_size(json_object_get(document, "rollouts")), 1);
	says(c.err, "done: 1 of 4");
}

/* In another process: the rollout ends as an operator asked, and is put back. */
static void go_back_elsewhere(const struct fixture *f)
{
	struct rollout_record back = { .id = "ro-2",
		.kind = ROLLOUT_GOES_BACK,
		.parent = "ro-1",
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = "digest",
		.machines = 1,
		.created_ms = T0,
		.updated_ms = T0 };
	const struct machine_record rebuilt = {
		.number = 0, .machine = "i-0", .state = "rebuilt", .took_ms = 7000, .rebuild = "rb-0"
	};
	struct lease lease = { .rebuild = "ro-2", .version = "0.1.0" };
	struct error err = ERROR_INIT;
	struct journal *j;

	nanosleep(&(struct timespec){ .tv_nsec = 500 * 1000 * 1000 }, NULL);
	if (!journal_open(f->journal, JOURNAL_WRITE, &j, &err))
		_exit(1);
	change_from(j, &f->seat, "ro-1", NULL, ROLLOUT_IS_ABORTED, "put back by ro-2");
	must(rollout_record_create(j, &back, &MACHINES[0], 1, &err), &err);
	holder_self("anna", &lease.holder);
	must(lease_take(j, &lease, T0, &err), &err);
	nanosleep(&(struct timespec){ .tv_sec = 3 }, NULL);
	change(j, "ro-2", &rebuilt, ROLLOUT_IS_DONE, "");
	journal_close(j);
	_exit(0);
}

static void watch_follows_a_rollout_that_is_put_back(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_console c = { 0 };
	pid_t other;
	int status;

	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0, &err), &err);
	other = fork();
	if (!other)
		go_back_elsewhere(f);
	c = RUN("watch", f->option, "ro-1");
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_int_equal(c.code, EXIT_ROLLED_BACK);
	says(c.out, " ro-1 x aborted");
	says(c.out, " ro-2 + done");
}

static void watch_tells_machines_that_were_locked_out_from_those_that_failed(void **state)
{
	const struct machine_record out = { .number = 1, .state = "locked-out" },
				    failed = { .number = 2, .state = "rolled-back" };
	struct fixture *f = *state;
	auto_console locked = { 0 }, worse = { 0 };

	change(f->j, "ro-1", &out, ROLLOUT_IS_DONE, "");
	locked = RUN("watch", f->option, "ro-1");
	assert_int_equal(locked.code, EXIT_LOCKED);
	change(f->j, "ro-1", &failed, ROLLOUT_IS_DONE, "");
	worse = RUN("watch", f->option, "ro-1");
	assert_int_equal(worse.code, EXIT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(watch_ends_with_how_the_rollout_stands),
		TEST(watch_does_not_wait_for_what_nobody_drives),
		TEST(watch_tells_what_changes),
		TEST(watch_as_json_prints_one_document),
		TEST(watch_follows_a_rollout_that_is_put_back),
		TEST(watch_tells_machines_that_were_locked_out_from_those_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
