/*
 * heap.h: what comes first: numbers in the order of their keys; those with the same key in the order in
 * which they were put. Putting and taking cost the logarithm of the count.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_entry {
	int64_t key;
	uint64_t put; /* the how manieth it is */
	uint32_t item;
};

/* Zeroed is empty. */
struct heap {
	struct heap_entry *entries; /* owned */
	size_t count, size;
	uint64_t puts;
};

void heap_put(struct heap *h, int64_t key, uint32_t item);

/* The first; NULL if there is none. Valid until the next change. */
const struct heap_entry *heap_first(const struct heap *h);

/* Takes the first out; the heap must not be empty. */
uint32_t heap_take(struct heap *h);

/* Frees the memory; it is empty and usable afterwards. */
void heap_release(struct heap *h);
#endif
