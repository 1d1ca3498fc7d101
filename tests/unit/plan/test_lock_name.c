/* What the names of locks are for a machine, and which machine has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plan/lock_name.h"

static const struct lock_machine MACHINE = { "i-1", "cluster 1" };

static void assert_expands(const char *pattern, const char *expected)
{
	auto_text name;

	text_init(&name, LOCK_NAME_MAX);
	lock_name_expand(pattern, &MACHINE, &name);
	assert_string_equal(name.bytes, expected);
}

static void placeholders_are_replaced_wherever_they_stand(void **state)
{
	(void)state;
	assert_expands("plain", "plain");
	assert_expands("{{group}}", "cluster 1");
	assert_expands("{{instance}}/{{group}}{{instance}}.", "i-1/cluster 1i-1.");
	assert_expands("{{{instance}}}", "{i-1}");
}

static void an_unknown_placeholder_is_found(void **state)
{
	(void)state;
	assert_null(lock_name_unknown("{{group}}-{{instance}} }}"));
	assert_string_equal(lock_name_unknown("{{group}}-{{zone}}"), "{{zone}}");
	assert_string_equal(lock_name_unknown("{{group"), "{{group");
}

static bool check(struct plan_lock lock, const char *group, struct error *err)
{
	struct plan p = { .machines.group_by = "Cluster", .rollout = { .locks = &lock, .lock_count = 1 } };
	const struct lock_machine m = { "i-1", group };

	return lock_names_check(&p, &m, err);
}

static void a_machine_whose_group_fleetlock_does_not_take_is_named(void **state)
{
	const struct plan_lock fleetlock = { .kind = PLAN_LOCK_FLEETLOCK, .name = "eu-{{group}}", .id = "x" };
	const struct plan_lock fdlm = { .kind = PLAN_LOCK_FDLM, .name = "eu-{{group}}" };
	auto_error err = ERROR_INIT;

	(void)state;
	assert_true(check(fleetlock, "a.B-9", &err));
	assert_true(check(fdlm, "cluster 1", &err));
	assert_false(check(fleetlock, "cluster_1", &err));
	assert_int_equal(err.kind, ERROR_PLAN);
	assert_string_equal(err.message, "i-1: `eu-cluster_1` is no group of FleetLock's");
}

static void a_machine_without_the_tag_is_named(void **state)
{
	const struct plan_lock by_group = { .kind = PLAN_LOCK_FDLM, .name = "{{group}}" };
	const struct plan_lock by_id = { .kind = PLAN_LOCK_FLEETLOCK, .name = "default", .id = "{{group}}" };
	const struct plan_lock plain = {
		.kind = PLAN_LOCK_FLEETLOCK, .name = "default", .id = "{{instance}}"
	};
	auto_error err = ERROR_INIT, other = ERROR_INIT;

	(void)state;
	assert_true(check(plain, "", &err));
	assert_false(check(by_group, "", &err));
	assert_string_equal(err.message, "i-1 has no tag Cluster, by which its lock {{group}} is named");
	assert_false(check(by_id, "", &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_replaced_wherever_they_stand),
		cmocka_unit_test(an_unknown_placeholder_is_found),
		cmocka_unit_test(a_machine_whose_group_fleetlock_does_not_take_is_named),
		cmocka_unit_test(a_machine_without_the_tag_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
