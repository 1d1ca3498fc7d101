#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wire/json.h"

enum { OUTPUT_MAX = 4096 };

static void assert_refused(const char *bytes, size_t len, const char *reason)
{
	auto_error err = ERROR_INIT;
	json_t *value = NULL;

	assert_false(json_read(bytes, len, &value, &err));
	assert_null(value);
	assert_int_equal(err.kind, ERROR_REMOTE);
	if (!strstr(err.message, reason))
		fail_msg("`%s` does not say `%s`", err.message, reason);
}

static void fill(struct text *t, const char *piece, size_t count)
{
	text_init(t, strlen(piece) * count + 1);
	for (size_t i = 0; i < count; i++)
		text_add(t, piece);
}

static void a_value_is_read(void **state)
{
	static const char TEXT[] = " {\"latency\": {\"attach_ms\": 2000}, \"on\": [true]} ";
	auto_error err = ERROR_INIT;
	json_auto_t *value = NULL;

	(void)state;
	assert_true(json_read(TEXT, strlen(TEXT), &value, &err));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(value, "latency"), "attach_ms")), 2000);
}

static void malformed_json_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused("{\"a\": 1,\n \"b\" 2}", 16, "line 2");
	assert_refused("", 0, "malformed JSON");
	assert_refused("{} {}", 5, "malformed JSON");
	assert_refused("{\"a\": 1, \"a\": 2}", 16, "duplicate");
	assert_refused("\"caf\xe9\"", 6, "malformed JSON");
	assert_refused("\"a\\u0000b\"", 10, "malformed JSON");
	assert_refused("[1, 2", 5, "malformed JSON");
}

static void depth_is_capped_before_parsing(void **state)
{
	auto_error err = ERROR_INIT;
	json_auto_t *value = NULL;
	auto_text just_enough, deep;

	(void)state;
	fill(&just_enough, "[", JSON_DEPTH_MAX);
	fill(&deep, "[", 1000000);
	assert_refused(just_enough.bytes, just_enough.len, "malformed");
	assert_refused(deep.bytes, deep.len, "deeper than 32");
	assert_true(json_read("[[[[]]],[[[]]]]", 15, &value, &err));
}

static void brackets_inside_strings_are_not_depth(void **state)
{
	auto_error err = ERROR_INIT;
	json_auto_t *value = NULL;
	auto_text t;

	(void)state;
	text_init(&t, 1000);
	text_add(&t, "[\"\\\"");
	for (int i = 0; i < 100; i++)
		text_add(&t, "[{");
	text_add(&t, "\"]");
	assert_true(json_read(t.bytes, t.len, &value, &err));
}

static void a_string_that_never_ends_is_not_read_past(void **state)
{
	(void)state;
	assert_refused("[\"abc", 5, "malformed");
	assert_refused("[\"abc\\", 6, "malformed");
}

static void keys_are_written_in_the_order_of_setting(void **state)
{
	json_auto_t *value = json_pack("{si ss s[ii]}", "zone", 1, "attach", "x", "middle", 2, 3);
	auto_text t;

	(void)state;
	text_init(&t, OUTPUT_MAX);
	json_write(value, JSON_ON_ONE_LINE, &t);
	assert_string_equal(t.bytes, "{\"zone\":1,\"attach\":\"x\",\"middle\":[2,3]}");
}

static void a_document_can_be_written_for_people(void **state)
{
	json_auto_t *value = json_pack("{si}", "a", 1);
	auto_text t;

	(void)state;
	text_init(&t, OUTPUT_MAX);
	json_write(value, JSON_INDENTED, &t);
	assert_string_equal(t.bytes, "{\n  \"a\": 1\n}");
}

static void what_a_machine_printed_becomes_a_string_whatever_it_is(void **state)
{
	json_auto_t *good = json_text("caf\xc3\xa9"), *bad = json_text("caf\xe9"), *none = json_text(NULL);

	(void)state;
	assert_string_equal(json_string_value(good), "caf\xc3\xa9");
	assert_string_equal(json_string_value(bad), "caf\xef\xbf\xbd");
	assert_true(json_is_null(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_read),
		cmocka_unit_test(malformed_json_is_refused_with_its_place),
		cmocka_unit_test(depth_is_capped_before_parsing),
		cmocka_unit_test(brackets_inside_strings_are_not_depth),
		cmocka_unit_test(a_string_that_never_ends_is_not_read_past),
		cmocka_unit_test(keys_are_written_in_the_order_of_setting),
		cmocka_unit_test(a_document_can_be_written_for_people),
		cmocka_unit_test(what_a_machine_printed_becomes_a_string_whatever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
