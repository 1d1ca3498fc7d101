/*
 * sigv4.h: AWS Signature Version 4, in the header form.
 *
 * sigv4_sign() does it all; the stages stand alone so that each can be held against the published
 * vectors (awslabs/aws-c-auth tests/aws-signing-test-suite/v4, copied to tests/golden/sigv4):
 *
 *	canonical request -> string to sign -> signature (with the signing key) -> authorization
 *
 * Sources: docs.aws.amazon.com "Signature Version 4", boto/botocore botocore/auth.py.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/http.h"

enum {
	SIGV4_KEY_SIZE = 32,
	SIGV4_SIGNATURE_SIZE = 65,  /* hexadecimal, with its NUL */
	SIGV4_TEXT_MAX = 64 * 1024, /* limit of a stage's text */
};

struct sigv4_request {
	const char *method;
	const char *path;                  /* as it goes over the wire; "" counts as "/" */
	const char *query;                 /* without the question mark; "" if there is none */
	const struct http_header *headers; /* all are signed: Host and X-Amz-Date must be among them */
	size_t header_count;
	const void *body;
	size_t body_len;
	bool verbatim_path; /* S3 only: dot segments and slashes stay, no second encoding */
};

/* What a signature is good for: one day, one region, one service. */
struct sigv4_scope {
	int64_t wall_ms;
	const char *region, *service;
};

/* Who signs. Borrowed. */
struct sigv4_signer {
	const char *access_key_id;
	const struct secret *secret_key;
};

/* Each stage appends to ret, which should have the limit SIGV4_TEXT_MAX. */
void sigv4_canonical_request(const struct sigv4_request *r, struct text *ret);
void sigv4_string_to_sign(const char *canonical_request, const struct sigv4_scope *scope, struct text *ret);
void sigv4_signing_key(
	const struct secret *secret_key, const struct sigv4_scope *scope, unsigned char ret[SIGV4_KEY_SIZE]);
void sigv4_signature(
	const unsigned char key[SIGV4_KEY_SIZE], const char *string_to_sign, char ret[SIGV4_SIGNATURE_SIZE]);
void sigv4_authorization(const struct sigv4_request *r, const char *access_key_id,
	const struct sigv4_scope *scope, const char *signature, struct text *ret);

/* Appends the value of the Authorization header. Fails (ERROR_BUG) only if a stage passes its limit. */
bool sigv4_sign(const struct sigv4_request *r, const struct sigv4_signer *signer,
	const struct sigv4_scope *scope, struct text *ret, struct error *err) MUST_USE;

/* The lower-case hexadecimal SHA-256 of the bytes. */
void sigv4_digest(const void *bytes, size_t len, char ret[SIGV4_SIGNATURE_SIZE]);
#endif
