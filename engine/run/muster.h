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

/* How a list showed the machine that has the place. */
struct appearance {
	const char *id, *image_id, *name;
	const char *rebuild;       /* tag of ours: the rebuild that made it, or works on it; "": none */
	enum instance_state state; /* INSTANCE_UNSEEN: no list showed it */
	bool is_first; /* no blue is kept of those whose place it took, as far as the list shows */
};

struct mustered {
	const char *id; /* the machine that is begun with (rollout/selection.h, `first`) */
	const char *group_name, *zone_name; /* "" if they do not matter */
	uint32_t group, zone;               /* as rollout_add() wants them */
	struct appearance seen;
};

/* All of it is in the arena. */
struct muster {
	struct mustered *machines;
	size_t count;
};

/* The tags by which the plan finds its machines, in the arena; NULL if it names them. */
const struct tag *muster_tags(const struct plan *p, struct arena *a);

/* What to ask for the list. */
struct query muster_question(const struct plan *p, struct arena *a);

void muster_named(const struct plan *p, struct arena *a, struct muster *ret);

/* As selection_make(). */
bool muster_listed(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret,
	struct error *err) MUST_USE;

/* Whether the plan names its machines, and goes by nothing about them that only a list shows. */
bool muster_names_all(const struct plan *p);

/*
 * Those that the plan names, whatever they are by now: a blue that is kept is meant by who puts it back. The list
 * only tells their groups, and how they look.
 */
void muster_found(const struct plan *p, const struct answer *list, struct arena *a, struct muster *ret);

/* The rows by their numbers. */
void muster_recorded(const struct plan *p, const struct machine_record *rows, size_t count, struct arena *a,
	struct muster *ret);
#endif
