/*
 * heap.h: what comes first: items of one size in the order of their keys; those with the same key in the order
 * in which they were put. Putting and taking cost the logarithm of the count.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap {
	size_t item_size;
	char *entries; /* owned: key, number and item of each */
	size_t count, size;
	uint64_t puts;
};

/* Items are copied in and out; nothing is allocated before the first. */
void heap_init(struct heap *h, size_t item_size);

void heap_put(struct heap *h, int64_t key, const void *item);

/* The smallest key; INT64_MAX if it is empty. */
int64_t heap_next(const struct heap *h);

/* The item of the smallest key; NULL if it is empty. Valid until the next change. */
const void *heap_first(const struct heap *h);

/* Takes that item out, into ret; the heap must not be empty. */
void heap_take(struct heap *h, void *ret);

/* Forgets all items and keeps the memory. */
void heap_clear(struct heap *h);

/* Frees the memory; it is empty and usable afterwards. Safe on a zeroed struct. */
void heap_release(struct heap *h);
#endif
