/*
 * selection.h: which of the machines that a list shows are meant by a plan, and in which order they go. Pure.
 *
 * Green carries blue's tags, so a list shows both. Of a rebuild that has not come to its end its blue is meant;
 * of one that has, its green; a blue that is kept is not.
 */
#ifndef ROLLOUT_SELECTION_H
#define ROLLOUT_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cloud/listed.h"
#include "plan/plan.h"

struct selected {
	const struct listed *machine; /* of the list */
	const struct listed *first; /* itself, or of those whose place it took the oldest blue that is kept */
	uint32_t group;             /* ROLLOUT_NO_GROUP if the plan names no groups */
	uint32_t zone;
};

struct selection {
	struct selected *machines; /* in the arena */
	size_t count;
};

/*
 * ERROR_MISSING: the list has none that are meant. ERROR_PLAN: the plan goes by a group tag that some machines
 * lack; the message names them.
 */
bool selection_make(const struct plan *plan, const struct listed *list, size_t count, struct arena *a,
	struct selection *ret, struct error *err) MUST_USE;
#endif
