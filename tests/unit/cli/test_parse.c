/* A command line means what the rows say. */
#include "console.h"

#include "cli/parse.h"

struct settings {
	bool dry;
	int64_t count;
	const char *mode, *file;
};

static const char *const MODES[] = { "fast", "slow", NULL };

static const struct option_row OPTIONS[] = {
	{ .name = "dry",
		.letter = 'd',
		.kind = OPTION_FLAG,
		.offset = offsetof(struct settings, dry),
		.help = "h" },
	{ .name = "count",
		.letter = 'n',
		.kind = OPTION_NUMBER,
		.value = "N",
		.fallback = "3",
		.least = 1,
		.most = 9,
		.offset = offsetof(struct settings, count),
		.environment = "TEST_COUNT",
		.help = "h" },
	{ .name = "mode",
		.kind = OPTION_CHOICE,
		.value = "MODE",
		.choices = MODES,
		.offset = offsetof(struct settings, mode),
		.help = "h" },
	{ .name = "file",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct settings, file),
		.help = "h" },
	{ .name = NULL },
};

static const struct command COMMAND = { .name = "test",
	.arguments = "PLAN",
	.min_arguments = 1,
	.max_arguments = 1,
	.options = OPTIONS,
	.settings_size = sizeof(struct settings) };

struct parsed {
	struct settings settings;
	struct shared shared;
	struct arguments args; /* valid until the next parse() */
	struct error err;
	bool done;
};

static struct parsed parse(char **words, char **environment)
{
	static char *empty[] = { NULL };
	const struct cli cli = { .environment = environment ? environment : empty, .command = &COMMAND };
	static char *items[WORDS_MAX];
	struct parsed p = { .args.items = items };

	p.done = parse_words(&cli, words, &p.shared, &p.settings, &p.args, &p.err);
	return p;
}

#define PARSE(...) parse((char *[]){ __VA_ARGS__, NULL }, NULL)

static void refused(struct parsed p, const char *why)
{
	assert_false(p.done);
	assert_int_equal(p.err.kind, ERROR_USAGE);
	assert_string_equal(p.err.message, why);
	error_release(&p.err);
}

static void options_and_arguments_may_be_mixed(void **state)
{
	struct parsed p = PARSE("--dry", "one.yaml", "--count=5", "--file", "x", "two.yaml", "-q");

	(void)state;
	assert_true(p.done && p.settings.dry && p.shared.quiet);
	assert_int_equal(p.settings.count, 5);
	assert_string_equal(p.settings.file, "x");
	assert_int_equal(p.args.count, 2);
	assert_string_equal(p.args.items[0], "one.yaml");
	assert_string_equal(p.args.items[1], "two.yaml");
}

static void letters_may_be_joined_and_carry_a_value(void **state)
{
	struct parsed joined = PARSE("-qdn7"), apart = PARSE("-n", "8");

	(void)state;
	assert_true(joined.done && joined.shared.quiet && joined.settings.dry);
	assert_int_equal(joined.settings.count, 7);
	assert_int_equal(apart.settings.count, 8);
}

static void what_follows_two_dashes_is_no_option(void **state)
{
	struct parsed p = PARSE("--", "--dry", "-");

	(void)state;
	assert_true(p.done && !p.settings.dry);
	assert_int_equal(p.args.count, 2);
	assert_string_equal(p.args.items[0], "--dry");
	assert_string_equal(p.args.items[1], "-");
}

static void a_flag_beats_the_environment_and_that_the_fallback(void **state)
{
	char *environment[] = { (char *)"TEST_COUNT=6", NULL }, *unset[] = { (char *)"TEST_COUNT=", NULL };
	char *none[] = { NULL }, *flag[] = { (char *)"--count=7", NULL };

	(void)state;
	assert_int_equal(parse(none, NULL).settings.count, 3);
	assert_int_equal(parse(none, unset).settings.count, 3);
	assert_int_equal(parse(none, environment).settings.count, 6);
	assert_int_equal(parse(flag, environment).settings.count, 7);
}

