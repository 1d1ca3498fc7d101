/* What was made is found again by the token of the effect that made it, and by no other's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "rebuild/token.h"

static const char ID[] = "rb-20261122-0907-7c1e";
static const char LONG_ID[] = "rb-20261122-0907-7c1e5a0b-and-more-than-a-token-can-hold-of-it";

static void a_token_says_rebuild_step_attempt_and_object(void **state)
{
	char token[CLOUD_TOKEN_SIZE];

	(void)state;
	token_write(&(struct token){ ID, "backup", false, 12, 7 }, token);
	assert_string_equal(token, "rb-20261122-0907-7c1e.backup.12.7");
	token_write(&(struct token){ ID, "mount", true, 1, 0 }, token);
	assert_string_equal(token, "rb-20261122-0907-7c1e.undo-mount.1.0");
	assert_int_equal(token_part("rb-1.preflight.1.31"), 31);
}

static void it_is_known_in_whatever_attempt(void **state)
{
	(void)state;
	assert_true(token_is_of("rb-20261122-0907-7c1e.backup.1.0", ID, "backup", 0));
	assert_true(token_is_of("rb-20261122-0907-7c1e.backup.9.0", ID, "backup", 0));
}

static void another_object_step_way_or_rebuild_is_not_it(void **state)
{
	(void)state;
	assert_false(token_is_of("rb-20261122-0907-7c1e.backup.1.1", ID, "backup", 0));
	assert_false(token_is_of("rb-20261122-0907-7c1e.backups.1.0", ID, "backup", 0));
	assert_false(token_is_of("rb-20261122-0907-7c1e.undo-backup.1.0", ID, "backup", 0));
	assert_false(token_is_of("rb-20261122-0907-7c1f.backup.1.0", ID, "backup", 0));
	assert_false(token_is_of("", ID, "backup", 0));
	assert_false(token_is_of("of-somebody-else", ID, "backup", 0));
}

static void a_long_id_is_cut_alike_by_writer_and_reader(void **state)
{
	char token[CLOUD_TOKEN_SIZE];

	(void)state;
	token_write(&(struct token){ LONG_ID, "terminate", true, INT32_MAX, 31 }, token);
	assert_true(strlen(token) < CLOUD_TOKEN_SIZE);
	token_write(&(struct token){ LONG_ID, "terminate", false, 1, 31 }, token);
	assert_true(token_is_of(token, LONG_ID, "terminate", 31));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_says_rebuild_step_attempt_and_object),
		cmocka_unit_test(it_is_known_in_whatever_attempt),
		cmocka_unit_test(another_object_step_way_or_rebuild_is_not_it),
		cmocka_unit_test(a_long_id_is_cut_alike_by_writer_and_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
