/*
 * buckets.h: a copy of EC2's token buckets on our side: one per action, of the size and refill of its class,
 * for one account and region. Who asks here first is not throttled there. Pure; the time comes in.
 *
 * Others spend the same account's tokens, and nobody tells us: a call that was throttled all the same empties
 * our copy and makes it refill more slowly, and within RECOVERY it grows back to what AWS documents
 * (docs.aws.amazon.com, EC2 API throttling). One token per call. The tokens per instance are never scarcer: launching
 * has a thousand, and each call launches one; stopping and terminating, which are done for many at once (bundles.h),
 * have a thousand and twenty a second, ten times as many as can be launched.
 */
#ifndef AWS_BUCKETS_H
#define AWS_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/actions.h"

enum {
	BUCKETS_RECOVERY_MS = 30 * 1000, /* from the last cut to the full rate */
	BUCKETS_ONE_CUT_MS = 1000,       /* what is throttled so soon after a cut was sent before it */
	BUCKETS_LEAST_PERCENT = 10,      /* of the full rate: it never stops */
};

struct bucket {
	double tokens;
	double share;       /* of its class's rate, right after the last cut */
	int64_t counted_ms; /* when tokens was brought up to date; 0: never, so it is full */
	int64_t cut_ms;     /* 0: never */
	double parts;       /* buckets_split(); 0: one */
};

struct buckets {
	struct bucket of[ACTION_COUNT];
	struct bucket admissions; /* of machines, at the rate at which machines can be launched */
};

/* Takes a token for one call; false, taking none, if there is none now. */
bool buckets_take(struct buckets *b, enum action_id action, int64_t now_ms);

/* How long until there is one; 0: there is. */
int64_t buckets_wait_ms(const struct buckets *b, enum action_id action, int64_t now_ms);

/*
 * How long until one more machine may begin; 0: now, and it is counted. Launching is what EC2 allows least
 * of: what begins no faster than it can be launched finds tokens for everything else, too.
 */
int64_t buckets_admit(struct buckets *b, int64_t now_ms);

/* So many processes spend this account's tokens, each its part. */
void buckets_split(struct buckets *b, unsigned parts, int64_t now_ms);

/* EC2 refused a call of the action for coming too fast. */
void buckets_throttled(struct buckets *b, enum action_id action, int64_t now_ms);
#endif
