/* From words to a command, and what is said when there is none. */
#include "console.h"

#include "cli/message.h"
#include "cli/table.h"
#include "journal/lease.h"

static void the_table_has_no_holes(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	if (!command_table_check(&err))
		fail_msg("%s", err.message);
}

/* What is told in sentences; options have a line each, however long. */
static void assert_sentences_fit(const char *help)
{
	const char *end = strstr(help, "\noptions:");

	assert_non_null(end);
	for (const char *line = help; line < end; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 0, 92);
}

static void every_command_explains_itself(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		char name[64];
		char *first = name, *second, *words[4] = { NULL };
		auto_console run = { 0 };

		snprintf(name, sizeof(name), "%s", (*c)->name);
		second = strchr(name, ' ');
		if (second)
			*second++ = '\0';
		words[0] = first;
		words[1] = second ? second : (char *)"--help";
		words[2] = second ? (char *)"--help" : NULL;
		run = console_run(words, NULL);
		assert_int_equal(run.code, EXIT_DONE);
		assert_string_equal(run.err, "");
		says(run.out, (*c)->summary);
		says(run.out, "exit codes:\n    0  done\n");
		says(run.out, "--json");
		assert_sentences_fit(run.out);
	}
}

static void help_lists_every_command_that_is_not_hidden(void **state)
{
	auto_console option = RUN("--help"), command = RUN("help"), letter = RUN("-h");

	(void)state;
	assert_int_equal(option.code, EXIT_DONE);
	assert_string_equal(option.out, command.out);
	assert_string_equal(option.out, letter.out);
	for (const struct command *const *c = commands; *c; c++)
		assert_int_equal(strstr(option.out, (*c)->summary) != NULL, !(*c)->hidden);
}

static void help_of_a_command_is_the_same_both_ways(void **state)
{
	auto_console option = RUN("status", "--help"), command = RUN("help", "status");

	(void)state;
	assert_string_equal(option.out, command.out);
}

static void a_misspelt_command_is_answered_with_the_likely_one(void **state)
{
	auto_console near = RUN("statsu"), far = RUN("make-coffee"), help = RUN("help", "histroy");

	(void)state;
	assert_int_equal(near.code, EXIT_USAGE);
	says(near.err, "unknown command `statsu`: did you mean `status`?");
	assert_string_equal(near.out, "");
	assert_int_equal(far.code, EXIT_USAGE);
	assert_null(strstr(far.err, "did you mean"));
	assert_int_equal(help.code, EXIT_USAGE);
	says(help.err, "did you mean `history`?");
}

static void no_command_is_a_usage_error(void **state)
{
	char *none[] = { NULL };
	auto_console c = console_run(none, NULL);

	(void)state;
	assert_int_equal(c.code, EXIT_USAGE);
	says(c.err, "next: changeover --help");
}

static void a_usage_error_names_the_next_command(void **state)
{
	auto_console c = RUN("validate");

	(void)state;
	assert_int_equal(c.code, EXIT_USAGE);
	assert_string_equal(
		c.err, "changeover validate: PLAN... is missing\n  next: changeover validate --help\n");
}

static void with_json_an_error_is_a_document_too(void **state)
{
	auto_console c = RUN("status", "--limit=0", "--json");
	json_auto_t *document = console_document(&c);
	json_t *error = json_object_get(document, "error");

	(void)state;
	assert_int_equal(c.code, EXIT_USAGE);
	assert_int_equal(json_integer_value(json_object_get(document, "exit_code")), EXIT_USAGE);
	assert_string_equal(json_string_value(json_object_get(error, "kind")), "usage");
	says(json_string_value(json_object_get(error, "message")), "--limit");
	says(c.err, "--limit");
}

static void the_version_names_its_libraries(void **state)
{
	auto_console c = RUN("version", "--json"), option = RUN("--version"), plain = RUN("version");
	json_auto_t *document = console_document(&c);
	json_t *libraries = json_object_get(document, "libraries");

	(void)state;
	assert_non_null(json_object_get(libraries, "libssh2"));
	assert_non_null(json_object_get(libraries, "sqlite"));
	assert_string_equal(option.out, plain.out);
	says(plain.out, json_string_value(json_object_get(document, "version")));
}

static void output_that_does_not_arrive_is_a_failure(void **state)
{
	char *words[] = { (char *)"version", NULL }, *empty[] = { NULL };
	char *said = NULL;
	size_t size;
	struct cli cli = { .out = fopen("/dev/full", "w"),
		.err = open_memstream(&said, &size),
		.environment = empty,
		.clock = &FIXED_CLOCK };

	(void)state;
	assert_int_equal(dispatch(&cli, words), EXIT_FAILED);
	fclose(cli.out);
	fclose(cli.err);
	says(said, "No space left on device");
	free(said);
}

static void an_error_tells_all_that_an_operator_needs(void **state)
{
	char *said = NULL, *empty[] = { NULL };
	size_t size;
	struct cli cli = { .out = stdout, .err = open_memstream(&said, &size), .environment = empty };
	auto_error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERROR_TIMEOUT, "could not attach vol-1 to i-2");
	error_set_code(&err, "RequestTimeout");
	err.request_id = strdup("req-77");
	err.happened = HAPPENED_UNKNOWN;
	error_hint(&err, "look at vol-1");
	assert_int_equal(message_error(&cli, &err, "changeover status rb-1"), EXIT_FAILED);
	fclose(cli.err);
	assert_string_equal(said, "changeover: could not attach vol-1 to i-2\n"
				  "  AWS error: RequestTimeout\n"
				  "  AWS request: req-77\n"
				  "  no answer came: it may have taken hold all the same\n"
				  "  look at vol-1\n"
				  "  next: changeover status rb-1\n");
	free(said);
}

static void exit_codes_are_those_of_the_manual(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *code;
		int exit;
	} CASES[] = {
		{ ERROR_USAGE, NULL, 64 },
		{ ERROR_PLAN, NULL, 65 },
		{ ERROR_INTERRUPTED, NULL, 130 },
		{ ERROR_CONFLICT, LEASE_HELD, 5 },
		{ ERROR_CONFLICT, NULL, 1 },
		{ ERROR_REMOTE, NULL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		auto_error err = ERROR_INIT;

		error_set(&err, CASES[i].kind, "x");
		if (CASES[i].code)
			error_set_code(&err, CASES[i].code);
		assert_int_equal(exit_of_error(&err), CASES[i].exit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_no_holes),
		cmocka_unit_test(every_command_explains_itself),
		cmocka_unit_test(help_lists_every_command_that_is_not_hidden),
		cmocka_unit_test(help_of_a_command_is_the_same_both_ways),
		cmocka_unit_test(a_misspelt_command_is_answered_with_the_likely_one),
		cmocka_unit_test(no_command_is_a_usage_error),
		cmocka_unit_test(a_usage_error_names_the_next_command),
		cmocka_unit_test(with_json_an_error_is_a_document_too),
		cmocka_unit_test(the_version_names_its_libraries),
		cmocka_unit_test(output_that_does_not_arrive_is_a_failure),
		cmocka_unit_test(an_error_tells_all_that_an_operator_needs),
		cmocka_unit_test(exit_codes_are_those_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
