/* volumes.h: what detach and attach have in common, forward and back. */
#ifndef REBUILD_STEPS_VOLUMES_H
#define REBUILD_STEPS_VOLUMES_H

#include "rebuild/step.h"

/* Detaches each volume that the instance holds and that is not being detached yet. */
void volumes_detach(struct rebuild *r, bool green, struct effects *out);

/* Attaches each volume that is free, as the device that it was on blue. */
void volumes_attach(struct rebuild *r, bool green, struct effects *out);

/* One is being detached, by whomever. */
bool volumes_are_leaving(const struct rebuild *r);

/* Asks about all volumes of the plan. */
void volumes_look(struct rebuild *r, struct pace pace, struct looks *out);
#endif
