/*
 * namesake.h: rollouts are known by the name of their plan, so that a plan that was changed finds the rollout of its
 * older version. Two plan files of one name are not versions of each other.
 */
#ifndef RUN_NAMESAKE_H
#define RUN_NAMESAKE_H

#include <stdbool.h>

#include "base/error.h"
#include "journal/rollout_record.h"
#include "plan/plan.h"

/*
 * ERROR_CONFLICT, with what to do, if the rollout was begun with another file than the plan's, which is still there as
 * it was then. A file that was moved, changed or cannot be read from here is an older version.
 */
bool namesake_check(const struct plan *p, const struct rollout_record *r, struct error *err) MUST_USE;
#endif
