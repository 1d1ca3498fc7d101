/* lock_slots.h: how many may hold a lock at a time, as `--slots` says: "1,cluster-1=2,web=5". */
#ifndef SERVER_LOCK_SLOTS_H
#define SERVER_LOCK_SLOTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "server/lock_decide.h"

enum { LOCK_SLOTS_MAX = 10 * 1000 };

struct lock_slots {
	int64_t others; /* of those that are not named */
	const struct lock_slots_row {
		const char *name;
		int64_t slots;
	} * rows;
	size_t count;
};

/*
 * Reads words separated by commas: NAME=N for one lock, N for all others (1 if not given). NULL: 1 for all.
 * ERROR_USAGE for what is no such list, or names a lock twice. Rows and names are in the arena.
 */
bool lock_slots_read(const char *words, struct arena *a, struct lock_slots *ret, struct error *err) MUST_USE;

int64_t lock_slots_of(const struct lock_slots *s, const char *name);

/* Gives each lock of the table the slots that are said. */
void lock_slots_apply(
	const struct lock_slots *s, struct lock_table *t, int64_t now_ms, struct lock_changes *changes);
#endif
