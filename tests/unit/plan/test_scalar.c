#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plan/scalar.h"

static struct yaml_node plain(const char *text)
{
	return (struct yaml_node){ .kind = YAML_SCALAR, .text = text };
}

static void plain_words_mean_what_yaml_says(void **state)
{
	static const struct {
		const char *text;
		enum scalar_kind kind;
	} WORDS[] = {
		{ "", SCALAR_NOTHING },
		{ "~", SCALAR_NOTHING },
		{ "null", SCALAR_NOTHING },
		{ "true", SCALAR_BOOL },
		{ "False", SCALAR_BOOL },
		{ "yes", SCALAR_TEXT },
		{ "off", SCALAR_TEXT },
		{ "0", SCALAR_NUMBER },
		{ "-12", SCALAR_NUMBER },
		{ "+7", SCALAR_NUMBER },
		{ "012", SCALAR_NUMBER },
		{ "1.5", SCALAR_FRACTION },
		{ ".5", SCALAR_FRACTION },
		{ "1e3", SCALAR_FRACTION },
		{ "1.5E-3", SCALAR_FRACTION },
		{ "0x1f", SCALAR_FRACTION },
		{ "-.inf", SCALAR_FRACTION },
		{ ".nan", SCALAR_FRACTION },
		{ "5m", SCALAR_TEXT },
		{ "10%", SCALAR_TEXT },
		{ "-", SCALAR_TEXT },
		{ ".", SCALAR_TEXT },
		{ "1.2.3", SCALAR_TEXT },
		{ "10.0.0.1", SCALAR_TEXT },
		{ "2026-11", SCALAR_TEXT },
		{ "1e", SCALAR_TEXT },
		{ "e3", SCALAR_TEXT },
		{ "i-0abc", SCALAR_TEXT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++) {
		struct yaml_node n = plain(WORDS[i].text);

		if (scalar_kind(&n) != WORDS[i].kind)
			fail_msg("`%s` is taken for kind %d", WORDS[i].text, (int)scalar_kind(&n));
		n.quoted = true;
		assert_int_equal(scalar_kind(&n), SCALAR_TEXT);
	}
}

static void times_come_in_every_unit(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(scalar_time("0", &ms) && ms == 0);
	assert_true(scalar_time("0s", &ms) && ms == 0);
	assert_true(scalar_time("500ms", &ms) && ms == 500);
	assert_true(scalar_time("90s", &ms) && ms == 90000);
	assert_true(scalar_time("5m", &ms) && ms == 300000);
	assert_true(scalar_time("24h", &ms) && ms == 86400000);
	assert_true(scalar_time("7d", &ms) && ms == 604800000);
}

static void what_is_no_time_is_not_guessed(void **state)
{
	static const char *const BAD[] = { "", "5", "m", "-5m", "5 m", "5M", "1.5h", "1h30m", "5min",
		"99999999999999d", "9999999999999999s" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
		if (scalar_time(BAD[i], &ms))
			fail_msg("`%s` was taken for a time", BAD[i]);
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
	int64_t n;

	(void)state;
	assert_true(scalar_number("-3", &n) && n == -3);
	assert_true(scalar_number("999999999999999", &n) && n == 999999999999999);
	assert_false(scalar_number("9999999999999999", &n));
	assert_false(scalar_number("99999999999999999999", &n));
	assert_false(scalar_number("", &n));
	assert_false(scalar_number("-", &n));
	assert_false(scalar_number("1x", &n));
}

static void shares_are_counts_or_percentages(void **state)
{
	struct plan_share s;

	(void)state;
	assert_true(scalar_share("250", &s) && s.amount == 250 && !s.percent);
	assert_true(scalar_share("10%", &s) && s.amount == 10 && s.percent);
	assert_true(scalar_share("100%", &s) && s.amount == 100 && s.percent);
	assert_false(scalar_share("101%", &s));
	assert_false(scalar_share("10%%", &s));
	assert_false(scalar_share("%", &s));
	assert_false(scalar_share("-1", &s));
	assert_false(scalar_share("3000000000", &s));
}

static void times_are_written_in_their_largest_whole_unit(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 100);
	for (const int64_t *ms = (const int64_t[]){ 86400000, 3600000, 5400000, 1000, 1500, 0, -1 }; *ms >= 0;
		ms++) {
		scalar_add_time(&t, *ms);
		text_add_char(&t, ' ');
	}
	assert_string_equal(t.bytes, "1d 1h 90m 1s 1500ms 0 ");
}

static void assert_found(struct yaml_node n, const char *expected)
{
	auto_text t;

	text_init(&t, 200);
	scalar_add_found(&t, &n);
	assert_string_equal(t.bytes, expected);
}

static void what_was_found_is_told_in_words(void **state)
{
	(void)state;
	assert_found(plain("abc"), "`abc`");
	assert_found(plain("5"), "the number `5`");
	assert_found(plain("~"), "nothing");
	assert_found((struct yaml_node){ .kind = YAML_SCALAR, .text = "", .quoted = true }, "an empty text");
	assert_found((struct yaml_node){ .kind = YAML_SEQUENCE, .count = 3 }, "a list of 3");
	assert_found((struct yaml_node){ .kind = YAML_SEQUENCE }, "an empty list");
	assert_found((struct yaml_node){ .kind = YAML_MAPPING, .count = 1 }, "a mapping");
}

static void a_long_text_is_shortened_between_characters(void **state)
{
	char s[200];

	(void)state;
	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	assert_found(plain(s), "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...`");
	memcpy(s + 59, "\xc3\xa9", 2); /* cut in its middle at 60 */
	assert_found(plain(s), "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...`");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_mean_what_yaml_says),
		cmocka_unit_test(times_come_in_every_unit),
		cmocka_unit_test(what_is_no_time_is_not_guessed),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(shares_are_counts_or_percentages),
		cmocka_unit_test(times_are_written_in_their_largest_whole_unit),
		cmocka_unit_test(what_was_found_is_told_in_words),
		cmocka_unit_test(a_long_text_is_shortened_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
