#include "rollout/directory.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
	const struct listed *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

struct directory directory_make(const struct listed *list, size_t count, struct arena *a)
{
	struct directory d = { arena_array(a, count, sizeof(*d.sorted)), count };

	for (size_t i = 0; i < count; i++)
		d.sorted[i] = &list[i];
	qsort(d.sorted, count, sizeof(*d.sorted), by_id);
	return d;
}

const struct listed *directory_find(const struct directory *d, const char *id)
{
	const struct listed key = { .id = id }, *wanted = &key;
	const struct listed **found = bsearch(&wanted, d->sorted, d->count, sizeof(*d->sorted), by_id);

	return found ? *found : NULL;
}
