#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	BLOCK_SIZE = 4096 - 64, /* with malloc's own header, one page */
	FIRST_ROOM = 8,
};

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = alloc_zeroed(1, sizeof(*b) + size);

	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t rounded = (size + alignof(max_align_t)) / alignof(max_align_t) * alignof(max_align_t);
	struct arena_block *b = a->blocks;
	void *result;

	if (rounded < size)
		abort();
	if (!b || b->size - b->used < rounded) {
		b = block_new(rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
		b->next = a->blocks;
		a->blocks = b;
	}
	result = b->bytes + b->used;
	b->used += rounded;
	return result;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		abort();
	return arena_alloc(a, count * size);
}

void *arena_room(struct arena *a, void *items, size_t *room, size_t needed, size_t item_size)
{
	size_t before = *room;
	void *wider;

	if (needed <= before)
		return items;
	while (*room < needed)
		*room = *room ? *room * 2 : FIRST_ROOM;
	wider = arena_array(a, *room, item_size);
	if (before)
		memcpy(wider, items, before * item_size);
	return wider;
}

char *arena_copy(struct arena *a, const char *s)
{
	return s ? arena_copy_bytes(a, s, strlen(s)) : NULL;
}

char *arena_copy_bytes(struct arena *a, const void *bytes, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	auto_free char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	return arena_copy(a, text);
}

void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
}
