/*
 * addresses.h: Elastic IPs. Associating is answered at once and shown at once; the traffic follows
 * LATENCY_ASSOCIATE_ADDRESS later, and goes where it went before until then.
 */
#ifndef SANDBOX_MODEL_ADDRESSES_H
#define SANDBOX_MODEL_ADDRESSES_H

#include "sandbox/model/instances.h"
#include "sandbox/model/model.h"

struct model_address {
	char allocation_id[MODEL_ID_SIZE];
	char association_id[MODEL_ID_SIZE]; /* the last one; over if instance is NULL */
	char public_ip[MODEL_ADDRESS_SIZE];
	struct model_instance *instance; /* what it is associated with, or NULL */
	int64_t accepted_ms, due_ms;     /* of the route change under way */
	bool moving;                     /* the traffic has not followed yet */
	struct model_tags tags;
};

bool model_allocate_address(struct model *m, const struct model_tags *tags, bool dry_run,
	const struct model_address **ret, struct error *err) MUST_USE;
bool model_release_address(
	struct model *m, const char *allocation_id, bool dry_run, struct error *err) MUST_USE;

struct model_associate_request {
	const char *allocation_id;
	const char *instance_id, *interface_id; /* exactly one; the other NULL */
	bool refuse_reassociation;              /* AllowReassociation=false */
};

/* Idempotent: the same address to the same instance keeps the same association. */
bool model_associate_address(struct model *m, const struct model_associate_request *r, bool dry_run,
	const struct model_address **ret, struct error *err) MUST_USE;

/* Idempotent too, until the address is associated again. */
bool model_disassociate_address(
	struct model *m, const char *association_id, bool dry_run, struct error *err) MUST_USE;

/* NULL with InvalidAllocationID.NotFound, or InvalidAddress.NotFound for an IP. */
const struct model_address *model_find_address(
	const struct model *m, const char *allocation_id, struct error *err);
const struct model_address *model_find_public_ip(const struct model *m, const char *ip, struct error *err);
const struct index *model_addresses(const struct model *m);
#endif
