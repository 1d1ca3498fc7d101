/*
 * lock_name.h: the names that a plan gives its locks: {{group}} stands for the value of the machine's
 * `machines.group_by` tag, {{instance}} for its instance id. Pure.
 */
#ifndef PLAN_LOCK_NAME_H
#define PLAN_LOCK_NAME_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/plan.h"

/* A name's limits: a group tag's value has at most 256 characters of up to 4 bytes. */
enum { LOCK_NAME_MAX = 2048 };

/* Whose lock it is. */
struct lock_machine {
	const char *instance;
	const char *group; /* "": it has none */
};

/* Whether any lock of the plan is named after the machine's group. */
bool lock_names_use_group(const struct plan *p);

/* The first placeholder of the pattern that there is not; NULL if all are known. */
const char *lock_name_unknown(const char *pattern);

/* Appends the pattern with its placeholders replaced. */
void lock_name_expand(const char *pattern, const struct lock_machine *m, struct text *ret);

/* FleetLock's groups are ^[a-zA-Z0-9.-]+$ (coreos.github.io/zincati/development/fleetlock/protocol). */
bool lock_name_fits_fleetlock(const char *name);

/* Whether all locks of the plan can be asked for on behalf of the machine. ERROR_PLAN names it, and the lock. */
bool lock_names_check(const struct plan *p, const struct lock_machine *m, struct error *err) MUST_USE;
#endif
