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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_given_up_is_not_resumed_as_a_new_rollout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
