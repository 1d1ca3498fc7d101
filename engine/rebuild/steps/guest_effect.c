#include "rebuild/steps/guest_effect.h"

#include <string.h>

#include "rebuild/seen.h"

static void fill(struct effect *e, const struct guest_order *order)
{
	memcpy(e->instance_id, order->instance_id, sizeof(e->instance_id));
	e->guest = order;
}

static enum order_slot slot_of(enum effect_kind kind)
{
	if (kind == EFFECT_QUIESCE)
		return ORDER_QUIESCE;
	return kind == EFFECT_MOUNT ? ORDER_MOUNT : ORDER_START;
}

void guest_effect(struct effects *out, enum effect_kind kind, size_t part, bool green)
{
	struct effect *e = step_effect(out, kind, part);

	if (e)
		fill(e, order_fill(out->rebuild, slot_of(kind), green));
}

void guest_effect_check(struct effects *out, size_t part, bool green, bool switched)
{
	struct rebuild *r = out->rebuild;
	struct effect *e = step_effect_again(out, EFFECT_CHECK, part);

	if (e)
		fill(e, switched ? order_fill_switched(r) : order_fill(r, ORDER_CHECK, green));
}
