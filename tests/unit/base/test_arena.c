#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned_for_any_type(void **state)
{
	auto_arena a = ARENA_INIT;

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size); /* the next one must be zero all the same */
	}
}

static void pieces_do_not_overlap_even_when_empty(void **state)
{
	auto_arena a = ARENA_INIT;
	char *first = arena_alloc(&a, 0), *second = arena_alloc(&a, 0);

	(void)state;
	assert_ptr_not_equal(first, second);
}

static void a_piece_larger_than_a_block_is_whole(void **state)
{
	auto_arena a = ARENA_INIT;
	char *before = arena_copy(&a, "before"), *big = arena_alloc(&a, 1000000),
	     *after = arena_copy(&a, "after");

	(void)state;
	memset(big, 'x', 1000000);
	assert_string_equal(before, "before");
	assert_string_equal(after, "after");
}

static void copies_are_terminated_and_their_own(void **state)
{
	auto_arena a = ARENA_INIT;
	char original[] = "abc";
	char *copy = arena_copy(&a, original), *part = arena_copy_bytes(&a, original, 2);

	(void)state;
	original[0] = 'X';
	assert_string_equal(copy, "abc");
	assert_string_equal(part, "ab");
	assert_null(arena_copy(&a, NULL));
	assert_string_equal(arena_copy_bytes(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "i", 7), "i-7");
}

static void an_array_grows_and_keeps_its_items(void **state)
{
	auto_arena a = ARENA_INIT;
	size_t room = 0;
	int *items = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		items = arena_room(&a, items, &room, (size_t)i + 1, sizeof(*items));
		assert_int_equal(items[i], 0);
		items[i] = i + 1;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i + 1);
	assert_ptr_equal(arena_room(&a, items, &room, 500, sizeof(*items)), items);
}

static void a_released_arena_can_be_used_again(void **state)
{
	auto_arena a = ARENA_INIT;

	(void)state;
	arena_copy(&a, "gone");
	arena_release(&a);
	assert_null(a.blocks);
	assert_string_equal(arena_copy(&a, "back"), "back");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
		cmocka_unit_test(pieces_do_not_overlap_even_when_empty),
		cmocka_unit_test(a_piece_larger_than_a_block_is_whole),
		cmocka_unit_test(copies_are_terminated_and_their_own),
		cmocka_unit_test(an_array_grows_and_keeps_its_items),
		cmocka_unit_test(a_released_arena_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
