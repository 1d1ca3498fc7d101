#include "sandbox/api/signature.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/encode.h"
#include "wire/form.h"

enum { CANONICAL_MAX = 4 * 1024 * 1024, KEY_MAX = 512 };

static const char ALGORITHM[] = "AWS4-HMAC-SHA256";

const char *signature_header(const struct signed_request *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (!strcasecmp(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

/* Copies what stands between `name=` and the next comma or space of the Authorization header. */
static bool read_part(const char *header, const char *name, char *ret, size_t size)
{
	const char *part = strstr(header, name);
	size_t len;

	if (!part)
		return false;
	part += strlen(name);
	len = strcspn(part, ", ");
	if (!len || len >= size)
		return false;
	memcpy(ret, part, len);
	ret[len] = '\0';
	return true;
}

/* "AKID/20261122/eu-west-1/ec2/aws4_request" */
static bool read_scope(char *credential, struct signature_claim *ret)
{
	struct {
		char *to;
		size_t size;
	} parts[] = {
		{ ret->access_key, sizeof(ret->access_key) },
		{ ret->date, sizeof(ret->date) },
		{ ret->region, sizeof(ret->region) },
		{ ret->service, sizeof(ret->service) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *part = strsep(&credential, "/");

		if (!credential || !*part || !text_copy(parts[i].to, parts[i].size, part))
			return false;
	}
	return !strcmp(credential, "aws4_request");
}

bool signature_read(const struct signed_request *r, struct signature_claim *ret)
{
	const char *header = signature_header(r, "Authorization");
	char credential[256];

	if (!header || !text_starts_with(header, ALGORITHM))
		return false;
	return read_part(header, "Credential=", credential, sizeof(credential)) &&
	       read_scope(credential, ret) &&
	       read_part(header, "SignedHeaders=", ret->signed_headers, sizeof(ret->signed_headers)) &&
	       read_part(header, "Signature=", ret->signature, sizeof(ret->signature));
}

bool signature_time(const struct signed_request *r, int64_t *ret_ms)
{
	const char *text = signature_header(r, "X-Amz-Date");
	struct tm parts = { .tm_mday = 0 };
	const char *end = text ? strptime(text, "%Y%m%dT%H%M%SZ", &parts) : NULL;

	if (!end || *end)
		return false;
	*ret_ms = (int64_t)timegm(&parts) * 1000;
	return true;
}

/* RFC 3986's unreserved characters stay, and / if slashes are kept; the rest becomes %XX. */
static void encode(struct text *ret, const char *s, bool keep_slash)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (isalnum(c) || strchr("-_.~", c) || (keep_slash && c == '/'))
			text_add_char(ret, *s);
		else
			text_addf(ret, "%%%02X", c);
	}
}

struct query_pair {
	char *name, *value; /* encoded */
};

static int compare_pairs(const void *a, const void *b)
{
	const struct query_pair *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	return names ? names : strcmp(x->value, y->value);
}

static char *encoded(struct arena *arena, const char *s)
{
	auto_text text = { .bytes = NULL };

	text_init(&text, CANONICAL_MAX);
	encode(&text, s, false);
	return arena_copy(arena, text.bytes);
}

/* Decoded, encoded again in AWS's way, and sorted by encoded name, then value. */
static bool add_query(struct text *ret, const char *query)
{
	auto_arena arena = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct query_pair *pairs;
	struct form form;

	if (!form_read_query(query, strlen(query), &arena, &form, &err))
		return false;
	pairs = arena_array(&arena, form.count, sizeof(*pairs));
	for (size_t i = 0; i < form.count; i++) {
		pairs[i].name = encoded(&arena, form.pairs[i].name);
		pairs[i].value = encoded(&arena, form.pairs[i].value);
	}
	qsort(pairs, form.count, sizeof(*pairs), compare_pairs);
	for (size_t i = 0; i < form.count; i++)
		text_addf(ret, "%s%s=%s", i ? "&" : "", pairs[i].name, pairs[i].value);
	return true;
}

/* Outer white space goes, inner runs of it become one space. */
static void add_trimmed(struct text *ret, const char *value)
{
	bool gap = false, any = false;

	for (; *value; value++) {
		if (isspace((unsigned char)*value)) {
			gap = any;
			continue;
		}
		if (gap)
			text_add_char(ret, ' ');
		text_add_char(ret, *value);
		gap = false;
		any = true;
	}
}

/* One "name:value" line per signed header, as the claim lists them; repeated ones joined by commas. */
static void add_headers(struct text *ret, const struct signed_request *r, const char *signed_headers)
{
	auto_free char *list = alloc_text(signed_headers);
	char *rest = list, *name;

	while ((name = strsep(&rest, ";"))) {
		bool first = true;

		text_addf(ret, "%s:", name);
		for (size_t i = 0; i < r->header_count; i++) {
			if (strcasecmp(r->headers[i].name, name) != 0)
				continue;
			text_add(ret, first ? "" : ",");
			add_trimmed(ret, r->headers[i].value);
			first = false;
		}
		text_add_char(ret, '\n');
	}
}

static void add_digest(struct text *ret, const void *bytes, size_t len)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256(bytes, len, digest);
	hex_encode(digest, sizeof(digest), ret);
}

bool signature_canonical(const struct signed_request *r, const struct signature_claim *c, struct text *ret)
{
	text_addf(ret, "%s\n", r->method);
	encode(ret, *r->path ? r->path : "/", true);
	text_add_char(ret, '\n');
	if (!add_query(ret, r->query))
		return false;
	text_add_char(ret, '\n');
	add_headers(ret, r, c->signed_headers);
	text_addf(ret, "\n%s\n", c->signed_headers);
	add_digest(ret, r->body, r->body_len);
	return !ret->cut;
}

/* Stage 2. */
static void add_string_to_sign(
	struct text *ret, const struct signature_claim *c, const char *time, const struct text *canonical)
{
	text_addf(ret, "%s\n%s\n%s/%s/%s/aws4_request\n", ALGORITHM, time, c->date, c->region, c->service);
	add_digest(ret, canonical->bytes, canonical->len);
}

struct key {
	unsigned char bytes[SHA256_DIGEST_LENGTH];
};

static struct key hmac(const void *key, size_t key_len, const char *text)
{
	struct key result;

	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), result.bytes, NULL);
	return result;
}

