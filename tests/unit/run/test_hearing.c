/* What operators ask of a run, by way of the journal: it hears what is for it, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "journal/lease.h"
#include "journal/wish.h"
#include "run/run.h"

static const struct plan PLAN = {
	.name = "test", .path = "plan.yaml", .digest = "digest", .image.id = "ami-2"
};
static const struct record PARKED = { .id = "rb-1",
	.blue = "i-blue",
	.green = "",
	.plan_digest = "digest",
	.volumes = "[]",
	.state = RECORD_PARKED,
	.created_ms = 1 };

enum { BEGIN_MS = 1000 * 1000, TICK_MS = 500, TURNS = 4 };

/* A run that goes on with a rebuild: of what it asks the cloud it hears nothing, so it waits until it is asked to stop. */
struct fixture {
	int64_t now_ms;
	struct clock clock;
	struct journal *j;
	uv_loop_t loop;
	struct run *run;
	int turns;
	void (*come)(struct fixture *f); /* at the second turn; may be NULL */
};

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

/* It runs on with each look, so that the loop has nothing to wait for. */
static int64_t now(void *self)
{
	return *(int64_t *)self += TICK_MS;
}

static void observe(void *self, const struct query *queries, size_t count)
{
	(void)self, (void)queries, (void)count;
}

/* Every turn passes here. */
static void count_turn(void *self, size_t rebuilds)
{
	struct fixture *f = self;

	(void)rebuilds;
	if (++f->turns == 2 && f->come)
		f->come(f);
	if (f->turns >= TURNS)
		uv_stop(&f->loop);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	struct run_options o = { .plan = &PLAN, .claim = "", .user = "anna", .version = "0.1.0" };

	assert_non_null(f);
	f->now_ms = BEGIN_MS;
	f->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &f->now_ms };
	must(journal_open_temporary(&f->j, &err) && record_create(f->j, &PARKED, &err), &err);
	uv_loop_init(&f->loop);
	o.clock = &f->clock;
	o.journal = f->j;
	f->run = run_new(&f->loop, &o);
	run_set_providers(f->run, (struct run_providers){ .cloud.observe = observe,
					  .guest.observe = observe,
					  .traffic = { .self = f, .crowd = count_turn } });
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	run_free(f->run);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	journal_close(f->j);
	free(f);
	return 0;
}

static void ask_to_stop(struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct journal_wish q = { .rebuild = "rb-1", .kind = JOURNAL_WISH_STOP };
	struct lease_view driver;

	must(wish_put(f->j, &q, f->now_ms, &driver, &err), &err);
	assert_int_equal(driver.state, LEASE_HELD_ALIVE);
}

static size_t wishes(const struct fixture *f)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct journal_wish *list;
	size_t count;

	must(wish_list(f->j, &a, &list, &count, &err), &err);
	return count;
}

static void go_on(struct fixture *f)
{
	struct error err = ERROR_INIT;

	must(run_add_unfinished(f->run, &PARKED, &err), &err);
	run_until_over(f->run);
}

/* This process takes the lease, as often as it likes: each time it is another engine's, as far as the journal knows. */
static void somebody_takes_it(struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct lease l = { .rebuild = "rb-1", .version = "0.1.0" };

	holder_self("berta", &l.holder);
	must(lease_take(f->j, &l, f->now_ms, &err), &err);
}

static enum rebuild_course course(const struct fixture *f)
{
	return run_ending(f->run, 0)->course;
}

static void a_driver_hears_what_is_asked_of_it(void **state)
{
	struct fixture *f = *state;

	f->come = ask_to_stop;
	go_on(f);
	assert_int_equal(course(f), COURSE_INTERRUPTED);
	assert_int_equal(wishes(f), 0);
}

/* Whoever asked died while it waited, and so did whoever was asked: days later the same request would be a surprise. */
static void what_was_asked_of_an_earlier_driver_is_heard_by_nobody(void **state)
{
	struct fixture *f = *state;

	somebody_takes_it(f);
	ask_to_stop(f);
	go_on(f);
	assert_true(f->turns >= TURNS);
	assert_int_not_equal(course(f), COURSE_INTERRUPTED);
	assert_int_equal(wishes(f), 0);
}

static void somebody_takes_it_and_is_asked(struct fixture *f)
{
	somebody_takes_it(f);
	ask_to_stop(f);
}

static void what_is_asked_of_a_later_driver_is_left_to_it(void **state)
{
	struct fixture *f = *state;

	f->come = somebody_takes_it_and_is_asked;
	go_on(f);
	assert_int_equal(course(f), COURSE_TAKEN_OVER);
	assert_int_equal(wishes(f), 1);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ROW(a_driver_hears_what_is_asked_of_it),
		ROW(what_was_asked_of_an_earlier_driver_is_heard_by_nobody),
		ROW(what_is_asked_of_a_later_driver_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
