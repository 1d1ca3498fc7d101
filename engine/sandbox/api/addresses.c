/* addresses.c: Elastic IPs. */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/addresses.h"
#include "sandbox/model/places.h"

static const char *const TAGGABLE[] = { "elastic-ip", NULL };

static void write_address(struct request *r, const void *item)
{
	const struct model_address *a = item;
	char interface[MODEL_ID_SIZE];

	reply_text(r, "publicIp", a->public_ip);
	reply_text(r, "allocationId", a->allocation_id);
	reply_text(r, "domain", "vpc");
	reply_text(r, "publicIpv4Pool", "amazon");
	reply_text(r, "networkBorderGroup", model_region(r->model));
	if (a->instance) {
		reply_text(r, "instanceId", a->instance->id);
		reply_text(r, "associationId", a->association_id);
		reply_text(r, "networkInterfaceId", model_interface_id(a->instance, interface));
		reply_text(r, "networkInterfaceOwnerId", MODEL_ACCOUNT);
		reply_text(r, "privateIpAddress", a->instance->private_ip);
	}
	reply_tags(r, &a->tags);
}

static bool by_allocation(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_address *)item)->allocation_id);
}

static bool by_association(const struct request *r, const void *item, const char *pattern)
{
	const struct model_address *a = item;

	(void)r;
	return a->instance && filter_matches(pattern, a->association_id);
}

static bool by_instance(const struct request *r, const void *item, const char *pattern)
{
	const struct model_address *a = item;

	(void)r;
	return a->instance && filter_matches(pattern, a->instance->id);
}

static bool by_interface(const struct request *r, const void *item, const char *pattern)
{
	const struct model_address *a = item;
	char interface[MODEL_ID_SIZE];

	(void)r;
	return a->instance && filter_matches(pattern, model_interface_id(a->instance, interface));
}

static bool by_private_ip(const struct request *r, const void *item, const char *pattern)
{
	const struct model_address *a = item;

	(void)r;
	return a->instance && filter_matches(pattern, a->instance->private_ip);
}

static bool by_public_ip(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_address *)item)->public_ip);
}

static bool by_domain(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "vpc");
}

static const struct filter FILTERS[] = {
	{ "allocation-id", by_allocation },
	{ "association-id", by_association },
	{ "domain", by_domain },
	{ "instance-id", by_instance },
	{ "network-interface-id", by_interface },
	{ "private-ip-address", by_private_ip },
	{ "public-ip", by_public_ip },
};

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_address(m, id, err);
}

static const void *find_by_ip(const struct model *m, const char *ip, struct error *err)
{
	return model_find_public_ip(m, ip, err);
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_address *)item)->tags;
}

static bool describe_addresses(struct request *r, struct error *err)
{
	bool by_ip = request_text(r, "PublicIp.1");
	const struct describe addresses = {
		.set = "addressesSet",
		.ids = by_ip ? "PublicIp" : "AllocationId",
		.filters = FILTERS,
		.filter_count = ARRAY_SIZE(FILTERS),
		.items = model_addresses,
		.find = by_ip ? find_by_ip : find,
		.tags = tags_of,
		.write = write_address,
	};

	return describe_reply(r, &addresses, err);
}

static bool allocate_address(struct request *r, struct error *err)
{
	static const char *const DOMAINS[] = { "vpc", NULL };
	const char *domain = DOMAINS[0];
	const struct model_address *a;
	struct model_tags tags;

	if (!request_choice(r, "Domain", DOMAINS, &domain, err) ||
		!request_tag_specification(r, TAGGABLE, "elastic-ip", &tags, err) ||
		!model_allocate_address(r->model, &tags, r->dry_run, &a, err))
		return false;
	reply_text(r, "publicIp", a->public_ip);
	reply_text(r, "allocationId", a->allocation_id);
	reply_text(r, "publicIpv4Pool", "amazon");
	reply_text(r, "networkBorderGroup", model_region(r->model));
	reply_text(r, "domain", domain);
	return true;
}

static bool release_address(struct request *r, struct error *err)
{
	if (!model_release_address(r->model, request_text(r, "AllocationId"), r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

/* Exactly one of instance and interface. In a VPC an address moves unless the call forbids it. */
static bool read_associate(const struct request *r, struct model_associate_request *q, struct error *err)
{
	bool again = true;

	*q = (struct model_associate_request){
		.allocation_id = request_text(r, "AllocationId"),
		.instance_id = request_text(r, "InstanceId"),
		.interface_id = request_text(r, "NetworkInterfaceId"),
	};
	if (!q->instance_id && !q->interface_id)
		return model_refuse(err, "MissingParameter",
			"Either instance ID or network interface id must be specified");
	if (q->instance_id && q->interface_id)
		return model_refuse(err, "InvalidParameterCombination",
			"You may specify an instance ID or a network interface id, but not both");
	if (!request_bool(r, "AllowReassociation", &again, err))
		return false;
	q->refuse_reassociation = !again;
	return true;
}

static bool associate_address(struct request *r, struct error *err)
{
	struct model_associate_request q;
	const struct model_address *a;

	if (!read_associate(r, &q, err) || !model_associate_address(r->model, &q, r->dry_run, &a, err))
		return false;
	reply_done(r);
	reply_text(r, "associationId", a->association_id);
	return true;
}

static bool disassociate_address(struct request *r, struct error *err)
{
	if (!model_disassociate_address(r->model, request_text(r, "AssociationId"), r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeAddresses",
		.summary = "Elastic IPs and where they point",
		.params = "AllocationId.N PublicIp.N Filter.N.Name Filter.N.Value.N",
		.throttle = THROTTLE_READ,
		.handle = describe_addresses,
	},
	{
		.name = "AllocateAddress",
		.summary = "get an Elastic IP, from 198.51.100.0/24",
		.params = "Domain TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
			  "TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = allocate_address,
	},
	{
		.name = "ReleaseAddress",
		.summary = "give an Elastic IP back that points nowhere",
		.params = "AllocationId!",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = release_address,
	},
	{
		.name = "AssociateAddress",
		.summary = "point an Elastic IP to an instance, away from any other; the traffic follows a "
			   "little later",
		.params = "AllocationId! InstanceId NetworkInterfaceId AllowReassociation",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = associate_address,
	},
	{
		.name = "DisassociateAddress",
		.summary = "point an Elastic IP nowhere",
		.params = "AssociationId!",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = disassociate_address,
	},
};

const struct action_set actions_addresses = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
