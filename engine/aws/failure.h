/*
 * failure.h: what EC2's error replies mean: why, whether it happened, what the operator can do.
 *
 * A code that we know decides before the HTTP status does: InsufficientInstanceCapacity comes as
 * HTTP 500 and must not be repeated blindly. An error reply in EC2's own words means that the action
 * was not carried out; a server error without a known code leaves it unknown.
 *
 * Sources: docs.aws.amazon.com EC2 errors-overview, boto/botocore botocore/retries/standard.py.
 */
#ifndef AWS_FAILURE_H
#define AWS_FAILURE_H

#include <stdint.h>

#include "aws/actions.h"
#include "base/error.h"
#include "net/http.h"

/* Whether sending the same again soon can help. */
enum failure_class { FAILURE_FINAL, FAILURE_THROTTLED, FAILURE_TRANSIENT };

/*
 * Reads a reply that is not a success (any status but 2xx) into *err: kind, happened, code, request
 * id, message, hint. wall_ms is the time that the request was signed with: if AWS refused the
 * signature and its Date is more than five minutes away from that, the error speaks of the clock.
 */
enum failure_class failure_of_reply(
	const struct action *action, const struct http_reply *reply, int64_t wall_ms, struct error *err);

/* What a transport error (net/http.h) allows. */
enum failure_class failure_of_transport(const struct error *err);
#endif
