#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 8 };

void *alloc_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

char *alloc_text(const char *s)
{
	char *copy = s ? strdup(s) : NULL;

	if (s && !copy)
		abort();
	return copy;
}

void *alloc_room(void *items, size_t *room, size_t needed, size_t item_size)
{
	if (needed <= *room)
		return items;
	while (*room < needed)
		*room = *room ? *room * 2 : FIRST_ROOM;
	items = reallocarray(items, *room, item_size);
	if (!items)
		abort();
	return items;
}
