/* The procedure as a table: what the compiler does not see is seen before anything runs. */
#include "fixture.h"

static void refused(const struct step *s, const char *words)
{
	const struct step *const table[] = { &step_preflight, s, NULL };
	auto_error err = ERROR_INIT;

	assert_false(step_table_check(table, &err));
	if (!strstr(err.message, words))
		fail_msg("'%s' is not in '%s'", words, err.message);
}

static void the_table_has_no_holes(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	assert_true(step_table_check(steps_move, &err));
}

static void a_step_that_stands_twice_or_too_early_is_found(void **state)
{
	(void)state;
	refused(&step_preflight, "preflight: listed twice");
	refused(&step_detach, "detach: needs a fact that no earlier step gives");
}

static void a_step_without_a_part_that_it_needs_is_found(void **state)
{
	struct step nameless = step_protect, mute = step_protect, useless = step_protect,
		    blind = step_protect, idle = step_protect, one_way = step_protect, no_way = step_protect;

	(void)state;
	nameless.name = NULL;
	refused(&nameless, "step without a name");
	mute.summary = NULL;
	refused(&mute, "step without a name or a summary");
	useless.gives = 0;
	refused(&useless, "protect: no fact comes of it");
	blind.proved = NULL;
	refused(&blind, "protect: proved and one of act and look are required");
	idle.act = NULL;
	idle.look = NULL;
	refused(&idle, "protect: proved and one of act and look are required");
	one_way.undone = NULL;
	refused(&one_way, "protect: undo and undone belong together");
	no_way.undo = NULL;
	refused(&no_way, "protect: undo and undone belong together");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_no_holes),
		cmocka_unit_test(a_step_that_stands_twice_or_too_early_is_found),
		cmocka_unit_test(a_step_without_a_part_that_it_needs_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
