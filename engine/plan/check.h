/* check.h: what the keys of a plan mean together. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "plan/diagnostic.h"
#include "plan/plan.h"
#include "wire/yaml.h"

/*
 * Adds what is wrong to *diagnostics, unsorted. The plan may have been read with diagnostics: what
 * could not be read is absent from it, and nothing more is said about that.
 */
void plan_check(const struct yaml_node *root, const struct plan *plan, struct diagnostics *diagnostics);
#endif
