/* Several who begin to put a rollout back at once: one writes it down, and all find it. */
#include "rollouts.h"

#include "between.h"
#include "base/text.h"
#include "cli/going_back.h"

/* What was written down by the one who came in between. */
static char other[CLOUD_NAME_SIZE];

static const struct cli CLI = { .clock = &FIXED_CLOCK, .entropy = &entropy_system };

static void begin(struct fixture *f, struct going_back *g)
{
	struct cli cli = CLI;
	struct error err = ERROR_INIT;
	struct plan *plan;

	cli.err = fopen("/dev/null", "w");
	must(going_back_load_plan(&cli, f->plan, &plan, &err), &err);
	must(going_back_begin(g, &cli, plan, &err), &err);
	plan_free(plan);
	fclose(cli.err);
}

static void come(void *arg)
{
	struct fixture *f = arg;
	struct going_back g = { .journal = f->j, .parent_id = "ro-1" };

	begin(f, &g);
	text_copy(other, sizeof(other), g.id);
	going_back_release(&g);
}

static void check_one_is_written(struct fixture *f, const char *statement)
{
	struct going_back g = { .parent_id = "ro-1" };
	struct error err = ERROR_INIT;

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	between_watch(statement, 1, come, f);
	must(journal_open(f->journal, JOURNAL_WRITE, &g.journal, &err), &err);
	begin(f, &g);
	between_came();
	assert_string_equal(g.id, other);
	assert_int_equal(g.count, 1);
	journal_close(g.journal);
	going_back_release(&g);
}

static void who_comes_when_it_was_found_that_nobody_had_begun_is_not_doubled(void **state)
{
	check_one_is_written(*state, "WHERE parent = ");
}

static void who_comes_when_the_machines_were_read_is_not_doubled(void **state)
{
	check_one_is_written(*state, "FROM rollout_machine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_comes_when_it_was_found_that_nobody_had_begun_is_not_doubled),
		TEST(who_comes_when_the_machines_were_read_is_not_doubled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
