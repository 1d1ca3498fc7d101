/*
 * member.h: one rebuild in the loop: what it decides passes the guards, stands in the journal, and is done.
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
	bool superseded;     /* it did not begin, and does not count */
};

/* Of the run that the members are in. */
struct member_world {
	const struct run_options *options;
	const struct run_providers *providers;
};

/*
 * Once round: decide, guard, record, act. What it wants to see is added to queries, which has room for
 * REBUILD_QUERIES_MAX more than *count.
 */
void member_turn(struct member *m, const struct member_world *w, struct query *queries, size_t *count);

/* Keeps its lease; one that is lost ends it. */
void member_renew(struct member *m);

void member_absorb(struct member *m, const struct answer *a, struct moment now);

/* Of one that has ended; texts are in the arena. */
struct ending member_ending(const struct member *m, struct arena *a, const struct clock *clock);

void member_release(struct member *m);
#endif
