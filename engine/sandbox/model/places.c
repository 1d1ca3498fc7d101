#include "sandbox/model/places.h"

#include <string.h>

#include "sandbox/model/inside.h"

struct subnet {
	const char *id, *range;
};

static const struct subnet SUBNETS[MODEL_ZONE_COUNT] = {
	{ "subnet-0a5db00000000000a", "10.77.0.0/18" },
	{ "subnet-0a5db00000000000b", "10.77.64.0/18" },
	{ "subnet-0a5db00000000000c", "10.77.128.0/18" },
};

/* Sizes as in EC2's own list of instance types. */
static const struct model_type TYPES[] = {
	{ .name = "t3.micro", .architecture = "x86_64", .cpus = 2, .memory_mib = 1024, .burstable = true },
	{ .name = "t3.small", .architecture = "x86_64", .cpus = 2, .memory_mib = 2048, .burstable = true },
	{ .name = "t3.medium", .architecture = "x86_64", .cpus = 2, .memory_mib = 4096, .burstable = true },
	{ .name = "t3.large", .architecture = "x86_64", .cpus = 2, .memory_mib = 8192, .burstable = true },
	{ .name = "t4g.small", .architecture = "arm64", .cpus = 2, .memory_mib = 2048, .burstable = true },
	{ .name = "t4g.large", .architecture = "arm64", .cpus = 2, .memory_mib = 8192, .burstable = true },
	{ .name = "m5.large", .architecture = "x86_64", .cpus = 2, .memory_mib = 8192 },
	{ .name = "m6g.large", .architecture = "arm64", .cpus = 2, .memory_mib = 8192 },
	{ .name = "c5.large", .architecture = "x86_64", .cpus = 2, .memory_mib = 4096 },
	{ .name = "r5.large", .architecture = "x86_64", .cpus = 2, .memory_mib = 16384 },
};

const char *model_region(const struct model *m)
{
	return m->region;
}

const char *model_zone_name(const struct model *m, int zone)
{
	return m->zone_names[zone];
}

const char *model_zone_id(const struct model *m, int zone)
{
	return m->zone_ids[zone];
}

const char *model_subnet_id(int zone)
{
	return SUBNETS[zone].id;
}

const char *model_subnet_range(int zone)
{
	return SUBNETS[zone].range;
}

bool model_find_zone(const struct model *m, const char *name, int *ret, struct error *err)
{
	for (int z = 0; z < MODEL_ZONE_COUNT; z++) {
		if (!strcmp(m->zone_names[z], name)) {
			*ret = z;
			return true;
		}
	}
	return model_refuse(err, "InvalidParameterValue", "Invalid availability zone: [%s]", name);
}

bool model_find_subnet(const char *id, int *ret_zone, struct error *err)
{
	for (int z = 0; z < MODEL_ZONE_COUNT; z++) {
		if (!strcmp(SUBNETS[z].id, id)) {
			*ret_zone = z;
			return true;
		}
	}
	return model_refuse(err, "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id);
}

bool model_check_group(const char *id, struct error *err)
{
	if (!strcmp(id, MODEL_GROUP))
		return true;
	return model_refuse(err, "InvalidGroup.NotFound", "The security group '%s' does not exist", id);
}

const struct model_type *model_find_type(const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(TYPES); i++)
		if (!strcmp(TYPES[i].name, name))
			return &TYPES[i];
	model_refuse(err, "InvalidParameterValue", "Invalid value '%s' for InstanceType.", name);
	return NULL;
}

const struct model_type *model_types(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(TYPES);
	return TYPES;
}
