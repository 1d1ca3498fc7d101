/* lock_check.h: what can be wrong with a plan's locks that no single key shows. */
#ifndef PLAN_LOCK_CHECK_H
#define PLAN_LOCK_CHECK_H

#include "plan/diagnostic.h"
#include "plan/plan.h"
#include "wire/yaml.h"

void lock_check(const struct yaml_node *root, const struct plan *plan, struct diagnostics *diagnostics);
#endif
