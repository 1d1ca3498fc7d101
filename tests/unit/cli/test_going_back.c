/* Several who begin to put a rollout back at once: one writes it down, and all find it. */
#include "rollouts.h"

#include "base/text.h"
#include "cli/going_back.h"
#include "journal/driver.h"

/* After which question of the one who comes first the other one comes, and does all of it. */
static struct {
	const char *question;
	struct fixture *fixture;
	struct journal *j;
	char id[CLOUD_NAME_SIZE]; /* what the other one wrote down */
	void *asked;              /* statement */
} other;

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

static void come(void)
{
	struct going_back g = { .journal = other.j, .parent_id = "ro-1" };

	other.question = NULL;
	begin(other.fixture, &g);
	text_copy(other.id, sizeof(other.id), g.id);
	going_back_release(&g);
}

static bool prepare(struct journal *j, const char *sql, void **ret, struct error *err)
{
	bool done = driver_sqlite.prepare(j, sql, ret, err);

	if (done && other.question && strstr(sql, other.question))
		other.asked = *ret;
	return done;
}

static bool next(struct journal *j, void *statement, bool *found, struct error *err)
{
	bool done = driver_sqlite.next(j, statement, found, err);

	if (!*found && other.question && statement == other.asked)
		come();
	return done;
}

static void check_one_is_written(struct fixture *f, const char *question)
{
	struct driver watched = driver_sqlite;
	struct going_back g = { .journal = f->j, .parent_id = "ro-1" };
	struct error err = ERROR_INIT;

	leave(f);
	change(f->j, "ro-1", NULL, ROLLOUT_IS_DONE, "");
	must(journal_open(f->journal, JOURNAL_WRITE, &other.j, &err), &err);
	other.question = question;
	other.fixture = f;
	watched.prepare = prepare;
	watched.next = next;
	f->j->driver = &watched;
	begin(f, &g);
	f->j->driver = &driver_sqlite;
	assert_null(other.question); /* it came */
	assert_string_equal(g.id, other.id);
	assert_int_equal(g.count, 1);
	going_back_release(&g);
	journal_close(other.j);
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
