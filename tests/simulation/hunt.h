/*
 * hunt.h: what is broken on purpose is hunted, so that it is known that the simulation finds such things.
 *
 * A mutant lacks a guard, or a care that the engine takes. A kind of fault is hunted in histories that have
 * no others, or few: without the care that is taken for it (mutants.h), or without its being a cause for how
 * rebuilds end, some rule must notice; and in the same histories without that kind, that rule must not.
 */
#ifndef SIMULATION_HUNT_H
#define SIMULATION_HUNT_H

#include <stdio.h>

#include "history.h"

/* Each says in a line what found it, and returns how many were not found. */
int hunt_mutants(struct history *h, FILE *out);
int hunt_faults(struct history *h, FILE *out);
#endif
