/* instance_filters.h: what instances can be filtered by (EC2 API reference, DescribeInstances). */
#ifndef SANDBOX_API_INSTANCE_FILTERS_H
#define SANDBOX_API_INSTANCE_FILTERS_H

#include "sandbox/api/describe.h"

enum { INSTANCE_FILTERS = 16 };

extern const struct filter instance_filters[INSTANCE_FILTERS];

/* Those of them that DescribeInstanceStatus knows, too. */
bool instance_by_state(const struct request *r, const void *item, const char *pattern);
bool instance_by_state_code(const struct request *r, const void *item, const char *pattern);
bool instance_by_zone(const struct request *r, const void *item, const char *pattern);
#endif
