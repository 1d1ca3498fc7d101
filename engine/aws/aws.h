/*
 * aws.h: the provider that observes and acts through AWS.
 *
 * Calling order: aws_open() reads configuration and credentials (as the SDKs do); aws_provider()
 * gives the functions; aws_close() drops what is under way.
 */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include <stdbool.h>
#include <uv.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "cloud/provider.h"

struct aws;

struct aws_options {
	const char *region;          /* the plan's; NULL: the usual chain */
	const char *profile;         /* the plan's; NULL: the usual chain */
	char *const *environment;    /* environ, or a test's own */
	const struct clock *clock;
	const struct entropy *entropy;   /* jitter of the back-off */
};

/* What the run cost: for status lines and benchmarks. */
struct aws_counts {
	unsigned calls, mutations, throttled, retries;   /* calls: all HTTP requests sent, dry runs and retries too */
};

bool aws_open(uv_loop_t *loop, const struct aws_options *o, struct sink sink, struct aws **ret,
	struct error *err) MUST_USE;
struct provider aws_provider(struct aws *a);
struct aws_counts aws_counts(const struct aws *a);
const char *aws_region(const struct aws *a);
void aws_close(struct aws *a);
#endif