/* Stage 3: the key is derived from date, region and service. */
static struct key derive_key(const struct signature_claim *c, const struct secret *secret)
{
	const char *const words[] = { c->date, c->region, c->service, "aws4_request" };
	char first[KEY_MAX];
	struct key k;
	int len = snprintf(first, sizeof(first), "AWS4%s", secret_reveal(secret));

	k = hmac(first, len < KEY_MAX ? (size_t)len : KEY_MAX - 1, words[0]);
	for (size_t i = 1; i < ARRAY_SIZE(words); i++)
		k = hmac(k.bytes, sizeof(k.bytes), words[i]);
	OPENSSL_cleanse(first, sizeof(first));
	return k;
}

bool signature_matches(
	const struct signed_request *r, const struct signature_claim *c, const struct secret *secret)
{
	auto_text canonical = { .bytes = NULL }, to_sign = { .bytes = NULL }, hex = { .bytes = NULL };
	const char *time = signature_header(r, "X-Amz-Date");
	struct key key, signature;

	text_init(&canonical, CANONICAL_MAX);
	text_init(&to_sign, CANONICAL_MAX);
	text_init(&hex, 2 * SHA256_DIGEST_LENGTH);
	if (!time || !signature_canonical(r, c, &canonical))
		return false;
	add_string_to_sign(&to_sign, c, time, &canonical);
	key = derive_key(c, secret);
	signature = hmac(key.bytes, sizeof(key.bytes), to_sign.bytes);
	hex_encode(signature.bytes, sizeof(signature.bytes), &hex);
	OPENSSL_cleanse(&key, sizeof(key));
	return strlen(c->signature) == hex.len && !CRYPTO_memcmp(hex.bytes, c->signature, hex.len);
}
