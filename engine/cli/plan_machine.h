/* plan_machine.h: one machine in the answer of `changeover plan`, as text and as JSON. */
#ifndef CLI_PLAN_MACHINE_H
#define CLI_PLAN_MACHINE_H

#include <stdio.h>

#include "rebuild/rebuild.h"
#include "run/muster.h"
#include "wire/json.h"

/* What apply would do about it. */
enum plan_action { PLAN_REBUILD, PLAN_NOTHING, PLAN_REFUSED };

/* One that was looked at closely, by its preflight. */
enum plan_action plan_action_of(const struct rebuild *r);
void plan_machine_print(FILE *out, const struct rebuild *r);
json_t *plan_machine_json(const struct rebuild *r);

/* One that only a list showed; image_id is the plan's. */
enum plan_action plan_action_listed(const struct appearance *seen, const char *image_id);
void plan_listed_print(FILE *out, const struct appearance *seen, const char *image_id);
json_t *plan_listed_json(const struct appearance *seen, const char *image_id);

/* The steps of a rebuild, which are the same for all. */
json_t *plan_steps_json(void);
#endif
