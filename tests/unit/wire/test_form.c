#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wire/form.h"

static void read_form(const char *body, struct arena *a, struct form *ret)
{
	auto_error err = ERROR_INIT;

	if (!form_read(body, strlen(body), a, ret, &err))
		fail_msg("%s", err.message);
}

static void assert_refused(const char *body, size_t len)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct form f;

	assert_false(form_read(body, len, &a, &f, &err));
	assert_int_equal(err.kind, ERROR_REMOTE);
}

static void only_unreserved_bytes_stay_as_they_are(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 1000);
	form_encode(&t, "AZaz09-._~ /+*=&%\xc3\xa9\n");
	assert_string_equal(t.bytes, "AZaz09-._~%20%2F%2B%2A%3D%26%25%C3%A9%0A");
}

static void a_body_is_built_pair_by_pair(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 1000);
	form_add(&t, "Action", "AttachVolume");
	form_add(&t, "Device", "/dev/sdf");
	form_add(&t, "NoDevice", "");
	assert_string_equal(t.bytes, "Action=AttachVolume&Device=%2Fdev%2Fsdf&NoDevice=");
}

static void pairs_come_back_decoded_and_in_order(void **state)
{
	auto_arena a = ARENA_INIT;
	struct form f;

	(void)state;
	read_form("Filter.1.Name=tag%3AName&Filter.1.Value.1=a+b~%2a&NoDevice=&Flag&&x==", &a, &f);
	assert_int_equal(f.count, 5);
	assert_string_equal(f.pairs[0].name, "Filter.1.Name");
	assert_string_equal(f.pairs[0].value, "tag:Name");
	assert_string_equal(f.pairs[1].value, "a b~*");
	assert_string_equal(f.pairs[2].value, "");
	assert_string_equal(f.pairs[3].name, "Flag");
	assert_string_equal(f.pairs[3].value, "");
	assert_string_equal(f.pairs[4].value, "=");
	assert_string_equal(form_find(&f, "Filter.1.Value.1"), "a b~*");
	assert_null(form_find(&f, "Filter"));
}

static void any_text_survives_there_and_back(void **state)
{
	char all[256];
	auto_arena a = ARENA_INIT;
	auto_text t;
	struct form f;

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	text_init(&t, 4096);
	form_add(&t, all, all);
	read_form(t.bytes, &a, &f);
	assert_string_equal(f.pairs[0].name, all);
	assert_string_equal(f.pairs[0].value, all);
}

/* A plus in a URL's query is a plus: AWS signs it as %2B. */
static void a_plus_is_a_space_in_a_body_only(void **state)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct form f;

	(void)state;
	assert_true(form_read_query("a=1+2", 5, &a, &f, &err));
	assert_string_equal(form_find(&f, "a"), "1+2");
}

static void an_empty_body_has_no_pairs(void **state)
{
	auto_arena a = ARENA_INIT;
	struct form f;

	(void)state;
	read_form("", &a, &f);
	assert_int_equal(f.count, 0);
}

static void broken_escapes_and_nul_bytes_are_refused(void **state)
{
	(void)state;
	assert_refused("a=%", 3);
	assert_refused("a=%4", 4);
	assert_refused("a=%4x", 5);
	assert_refused("%zz=1", 5);
	assert_refused("a=%41", 4); /* the end is where the caller says */
	assert_refused("a=%41", 3);
	assert_refused("a=%00", 5);
	assert_refused("a=\0b", 4);
	assert_refused("a=%2&b=1", 8); /* the & is not part of the escape */
}

static void more_parameters_than_any_call_has_are_refused(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, FORM_BYTES_MAX + 1);
	while (t.len < FORM_PAIRS_MAX)
		text_add_char(&t, '&');
	assert_refused(t.bytes, t.len);
	while (!t.cut)
		text_add(&t, "aaaaaaaaaaaaaaaa");
	assert_refused(t.bytes, t.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_unreserved_bytes_stay_as_they_are),
		cmocka_unit_test(a_body_is_built_pair_by_pair),
		cmocka_unit_test(pairs_come_back_decoded_and_in_order),
		cmocka_unit_test(any_text_survives_there_and_back),
		cmocka_unit_test(a_plus_is_a_space_in_a_body_only),
		cmocka_unit_test(an_empty_body_has_no_pairs),
		cmocka_unit_test(broken_escapes_and_nul_bytes_are_refused),
		cmocka_unit_test(more_parameters_than_any_call_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
