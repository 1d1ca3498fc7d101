#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/encode.h"

struct vector {
	const char *plain, *coded;
};

/* RFC 4648, section 10. */
static const struct vector VECTORS[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void base64_is_the_rfc_s(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(VECTORS); i++) {
		const struct vector *v = &VECTORS[i];
		auto_text coded, plain;

		text_init(&coded, 100);
		text_init(&plain, 100);
		base64_encode(v->plain, strlen(v->plain), &coded);
		assert_string_equal(coded.bytes, v->coded);
		assert_true(base64_decode(v->coded, strlen(v->coded), &plain));
		assert_string_equal(plain.bytes, v->plain);
	}
}

static void every_byte_survives_there_and_back(void **state)
{
	unsigned char all[256];
	auto_text coded, plain;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	text_init(&coded, 1000);
	text_init(&plain, 1000);
	base64_encode(all, sizeof(all), &coded);
	assert_true(base64_decode(coded.bytes, coded.len, &plain));
	assert_int_equal(plain.len, sizeof(all));
	assert_memory_equal(plain.bytes, all, sizeof(all));
}

static void white_space_in_base64_is_skipped(void **state)
{
	auto_text plain;

	(void)state;
	text_init(&plain, 100);
	assert_true(base64_decode(" Zm9v\r\nYm Fy\n", 13, &plain));
	assert_string_equal(plain.bytes, "foobar");
}

static void what_is_not_base64_adds_nothing(void **state)
{
	static const char *const BAD[] = { "Z", "Zg", "Zg=", "Zg=a", "====", "Z===", "Zm9v!mFy",
		"Zg==Zg==", "Zm9-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
		auto_text plain;

		text_init(&plain, 100);
		text_add(&plain, "kept");
		if (base64_decode(BAD[i], strlen(BAD[i]), &plain))
			fail_msg("%s was decoded", BAD[i]);
		assert_string_equal(plain.bytes, "kept");
	}
}

static void hexadecimal_is_lower_case(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 100);
	hex_encode("\x00\xab\xff", 3, &t);
	assert_string_equal(t.bytes, "00abff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_the_rfc_s),
		cmocka_unit_test(every_byte_survives_there_and_back),
		cmocka_unit_test(white_space_in_base64_is_skipped),
		cmocka_unit_test(what_is_not_base64_adds_nothing),
		cmocka_unit_test(hexadecimal_is_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
