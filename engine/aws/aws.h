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
	const char *region;       /* the plan's; NULL: the usual chain */
	const char *profile;      /* the plan's; NULL: the usual chain */
	char *const *environment; /* environ, or a test's own */
	const struct clock *clock;
	const struct entropy *entropy; /* jitter of the back-off */
	int pace_percent;              /* of how long questions wait for each other (gather.h); 0: 100 */
};

/* What the run cost: for status lines and benchmarks. Dry runs count as calls, not as mutations. */
struct aws_counts {
	unsigned calls;     /* all requests sent, repeated ones too */
	unsigned mutations; /* those of them that may have changed something */
	unsigned throttled; /* replies that said so */
	unsigned retries;
};

/*
 * The environment and what o points to must outlive the provider. ERROR_DENIED without credentials,
 * ERROR_USAGE without a region or with settings that cannot be used, ERROR_MISSING for a profile that
 * is not there; ERROR_LOCAL if the trusted certificates cannot be read.
 */
bool aws_open(uv_loop_t *loop, const struct aws_options *o, struct sink sink, struct aws **ret,
	struct error *err) MUST_USE;
struct provider aws_provider(struct aws *a);
/*
 * What a run tells besides: clients of a rebuild wait, or no longer; and what it asks before one more machine
 * begins: how many milliseconds to wait, 0: it may, and is counted (aws/buckets.h). self: the struct aws.
 */
void aws_urge(void *self, uint32_t subject, bool urgent);
int64_t aws_admit(void *self);

/* So many processes share what the account allows. self: the struct aws. */
void aws_split(void *self, unsigned parts);

/* So many rebuilds are under way: their questions wait for each other the longer (aws/gather.h). */
void aws_crowd(void *self, size_t rebuilds);

struct aws_counts aws_counts(const struct aws *a);
const char *aws_region(const struct aws *a);

/* Not from inside an answer. The loop has to run once more for the handles to go. */
void aws_close(struct aws *a);
#endif
