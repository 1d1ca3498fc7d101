/*
 * arena.h: memory of one lifetime, freed all at once: a plan after loading, one turn of the loop.
 * Running out of memory ends the process (docs/architecture.md, 1), so nothing here fails.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/compiler.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
};

#define ARENA_INIT                                                                                           \
	{                                                                                                    \
		.blocks = NULL                                                                               \
	}
#define auto_arena CLEANUP(arena_release) struct arena

/* Zeroed memory for any type; size 0 gives a unique pointer. */
void *arena_alloc(struct arena *a, size_t size);

/* Zeroed memory for count items of size bytes; ends the process if that overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/*
 * An array that has *room for so many items, with room for as many as are needed: itself, or a copy where
 * *room is at least twice as much. What is added is zeroed.
 */
void *arena_room(struct arena *a, void *items, size_t *room, size_t needed, size_t item_size) MUST_USE;

/* A copy of s; NULL for NULL. */
char *arena_copy(struct arena *a, const char *s);

/* A NUL-terminated copy of len bytes. */
char *arena_copy_bytes(struct arena *a, const void *bytes, size_t len);

char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Frees everything at once; the arena can be used again. */
void arena_release(struct arena *a);
#endif
