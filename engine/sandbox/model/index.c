#include "sandbox/model/index.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 16 };

static const uint32_t INDEX_NONE = UINT32_MAX;

/* FNV-1a, 32 bits: keys are short ids that we made or checked. */
static uint32_t hash(const char *key)
{
	uint32_t h = 2166136261u;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h;
}

static uint32_t *bucket_of(const struct index *x, const char *key)
{
	return &x->buckets[hash(key) & (x->size - 1)];
}

static void link_entry(struct index *x, uint32_t i)
{
	uint32_t *bucket = bucket_of(x, x->entries[i].key);

	x->entries[i].next = *bucket;
	*bucket = i;
}

static void squeeze(struct index *x)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < x->used; i++)
		if (x->entries[i].key)
			x->entries[kept++] = x->entries[i];
	x->used = kept;
}

/* Makes room: squeezes removed entries out, and doubles if that alone frees less than half. */
static void make_room(struct index *x)
{
	if (x->live > x->size / 2)
		x->size *= 2;
	squeeze(x);
	x->entries = realloc(x->entries, x->size * sizeof(*x->entries));
	x->buckets = realloc(x->buckets, x->size * sizeof(*x->buckets));
	if (!x->entries || !x->buckets)
		abort();
	memset(x->buckets, 0xff, x->size * sizeof(*x->buckets)); /* INDEX_NONE everywhere */
	for (uint32_t i = 0; i < x->used; i++)
		link_entry(x, i);
}

void index_init(struct index *x)
{
	*x = (struct index){ .size = FIRST_SIZE };
	make_room(x);
}

void index_release(struct index *x)
{
	free(x->entries);
	free(x->buckets);
	*x = (struct index){ .size = 0 };
}

void index_add(struct index *x, const char *key, void *item)
{
	if (x->used == x->size)
		make_room(x);
	x->entries[x->used] = (struct index_entry){ .key = key, .item = item, .number = x->next_number++ };
	link_entry(x, x->used++);
	x->live++;
}

/* The link that leads to the key's entry: a bucket or another entry's next; it holds INDEX_NONE if absent. */
static uint32_t *find_link(const struct index *x, const char *key)
{
	uint32_t *link = bucket_of(x, key);

	while (*link != INDEX_NONE && strcmp(x->entries[*link].key, key) != 0)
		link = &x->entries[*link].next;
	return link;
}

void *index_find(const struct index *x, const char *key)
{
	uint32_t i = *find_link(x, key);

	return i == INDEX_NONE ? NULL : x->entries[i].item;
}

void *index_remove(struct index *x, const char *key)
{
	uint32_t *link = find_link(x, key);
	struct index_entry *entry;

	if (*link == INDEX_NONE)
		return NULL;
	entry = &x->entries[*link];
	*link = entry->next;
	entry->key = NULL;
	x->live--;
	return entry->item;
}

/* Binary search for the first entry whose number is at least `number`. */
static uint32_t lower_bound(const struct index *x, uint64_t number)
{
	uint32_t low = 0, high = x->used;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (x->entries[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *index_next(const struct index *x, uint64_t *number)
{
	for (uint32_t i = lower_bound(x, *number); i < x->used; i++) {
		*number = x->entries[i].number + 1;
		if (x->entries[i].key)
			return x->entries[i].item;
	}
	return NULL;
}
