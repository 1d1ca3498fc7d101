/* directory.h: machines that a list shows, by their ids. */
#ifndef ROLLOUT_DIRECTORY_H
#define ROLLOUT_DIRECTORY_H

#include <stddef.h>

#include "base/arena.h"
#include "cloud/listed.h"

struct directory {
	const struct listed **sorted; /* in the arena; they point into the list */
	size_t count;
};

struct directory directory_make(const struct listed *list, size_t count, struct arena *a);

/* NULL if the list does not show it. Costs the logarithm of the count. */
const struct listed *directory_find(const struct directory *d, const char *id);
#endif
