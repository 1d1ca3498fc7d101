/*
 * calls.h: the one queue through which all EC2 requests go: signed, sent, repeated when that is
 * safe (aws/retry.h), and their replies told apart (aws/failure.h).
 *
 * Calling order: calls_open(); calls_send() any number of times, each answered exactly once, later,
 * from the loop, also when it cannot be sent at all; calls_close() drops what is under way without
 * answering. A call waits in the queue until its time has come: today that is at once, or after a
 * back-off; a client-side copy of EC2's token buckets would make it wait here.
 */
#ifndef AWS_CALLS_H
#define AWS_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "aws/actions.h"
#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/text.h"
#include "wire/xml.h"

struct calls;

/* All borrowed until calls_close(). */
struct calls_options {
	uv_loop_t *loop;
	const struct clock *clock;
	const struct entropy *entropy;
	const struct endpoint *endpoint;
	const struct credentials *credentials;
};

struct call_reply {
	const struct xml_element *root; /* <ActionResponse>; NULL after a permitted dry run */
	const char *request_id;
	int64_t asked_ms; /* monotonic: when the request that was answered left */
};

/* Either reply or err is NULL; both are borrowed during the call, as is the reply's tree. */
typedef void calls_done(void *ctx, const struct call_reply *reply, const struct error *err);

bool calls_open(const struct calls_options *o, struct calls **ret, struct error *err) MUST_USE;

/*
 * Takes over the bytes of form (made by parameters_begin(), which leaves it to be released as
 * usual). With dry_run it asks only whether the action is permitted, and err is the refusal.
 */
void calls_send(struct calls *c, const struct action *action, struct text *form, bool dry_run,
	calls_done *done, void *ctx);

struct aws_counts calls_counts(const struct calls *c);

/* The loop has to run once more for the handles to go. */
void calls_close(struct calls *c);
#endif
