/*
 * index.h: things by key in O(1), and all of them in the order in which they were added.
 *
 * Each item gets a number when it is added, larger than all before it. Walking asks for "the first
 * item at or after number n", so a page token is a number and stays good while items come and go.
 */
#ifndef SANDBOX_MODEL_INDEX_H
#define SANDBOX_MODEL_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index_entry {
	const char *key; /* NULL: removed */
	void *item;
	uint64_t number;
	uint32_t next; /* the next entry in the same bucket, or INDEX_NONE */
};

struct index {
	struct index_entry *entries; /* owned; ordered by number */
	uint32_t *buckets;           /* owned; as many as entries fit, a power of two */
	uint32_t used, live, size;
	uint64_t next_number;
};

void index_init(struct index *x);

/* Frees the index, not the items. */
void index_release(struct index *x);

/* The key must not be in it yet, and is borrowed: it lives in the item. */
void index_add(struct index *x, const char *key, void *item);
void *index_find(const struct index *x, const char *key);

/* Returns the item, or NULL if there was none. */
void *index_remove(struct index *x, const char *key);

/*
 * The first item whose number is at least *number, or NULL; *number becomes the one after it.
 * for (uint64_t at = 0; (item = index_next(x, &at));) walks all; the item just returned may be removed.
 */
void *index_next(const struct index *x, uint64_t *number);
#endif
