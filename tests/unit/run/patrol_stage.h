/*
 * patrol_stage.h: a stage of four machines that are looked after while they are not under way (fleet_stage.h): what
 * looks at them show, and how their rebuilds end.
 *
 * Calling order: stage_open(), the plan is changed as wanted, open_fleet(); for each look show() and its like, then
 * look().
 */
#ifndef TESTS_RUN_PATROL_STAGE_H
#define TESTS_RUN_PATROL_STAGE_H

#include "fleet_stage.h"

enum { MACHINES = 4 };

extern const char *const IDS[MACHINES];

/* A rollout as a process begins it, or takes it up. */
void open_fleet(struct stage *s, bool goes_on);

/* The next look shows the machine so. */
void show(struct stage *s, uint32_t machine, enum instance_state state);

/* It is time for it; all that were not to be shown otherwise run. */
void look(struct stage *s);

/* Two looks: one that fails its checks in one look only is in doubt. */
void look_twice_at_impaired(struct stage *s, const uint32_t *machines, size_t count);

/* Its rebuild does, from i-N to i-green. */
void ends(struct stage *s, uint32_t machine, enum rebuild_course course);

size_t not_serving(const struct stage *s);
#endif
