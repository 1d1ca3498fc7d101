/* What in a journal is for a worker: a rebuild whose driver has died, of a plan whose rollout has halted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cli/worker_search.h"
#include "journal/driver.h"
#include "journal/event.h"

enum { LONG_AGO_MS = 1000, NOW_MS = 1000 * 1000 };

struct fixture {
	struct journal *j;
	struct clock clock;
	struct arena arena;
};

static int64_t now_ms(void *self)
{
	(void)self;
	return NOW_MS;
}

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static void add_rollout(struct fixture *f, enum rollout_state state)
{
	const struct machine_record machine = { .machine = "i-1", .state = "under-way", .rebuild = "rb-1" };
	const struct rollout_record r = { .id = "ro-1",
		.kind = ROLLOUT_GOES_FORWARD,
		.plan_name = "acme",
		.plan_digest = "d",
		.machines = 1,
		.created_ms = LONG_AGO_MS };
	struct rollout_change change = { .id = "ro-1", .version = 1, .state = state, .now_ms = LONG_AGO_MS };
	struct error err = ERROR_INIT;

	must(rollout_record_create(f->j, &r, &machine, 1, &err), &err);
	must(rollout_record_change(f->j, &change, &err), &err);
}

static void append(struct fixture *f, enum event_kind kind)
{
	struct event e = { .rebuild = "rb-1", .kind = kind, .at_ms = LONG_AGO_MS };
	struct error err = ERROR_INIT;

	must(journal_append(f->j, &e, 1, &err), &err);
}

static bool is_rebuild_found(struct fixture *f)
{
	struct worker_search w = { .journal = f->j, .clock = &f->clock };
	struct error err = ERROR_INIT;
	struct work work;
	bool found;

	must(worker_search(&w, &f->arena, &work, &found, &err), &err);
	return found && work.kind == WORK_REBUILD;
}

static int open_journal(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct record r = { .id = "rb-1",
		.plan_name = "acme",
		.blue = "i-1",
		.state = RECORD_RUNNING,
		.created_ms = LONG_AGO_MS,
		.updated_ms = LONG_AGO_MS };
	struct error err = ERROR_INIT;

	*state = f;
	f->clock = (struct clock){ .wall_ms = now_ms, .mono_ms = now_ms };
	must(journal_open(JOURNAL_IN_MEMORY, JOURNAL_WRITE, &f->j, &err), &err);
	must(record_create(f->j, &r, &err), &err);
	return 0;
}

static int close_journal(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	journal_close(f->j);
	free(f);
	return 0;
}

/* ---- promises ---- */

static void clients_that_wait_do_not_wait_for_the_people_of_a_halted_rollout(void **state)
{
	struct fixture *f = *state;

	add_rollout(f, ROLLOUT_IS_HALTED);
	append(f, EVENT_WINDOW_OPENED);
	assert_true(is_rebuild_found(f));
}

static void what_clients_do_not_notice_is_left_to_the_people_of_a_halted_rollout(void **state)
{
	struct fixture *f = *state;

	add_rollout(f, ROLLOUT_IS_HALTED);
	assert_false(is_rebuild_found(f));
	append(f, EVENT_WINDOW_OPENED);
	append(f, EVENT_WINDOW_CLOSED);
	assert_false(is_rebuild_found(f));
}

static void whoever_takes_a_running_rollout_has_its_rebuilds(void **state)
{
	struct fixture *f = *state;

	add_rollout(f, ROLLOUT_IS_RUNNING);
	append(f, EVENT_WINDOW_OPENED);
	assert_false(is_rebuild_found(f));
}

static void a_rebuild_without_a_rollout_is_gone_on_with(void **state)
{
	assert_true(is_rebuild_found(*state));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_journal, close_journal)
	const struct CMUnitTest tests[] = {
		TEST(clients_that_wait_do_not_wait_for_the_people_of_a_halted_rollout),
		TEST(what_clients_do_not_notice_is_left_to_the_people_of_a_halted_rollout),
		TEST(whoever_takes_a_running_rollout_has_its_rebuilds),
		TEST(a_rebuild_without_a_rollout_is_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
