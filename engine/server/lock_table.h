/*
 * lock_table.h: locks and who holds them, in memory: plain data, and the few ways in which it changes.
 *
 * A lock has a number of slots, and each holder has one of them. Who may have one is lock_decide.h's matter.
 */
#ifndef SERVER_LOCK_TABLE_H
#define SERVER_LOCK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/holding.h"

enum {
	LOCK_NAME_MAX = 255, /* bytes; of locks and holders */
	LOCK_COUNT_MAX = 100 * 1000,
	LOCK_STALE_MS = 4 * 60 * 60 * 1000, /* Foreman DLM's; it is said, and changes nothing */
};

struct lock_holder {
	char *name, *via; /* owned */
	int64_t since_ms;
};

struct lock {
	int64_t id;
	char *name; /* owned */
	int64_t slots;
	bool enabled;
	int64_t created_ms, updated_ms;
	struct lock_holder *holders; /* owned; the longest first */
	size_t count, size;
};

struct lock_table {
	struct lock **locks; /* owned, and each of them; by name */
	size_t count, size;
	int64_t last_id; /* that was given to a lock or an event */
};

/* Finds a lock by its name, else, if it may be that, by its id in digits; NULL if there is none. */
struct lock *lock_table_find(const struct lock_table *t, const char *name, bool may_be_id);

/* Adds a copy of l, of whose name there is none; returns it, without holders. */
struct lock *lock_table_add(struct lock_table *t, const struct holding_lock *l);

void lock_table_remove(struct lock_table *t, struct lock *l);

/* Empties it, to be filled anew. */
void lock_table_clear(struct lock_table *t);

/* What puts into the table what holding_read() shows. */
struct holding_sink lock_table_sink(struct lock_table *t);

/* Frees what it owns. Safe on a zeroed struct, which is an empty table. */
void lock_table_release(struct lock_table *t);

/* The holder of that name; NULL if it does not hold the lock. */
const struct lock_holder *lock_find_holder(const struct lock *l, const char *name);

/* The one that has held it the longest; NULL if nobody does. */
const struct lock_holder *lock_first_holder(const struct lock *l);

/* Copies the texts. */
void lock_add_holder(struct lock *l, const char *name, const char *via, int64_t since_ms);

/* Nothing happens if it does not hold the lock. */
void lock_remove_holder(struct lock *l, const char *name);

/* Whether one has held it for LOCK_STALE_MS. */
bool lock_is_stale(const struct lock *l, int64_t now_ms);
#endif
