#include "aws/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "aws/canonical.h"
#include "base/clock.h"
#include "base/encode.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"

enum { DATE_LEN = 8 }; /* YYYYMMDD, how every compact time begins */

static void hex(const unsigned char bytes[SIGV4_KEY_SIZE], char ret[SIGV4_SIGNATURE_SIZE])
{
	auto_text text;

	text_init(&text, SIGV4_SIGNATURE_SIZE - 1);
	hex_encode(bytes, SIGV4_KEY_SIZE, &text);
	text_copy(ret, SIGV4_SIGNATURE_SIZE, text.bytes);
}

/* OpenSSL's one-shot hashes fail only when memory runs out or the library is broken. */
void sigv4_digest(const void *bytes, size_t len, char ret[SIGV4_SIGNATURE_SIZE])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (!SHA256(len ? bytes : "", len, digest))
		abort();
	hex(digest, ret);
}

static void keyed_digest(
	const void *key, size_t key_len, const char *message, size_t len, unsigned char ret[SIGV4_KEY_SIZE])
{
	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)message, len, ret, NULL))
		abort();
}

/* Writes date/region/service/aws4_request. */
static void add_scope(const struct sigv4_scope *scope, struct text *ret)
{
	char time[CLOCK_COMPACT_SIZE];

	clock_format_compact(scope->wall_ms, time);
	text_addf(ret, "%.*s/%s/%s/" TERMINATOR, DATE_LEN, time, scope->region, scope->service);
}

void sigv4_canonical_request(const struct sigv4_request *r, struct text *ret)
{
	char digest[SIGV4_SIGNATURE_SIZE];

	sigv4_digest(r->body, r->body_len, digest);
	text_addf(ret, "%s\n", r->method);
	canonical_path(r->path, r->verbatim_path, ret);
	text_add_char(ret, '\n');
	canonical_query(r->query, ret);
	text_add_char(ret, '\n');
	canonical_headers(r->headers, r->header_count, ret);
	text_add_char(ret, '\n');
	canonical_header_names(r->headers, r->header_count, ret);
	text_addf(ret, "\n%s", digest);
}

void sigv4_string_to_sign(const char *canonical_request, const struct sigv4_scope *scope, struct text *ret)
{
	char digest[SIGV4_SIGNATURE_SIZE], time[CLOCK_COMPACT_SIZE];

	sigv4_digest(canonical_request, strlen(canonical_request), digest);
	text_addf(ret, ALGORITHM "\n%s\n", clock_format_compact(scope->wall_ms, time));
	add_scope(scope, ret);
	text_addf(ret, "\n%s", digest);
}

void sigv4_signing_key(
	const struct secret *secret_key, const struct sigv4_scope *scope, unsigned char ret[SIGV4_KEY_SIZE])
{
	static const char PREFIX[] = "AWS4";
	char time[CLOCK_COMPACT_SIZE];
	size_t len = sizeof(PREFIX) - 1 + secret_key->len;
	char *seed = malloc(len + 1);

	if (!seed)
		abort();
	memcpy(seed, PREFIX, sizeof(PREFIX) - 1);
	memcpy(seed + sizeof(PREFIX) - 1, secret_reveal(secret_key), secret_key->len + 1);
	clock_format_compact(scope->wall_ms, time);
	keyed_digest(seed, len, time, DATE_LEN, ret);
	keyed_digest(ret, SIGV4_KEY_SIZE, scope->region, strlen(scope->region), ret);
	keyed_digest(ret, SIGV4_KEY_SIZE, scope->service, strlen(scope->service), ret);
	keyed_digest(ret, SIGV4_KEY_SIZE, TERMINATOR, sizeof(TERMINATOR) - 1, ret);
	explicit_bzero(seed, len);
	free(seed);
}

void sigv4_signature(
	const unsigned char key[SIGV4_KEY_SIZE], const char *string_to_sign, char ret[SIGV4_SIGNATURE_SIZE])
{
	unsigned char digest[SIGV4_KEY_SIZE];

	keyed_digest(key, SIGV4_KEY_SIZE, string_to_sign, strlen(string_to_sign), digest);
	hex(digest, ret);
}

void sigv4_authorization(const struct sigv4_request *r, const char *access_key_id,
	const struct sigv4_scope *scope, const char *signature, struct text *ret)
{
	text_addf(ret, ALGORITHM " Credential=%s/", access_key_id);
	add_scope(scope, ret);
	text_add(ret, ", SignedHeaders=");
	canonical_header_names(r->headers, r->header_count, ret);
	text_addf(ret, ", Signature=%s", signature);
}

bool sigv4_sign(const struct sigv4_request *r, const struct sigv4_signer *signer,
	const struct sigv4_scope *scope, struct text *ret, struct error *err)
{
	unsigned char key[SIGV4_KEY_SIZE];
	char signature[SIGV4_SIGNATURE_SIZE];
	auto_text canonical, to_sign;

	text_init(&canonical, SIGV4_TEXT_MAX);
	text_init(&to_sign, SIGV4_TEXT_MAX);
	sigv4_canonical_request(r, &canonical);
	sigv4_string_to_sign(canonical.bytes, scope, &to_sign);
	sigv4_signing_key(signer->secret_key, scope, key);
	sigv4_signature(key, to_sign.bytes, signature);
	sigv4_authorization(r, signer->access_key_id, scope, signature, ret);
	explicit_bzero(key, sizeof(key));
	if (canonical.cut || to_sign.cut || ret->cut)
		return error_set(err, ERROR_BUG, "could not sign a request: its headers pass %d bytes",
			SIGV4_TEXT_MAX);
	return true;
}
