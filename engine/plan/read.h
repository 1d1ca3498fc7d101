/* read.h: from the tree of a plan file to struct plan, along the key table. */
#ifndef PLAN_READ_H
#define PLAN_READ_H

#include "plan/diagnostic.h"
#include "plan/plan.h"
#include "wire/yaml.h"

/*
 * Puts values and defaults into *plan, texts and lists into its arena, and everything that is wrong
 * with single keys into *diagnostics, unsorted. What the keys mean together is plan/check.h's.
 */
void plan_read(const struct yaml_node *root, struct plan *plan, struct diagnostics *diagnostics);
#endif
