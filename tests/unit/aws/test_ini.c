/* The shared files' syntax. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/ini.h"

static struct ini *parsed(const char *text)
{
	auto_error err = ERROR_INIT;
	struct ini *f = NULL;

	if (!ini_parse("config", text, strlen(text), &f, &err))
		fail_msg("%s", err.message);
	return f;
}

static void assert_refused(const char *text, const char *message)
{
	auto_error err = ERROR_INIT;
	struct ini *f = NULL;

	assert_false(ini_parse("config", text, strlen(text), &f, &err));
	assert_int_equal(err.kind, ERROR_USAGE);
	assert_string_equal(err.message, message);
}

static void settings_are_found_by_section_and_name(void **state)
{
	struct ini *f = parsed(
		"# a comment\n[default]\nregion = eu-west-1\n\n[profile  \"big one\"]\r\nregion=us-east-1\r\n"
		"; another\nkey = a=b # c\n");

	(void)state;
	assert_string_equal(ini_find(f, "default", "region"), "eu-west-1");
	assert_string_equal(ini_find(f, "profile big one", "region"), "us-east-1");
	assert_string_equal(ini_find(f, "profile big one", "key"), "a=b # c"); /* no comments in a line */
	assert_null(ini_find(f, "default", "key"));
	assert_null(ini_find(f, "absent", "region"));
	assert_true(ini_has_section(f, "profile big one"));
	ini_free(f);
}

static void a_setting_under_an_empty_one_is_nested(void **state)
{
	struct ini *f =
		parsed("[services s]\nec2 =\n  endpoint_url = http://127.0.0.1:1\n  # no\n  retries = 3\n"
		       "sts =\n  endpoint_url = http://127.0.0.1:2\nplain = x\n");

	(void)state;
	assert_string_equal(ini_find_nested(f, "services s", "ec2", "endpoint_url"), "http://127.0.0.1:1");
	assert_string_equal(ini_find_nested(f, "services s", "ec2", "retries"), "3");
	assert_string_equal(ini_find_nested(f, "services s", "sts", "endpoint_url"), "http://127.0.0.1:2");
	assert_string_equal(ini_find(f, "services s", "plain"), "x");
	assert_null(ini_find(f, "services s", "endpoint_url"));
	ini_free(f);
}

static void a_value_goes_on_in_a_deeper_line(void **state)
{
	struct ini *f = parsed("[default]\n  credential_process = a  \n     --b\n     --c\n  region = x\n");

	(void)state;
	assert_string_equal(ini_find(f, "default", "credential_process"), "a\n--b\n--c");
	assert_string_equal(ini_find(f, "default", "region"), "x");
	ini_free(f);
}

static void mistakes_are_refused_with_file_and_line(void **state)
{
	(void)state;
	assert_refused("a = b\n", "config:1: a setting stands before the first [section]");
	assert_refused("[default\n", "config:1: the section's name does not end: ] is missing");
	assert_refused("[]\n", "config:1: the section has no name");
	assert_refused("[a] x\n", "config:1: there is something after the section's ]");
	assert_refused("[a]\n\nnothing\n", "config:3: expected \"name = value\" or \"[section]\"");
	assert_refused("[a]\n = b\n", "config:2: expected \"name = value\" or \"[section]\"");
	assert_refused("[a]\nx = 1\nx = 2\n", "config:3: x is set twice in [a]");
	assert_refused("[a]\n[a]\n", "config:2: section [a] is there twice");
	assert_refused("[a]\nec2 =\n  what\n", "config:3: expected \"name = value\" under an empty setting");
}

static void a_file_that_is_no_text_or_too_large_is_refused(void **state)
{
	auto_error nul = ERROR_INIT, large = ERROR_INIT, many = ERROR_INIT;
	auto_free char *bytes = calloc(INI_BYTES_MAX + 1, 1);
	struct ini *f = NULL;
	size_t len = 0;

	(void)state;
	assert_false(ini_parse("config", "[a]\0b", 5, &f, &nul));
	assert_false(ini_parse("config", bytes, INI_BYTES_MAX + 1, &f, &large));
	assert_int_equal(large.kind, ERROR_USAGE);
	len += (size_t)snprintf(bytes, INI_BYTES_MAX, "[a]\n");
	for (int i = 0; i <= INI_SETTINGS_MAX; i++)
		len += (size_t)snprintf(bytes + len, INI_BYTES_MAX - len, "k%d=v\n", i);
	assert_false(ini_parse("config", bytes, len, &f, &many));
	assert_string_equal(many.message, "config:4098: there are too many settings");
}

static void a_file_that_is_not_there_is_missing_not_malformed(void **state)
{
	auto_error err = ERROR_INIT;
	struct ini *f = NULL;

	(void)state;
	assert_false(ini_load("/nonexistent/config", &f, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_found_by_section_and_name),
		cmocka_unit_test(a_setting_under_an_empty_one_is_nested),
		cmocka_unit_test(a_value_goes_on_in_a_deeper_line),
		cmocka_unit_test(mistakes_are_refused_with_file_and_line),
		cmocka_unit_test(a_file_that_is_no_text_or_too_large_is_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_missing_not_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
