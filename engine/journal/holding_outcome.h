/*
 * holding_outcome.h: what many changes of locks come to. Pure.
 *
 * Of a lock that changed a thousand times the tables need its last state, and of a machine that took and gave back
 * a slot as often whether it has one at the end. Events are another matter: every change is one.
 */
#ifndef JOURNAL_HOLDING_OUTCOME_H
#define JOURNAL_HOLDING_OUTCOME_H

#include "base/arena.h"
#include "journal/holding.h"

struct holding_list {
	const struct holding_change **items;
	size_t count;
};

struct holding_outcome {
	struct holding_list gone;    /* of each lock that was deleted: that it was */
	struct holding_list locks;   /* of each other one: its last change */
	struct holding_list holders; /* of those others: the last change of each holder */
	struct holding_list events;  /* of those others: every change, in its order */
};

/* The changes stand in their order, and are borrowed; the lists are in the arena. */
struct holding_outcome holding_outcome(const struct holding_change *changes, size_t count, struct arena *a);
#endif
