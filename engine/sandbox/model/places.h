/* places.h: what every account finds in a region: zones, one network, instance types. Constant. */
#ifndef SANDBOX_MODEL_PLACES_H
#define SANDBOX_MODEL_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/model/model.h"

/* The account that everything belongs to, and its one network. */
#define MODEL_ACCOUNT "123456789012"
#define MODEL_VPC "vpc-0a5db000000000001"
#define MODEL_GROUP "sg-0a5db000000000001"
#define MODEL_GROUP_NAME "default"

enum {
	MODEL_ZONE_COUNT = 3,
	MODEL_ZONE_NAME_SIZE = 40, /* region and a letter */
};

struct model_type {
	const char *name, *architecture;
	int cpus, memory_mib;
	bool burstable; /* has CPU credits */
};

const char *model_region(const struct model *m);

/* "eu-west-1a"; borrowed from the model. */
const char *model_zone_name(const struct model *m, int zone);

/* "euw1-az1": what EC2 calls the same zone in every account. */
const char *model_zone_id(const struct model *m, int zone);

/* The zone's default subnet, and its addresses: "10.77.64.0/18". */
const char *model_subnet_id(int zone);
const char *model_subnet_range(int zone);

/* Each fails with EC2's code for an unknown name. */
bool model_find_zone(const struct model *m, const char *name, int *ret, struct error *err) MUST_USE;
bool model_find_subnet(const char *id, int *ret_zone, struct error *err) MUST_USE;
bool model_check_group(const char *id, struct error *err) MUST_USE;
const struct model_type *model_find_type(const char *name, struct error *err);

/* All types, for listing. */
const struct model_type *model_types(size_t *ret_count);
#endif
