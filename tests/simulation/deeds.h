/* deeds.h: what effects do to the cloud, and how the cloud answers them. */
#ifndef SIMULATION_DEEDS_H
#define SIMULATION_DEEDS_H

#include "history.h"

/*
 * The call's effect takes hold, or the cloud refuses it: fills err and shown. Not for what a guest
 * carries out (commands.h).
 */
void deeds_do(struct history *h, struct call *c);

/* It arrives once more; nobody hears what the cloud says to that. */
void deeds_repeat(struct history *h, const struct call *c);
#endif
