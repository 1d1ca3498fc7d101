/* Which machines of a list are meant, and in which order they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fleet_of.h"
#include "rollout/selection.h"

/* One that runs, in zone a, without tags. */
static struct listed machine(const char *id)
{
	return (struct listed){ .id = id,
		.zone = "a",
		.group = "",
		.order = "",
		.rebuild = "",
		.role = "",
		.replaces = "",
		.state = INSTANCE_RUNNING };
}

static struct listed in_state(const char *id, enum instance_state state)
{
	struct listed m = machine(id);

	m.state = state;
	return m;
}

static struct listed of_rebuild(const char *id, const char *role, const char *rebuild, const char *replaces)
{
	struct listed m = machine(id);

	m.role = role;
	m.rebuild = rebuild;
	m.replaces = replaces;
	return m;
}

static struct listed ordered(const char *id, const char *order)
{
	struct listed m = machine(id);

	m.order = order;
	return m;
}

static struct listed in_zone(const char *id, const char *zone)
{
	struct listed m = machine(id);

	m.zone = zone;
	return m;
}

static struct listed in_group(const char *id, const char *group)
{
	struct listed m = machine(id);

	m.group = group;
	return m;
}

/* Asserts that these are selected, in this order: "i-1 i-2". */
static void assert_selects(const struct plan *plan, const struct listed *list, size_t count, const char *ids)
{
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	const char *found = "";

	if (!selection_make(plan, list, count, &a, &s, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < s.count; i++)
		found = arena_printf(&a, "%s%s%s", found, i ? " " : "", s.machines[i].machine->id);
	assert_string_equal(found, ids);
}

static void what_is_gone_is_not_meant(void **state)
{
	const struct listed list[] = { in_state("i-1", INSTANCE_TERMINATED), machine("i-2"),
		in_state("i-3", INSTANCE_STOPPED), in_state("i-4", INSTANCE_SHUTTING_DOWN) };
	struct plan plan = plan_of_all();

	(void)state;
	assert_selects(&plan, list, 4, "i-2 i-3");
}

static void of_a_rebuild_that_is_done_its_green_is_meant(void **state)
{
	const struct listed list[] = {
		of_rebuild("i-blue", "retired", "rb-1", ""),
		of_rebuild("i-green", "green", "rb-1", "i-blue"),
	};
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	assert_selects(&plan, list, 2, "i-green");
	assert_true(selection_make(&plan, list, 2, &a, &s, &err));
	assert_string_equal(s.machines[0].first->id, "i-blue"); /* its time to be terminated may have come */
}

static void of_a_rebuild_that_is_under_way_or_undone_its_blue_is_meant(void **state)
{
	static const char *const ROLES[] = { "blue", "restoring", "restored" };
	struct plan plan = plan_of_all();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct listed list[] = {
			of_rebuild("i-green", "green", "rb-1", "i-blue"),
			of_rebuild("i-blue", ROLES[i], "rb-1", ""),
		};

		assert_selects(&plan, list, 2, "i-blue");
	}
}

static void a_green_of_long_ago_is_meant_when_it_is_blue_itself(void **state)
{
	const struct listed list[] = {
		of_rebuild("i-1", "green", "rb-1", "i-0"),
		of_rebuild("i-2", "blue", "rb-2", "i-1"),
	};
	struct plan plan = plan_of_all();

	(void)state;
	assert_selects(&plan, list, 2, "i-1 i-2");
}

static void the_order_is_that_of_a_tag_numbers_as_numbers(void **state)
{
	const struct listed list[] = { machine("i-none"), ordered("i-ten", "10"), ordered("i-word", "b"),
		ordered("i-nine", "09"), ordered("i-also", "10"), ordered("i-a", "a") };
	struct plan plan = plan_of_all();

	(void)state;
	assert_selects(&plan, list, 6, "i-nine i-ten i-also i-a i-word i-none");
}

static void zones_stand_together_if_they_matter(void **state)
{
	const struct listed list[] = { in_zone("i-1", "b"), machine("i-2"), in_zone("i-3", "b"),
		machine("i-4") };
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	assert_selects(&plan, list, 4, "i-1 i-2 i-3 i-4");
	plan.rollout.zone_by_zone = true;
	assert_selects(&plan, list, 4, "i-2 i-4 i-1 i-3");
	assert_true(selection_make(&plan, list, 4, &a, &s, &err));
	assert_int_equal(s.machines[1].zone, 0);
	assert_int_equal(s.machines[2].zone, 1);
	assert_int_equal(s.machines[0].group, ROLLOUT_NO_GROUP);
}

static void members_of_a_group_have_the_same_number(void **state)
{
	const struct listed list[] = { in_group("i-1", "west"), in_group("i-2", "east"),
		in_group("i-3", "west") };
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	plan.machines.group_by = "Cluster";
	assert_true(selection_make(&plan, list, 3, &a, &s, &err));
	assert_int_equal(s.machines[0].group, s.machines[2].group);
	assert_int_not_equal(s.machines[0].group, s.machines[1].group);
	assert_true(s.machines[0].group < 2 && s.machines[1].group < 2);
}

static void machines_without_the_group_tag_are_named(void **state)
{
	struct listed list[9];
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		list[i] = in_group("i-x", i < 7 ? "" : "west");
	plan.machines.group_by = "Cluster";
	assert_false(selection_make(&plan, list, 9, &a, &s, &err));
	assert_int_equal(err.kind, ERROR_PLAN);
	assert_string_equal(err.message, "7 of 9 machines have no tag Cluster, by which the plan groups "
					 "them: i-x, i-x, i-x, i-x, i-x, ...");
	error_release(&err);
}

static void a_selection_of_nothing_says_what_was_looked_for(void **state)
{
	static const struct plan_pair TAGS[] = { { "Service", "db" }, { "Stage", "test" } };
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	plan.machines.tags = TAGS;
	plan.machines.tag_count = 2;
	assert_false(selection_make(&plan, NULL, 0, &a, &s, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
	assert_string_equal(err.message, "no machine carries the tags Service=db, Stage=test");
	error_release(&err);
}

static void a_selection_by_names_that_nothing_has_says_how_many_and_the_first(void **state)
{
	static const char *const NAMES[] = { "i-1", "i-2" };
	struct plan plan = plan_of_all();
	struct selection s;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;

	(void)state;
	plan.machines.instances = NAMES;
	plan.machines.instance_count = 2;
	assert_false(selection_make(&plan, NULL, 0, &a, &s, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
	assert_string_equal(err.message, "none of the 2 machines that the plan names is there: i-1, ...");
	error_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_gone_is_not_meant),
		cmocka_unit_test(of_a_rebuild_that_is_done_its_green_is_meant),
		cmocka_unit_test(of_a_rebuild_that_is_under_way_or_undone_its_blue_is_meant),
		cmocka_unit_test(a_green_of_long_ago_is_meant_when_it_is_blue_itself),
		cmocka_unit_test(the_order_is_that_of_a_tag_numbers_as_numbers),
		cmocka_unit_test(zones_stand_together_if_they_matter),
		cmocka_unit_test(members_of_a_group_have_the_same_number),
		cmocka_unit_test(machines_without_the_group_tag_are_named),
		cmocka_unit_test(a_selection_of_nothing_says_what_was_looked_for),
		cmocka_unit_test(a_selection_by_names_that_nothing_has_says_how_many_and_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
