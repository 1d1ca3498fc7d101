#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

enum { FILE_BYTES = 40000 }; /* more than one read() */

static int make_file(void **state)
{
	static char path[] = "/tmp/changeover-file-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		return -1;
	for (int i = 0; i < FILE_BYTES; i++)
		fputc('a' + i % 26, f);
	*state = path;
	return fclose(f);
}

static int remove_file(void **state)
{
	return unlink(*state);
}

static void a_file_is_read_whole(void **state)
{
	auto_error err = ERROR_INIT;
	auto_text t;

	text_init(&t, FILE_BYTES);
	assert_true(file_read(*state, &t, &err));
	assert_int_equal(t.len, FILE_BYTES);
	assert_int_equal(t.bytes[FILE_BYTES - 1], 'a' + (FILE_BYTES - 1) % 26);
}

static void a_file_past_the_limit_is_an_error_not_cut(void **state)
{
	auto_error err = ERROR_INIT;
	auto_text t;

	text_init(&t, FILE_BYTES - 1);
	assert_false(file_read(*state, &t, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
}

static void a_file_that_is_not_there_is_missing(void **state)
{
	auto_error err = ERROR_INIT;
	auto_text t;

	(void)state;
	text_init(&t, 10);
	assert_false(file_read("/nonexistent/file", &t, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
}

static void a_folder_cannot_be_read_as_a_file(void **state)
{
	auto_error err = ERROR_INIT;
	auto_text t;

	(void)state;
	text_init(&t, 10);
	assert_false(file_read("/tmp", &t, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
}

static void assert_expanded(const char *path, const char *home, const char *expected)
{
	auto_free char *expanded = file_expand_home(path, home);

	assert_string_equal(expanded, expected);
}

static void only_a_leading_tilde_and_slash_mean_home(void **state)
{
	(void)state;
	assert_expanded("~/.ssh/id", "/home/ann", "/home/ann/.ssh/id");
	assert_expanded("~ann/.ssh/id", "/home/ann", "~ann/.ssh/id");
	assert_expanded("/etc/~/x", "/home/ann", "/etc/~/x");
	assert_expanded("~/x", NULL, "~/x");
}

static void assert_resolved(const char *beside, const char *path, const char *expected)
{
	auto_free char *resolved = file_resolve(beside, path);

	assert_string_equal(resolved, expected);
}

static void a_relative_path_is_found_beside_the_file_that_names_it(void **state)
{
	(void)state;
	assert_resolved("plans/acme.yaml", "init.yaml", "plans/init.yaml");
	assert_resolved("acme.yaml", "init.yaml", "init.yaml");
	assert_resolved("plans/acme.yaml", "/etc/init.yaml", "/etc/init.yaml");
	assert_resolved("/acme.yaml", "init.yaml", "/init.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(a_file_past_the_limit_is_an_error_not_cut),
		cmocka_unit_test(a_file_that_is_not_there_is_missing),
		cmocka_unit_test(a_folder_cannot_be_read_as_a_file),
		cmocka_unit_test(only_a_leading_tilde_and_slash_mean_home),
		cmocka_unit_test(a_relative_path_is_found_beside_the_file_that_names_it),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
