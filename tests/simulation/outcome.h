/*
 * outcome.h: how the rebuilds of an engine ended, and whether they may: each end that nobody wished for
 * must have a cause that was really there.
 */
#ifndef SIMULATION_OUTCOME_H
#define SIMULATION_OUTCOME_H

#include "history.h"

/* A rebuild has ended in that engine. */
void outcome_note(struct history *h, const struct engine *e, const struct member *m);
#endif
