#include "fixture.h"

int fixture_set_up(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	fake_init(&x->cloud, &x->rebuild);
	*state = x;
	return 0;
}

int fixture_tear_down(void **state)
{
	struct fixture *x = *state;

	rebuild_release(&x->rebuild);
	rebuild_release(&x->next);
	free(x);
	return 0;
}

void fixture_ends(struct fixture *x, enum rebuild_course end)
{
	fake_run(&x->cloud);
	if (x->cloud.rebuild->course != end)
		fail_msg("%s, not %s: %s", rebuild_course_name(x->cloud.rebuild->course),
			rebuild_course_name(end), x->cloud.rebuild->cause);
}

void fixture_bakes(struct fixture *x)
{
	x->cloud.plan.bake_ms = 3600 * 1000;
	while (!x->rebuild.confirmed_wall_ms)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
}

void fixture_turns_back(struct fixture *x)
{
	while (x->rebuild.course != COURSE_BACK)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
}

enum rebuild_course fixture_goes_on(struct fixture *x)
{
	rebuild_release(&x->next);
	fake_crash(&x->cloud, &x->next, false);
	fake_run(&x->cloud);
	return x->next.course;
}

enum rebuild_course fixture_goes_on_elsewhere(struct fixture *x)
{
	rebuild_release(&x->next);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	fake_run(&x->cloud);
	return x->next.course;
}

void fixture_says(const struct rebuild *r, const char *words)
{
	if (!strstr(r->cause, words))
		fail_msg("'%s' is not in '%s'", words, r->cause);
}
