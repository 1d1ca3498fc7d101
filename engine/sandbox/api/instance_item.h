/* instance_item.h: an instance, and the reservation it came with, as RunInstances and DescribeInstances show it. */
#ifndef SANDBOX_API_INSTANCE_ITEM_H
#define SANDBOX_API_INSTANCE_ITEM_H

#include "sandbox/api/request.h"
#include "sandbox/model/instances.h"

/* The elements of one instance, inside <item>. */
void instance_item(struct request *r, const struct model_instance *i);

/* reservationId, ownerId and the groups: what comes before instancesSet. */
void instance_reservation_head(struct request *r, const char *reservation_id);

/* <element><code/><name/></element>. */
void instance_state(struct request *r, const char *element, enum model_instance_state s);

/* <blockDeviceMapping>. */
void instance_devices(struct request *r, const struct model_instance *i);
#endif
