#include "base/heap.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* What stands before each item. */
struct rank {
	int64_t key;
	uint64_t put; /* how many were put before it */
};

static bool before(struct rank a, struct rank b)
{
	return a.key != b.key ? a.key < b.key : a.put < b.put;
}

/* Items begin where any type may. */
static size_t stride(const struct heap *h)
{
	return sizeof(struct rank) + (h->item_size + 7) / 8 * 8;
}

static char *entry(const struct heap *h, size_t i)
{
	return h->entries + i * stride(h);
}

static struct rank rank_at(const struct heap *h, size_t i)
{
	struct rank r;

	memcpy(&r, entry(h, i), sizeof(r));
	return r;
}

static void move(struct heap *h, size_t to, size_t from)
{
	memcpy(entry(h, to), entry(h, from), stride(h));
}

/* Makes room for an entry of that rank on its way up from i; gives where. */
static size_t rise(struct heap *h, size_t i, struct rank r)
{
	for (; i && before(r, rank_at(h, (i - 1) / 2)); i = (i - 1) / 2)
		move(h, i, (i - 1) / 2);
	return i;
}

/* Likewise on its way down from the top. */
static size_t sink(struct heap *h, struct rank r)
{
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < h->count; i = child) {
		if (child + 1 < h->count && before(rank_at(h, child + 1), rank_at(h, child)))
			child++;
		if (!before(rank_at(h, child), r))
			break;
		move(h, i, child);
	}
	return i;
}

void heap_init(struct heap *h, size_t item_size)
{
	*h = (struct heap){ .item_size = item_size };
}

void heap_put(struct heap *h, int64_t key, const void *item)
{
	struct rank r = { key, h->puts++ };
	char *at;

	h->entries = alloc_room(h->entries, &h->size, h->count + 1, stride(h));
	at = entry(h, rise(h, h->count++, r));
	memcpy(at, &r, sizeof(r));
	memcpy(at + sizeof(r), item, h->item_size);
}

int64_t heap_next(const struct heap *h)
{
	return h->count ? rank_at(h, 0).key : INT64_MAX;
}

const void *heap_first(const struct heap *h)
{
	return h->count ? entry(h, 0) + sizeof(struct rank) : NULL;
}

void heap_take(struct heap *h, void *ret)
{
	assert(h->count);
	memcpy(ret, heap_first(h), h->item_size);
	h->count--;
	if (h->count)
		move(h, sink(h, rank_at(h, h->count)), h->count);
}

void heap_clear(struct heap *h)
{
	h->count = 0;
}

void heap_release(struct heap *h)
{
	free(h->entries);
	heap_init(h, h->item_size);
}
