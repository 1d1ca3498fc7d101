/*
 * wish.h: what an operator asks of the engine that drives a rebuild, from another process.
 *
 * It is addressed to the epoch of that engine's lease. Whoever asks may die while it waits, and so may whoever was asked:
 * what is left then must not be heard by those who drive the rebuild later.
 */
#ifndef JOURNAL_WISH_H
#define JOURNAL_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct journal;
struct lease_view;

enum journal_wish_kind {
	JOURNAL_WISH_STOP,     /* finish what is under way, begin nothing new */
	JOURNAL_WISH_ROLLBACK, /* put blue back */
};

struct journal_wish {
	const char *rebuild;
	enum journal_wish_kind kind;
	/* Of the lease of whom it is for. 0: an older version wrote it, nobody knows for whom, so it is for nobody. */
	int64_t epoch;
};

/*
 * Addresses q to whoever drives the rebuild now, in place of an earlier one: fills in its epoch, and *ret tells who that
 * is. If nobody does, as ret->state says, nothing is left, not of earlier ones either.
 */
bool wish_put(struct journal *j, struct journal_wish *q, int64_t now_ms, struct lease_view *ret,
	struct error *err) MUST_USE;

/* All that were left and not taken, whoever they are for; *ret and its texts are in the arena. */
bool wish_list(struct journal *j, struct arena *a, struct journal_wish **ret, size_t *count,
	struct error *err) MUST_USE;

/* That one was heard, or there is nobody any more to hear it; one that took its place meanwhile stays. */
bool wish_remove(struct journal *j, const struct journal_wish *q, struct error *err) MUST_USE;

/* Inside a transaction of the caller's in which nobody drives the rebuild any more: nobody hears what is left. */
bool wish_forget_within(struct journal *j, const char *rebuild, struct error *err) MUST_USE;
#endif
