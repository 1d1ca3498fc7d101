/* addresses.h: what the steps that care for Elastic IPs have in common. */
#ifndef REBUILD_STEPS_ADDRESSES_H
#define REBUILD_STEPS_ADDRESSES_H

#include "rebuild/step.h"

/* Asks where each address of the rebuild points. */
void addresses_look(struct rebuild *r, struct pace pace, struct looks *out);
#endif
