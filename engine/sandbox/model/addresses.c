#include "sandbox/model/addresses.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

static void format_public(const struct model *m, uint32_t number, char *ret)
{
	const struct in_addr address = { .s_addr = htonl(m->public_net + number) };

	inet_ntop(AF_INET, &address, ret, MODEL_ADDRESS_SIZE);
}

static uint32_t number_of(const struct model *m, const char *ip)
{
	struct in_addr address;

	inet_pton(AF_INET, ip, &address);
	return ntohl(address.s_addr) - m->public_net;
}

static void route(struct model *m, const struct model_address *a)
{
	const char *to = a->instance && a->instance->booted ? a->instance->id : NULL;
	auto_error err = ERROR_INIT;

	if (!m->orders.route(m->orders.ctx, a->public_ip, to, &err))
		inside_trouble(m, &err);
}

/* The traffic follows later; until then it goes where it went. */
static void schedule_route(struct model *m, struct model_address *a)
{
	a->moving = true;
	a->accepted_ms = m->now_ms;
	a->due_ms = inside_schedule(m, LATENCY_ASSOCIATE_ADDRESS, EVENT_ROUTED, a->allocation_id);
}

static void tell_routed(struct model *m, struct model_address *a)
{
	a->moving = false;
	inside_effect(m, a->instance ? "AssociateAddress" : "DisassociateAddress", a->allocation_id,
		a->instance ? a->instance->id : "", a->accepted_ms);
}

void address_routed(struct model *m, const char *id, int64_t due_ms)
{
	struct model_address *a = index_find(&m->addresses, id);

	if (!a || !a->moving || a->due_ms != due_ms)
		return;
	route(m, a);
	tell_routed(m, a);
}

/* A machine that was not up when its address was moved to it gets the traffic when it boots. */
void address_boot(struct model *m, struct model_instance *i)
{
	if (i->address && !i->address->moving)
		route(m, i->address);
}

static void unlink_address(struct model_address *a)
{
	if (!a->instance)
		return;
	a->instance->address = NULL;
	a->instance = NULL;
}

void address_detach(struct model *m, struct model_address *a)
{
	unlink_address(a);
	schedule_route(m, a);
}

static void forget_association(struct model *m, struct model_address *a)
{
	if (a->association_id[0])
		index_remove(&m->associations, a->association_id);
}

static void link_address(struct model *m, struct model_address *a, struct model_instance *i)
{
	forget_association(m, a);
	model_make_id(m, "eipassoc-", a->association_id);
	index_add(&m->associations, a->association_id, a);
	a->instance = i;
	i->address = a;
}

bool model_allocate_address(struct model *m, const struct model_tags *tags, bool dry_run,
	const struct model_address **ret, struct error *err)
{
	struct model_address *a;
	uint32_t number;

	if (!m->public_pool.free)
		return model_refuse(
			err, "AddressLimitExceeded", "The maximum number of addresses has been reached.");
	if (!model_commits(dry_run, err) || !pool_take(&m->public_pool, &number))
		return false;
	a = alloc_zeroed(1, sizeof(*a));
	model_make_id(m, "eipalloc-", a->allocation_id);
	format_public(m, number, a->public_ip);
	model_tags_copy(&a->tags, tags);
	index_add(&m->addresses, a->allocation_id, a);
	*ret = a;
	return true;
}

bool model_release_address(struct model *m, const char *allocation_id, bool dry_run, struct error *err)
{
	struct model_address *a = index_find(&m->addresses, allocation_id);

	if (!model_find_address(m, allocation_id, err))
		return false;
	if (a->instance)
		return model_refuse(err, "InvalidIPAddress.InUse", "Address %s is in use.", a->public_ip);
	if (!model_commits(dry_run, err))
		return false;
	if (a->moving)
		route(m, a); /* what still goes somewhere must not outlive the address */
	forget_association(m, a);
	pool_put(&m->public_pool, number_of(m, a->public_ip));
	index_remove(&m->addresses, allocation_id);
	model_tags_release(&a->tags);
	free(a);
	return true;
}

