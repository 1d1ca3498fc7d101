/*
 * retry.h: whether and when a failed call is sent again. Pure.
 *
 * Back-off is that of the SDKs' standard mode: full jitter over min(2^(n-1), 20) seconds after the
 * n-th attempt (boto/botocore botocore/retries/standard.py). A transient failure gets their three
 * attempts. A throttled call gets more: three lose half of a fleet of 50 when the token bucket is
 * empty (measured), and giving up inside an outage window costs more than waiting.
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/actions.h"
#include "aws/failure.h"
#include "base/error.h"
#include "base/id.h"

enum { RETRY_ATTEMPTS = 3, RETRY_THROTTLED_ATTEMPTS = 10, RETRY_DELAY_MAX_MS = 20000 };

struct retry_question {
	const struct action *action;
	bool dry_run; /* changes nothing, so it may always be repeated */
	enum failure_class class;
	enum error_happened happened;
	unsigned attempts; /* made so far */
	int64_t left_ms;   /* until the call's deadline */
};

/* True: send again after *ret_delay_ms, which is within left_ms. */
bool retry_wanted(const struct retry_question *q, const struct entropy *entropy, int64_t *ret_delay_ms);
#endif
