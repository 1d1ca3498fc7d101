/* places.c: what every account finds: the region and its zones, one network, instance types. */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/places.h"

/* A few constant things, selected by id parameters and filters. */
struct listing {
	const char *set;
	const char *ids; /* the parameter that names them */
	size_t count;

	/* The n-th one's name, and its place in filters. */
	const char *(*name)(const struct request *r, size_t n);

	/* The refusal for a name that is none of them. */
	const char *code, *message;
	struct describe filters;
	void (*write)(struct request *r, size_t n);
};

static bool is_asked(const struct request *r, const struct listing *l, size_t n)
{
	struct request_list ids = request_list(r, l->ids);

	for (size_t i = 0; i < ids.count; i++)
		if (!strcmp(ids.items[i], l->name(r, n)))
			return true;
	return !ids.count;
}

static bool check_names(const struct request *r, const struct listing *l, struct error *err)
{
	struct request_list ids = request_list(r, l->ids);

	for (size_t i = 0; i < ids.count; i++) {
		size_t n = 0;

		while (n < l->count && strcmp(ids.items[i], l->name(r, n)) != 0)
			n++;
		if (n == l->count)
			return model_refuse(err, l->code, "%s '%s' does not exist", l->message, ids.items[i]);
	}
	return true;
}

/* Items are numbers here: a filter gets the address of one. */
static bool list(struct request *r, const struct listing *l, struct error *err)
{
	if (!check_names(r, l, err))
		return false;
	reply_open(r, l->set);
	for (size_t n = 0; n < l->count; n++) {
		bool passes;

		if (!describe_filtered(r, &l->filters, &n, &passes, err))
			return false;
		if (!passes || !is_asked(r, l, n))
			continue;
		reply_open(r, "item");
		l->write(r, n);
		reply_close(r, "item");
	}
	reply_close(r, l->set);
	return true;
}

static const char *zone_name(const struct request *r, size_t n)
{
	return model_zone_name(r->model, (int)n);
}

static void write_zone(struct request *r, size_t n)
{
	reply_text(r, "zoneName", zone_name(r, n));
	reply_text(r, "zoneId", model_zone_id(r->model, (int)n));
	reply_text(r, "zoneState", "available");
	reply_text(r, "regionName", model_region(r->model));
	reply_text(r, "groupName", model_region(r->model));
	reply_text(r, "networkBorderGroup", model_region(r->model));
	reply_text(r, "optInStatus", "opt-in-not-required");
	reply_text(r, "zoneType", "availability-zone");
}

static bool by_zone_name(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, zone_name(r, *(const size_t *)item));
}

static bool by_zone_id(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, model_zone_id(r->model, (int)*(const size_t *)item));
}

static bool by_region(const struct request *r, const void *item, const char *pattern)
{
	(void)item;
	return filter_matches(pattern, model_region(r->model));
}

static bool by_available(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "available");
}

static const struct filter ZONE_FILTERS[] = {
	{ "region-name", by_region },
	{ "state", by_available },
	{ "zone-id", by_zone_id },
	{ "zone-name", by_zone_name },
};

static bool describe_zones(struct request *r, struct error *err)
{
	const struct listing zones = {
		.set = "availabilityZoneInfo",
		.ids = "ZoneName",
		.count = MODEL_ZONE_COUNT,
		.name = zone_name,
		.code = "InvalidParameterValue",
		.message = "The availability zone",
		.filters = { .filters = ZONE_FILTERS, .filter_count = ARRAY_SIZE(ZONE_FILTERS) },
		.write = write_zone,
	};

	return list(r, &zones, err);
}

static const char *region_name(const struct request *r, size_t n)
{
	(void)n;
	return model_region(r->model);
}

static void write_region(struct request *r, size_t n)
{
	reply_text(r, "regionName", region_name(r, n));
	reply_text(r, "regionEndpoint", arena_printf(r->arena, "ec2.%s.amazonaws.com", region_name(r, n)));
	reply_text(r, "optInStatus", "opt-in-not-required");
}

