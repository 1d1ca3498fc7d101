#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

enum { SIZE_FIRST = 16 };

static bool before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->key != b->key ? a->key < b->key : a->put < b->put;
}

/* Puts e where its way up from i ends. */
static void rise(struct heap *h, size_t i, struct heap_entry e)
{
	for (; i && before(&e, &h->entries[(i - 1) / 2]); i = (i - 1) / 2)
		h->entries[i] = h->entries[(i - 1) / 2];
	h->entries[i] = e;
}

/* Puts e where its way down from the top ends. */
static void sink(struct heap *h, struct heap_entry e)
{
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < h->count; i = child) {
		if (child + 1 < h->count && before(&h->entries[child + 1], &h->entries[child]))
			child++;
		if (!before(&h->entries[child], &e))
			break;
		h->entries[i] = h->entries[child];
	}
	h->entries[i] = e;
}

void heap_put(struct heap *h, int64_t key, uint32_t item)
{
	if (h->count == h->size) {
		h->size = h->size ? h->size * 2 : SIZE_FIRST;
		h->entries = realloc(h->entries, h->size * sizeof(*h->entries));
		if (!h->entries)
			abort();
	}
	rise(h, h->count++, (struct heap_entry){ key, h->puts++, item });
}

const struct heap_entry *heap_first(const struct heap *h)
{
	return h->count ? &h->entries[0] : NULL;
}

uint32_t heap_take(struct heap *h)
{
	uint32_t item;

	assert(h->count);
	item = h->entries[0].item;
	h->count--;
	if (h->count)
		sink(h, h->entries[h->count]);
	return item;
}

void heap_release(struct heap *h)
{
	free(h->entries);
	*h = (struct heap){ .entries = NULL };
}
