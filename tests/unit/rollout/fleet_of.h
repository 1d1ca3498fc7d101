/* fleet_of.h: plans and fleets for the tests of rollouts. */
#ifndef TESTS_FLEET_OF_H
#define TESTS_FLEET_OF_H

#include "rollout/rollout.h"

enum { MINUTE_MS = 60 * 1000, NOON_MS = 12 * 60 * MINUTE_MS };

/* Any number at a time, no canary, one wave, no failure allowed, three tries a minute apart. */
struct plan plan_of_all(void);

/* Likewise, in these waves. */
struct plan plan_of_waves(const struct plan_share *waves, size_t count);

/* So many machines without groups, in one zone. The plan must outlive it. */
struct rollout *fleet_of(const struct plan *plan, size_t machines);

/* Begins whatever may begin at noon; returns how many, and why no more in *ret. */
size_t begin_all(struct rollout *ro, struct rollout_turn *ret);

/* Asserts that this machine is the next, and begins it. */
void begin(struct rollout *ro, uint32_t machine);

void end(struct rollout *ro, uint32_t machine, enum machine_end how);

/* Asserts that no machine is to begin, for that reason. */
struct rollout_turn nothing(struct rollout *ro, enum rollout_phase why);
#endif
