/* volumes.h: what detach and attach have in common, forward and back. */
#ifndef REBUILD_STEPS_VOLUMES_H
#define REBUILD_STEPS_VOLUMES_H

#include "rebuild/step.h"

/* Detaches each volume that the instance holds and that is not being detached yet, if it was quiet a moment ago. */
void volumes_detach(struct rebuild *r, bool green, struct moment now, struct effects *out);

/* Asks its guest once more, if that is longer ago. */
void volumes_look_at_holder(struct rebuild *r, bool green, struct moment now, struct looks *out);

/* Attaches each volume that is free, as the device that it was on blue. */
void volumes_attach(struct rebuild *r, bool green, struct effects *out);

/* One is being detached, by whomever. */
bool volumes_are_leaving(const struct rebuild *r);

/* Asks about all volumes of the plan. */
void volumes_look(struct rebuild *r, struct pace pace, struct looks *out);
#endif
