/*
 * beginning.h: what an engine begins with at a place: as `apply`, `resume` and `rollback` find it in the
 * journal.
 */
#ifndef SIMULATION_BEGINNING_H
#define SIMULATION_BEGINNING_H

#include "engine.h"

/* False if its command is refused: somebody else drives what is there, or nothing is there to go on with. */
bool beginning_add(struct history *h, struct engine *e, int place);
#endif
