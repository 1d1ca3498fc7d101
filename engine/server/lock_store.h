/*
 * lock_store.h: the lock table with the journal behind it.
 *
 * Calling order: lock_store_refresh(); any number of decisions on the table, with their changes in `changes`;
 * lock_store_save(). What was decided counts only when that says so. If it was outdated, because another
 * process wrote meanwhile, or failed, the next refresh reads everything anew.
 */
#ifndef SERVER_LOCK_STORE_H
#define SERVER_LOCK_STORE_H

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "server/lock_decide.h"

struct lock_store {
	struct journal *journal; /* borrowed */
	struct lock_table table;
	struct lock_changes changes;
	int64_t number;      /* the state that the table is */
	bool is_fresh;       /* false: the table is no state at all */
	bool waits_for_full; /* slices of the journal's log are slow, or fail */
};

/* Nothing is read yet. */
void lock_store_init(struct lock_store *s, struct journal *j);

/* Makes the table what the journal has. Cheap if nobody else wrote. */
bool lock_store_refresh(struct lock_store *s, struct error *err) MUST_USE;

/* Writes the changes and forgets them. True and not outdated: they are on the disk. */
bool lock_store_save(struct lock_store *s, bool *ret_outdated, struct error *err) MUST_USE;

/*
 * Between two turns: brings a slice of the journal's log into its tables (holding.h) if nobody waits meanwhile, and if
 * there are two all the same. Where the disk makes that slow, one long wait is better than many: then, and if it
 * fails, the log is left until it is full, and settled with the next changes.
 */
void lock_store_settle_slice(struct lock_store *s, bool somebody_waits, const struct clock *clock);

void lock_store_release(struct lock_store *s);
#endif
