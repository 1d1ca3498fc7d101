/* order.h: what is asked of guests, and how green is launched, built from the plan and the world. */
#ifndef REBUILD_ORDER_H
#define REBUILD_ORDER_H

#include "rebuild/rebuild.h"

/*
 * Fills the rebuild's order of that kind for blue or green: address, trusted keys, volumes, checks,
 * command, limit. It must not be under way. The result is borrowed from r.
 */
const struct guest_order *order_fill(struct rebuild *r, enum order_slot slot, bool green);

/* Likewise for checks through the switched address. */
const struct guest_order *order_fill_switched(struct rebuild *r);

/* The public keys by which that machine is known, from its console or from our tag; NULL if there are none. */
const char *order_host_keys(const struct rebuild *r, bool green);

/* From now on the nonce of blue's quiesce is expected on the volumes that are not attached to blue any more. */
void order_expect_quiesced(struct rebuild *r);

/* Builds r->launch from the blueprint, the plan's changes and the image. */
void order_launch(struct rebuild *r);

/* Deep copy of the blueprint as seen; r owns the copy. */
void order_keep_blueprint(struct rebuild *r, const struct blueprint *seen);
#endif
