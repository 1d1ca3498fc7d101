/*
 * request.h: one request on its way through the service: what was asked, and what is to be answered.
 *
 * A route reads the request into a question about a lock, which is decided together with all others of the
 * same turn; then it words the decision. Or it answers right away: what it refuses, and what needs no
 * decision.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "base/clock.h"
#include "base/secret.h"
#include "net/http_server.h"
#include "server/lock_slots.h"
#include "server/lock_store.h"
#include "server/metrics.h"
#include "wire/json.h"

/* How the service is set up. */
struct service_options {
	struct journal *journal;
	struct lock_slots slots;
	const struct secret *password; /* of administrators; empty: there are none */
	bool fleetlock_needs_certificate;
	const struct clock *clock;
	void (*trouble)(void *ctx, const char *text); /* a line for whoever runs the service */
	void *ctx;                                    /* for trouble */
};

struct request {
	struct request *next;
	struct http_exchange *exchange;
	struct http_question question;
	const struct route *route;
	const char *name; /* of the lock in the path, decoded; NULL: none */
	struct lock_ask ask;
	struct http_answer *answer;
	const struct service_options *options;
	struct lock_store *store;
	struct metrics *metrics;
	struct arena *arena; /* until the turn ends */
};

/* Sets the answer to a JSON document, which it frees. */
void request_answer(struct request *r, int status, json_t *document);

/* The header's value; "" if it is not there. */
const char *request_header(const struct request *r, const char *name);

/* True if the request knows the administrators' password (HTTP Basic, whatever the user's name). */
bool request_is_by_administrator(const struct request *r);

/* Says of a full lock who holds it: "1 of 1 slots of db are held, the longest by web1 since ...". */
const char *request_held_text(const struct request *r, const struct lock *l);

/* True if it can be the name of a lock or of a holder: UTF-8 without control characters, of 1 to LOCK_NAME_MAX bytes. */
bool request_name_is_fit(const char *name);
#endif
