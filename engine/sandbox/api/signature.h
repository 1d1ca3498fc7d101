/*
 * signature.h: checks AWS Signature Version 4 on requests that reach the sandbox.
 *
 * Written on its own, after the specification, and sharing nothing with the client's signer:
 * a misunderstanding in one must not be confirmed by the other.
 */
#ifndef SANDBOX_API_SIGNATURE_H
#define SANDBOX_API_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

struct signed_header {
	const char *name, *value; /* name as sent */
};

struct signed_request {
	const char *method;
	const char *path, *query; /* as on the wire; query without ?, "" if there is none */
	const struct signed_header *headers;
	size_t header_count;
	const void *body;
	size_t body_len;
};

/* What the Authorization header claims. */
struct signature_claim {
	char access_key[129];
	char date[9]; /* 20261122 */
	char region[33], service[33];
	char signed_headers[1025]; /* "host;x-amz-date" */
	char signature[65];
};

/* The first header of that name in any case, or NULL. */
const char *signature_header(const struct signed_request *r, const char *name);

/* False if there is no Authorization header of the form that SigV4 has. */
bool signature_read(const struct signed_request *r, struct signature_claim *ret);

/* The time in x-amz-date as wall-clock milliseconds; false if it is absent or malformed. */
bool signature_time(const struct signed_request *r, int64_t *ret_ms);

/* True if the claim's signature is what the secret makes of the request. */
bool signature_matches(
	const struct signed_request *r, const struct signature_claim *c, const struct secret *secret);

/* Stage 1: what is signed; for tests and for the error message that shows it. False if a query is malformed. */
bool signature_canonical(const struct signed_request *r, const struct signature_claim *c, struct text *ret);
#endif
