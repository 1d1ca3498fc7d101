/* What has the smallest key comes first; equals come as they were put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/heap.h"

static void put(struct heap *h, int64_t key, uint32_t item)
{
	heap_put(h, key, &item);
}

static uint32_t take_first(struct heap *h)
{
	uint32_t item;

	heap_take(h, &item);
	return item;
}

static void an_empty_heap_has_no_first(void **state)
{
	struct heap h;

	(void)state;
	heap_init(&h, sizeof(uint32_t));
	assert_null(heap_first(&h));
	assert_int_equal(heap_next(&h), INT64_MAX);
	put(&h, 7, 1);
	assert_int_equal(heap_next(&h), 7);
	assert_int_equal(take_first(&h), 1);
	assert_null(heap_first(&h));
	heap_release(&h);
}

static void equals_come_in_the_order_they_were_put(void **state)
{
	struct heap h;

	(void)state;
	heap_init(&h, sizeof(uint32_t));
	for (uint32_t i = 0; i < 100; i++)
		put(&h, i % 2, i);
	for (uint32_t i = 0; i < 100; i += 2)
		assert_int_equal(take_first(&h), i);
	for (uint32_t i = 1; i < 100; i += 2)
		assert_int_equal(take_first(&h), i);
	heap_release(&h);
}

static void whatever_is_put_between_comes_where_it_belongs(void **state)
{
	struct heap h;
	uint32_t random = 1;
	int64_t last = INT64_MIN;

	(void)state;
	heap_init(&h, sizeof(uint32_t));
	for (int i = 0; i < 5000; i++) {
		random = random * 1664525 + 1013904223;
		put(&h, random >> 8, random >> 8);
		if (i % 3 == 2)
			take_first(&h);
	}
	while (heap_first(&h)) {
		int64_t key = heap_next(&h);

		assert_true(key >= last);
		last = key;
		assert_int_equal(take_first(&h), key);
	}
	heap_release(&h);
}

/* Of a size that is no multiple of eight. */
static void an_item_comes_out_as_it_went_in(void **state)
{
	struct heap h;
	char word[13];

	(void)state;
	heap_init(&h, sizeof(word));
	heap_put(&h, 2, "second item.");
	heap_put(&h, 1, "first item..");
	assert_string_equal(heap_first(&h), "first item..");
	heap_take(&h, word);
	assert_string_equal(word, "first item..");
	heap_clear(&h);
	assert_null(heap_first(&h));
	heap_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(equals_come_in_the_order_they_were_put),
		cmocka_unit_test(whatever_is_put_between_comes_where_it_belongs),
		cmocka_unit_test(an_item_comes_out_as_it_went_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
