/*
 * lock_decide.h: who may go away now. Decisions over plain data, without any I/O.
 *
 * Both protocols ask for the same locks: what FleetLock calls a group and Foreman DLM a lock is one thing
 * here, so that machines which speak different ones share one limit. A lock that is asked for and does not
 * exist is made.
 *
 * A holder keeps its slot until it gives it back or an operator takes it away. No clock does: a machine that
 * did not come back is the very reason why no other may go.
 *
 * lock_decide() changes the table as it decides, and adds to `changes` what has to be written to the store.
 * If that cannot be written, the table is wrong and has to be filled anew.
 */
#ifndef SERVER_LOCK_DECIDE_H
#define SERVER_LOCK_DECIDE_H

#include "base/arena.h"
#include "server/lock_table.h"

enum lock_act {
	LOCK_SHOW,
	LOCK_TAKE,
	LOCK_GIVE_BACK,
	LOCK_RELEASE, /* gives back for another, enabled or not: operators */
	LOCK_CREATE,
	LOCK_ENABLE,
	LOCK_DISABLE,
	LOCK_DELETE,
	LOCK_ACT_COUNT,
};

struct lock_ask {
	enum lock_act act;
	const char *name;
	bool may_be_id;    /* name is the id of the lock, if there is none of that name */
	const char *who;   /* whose slot: taking, giving back, releasing */
	const char *via;   /* by which protocol or person, for people */
	int64_t new_slots; /* of a lock that has to be made */
	int64_t now_ms;
};

enum lock_verdict {
	LOCK_GRANTED, /* as asked, also if it was so before */
	LOCK_MISSING,
	LOCK_FULL,       /* others hold all its slots */
	LOCK_NOT_HOLDER, /* giving back what one does not hold */
	LOCK_IN_USE,     /* deleting what somebody holds */
	LOCK_IS_DISABLED,
	LOCK_EXISTS, /* creating */
	LOCK_TOO_MANY,
	LOCK_VERDICT_COUNT,
};

struct lock_decision {
	enum lock_verdict verdict;
	const struct lock *lock; /* as it is now; NULL: there is none */
};

/* What has to be written, in its order; texts are in the arena. */
struct lock_changes {
	struct arena arena;
	struct holding_change *items; /* owned */
	size_t count, size;
};

struct lock_decision lock_decide(
	struct lock_table *t, const struct lock_ask *a, struct lock_changes *changes);

/* Fewer slots than are held now are allowed: then nobody gets one until enough were given back. */
void lock_resize(
	struct lock_table *t, struct lock *l, int64_t slots, int64_t now_ms, struct lock_changes *changes);

/* Forgets the changes and keeps room for others; and frees that. Safe on a zeroed struct. */
void lock_changes_clear(struct lock_changes *c);
void lock_changes_release(struct lock_changes *c);
#endif
