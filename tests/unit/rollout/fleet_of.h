/* fleet_of.h: one rollout, from its plan to what becomes of its machines, for the tests of rollouts. */
#ifndef TESTS_FLEET_OF_H
#define TESTS_FLEET_OF_H

#include "rollout/rollout.h"

enum { MINUTE_MS = 60 * 1000, NOON_MS = 12 * 60 * MINUTE_MS };

/* Any number at a time, no canary, one wave, no failure allowed, three tries a minute apart. */
struct plan plan_of_all(void);

/* What each test begins with: a plan of all, which it may change, and no machines before fleet_of(). */
struct trial {
	struct plan plan;
	struct rollout *ro;
	struct rollout_turn turn; /* why begin_all() began no more */
};

int trial_open(void **state);
int trial_close(void **state);

#define TRIAL(test) cmocka_unit_test_setup_teardown(test, trial_open, trial_close)

/* A rollout of so many machines without groups, in one zone, in place of the one before. */
void fleet_of(struct trial *t, size_t machines);

/* Likewise, so many of each group, or so many of each zone; 0: groups, or zones, do not matter. */
void fleet_of_parts(struct trial *t, size_t machines, uint32_t per_group, uint32_t per_zone);

/* Begins whatever may begin at noon; returns how many. */
size_t begin_all(struct trial *t);

/* Asserts that this machine is the next, and begins it. */
void begin(struct trial *t, uint32_t machine);

void end(struct trial *t, uint32_t machine, enum machine_end how);

/* Asserts that no machine is to begin, for that reason. */
struct rollout_turn nothing(struct trial *t, enum rollout_phase why);
#endif
