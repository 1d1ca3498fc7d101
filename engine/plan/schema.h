/* schema.h: the grammar of the plan file for machines and for people, generated from the key table. */
#ifndef PLAN_SCHEMA_H
#define PLAN_SCHEMA_H

#include "base/text.h"

/*
 * Appends the JSON Schema (draft-07), for editors; templates/plan.schema.json is a copy of it. Keys
 * that this version does not carry out are in it, and their descriptions say so.
 */
void plan_schema_write(struct text *ret);

/* Appends the reference in Markdown: each key with its type, default and meaning. */
void plan_reference_write(struct text *ret);
#endif
