/*
 * Every *.yaml here is loaded, and what the loader says must be byte for byte the *.diagnostics
 * beside it. CHANGEOVER_UPDATE_GOLDEN=1 writes the files instead: read the difference before it
 * is committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "plan/keys.h"
#include "plan/plan.h"
#include "plan/schema.h"

enum { OUTPUT_MAX = 1024 * 1024, PLANS_MAX = 100 };

static const char SCHEMA[] = TESTS_DIR "/../templates/plan.schema.json";
static const char REFERENCE[] = TESTS_DIR "/../docs/plan.md";

/* As the command line prints it: a line for each diagnostic, then the verdict. */
static void load(const char *path, struct text *ret)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *p = NULL;
	bool loaded = plan_load(path, &p, &d, &err);

	for (size_t i = 0; i < d.count; i++)
		text_addf(
			ret, "%s:%d:%d: %s\n", path, d.items[i].line, d.items[i].column, d.items[i].message);
	text_addf(ret, "%s\n", loaded ? "accepted" : err.message);
	assert_int_equal(loaded, d.count == 0);
	assert_int_equal(err.kind, loaded ? ERROR_NONE : ERROR_PLAN);
	plan_free(p);
}

static void write_file(const char *path, const struct text *content)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(content->bytes, 1, content->len, f), content->len);
	assert_int_equal(fclose(f), 0);
}

static void assert_golden(const char *path, const struct text *actual)
{
	auto_error err = ERROR_INIT;
	auto_text expected;

	if (getenv("CHANGEOVER_UPDATE_GOLDEN"))
		write_file(path, actual);
	text_init(&expected, OUTPUT_MAX);
	if (!file_read(path, &expected, &err))
		fail_msg("%s", err.message);
	assert_string_equal(actual->bytes, expected.bytes);
}

static void diagnostics_are_as_recorded(void **state)
{
	const char *plan = *state;
	auto_text output, golden;

	text_init(&output, OUTPUT_MAX);
	text_init(&golden, OUTPUT_MAX);
	load(plan, &output);
	text_addf(&golden, "%.*s.diagnostics", (int)(strlen(plan) - strlen(".yaml")), plan);
	assert_golden(golden.bytes, &output);
}

static void the_committed_schema_is_the_tables(void **state)
{
	auto_text schema;

	(void)state;
	text_init(&schema, OUTPUT_MAX);
	plan_schema_write(&schema);
	assert_golden(SCHEMA, &schema);
}

/* The page has an introduction of its own; the table ends it. */
static void the_committed_reference_is_the_tables(void **state)
{
	auto_error err = ERROR_INIT;
	auto_text page, table;

	(void)state;
	text_init(&page, OUTPUT_MAX);
	text_init(&table, OUTPUT_MAX);
	plan_reference_write(&table);
	if (!file_read(REFERENCE, &page, &err))
		fail_msg("%s", err.message);
	if (!text_ends_with(page.bytes, table.bytes))
		fail_msg("docs/plan.md does not end with what `changeover schema --markdown` prints");
}

static void the_example_plans_load(void **state)
{
	glob_t plans;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/../plans/*.yaml", 0, NULL, &plans), 0);
	for (size_t i = 0; i < plans.gl_pathc; i++) {
		auto_text output;

		text_init(&output, OUTPUT_MAX);
		load(plans.gl_pathv[i], &output);
		assert_string_equal(output.bytes, "accepted\n");
	}
	globfree(&plans);
}

static void assert_says(const struct text *output, const char *path, const char *what)
{
	auto_text line;

	text_init(&line, OUTPUT_MAX);
	text_addf(&line, ": `%s%s%s` is not supported yet: ", path, what ? ": " : "", what ? what : "");
	if (!strstr(output->bytes, line.bytes))
		fail_msg("unsupported.yaml does not try %s %s", path, what ? what : "");
}

static void nothing_that_is_not_carried_out_is_ignored(void **state)
{
	size_t count;
	const struct key *all = keys_all(&count);
	auto_text output;

	(void)state;
	text_init(&output, OUTPUT_MAX);
	load("unsupported.yaml", &output);
	for (size_t i = 0; i < count; i++) {
		if (all[i].unsupported)
			assert_says(&output, all[i].path, NULL);
		for (const struct key_word *w = all[i].words; w && w->word; w++)
			if (w->unsupported)
				assert_says(&output, all[i].path, w->word);
	}
}

/* Writes size bytes of fill into a file of its own, loads it, and gives what was said of it. */
static void load_filled(char fill, size_t size, struct text *ret)
{
	char path[] = "/tmp/changeover-golden-XXXXXX";
	int fd = mkstemp(path);
	auto_text content;

	assert_true(fd >= 0);
	close(fd);
	text_init(&content, size);
	while (content.len < size)
		text_add_char(&content, fill);
	write_file(path, &content);
	load(path, ret);
	unlink(path);
}

/* libyaml alone would be at it for an hour. */
static void a_mebibyte_of_brackets_is_refused_at_once(void **state)
{
	int64_t before = clock_mono_ms(&clock_system);
	auto_text output;

	(void)state;
	text_init(&output, OUTPUT_MAX);
	load_filled('[', PLAN_BYTES_MAX, &output);
	assert_non_null(strstr(output.bytes, ":1:33: nested deeper than 32 levels\n"));
	assert_true(clock_mono_ms(&clock_system) - before < 2000);
}

static void a_file_that_is_too_large_is_a_mistake_in_the_plan(void **state)
{
	auto_text output;

	(void)state;
	text_init(&output, OUTPUT_MAX);
	load_filled('#', PLAN_BYTES_MAX + 1, &output);
	assert_non_null(strstr(output.bytes, ":1:1: the file is larger than 1 MiB\n"));
}

int main(void)
{
	struct CMUnitTest tests[PLANS_MAX] = {
		cmocka_unit_test(the_committed_schema_is_the_tables),
		cmocka_unit_test(the_committed_reference_is_the_tables),
		cmocka_unit_test(the_example_plans_load),
		cmocka_unit_test(nothing_that_is_not_carried_out_is_ignored),
		cmocka_unit_test(a_mebibyte_of_brackets_is_refused_at_once),
		cmocka_unit_test(a_file_that_is_too_large_is_a_mistake_in_the_plan),
	};
	size_t count = 0;
	glob_t plans;
	int failed;

	while (tests[count].name)
		count++;
	if (chdir(TESTS_DIR "/golden/plan") != 0 || glob("*.yaml", 0, NULL, &plans) != 0)
		return 1;
	for (size_t i = 0; i < plans.gl_pathc && count < PLANS_MAX; i++)
		tests[count++] = (struct CMUnitTest){
			.name = plans.gl_pathv[i],
			.test_func = diagnostics_are_as_recorded,
			.initial_state = plans.gl_pathv[i],
		};
	failed = _cmocka_run_group_tests("golden plans", tests, count, NULL, NULL);
	globfree(&plans);
	return failed;
}
