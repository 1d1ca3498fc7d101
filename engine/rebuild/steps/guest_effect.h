/* guest_effect.h: an effect that a guest carries out: instance and order filled in. */
#ifndef REBUILD_STEPS_GUEST_EFFECT_H
#define REBUILD_STEPS_GUEST_EFFECT_H

#include "rebuild/order.h"
#include "rebuild/step.h"

void guest_effect(struct effects *out, enum effect_kind kind, size_t part, bool green);

/* One more round of checks. */
void guest_effect_check(struct effects *out, size_t part, bool green, bool switched);
#endif
