/* validate: all that is wrong with plans, and nothing but plans. */
#include "console.h"

#define PLAN(name) (char *)TESTS_DIR "/golden/plan/" name ".yaml"

static void a_good_plan_is_valid(void **state)
{
	auto_console c = RUN("validate", PLAN("minimal")),
		     quiet = RUN("validate", PLAN("minimal"), "--quiet");

	(void)state;
	assert_int_equal(c.code, EXIT_DONE);
	says(c.out, "minimal.yaml: valid\n");
	assert_string_equal(c.err, "");
	assert_string_equal(quiet.out, "");
}

static void every_fault_is_named_with_its_place(void **state)
{
	auto_console c = RUN("validate", PLAN("misspelt-key"));

	(void)state;
	assert_int_equal(c.code, EXIT_BAD_PLAN);
	says(c.err, "misspelt-key.yaml:");
	says(c.err, "did you mean");
	assert_string_equal(c.out, "");
}

static void one_bad_plan_among_good_ones_decides_the_exit_code(void **state)
{
	auto_console c = RUN("validate", PLAN("minimal"), PLAN("misspelt-key"), PLAN("minimal"));

	(void)state;
	assert_int_equal(c.code, EXIT_BAD_PLAN);
}

static void a_plan_that_is_not_there_is_named(void **state)
{
	auto_console c = RUN("validate", PLAN("no-such-plan"));

	(void)state;
	assert_int_equal(c.code, EXIT_FAILED);
	says(c.err, "no-such-plan.yaml");
}

static void json_has_line_column_and_message(void **state)
{
	auto_console c = RUN("validate", "--json", PLAN("misspelt-key"), PLAN("minimal"));
	json_auto_t *document = console_document(&c);
	json_t *plans = json_object_get(document, "plans"), *bad = json_array_get(plans, 0);
	json_t *fault, *faults = json_object_get(bad, "diagnostics");
	size_t i, likely = 0;

	(void)state;
	assert_true(json_is_false(json_object_get(document, "valid")));
	assert_true(json_is_false(json_object_get(bad, "valid")));
	assert_true(json_is_true(json_object_get(json_array_get(plans, 1), "valid")));
	json_array_foreach(faults, i, fault)
	{
		assert_true(json_integer_value(json_object_get(fault, "line")) > 0);
		assert_true(json_integer_value(json_object_get(fault, "column")) > 0);
		likely +=
			strstr(json_string_value(json_object_get(fault, "message")), "did you mean") != NULL;
	}
	assert_true(likely > 0);
}

static void the_schema_is_json(void **state)
{
	auto_console c = RUN("schema");
	auto_error err = ERROR_INIT;
	json_auto_t *schema = NULL;

	(void)state;
	assert_int_equal(c.code, EXIT_DONE);
	assert_true(json_read(c.out, strlen(c.out), &schema, &err));
	says(json_string_value(json_object_get(schema, "$schema")), "draft-07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_plan_is_valid),
		cmocka_unit_test(every_fault_is_named_with_its_place),
		cmocka_unit_test(one_bad_plan_among_good_ones_decides_the_exit_code),
		cmocka_unit_test(a_plan_that_is_not_there_is_named),
		cmocka_unit_test(json_has_line_column_and_message),
		cmocka_unit_test(the_schema_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
