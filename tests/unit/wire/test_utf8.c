#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wire/utf8.h"

static void characters_of_every_length_are_valid(void **state)
{
	static const char *const GOOD[] = { "a", "\xc2\x80", "\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++)
		assert_int_equal(utf8_character(GOOD[i], strlen(GOOD[i])), strlen(GOOD[i]));
}

/* Overlong forms, surrogates and numbers past U+10FFFF get around checks made on other forms. */
static void what_only_looks_like_utf8_is_refused(void **state)
{
	static const char *const BAD[] = { "\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x92" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
		assert_int_equal(utf8_character(BAD[i], strlen(BAD[i])), 0);
	assert_int_equal(utf8_character("", 0), 0);
}

static void a_character_is_not_read_past_the_end(void **state)
{
	(void)state;
	assert_int_equal(utf8_character("\xc3\xa9", 1), 0);
	assert_int_equal(utf8_valid("ab\xc3\xa9", 3), 2);
	assert_int_equal(utf8_valid("ab\xc3\xa9", 4), 4);
}

static void repair_keeps_what_is_good_and_replaces_the_rest(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 100);
	utf8_add_repaired(&t, "caf\xc3\xa9 \xe9\xff!", 9);
	assert_string_equal(t.bytes, "caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd!");
	assert_int_equal(utf8_valid(t.bytes, t.len), t.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_of_every_length_are_valid),
		cmocka_unit_test(what_only_looks_like_utf8_is_refused),
		cmocka_unit_test(a_character_is_not_read_past_the_end),
		cmocka_unit_test(repair_keeps_what_is_good_and_replaces_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
