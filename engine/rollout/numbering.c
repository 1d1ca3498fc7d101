#include "rollout/numbering.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static size_t drop_twins(const char **sorted, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(sorted[kept - 1], sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	return kept;
}

static uint32_t number_of(const char **sorted, size_t count, const char *name)
{
	const char **found = bsearch(&name, sorted, count, sizeof(*sorted), by_text);

	return (uint32_t)(found - sorted);
}

uint32_t *numbering_make(const char *const *names, size_t count, struct arena *a)
{
	const char **sorted = arena_array(a, count, sizeof(*sorted));
	uint32_t *ret = arena_array(a, count, sizeof(*ret));
	size_t kept;

	if (!count)
		return ret;
	memcpy(sorted, names, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_text);
	kept = drop_twins(sorted, count);
	for (size_t i = 0; i < count; i++)
		ret[i] = number_of(sorted, kept, names[i]);
	return ret;
}
