/*
 * alloc.h: memory on the heap, which the caller frees. Running out of it ends the process: sudden death is
 * what the journal survives and the tests try (docs/architecture.md, 1), so nothing here fails.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/compiler.h"

/* Zeroed memory for count items of size bytes; a unique pointer if that is nothing. */
void *alloc_zeroed(size_t count, size_t size) MUST_USE;

/* A copy of s; NULL for NULL. */
char *alloc_text(const char *s) MUST_USE;

/*
 * An array that has *room for so many items, with room for as many as are needed: itself, or moved to
 * where *room is at least twice as much. What is added is not zeroed.
 */
void *alloc_room(void *items, size_t *room, size_t needed, size_t item_size) MUST_USE;
#endif
