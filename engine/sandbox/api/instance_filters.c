#include "sandbox/api/instance_filters.h"

#include <stdio.h>

#include "sandbox/model/addresses.h"
#include "sandbox/model/places.h"
#include "sandbox/model/volumes.h"

static bool by_id(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->id);
}

static bool by_image(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->image->id);
}

bool instance_by_state(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(
		pattern, model_instance_state_name(((const struct model_instance *)item)->state));
}

bool instance_by_state_code(const struct request *r, const void *item, const char *pattern)
{
	char code[16];

	(void)r;
	snprintf(code, sizeof(code), "%d",
		model_instance_state_code(((const struct model_instance *)item)->state));
	return filter_matches(pattern, code);
}

static bool by_type(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->type->name);
}

static bool by_token(const struct request *r, const void *item, const char *pattern)
{
	const char *token = ((const struct model_instance *)item)->client_token;

	(void)r;
	return token && filter_matches(pattern, token);
}

bool instance_by_zone(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(
		pattern, model_zone_name(r->model, ((const struct model_instance *)item)->zone));
}

static bool by_subnet(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, model_subnet_id(((const struct model_instance *)item)->zone));
}

static bool by_vpc(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_VPC);
}

static bool by_private_ip(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->private_ip);
}

static bool by_public_ip(const struct request *r, const void *item, const char *pattern)
{
	const struct model_address *a = ((const struct model_instance *)item)->address;

	(void)r;
	return a && filter_matches(pattern, a->public_ip);
}

static bool by_key_name(const struct request *r, const void *item, const char *pattern)
{
	const struct model_key *k = ((const struct model_instance *)item)->key;

	(void)r;
	return k && filter_matches(pattern, k->name);
}

static bool by_reservation(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->reservation_id);
}

static bool by_architecture(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_instance *)item)->image->architecture);
}

static bool by_volume(const struct request *r, const void *item, const char *pattern)
{
	const struct model_instance *i = item;

	(void)r;
	for (size_t n = 0; n < i->volume_count; n++)
		if (filter_matches(pattern, i->volumes[n]->id))
			return true;
	return false;
}

static bool by_device(const struct request *r, const void *item, const char *pattern)
{
	const struct model_instance *i = item;

	(void)r;
	for (size_t n = 0; n < i->volume_count; n++)
		if (filter_matches(pattern, i->volumes[n]->attachment.device))
			return true;
	return false;
}

const struct filter instance_filters[INSTANCE_FILTERS] = {
	{ "architecture", by_architecture },
	{ "availability-zone", instance_by_zone },
	{ "block-device-mapping.device-name", by_device },
	{ "block-device-mapping.volume-id", by_volume },
	{ "client-token", by_token },
	{ "image-id", by_image },
	{ "instance-id", by_id },
	{ "instance-state-code", instance_by_state_code },
	{ "instance-state-name", instance_by_state },
	{ "instance-type", by_type },
	{ "ip-address", by_public_ip },
	{ "key-name", by_key_name },
	{ "private-ip-address", by_private_ip },
	{ "reservation-id", by_reservation },
	{ "subnet-id", by_subnet },
	{ "vpc-id", by_vpc },
};