/* An interface belongs to the instance with the same digits; EC2 words its refusals differently. */
static struct model_instance *find_target(
	const struct model *m, const struct model_associate_request *r, struct error *err)
{
	char id[MODEL_ID_SIZE];

	if (r->instance_id)
		return model_find_instance(m, r->instance_id, err) ? inside_instance(m, r->instance_id)
								   : NULL;
	if (inside_is_id(r->interface_id, "eni-")) {
		snprintf(id, sizeof(id), "i-%s", r->interface_id + strlen("eni-"));
		if (inside_instance(m, id))
			return inside_instance(m, id);
	}
	model_refuse(err, "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist",
		r->interface_id);
	return NULL;
}

/* Both wordings as reported by users: hashicorp/terraform-provider-aws#3072 and #6189. */
static bool check_state(
	const struct model_instance *i, const struct model_associate_request *r, struct error *err)
{
	const char *state = model_instance_state_name(i->state);

	if (i->state == MODEL_RUNNING || i->state == MODEL_STOPPED || i->state == MODEL_STOPPING)
		return true;
	if (r->instance_id)
		return model_refuse(err, "InvalidInstanceID",
			"The %s instance '%s' is not in a valid state for this operation.", state, i->id);
	return model_refuse(err, "IncorrectInstanceState",
		"The %s-instance-creation instance to which '%s' is attached is not in a valid state for "
		"this operation",
		state, r->interface_id);
}

static bool check_reassociation(
	const struct model_address *a, const struct model_instance *i, struct error *err)
{
	const struct model_address *other = a->instance ? a : i->address;

	if (a->instance == i || !other)
		return true;
	return model_refuse(err, "Resource.AlreadyAssociated",
		"resource %s is already associated with associate-id %s", other->allocation_id,
		other->association_id);
}

bool model_associate_address(struct model *m, const struct model_associate_request *r, bool dry_run,
	const struct model_address **ret, struct error *err)
{
	struct model_address *a = index_find(&m->addresses, r->allocation_id);
	struct model_instance *i;

	if (!model_find_address(m, r->allocation_id, err))
		return false;
	i = find_target(m, r, err);
	if (!i || !check_state(i, r, err))
		return false;
	if (r->refuse_reassociation && !check_reassociation(a, i, err))
		return false;
	if (!model_commits(dry_run, err))
		return false;
	*ret = a;
	if (a->instance == i)
		return true;
	unlink_address(a);
	if (i->address)
		address_detach(m, i->address);
	link_address(m, a, i);
	schedule_route(m, a);
	return true;
}

bool model_disassociate_address(struct model *m, const char *association_id, bool dry_run, struct error *err)
{
	struct model_address *a = index_find(&m->associations, association_id);

	if (!a)
		return model_refuse(err, "InvalidAssociationID.NotFound",
			"The association ID '%s' does not exist", association_id);
	if (!model_commits(dry_run, err))
		return false;
	if (a->instance)
		address_detach(m, a);
	return true;
}

const struct model_address *model_find_address(
	const struct model *m, const char *allocation_id, struct error *err)
{
	const struct model_address *a = index_find(&m->addresses, allocation_id);

	if (!a)
		model_refuse(err, "InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist",
			allocation_id);
	return a;
}

const struct model_address *model_find_public_ip(const struct model *m, const char *ip, struct error *err)
{
	const struct model_address *a;

	for (uint64_t at = 0; (a = index_next(&m->addresses, &at));)
		if (!strcmp(a->public_ip, ip))
			return a;
	model_refuse(err, "InvalidAddress.NotFound", "Address '%s' not found.", ip);
	return NULL;
}

const struct index *model_addresses(const struct model *m)
{
	return &m->addresses;
}
