/*
 * lineage.h: which machine a plan means today. A plan that names an instance goes on naming it after
 * that instance was replaced; applied again it is about the machine that took its place.
 */
#ifndef RUN_LINEAGE_H
#define RUN_LINEAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "journal/record.h"

struct journal;

/*
 * Follows the finished rebuilds from instance_id on: *ret is the instance that has its place now, in
 * the arena. ERROR_CONFLICT if its newest rebuild has not come to an end: *unfinished is that one.
 */
bool lineage_current(struct journal *j, const char *instance_id, struct arena *a, const char **ret,
	struct record *unfinished, struct error *err) MUST_USE;
#endif
