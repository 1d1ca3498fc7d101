/*
 * muster.h: which machines a rollout has, and in which order they go: those that the plan names, those that a list
 * shows with its tags, or those that the journal knows of a rollout that was begun.
 */
#ifndef RUN_MUSTER_H
#define RUN_MUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cloud/provider.h"
#include "journal/rollout_record.h"
#include "plan/plan.h"

struct mustered {
	const char *id; /* the machine that is begun with (rollout/selection.h, `first`) */
	const char *group_name, *zone_name; /* "" if they do not matter */
	uint32_t group, zone;               /* as rollout_add() wants them */
};

/* All of it is in the arena. */
struct muster {
	struct mustered *machines;
	size_t count;
};

/* The tags by which the plan finds its machines, in the arena; NULL if it names them. */
const struct tag *muster_tags(const struct plan *p, struct arena *a);

/* What to ask for the list; false: the plan names its machines and goes by nothing that only a list shows. */
bool muster_question(const struct plan *p, struct arena *a, struct query *ret);

void muster_named(const struct plan *p, struct arena *a, struct muster *ret);

/* As selection_make(). */
bool muster_listed(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret,
	struct error *err) MUST_USE;

/*
 * Those that the plan names, whatever they are by now: a blue that is kept is meant by who puts it back. The list
 * only tells their groups.
 */
void muster_found(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret);

/* The rows by their numbers. */
void muster_recorded(const struct plan *p, const struct machine_record *rows, size_t count, struct arena *a,
	struct muster *ret);
#endif
