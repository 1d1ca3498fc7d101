/*
 * endpoint.h: where EC2 is spoken to: region, host and trust.
 *
 * Region: the plan's, else AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`. Host: by rule from
 * the region and its partition, unless an address is configured: AWS_ENDPOINT_URL_EC2,
 * AWS_ENDPOINT_URL, the profile's services section, the profile's `endpoint_url`, in this order;
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true turns these off. What is signed (region, service ec2) does
 * not change under an override. Sources: boto/botocore's endpoint rule sets and configprovider.py,
 * aws/aws-cli v2 for the order of the region variables.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>

#include "aws/settings.h"
#include "base/error.h"

enum { ENDPOINT_REGION_SIZE = 64, ENDPOINT_HOST_SIZE = 300, ENDPOINT_URL_SIZE = 600 };

struct endpoint {
	char region[ENDPOINT_REGION_SIZE];
	char url[ENDPOINT_URL_SIZE];   /* with its path, "/" at least */
	char host[ENDPOINT_HOST_SIZE]; /* as the Host header says it: the port only if it is unusual */
	const char *path;              /* inside url */
	const char *configured_by;     /* what set the address, static text; NULL: it is AWS's own */
	const char *ca_file;           /* AWS_CA_BUNDLE or the profile's ca_bundle, borrowed; or NULL */
};

/*
 * plan_region may be NULL. ERROR_USAGE if there is no region or a value cannot be used. Fills *ret in
 * place (path points into it), so do not copy the struct.
 */
bool endpoint_find(
	const struct settings *s, const char *plan_region, struct endpoint *ret, struct error *err) MUST_USE;
#endif
