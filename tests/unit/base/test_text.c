#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const KEYS[] = { "service", "ready", "retire", "port", "user" };

static const char *nearest(const char *word)
{
	return text_nearest(word, KEYS, ARRAY_SIZE(KEYS));
}

static void a_text_never_passes_its_limit_and_remembers_that_it_was_cut(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 5);
	text_add(&t, "abc");
	assert_false(t.cut);
	text_addf(&t, "%d", 4567);
	assert_string_equal(t.bytes, "abc45");
	assert_int_equal(t.len, 5);
	assert_true(t.cut);
	text_add_char(&t, 'x');
	assert_string_equal(t.bytes, "abc45");
}

static void a_text_of_exactly_its_limit_is_not_cut(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 3);
	text_add_bytes(&t, "abc", 3);
	assert_false(t.cut);
	assert_string_equal(t.bytes, "abc");
}

static void a_text_grows_far_past_its_first_size(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 100000);
	for (int i = 0; i < 10000; i++)
		text_add(&t, "0123456789");
	assert_int_equal(t.len, 100000);
	assert_false(t.cut);
	assert_int_equal(strlen(t.bytes), 100000);
}

static void a_cleared_text_can_be_filled_again(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 2);
	text_add(&t, "abc");
	text_clear(&t);
	assert_string_equal(t.bytes, "");
	assert_false(t.cut);
	text_add(&t, "xy");
	assert_string_equal(t.bytes, "xy");
}

static void taking_the_bytes_leaves_an_empty_text(void **state)
{
	auto_free char *taken = NULL;
	auto_text t;

	(void)state;
	text_init(&t, 10);
	text_add(&t, "abc");
	taken = text_take(&t);
	assert_string_equal(taken, "abc");
	assert_string_equal(t.bytes, "");
	text_add(&t, "de");
	assert_string_equal(t.bytes, "de");
	assert_string_equal(taken, "abc");
}

static void a_copy_that_does_not_fit_is_cut_terminated_and_says_so(void **state)
{
	char small[4];

	(void)state;
	assert_true(text_copy(small, sizeof(small), "abc"));
	assert_string_equal(small, "abc");
	assert_false(text_copy(small, sizeof(small), "abcd"));
	assert_string_equal(small, "abc");
}

static void what_is_appended_is_cut_where_the_place_ends(void **state)
{
	char place[8] = "a";

	(void)state;
	text_append(place, sizeof(place), "-%d", 12);
	assert_string_equal(place, "a-12");
	text_append(place, sizeof(place), "; %s", "too long");
	assert_string_equal(place, "a-12; t");
	text_append(place, sizeof(place), "more");
	assert_string_equal(place, "a-12; t");
}

static void prefixes_and_suffixes_are_found_only_where_they_belong(void **state)
{
	(void)state;
	assert_true(text_starts_with("vol-1", "vol-"));
	assert_false(text_starts_with("vol", "vol-"));
	assert_true(text_ends_with("a.yaml", ".yaml"));
	assert_false(text_ends_with("yaml", ".yaml"));
	assert_true(text_ends_with("x", ""));
}

static void a_slip_of_the_fingers_finds_the_word_that_was_meant(void **state)
{
	(void)state;
	assert_string_equal(nearest("servce"), "service");   /* one too few */
	assert_string_equal(nearest("servicee"), "service"); /* one too many */
	assert_string_equal(nearest("redy"), "ready");
	assert_string_equal(nearest("usar"), "user"); /* a wrong one */
	assert_string_equal(nearest("prot"), "port"); /* two changed places */
	assert_string_equal(nearest("sevrcie"), "service");
	assert_string_equal(nearest("port"), "port");
}

static void another_word_is_not_taken_for_a_slip(void **state)
{
	char huge[200];

	(void)state;
	assert_null(nearest("colour"));
	assert_null(nearest("pipe"));
	assert_null(nearest(""));
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_null(nearest(huge));
	assert_null(text_nearest("aaa", (const char *[]){ huge }, 1));
}

static void the_nearest_of_several_words_is_proposed(void **state)
{
	static const char *const WORDS[] = { "start", "state", "stats" };

	(void)state;
	assert_string_equal(text_nearest("statee", WORDS, ARRAY_SIZE(WORDS)), "state");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_never_passes_its_limit_and_remembers_that_it_was_cut),
		cmocka_unit_test(a_text_of_exactly_its_limit_is_not_cut),
		cmocka_unit_test(a_text_grows_far_past_its_first_size),
		cmocka_unit_test(a_cleared_text_can_be_filled_again),
		cmocka_unit_test(taking_the_bytes_leaves_an_empty_text),
		cmocka_unit_test(a_copy_that_does_not_fit_is_cut_terminated_and_says_so),
		cmocka_unit_test(what_is_appended_is_cut_where_the_place_ends),
		cmocka_unit_test(prefixes_and_suffixes_are_found_only_where_they_belong),
		cmocka_unit_test(a_slip_of_the_fingers_finds_the_word_that_was_meant),
		cmocka_unit_test(another_word_is_not_taken_for_a_slip),
		cmocka_unit_test(the_nearest_of_several_words_is_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
