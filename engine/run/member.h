/*
 * member.h: one rebuild in the loop: what it decides passes the guards, stands in the journal, and is done.
 *
 * Calling order of a turn: member_decide(); member_record_alone(), or, in one transaction with other members'
 * turns (run/group.h), member_write() and after its commit member_written(); member_act().
 */
#ifndef RUN_MEMBER_H
#define RUN_MEMBER_H

#include "run/ledger.h"
#include "run/run.h"

struct member {
	struct rebuild rebuild;
	struct ledger ledger;
	int64_t wake_ms;
	bool needs_guest[2]; /* blue, green: may be asked something soon */
	bool green_known;    /* ... to its record */
	bool ended;          /* its end is recorded */
	bool is_noted;       /* the fleet knows that the journal has a record of it */
	int64_t over_ms;     /* monotonic; since when that is tried. 0: not yet */
	int64_t begun_ms;    /* monotonic; when it was added to the run */
	size_t unanswered;   /* questions that are out: they borrow from the rebuild */
	uint32_t machine;    /* of the fleet, or FLEET_NO_MACHINE */
	bool urgent;         /* the cloud's provider was told that clients wait */
	bool held;           /* for its machine's locks */
	bool superseded;     /* it did not begin, and does not count */
};

/* Of the run that the members are in. */
struct member_world {
	const struct run_options *options;
	const struct run_providers *providers;
};

/* A turn under way. */
struct member_turn {
	struct member *member;
	struct moment now;
	struct decision *decision; /* owned, until member_act() */
	struct ledger_mark mark;
	bool may_act; /* it is recorded, or need not be */
};

/* What is to be seen and done now, as far as the guards let it. */
struct member_turn member_decide(struct member *m, const struct member_world *w);

/* Whether the journal is to take anything. */
bool member_has_to_write(const struct member_turn *t);

/* Within a transaction; may be called again if that comes to nothing. */
bool member_write(const struct member_turn *t, const struct member_world *w, struct error *err) MUST_USE;
void member_written(struct member_turn *t);

/* What a turn writes, in transactions of its own; what happens if the journal does not take it is decided here. */
void member_record_alone(struct member_turn *t, const struct member_world *w);

/*
 * Does what was decided. What is to be seen is added to queries, which has room for REBUILD_QUERIES_MAX more than
 * *count.
 */
void member_act(struct member_turn *t, const struct member_world *w, struct query *queries, size_t *count);

/* Whether its lease is to be renewed that was not for so long. */
bool member_is_old(const struct member *m, int64_t age_ms);

/* Keeps its lease; one that is lost ends it. */
void member_renew(struct member *m);

void member_absorb(struct member *m, const struct answer *a, struct moment now);

/* Of one that has ended; texts are in the arena. */
struct ending member_ending(const struct member *m, struct arena *a, const struct clock *clock);

void member_release(struct member *m);
#endif
