/* Several who begin to put a rollout back at once: one writes it down, and all find it. */
#include "rollouts.h"

#include "between.h"
#include "base/text.h"
#include "cli/going_back.h"

/* What was written down by the one who came in between. */
static char other[CLOUD_NAME_SIZE];

static const struct cli CLI = { .clock = &FIXED_CLOCK, .entropy = &entropy_system };

static bool try_to_begin(struct fixture *f, struct going_back *g, struct error *err)
{
	struct cli cli = CLI;
	struct plan *plan;
	bool begun;

	cli.err = fopen("/dev/null", "w");
	must(going_back_load_plan(&cli, f->plan, &plan, err), err);
	begun = going_back_begin(g, &cli, plan, err);
	plan_free(plan);
	fclose(cli.err);
	return begun;
}

static void begin(struct fixture *f, struct going_back *g)
{
	struct error err = ERROR_INIT;

	must(try_to_begin(f, g, &err), &err);
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

/* ---- what nobody wants back any more ---- */

static void somebody_resumes_it_and_leaves(void *arg)
{
	const struct rollout_order seen = { .id = "ro-1", .wish = ROLLOUT_WISH_REVERT };
	struct fixture *f = arg;
	struct error err = ERROR_INIT;

	must(rollout_order_go_on(f->j, &seen, (struct rollout_known){ 0, 0 }, T0, &err), &err);
}

static void who_resumes_it_when_the_machines_were_read_is_not_overruled(void **state)
{
	struct fixture *f = *state;
	struct going_back g = { .parent_id = "ro-1", .only_if_wanted = true };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record back;
	bool found;

	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, T0, &err), &err);
	leave(f);
	between_watch("WHERE parent = ", 1, somebody_resumes_it_and_leaves, f);
	must(journal_open(f->journal, JOURNAL_WRITE, &g.journal, &err), &err);
	assert_false(try_to_begin(f, &g, &err));
	between_came();
	assert_true(error_is(&err, GOING_BACK_UNWANTED));
	error_release(&err);
	must(rollout_record_find_back(f->j, "ro-1", &a, &back, &found, &err), &err);
	assert_false(found);
	assert_int_equal(row(f, "ro-1", &a).state, ROLLOUT_IS_RUNNING);
	journal_close(g.journal);
	going_back_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_comes_when_it_was_found_that_nobody_had_begun_is_not_doubled),
		TEST(who_comes_when_the_machines_were_read_is_not_doubled),
		TEST(who_resumes_it_when_the_machines_were_read_is_not_overruled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