static const struct filter REGION_FILTERS[] = { { "region-name", by_region } };

static bool describe_regions(struct request *r, struct error *err)
{
	const struct listing regions = {
		.set = "regionInfo",
		.ids = "RegionName",
		.count = 1,
		.name = region_name,
		.code = "InvalidParameterValue",
		.message = "The region",
		.filters = { .filters = REGION_FILTERS, .filter_count = ARRAY_SIZE(REGION_FILTERS) },
		.write = write_region,
	};

	return list(r, &regions, err);
}

static const char *subnet_name(const struct request *r, size_t n)
{
	(void)r;
	return model_subnet_id((int)n);
}

static void write_subnet(struct request *r, size_t n)
{
	int zone = (int)n;

	reply_text(r, "subnetId", model_subnet_id(zone));
	reply_text(r, "state", "available");
	reply_text(r, "vpcId", MODEL_VPC);
	reply_text(r, "cidrBlock", model_subnet_range(zone));
	reply_text(r, "availabilityZone", model_zone_name(r->model, zone));
	reply_text(r, "availabilityZoneId", model_zone_id(r->model, zone));
	reply_bool(r, "defaultForAz", true);
	reply_bool(r, "mapPublicIpOnLaunch", false);
	reply_text(r, "ownerId", MODEL_ACCOUNT);
}

static bool by_subnet(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, subnet_name(r, *(const size_t *)item));
}

static bool by_vpc(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_VPC);
}

static bool by_true(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "true");
}

static const struct filter SUBNET_FILTERS[] = {
	{ "availability-zone", by_zone_name },
	{ "default-for-az", by_true },
	{ "state", by_available },
	{ "subnet-id", by_subnet },
	{ "vpc-id", by_vpc },
};

static bool describe_subnets(struct request *r, struct error *err)
{
	const struct listing subnets = {
		.set = "subnetSet",
		.ids = "SubnetId",
		.count = MODEL_ZONE_COUNT,
		.name = subnet_name,
		.code = "InvalidSubnetID.NotFound",
		.message = "The subnet ID",
		.filters = { .filters = SUBNET_FILTERS, .filter_count = ARRAY_SIZE(SUBNET_FILTERS) },
		.write = write_subnet,
	};

	return list(r, &subnets, err);
}

static const char *vpc_name(const struct request *r, size_t n)
{
	(void)r, (void)n;
	return MODEL_VPC;
}

static void write_vpc(struct request *r, size_t n)
{
	(void)n;
	reply_text(r, "vpcId", MODEL_VPC);
	reply_text(r, "ownerId", MODEL_ACCOUNT);
	reply_text(r, "state", "available");
	reply_text(r, "cidrBlock", "10.77.0.0/16");
	reply_text(r, "instanceTenancy", "default");
	reply_bool(r, "isDefault", true);
}

static const struct filter VPC_FILTERS[] = {
	{ "is-default", by_true },
	{ "isDefault", by_true },
	{ "state", by_available },
	{ "vpc-id", by_vpc },
};

static bool describe_vpcs(struct request *r, struct error *err)
{
	const struct listing vpcs = {
		.set = "vpcSet",
		.ids = "VpcId",
		.count = 1,
		.name = vpc_name,
		.code = "InvalidVpcID.NotFound",
		.message = "The vpc ID",
		.filters = { .filters = VPC_FILTERS, .filter_count = ARRAY_SIZE(VPC_FILTERS) },
		.write = write_vpc,
	};

	return list(r, &vpcs, err);
}

static const char *group_id(const struct request *r, size_t n)
{
	(void)r, (void)n;
	return MODEL_GROUP;
}

static void write_group(struct request *r, size_t n)
{
	(void)n;
	reply_text(r, "ownerId", MODEL_ACCOUNT);
	reply_text(r, "groupId", MODEL_GROUP);
	reply_text(r, "groupName", MODEL_GROUP_NAME);
	reply_text(r, "groupDescription", "default VPC security group");
	reply_text(r, "vpcId", MODEL_VPC);
}

