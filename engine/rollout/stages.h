/* stages.h: how far a rollout may reach: the canary, then wave after wave, zone after zone. */
#ifndef ROLLOUT_STAGES_H
#define ROLLOUT_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "plan/plan.h"

#define STAGE_NO_GATE SIZE_MAX

struct stage {
	bool canary;  /* it ends when enough machines have been rebuilt, not with a machine */
	size_t wave;  /* which of the plan's it belongs to, from 1 on; 0: the canary */
	size_t limit; /* machines below this number may go */
	size_t gate;  /* of the plan: where it waits at its end; or STAGE_NO_GATE */
};

struct stages {
	struct stage *list; /* owned; at least one, the last of all machines */
	size_t count, size;
};

/* The numbers at which the machines of a zone end, ascending; none if zones do not matter. */
struct zone_ends {
	const size_t *ends;
	size_t count;
};

/*
 * The stages of a plan for so many machines. ERROR_PLAN: a wave that reaches no farther than the one before it,
 * or a last one that does not reach all.
 */
bool stages_make(struct stages *s, const struct plan *plan, size_t machines, struct zone_ends zones,
	struct error *err) MUST_USE;

void stages_release(struct stages *s);
#endif
