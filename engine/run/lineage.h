/*
 * lineage.h: which machine a plan means today, and where an unfinished rebuild of it was left. A plan
 * that names an instance goes on naming it after that instance was replaced; applied again it is
 * about the machine that took its place.
 */
#ifndef RUN_LINEAGE_H
#define RUN_LINEAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "journal/record.h"
#include "plan/plan.h"
#include "rebuild/rebuild.h"

struct journal;

struct lineage {
	const char *current; /* the instance that has the place now */
	bool is_unfinished;
	struct record unfinished; /* if so: its rebuild that has not come to an end */
	bool is_kept;
	struct record kept; /* if so: the oldest rebuild whose blue was not terminated yet */
};

/* Follows the finished rebuilds from instance_id on. Texts are in the arena. */
bool lineage_find(struct journal *j, const char *instance_id, struct arena *a, struct lineage *ret,
	struct error *err) MUST_USE;

/*
 * Reads where the rebuild was left: its record and its events. ERROR_CONFLICT if the plan is not the
 * one that it was begun with.
 */
bool lineage_past(struct journal *j, const struct record *record, const struct plan *plan, struct arena *a,
	struct rebuild_past *ret, struct error *err) MUST_USE;
#endif