static bool by_group(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_GROUP);
}

static bool by_group_name(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_GROUP_NAME);
}

static const struct filter GROUP_FILTERS[] = {
	{ "group-id", by_group },
	{ "group-name", by_group_name },
	{ "vpc-id", by_vpc },
};

static bool describe_groups(struct request *r, struct error *err)
{
	const struct listing groups = {
		.set = "securityGroupInfo",
		.ids = "GroupId",
		.count = 1,
		.name = group_id,
		.code = "InvalidGroup.NotFound",
		.message = "The security group",
		.filters = { .filters = GROUP_FILTERS, .filter_count = ARRAY_SIZE(GROUP_FILTERS) },
		.write = write_group,
	};

	return list(r, &groups, err);
}

static const struct model_type *type_at(size_t n)
{
	size_t count;

	return &model_types(&count)[n];
}

static const char *type_name(const struct request *r, size_t n)
{
	(void)r;
	return type_at(n)->name;
}

static void write_type(struct request *r, size_t n)
{
	const struct model_type *t = type_at(n);

	reply_text(r, "instanceType", t->name);
	reply_bool(r, "currentGeneration", true);
	reply_bool(r, "bareMetal", false);
	reply_text(r, "hypervisor", "nitro");
	reply_bool(r, "burstablePerformanceSupported", t->burstable);
	text_addf(r->reply,
		"<processorInfo><supportedArchitectures><item>%s</item></supportedArchitectures></"
		"processorInfo>",
		t->architecture);
	reply_open(r, "vCpuInfo");
	reply_int(r, "defaultVCpus", t->cpus);
	reply_close(r, "vCpuInfo");
	reply_open(r, "memoryInfo");
	reply_int(r, "sizeInMiB", t->memory_mib);
	reply_close(r, "memoryInfo");
	reply_nested(r, "ebsInfo", "nvmeSupport", "required");
}

static bool by_type(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, type_name(r, *(const size_t *)item));
}

static bool by_architecture(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, type_at(*(const size_t *)item)->architecture);
}

static const struct filter TYPE_FILTERS[] = {
	{ "instance-type", by_type },
	{ "processor-info.supported-architecture", by_architecture },
};

static bool describe_types(struct request *r, struct error *err)
{
	struct listing types = {
		.set = "instanceTypeSet",
		.ids = "InstanceType",
		.name = type_name,
		.code = "InvalidInstanceType",
		.message = "The instance type",
		.filters = { .filters = TYPE_FILTERS, .filter_count = ARRAY_SIZE(TYPE_FILTERS) },
		.write = write_type,
	};

	model_types(&types.count);
	return list(r, &types, err);
}

static const struct action ROWS[] = {
	{
		.name = "DescribeAvailabilityZones",
		.summary = "the region's three zones",
		.params = "ZoneName.N AllAvailabilityZones Filter.N.Name Filter.N.Value.N",
		.throttle = THROTTLE_READ,
		.handle = describe_zones,
	},
	{
		.name = "DescribeRegions",
		.summary = "the one region",
		.params = "RegionName.N AllRegions Filter.N.Name Filter.N.Value.N",
		.throttle = THROTTLE_READ,
		.handle = describe_regions,
	},
	{
		.name = "DescribeSubnets",
		.summary = "one default subnet per zone",
		.params = "SubnetId.N Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_subnets,
	},
	{
		.name = "DescribeVpcs",
		.summary = "the default network",
		.params = "VpcId.N Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_vpcs,
	},
	{
		.name = "DescribeSecurityGroups",
		.summary = "the default group",
		.params = "GroupId.N Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_groups,
	},
	{
		.name = "DescribeInstanceTypes",
		.summary = "the instance types that there are",
		.params = "InstanceType.N Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_types,
	},
};

const struct action_set actions_places = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
