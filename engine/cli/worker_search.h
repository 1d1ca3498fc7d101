/*
 * worker_search.h: what in a store is for a worker: rollouts that it may share, rollouts that are to be put
 * back, and rebuilds whose driver has died. Others look at the same rows: what was found may be theirs a
 * moment later, and is refused then where it is taken up.
 */
#ifndef CLI_WORKER_SEARCH_H
#define CLI_WORKER_SEARCH_H

#include "cli/command.h"
#include "cloud/world.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "journal/rollout_record.h"

enum { WORKER_LEFT_ALONE_MAX = 64 };

/* What came to nothing here, its plan cannot be read maybe, is left to others for a while. */
struct left_alone {
	char id[CLOUD_NAME_SIZE];
	int64_t until_ms; /* monotonic */
};

struct worker_search {
	struct journal *journal; /* borrowed, like: */
	const struct clock *clock;
	struct left_alone left[WORKER_LEFT_ALONE_MAX];
	size_t left_next;
	char known
		[CLOUD_NAME_SIZE]; /* a rollout of which we know that nobody means to drive it alone; or "" */
	bool is_idle;              /* nothing is, or will soon be, for us; by the last search */
};

enum work_kind {
	WORK_FORWARD, /* a rollout */
	WORK_BACK,    /* a rollout that puts another one back */
	WORK_RETURN,  /* a rollout that is to be put back: the one that does it must be written down */
	WORK_REBUILD,
};

/* Texts are in the arena of the search. */
struct work {
	enum work_kind kind;
	const char *id, *plan_path, *plan_digest;
	const char *parent;   /* WORK_BACK: the rollout that is put back */
	struct record record; /* WORK_REBUILD */
};

bool worker_search(
	struct worker_search *w, struct arena *a, struct work *ret, bool *found, struct error *err) MUST_USE;

void worker_leave_alone(struct worker_search *w, const char *id);
#endif
