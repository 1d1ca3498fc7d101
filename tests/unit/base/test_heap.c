/* What has the smallest key comes first; equals come as they were put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/heap.h"

static void an_empty_heap_has_no_first(void **state)
{
	struct heap h = { .entries = NULL };

	(void)state;
	assert_null(heap_first(&h));
	heap_put(&h, 7, 1);
	assert_int_equal(heap_first(&h)->key, 7);
	assert_int_equal(heap_take(&h), 1);
	assert_null(heap_first(&h));
	heap_release(&h);
}

static void equals_come_in_the_order_they_were_put(void **state)
{
	struct heap h = { .entries = NULL };

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		heap_put(&h, i % 2, i);
	for (uint32_t i = 0; i < 100; i += 2)
		assert_int_equal(heap_take(&h), i);
	for (uint32_t i = 1; i < 100; i += 2)
		assert_int_equal(heap_take(&h), i);
	heap_release(&h);
}

static void whatever_is_put_between_comes_where_it_belongs(void **state)
{
	struct heap h = { .entries = NULL };
	uint32_t random = 1;
	int64_t last = INT64_MIN;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		random = random * 1664525 + 1013904223;
		heap_put(&h, random >> 8, 0);
		if (i % 3 == 2)
			heap_take(&h);
	}
	while (heap_first(&h)) {
		assert_true(heap_first(&h)->key >= last);
		last = heap_first(&h)->key;
		heap_take(&h);
	}
	heap_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(equals_come_in_the_order_they_were_put),
		cmocka_unit_test(whatever_is_put_between_comes_where_it_belongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
