/*
 * calls.h: the one queue through which all EC2 requests go: signed, sent, repeated when that is
 * safe (aws/retry.h), and their replies told apart (aws/failure.h).
 *
 * Calling order: calls_open(); calls_send() any number of times, each answered exactly once, later,
 * from the loop, also when it cannot be sent at all; calls_close() drops what is under way without
 * answering.
 *
 * A call waits in the queue until its time has come, after a back-off, and until its action's token bucket
 * has a token for it (aws/buckets.h); who goes first, then, says aws/urgency.h. What changes something is
 * never sent on old grounds: LATE_MS after it was decided on it is given back instead, as not sent.
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
#include "aws/urgency.h"
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
	const struct urgency *urgency;
};

struct call_reply {
	const struct xml_element *root; /* <ActionResponse>; NULL after a permitted dry run */
	const char *request_id;
	int64_t asked_ms; /* monotonic: when the request that was answered left */
};

/* Either reply or err is NULL; both are borrowed during the call, as is the reply's tree. */
typedef void calls_done(void *ctx, const struct call_reply *reply, const struct error *err);

bool calls_open(const struct calls_options *o, struct calls **ret, struct error *err) MUST_USE;

struct call_order {
	enum action_id action;
	/* Made by parameters_begin(). Its bytes are taken over; the caller still releases it. */
	struct text *form;
	/* Asks only whether the action is permitted; err is the refusal then. */
	bool dry_run;
	uint32_t subject;   /* whose it is, for the order of those that wait */
	int64_t decided_ms; /* monotonic; what it was decided on is as old. 0: now */
	calls_done *done;
	void *ctx;
};

void calls_send(struct calls *c, const struct call_order *o);

/* How long until one more machine may begin; 0: now, and it is counted as begun. */
int64_t calls_admit(struct calls *c);

/* So many processes share what the account allows. */
void calls_split(struct calls *c, unsigned parts);

struct aws_counts calls_counts(const struct calls *c);

/* The loop has to run once more for the handles to go. */
void calls_close(struct calls *c);
#endif
