/* likely.h: which of several ids a word on the command line means, and which may have been meant. */
#ifndef CLI_LIKELY_H
#define CLI_LIKELY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct likely {
	const char *noun;       /* "rebuild" */
	const char *const *ids; /* newest first; at least one */
	size_t count;
};

/*
 * The number of the id that is the word, or the only one that begins so. ERROR_MISSING if there is none,
 * naming those that may have been meant and the newest; ERROR_USAGE if several begin so. Texts of errors
 * are made in the arena.
 */
bool likely_find(
	const struct likely *l, const char *word, struct arena *a, size_t *ret, struct error *err) MUST_USE;
#endif
