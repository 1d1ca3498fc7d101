/* Memory on the heap: zeroed, copied, and arrays that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"

static void what_is_new_is_zeroed(void **state)
{
	auto_free unsigned char *bytes = alloc_zeroed(1000, 1), *nothing = alloc_zeroed(0, 0);

	(void)state;
	assert_non_null(nothing);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
}

static void a_text_is_copied_and_none_is_none(void **state)
{
	char original[] = "blue";
	auto_free char *copy = alloc_text(original);

	(void)state;
	original[0] = 'g';
	assert_string_equal(copy, "blue");
	assert_null(alloc_text(NULL));
}

static void an_array_keeps_its_items_and_grows_seldom(void **state)
{
	auto_free uint32_t *items = NULL;
	size_t room = 0, times = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		size_t before = room;

		items = alloc_room(items, &room, i + 1, sizeof(*items));
		times += room != before;
		items[i] = i;
	}
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(items[i], i);
	assert_in_range(times, 1, 17);
}

static void room_for_many_is_made_at_once(void **state)
{
	auto_free char *items = NULL;
	size_t room = 0;

	(void)state;
	items = alloc_room(items, &room, 1000, 1);
	memset(items, 1, 1000);
	assert_in_range(room, 1000, 2000);
	assert_ptr_equal(alloc_room(items, &room, 500, 1), items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_is_zeroed),
		cmocka_unit_test(a_text_is_copied_and_none_is_none),
		cmocka_unit_test(an_array_keeps_its_items_and_grows_seldom),
		cmocka_unit_test(room_for_many_is_made_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
