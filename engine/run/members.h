/*
 * members.h: all rebuilds of a run: those under way, in their order, and what the others came to.
 *
 * Calling order: members_add() for each; members_end() when one has ended; members_leave() once a turn; and
 * members_answered() for each answer. Of one that has ended nothing is kept but its ending, once no question that
 * borrows from it is out.
 */
#ifndef RUN_MEMBERS_H
#define RUN_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "run/ending.h"
#include "run/member.h"

/* Zeroed: none. To be read; changed by the functions below alone. */
struct members {
	struct member **all;    /* by subject; NULL once it was let go */
	struct ending *endings; /* by subject; of those that have ended */
	size_t count, size;
	struct member **active; /* those that have not ended, in their order; room for size */
	size_t active_count;
	bool keeps_all;     /* what was seen of them is wanted after their end, too */
	struct arena arena; /* the endings' texts */
};

/* The next one, zeroed: its subject has to become count - 1. */
struct member *members_add(struct members *all);

/* Takes back the one that was added last, of which nobody was asked anything yet. */
void members_drop_last(struct members *all);

/* It has ended: m->ended is set. It is still there until members_leave(). */
void members_end(struct members *all, struct member *m, const struct clock *clock);

/* Those that have ended are no longer among the active. */
void members_leave(struct members *all);

/* An answer was absorbed: it may have been the last that kept m, which is gone then. */
void members_answered(struct members *all, struct member *m);

/* The one under way that the journal knows by that id; NULL if there is none. */
struct member *members_find_active(const struct members *all, const char *rebuild);

/* The fleet's machine is begun with once more: what was tried before and did not even begin counts no more. */
void members_supersede(struct members *all, uint32_t machine);

/*
 * A turn looks at all that are under way, and its commit waits for the disk. With many, whatever no client waits for waits
 * so long for more of it.
 */
int64_t members_patience_ms(const struct members *all);

/* When one of them is to be looked at again, unless somebody wakes it before; monotonic, INT64_MAX: there are none. */
int64_t members_wake_ms(const struct members *all, int64_t now_ms);

void members_release(struct members *all);
#endif