static void no_color_is_heard_from_the_environment(void **state)
{
	char *set[] = { (char *)"NO_COLOR=1", NULL }, *none[] = { NULL };

	(void)state;
	assert_true(parse(none, set).shared.no_color);
	assert_false(parse(none, NULL).shared.no_color);
}

static void a_misspelt_option_is_answered_with_the_likely_one(void **state)
{
	(void)state;
	refused(PARSE("--cuont=1"), "unknown option --cuont: did you mean --count?");
	refused(PARSE("--jsno"), "unknown option --jsno: did you mean --json?");
	refused(PARSE("--unlikely"), "unknown option --unlikely");
	refused(PARSE("-x"), "unknown option -x");
}

static void a_value_that_does_not_fit_is_refused_with_its_origin(void **state)
{
	char *environment[] = { (char *)"TEST_COUNT=many", NULL }, *none[] = { NULL };

	(void)state;
	refused(PARSE("--count=ten"), "--count: `ten` is not a whole number");
	refused(PARSE("--count=5x"), "--count: `5x` is not a whole number");
	refused(PARSE("--count", "10"), "--count: 10 is not between 1 and 9");
	refused(PARSE("-n99999999999999999999"), "-n: `99999999999999999999` is not a whole number");
	refused(PARSE("--mode=quick"), "--mode: `quick` is none of fast, slow");
	refused(PARSE("--file"), "--file needs a value");
	refused(PARSE("--file="), "--file needs a value: FILE");
	refused(PARSE("--dry=yes"), "--dry takes no value");
	refused(parse(none, environment), "TEST_COUNT: `many` is not a whole number");
}

static void options_of_other_commands_are_unknown(void **state)
{
	(void)state;
	refused(PARSE("--journal=x"), "unknown option --journal");
}

static void a_required_option_is_asked_for(void **state)
{
	static const struct option_row REQUIRED[] = {
		{ .name = "file", .kind = OPTION_FILE, .value = "FILE", .required = true },
		{ .name = NULL },
	};
	const struct command c = { .name = "test", .options = REQUIRED };
	const struct arguments none = { .count = 0 };
	const char *given = "x", *missing = NULL;
	auto_error without = ERROR_INIT, with = ERROR_INIT;

	(void)state;
	assert_false(parse_check(&c, &missing, &none, &without));
	assert_string_equal(without.message, "--file=FILE is missing");
	assert_true(parse_check(&c, &given, &none, &with));
}

static void the_number_of_arguments_is_checked(void **state)
{
	auto_error few = ERROR_INIT, many = ERROR_INIT, right = ERROR_INIT;
	struct parsed p = PARSE("-q");

	(void)state;
	assert_false(parse_check(&COMMAND, &p.settings, &p.args, &few));
	assert_string_equal(few.message, "PLAN is missing");
	p = PARSE("a", "b");
	assert_false(parse_check(&COMMAND, &p.settings, &p.args, &many));
	assert_string_equal(many.message, "unexpected argument `b`");
	p = PARSE("a");
	assert_true(parse_check(&COMMAND, &p.settings, &p.args, &right));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_arguments_may_be_mixed),
		cmocka_unit_test(letters_may_be_joined_and_carry_a_value),
		cmocka_unit_test(what_follows_two_dashes_is_no_option),
		cmocka_unit_test(a_flag_beats_the_environment_and_that_the_fallback),
		cmocka_unit_test(no_color_is_heard_from_the_environment),
		cmocka_unit_test(a_misspelt_option_is_answered_with_the_likely_one),
		cmocka_unit_test(a_value_that_does_not_fit_is_refused_with_its_origin),
		cmocka_unit_test(options_of_other_commands_are_unknown),
		cmocka_unit_test(a_required_option_is_asked_for),
		cmocka_unit_test(the_number_of_arguments_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
