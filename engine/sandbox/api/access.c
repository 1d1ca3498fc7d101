#include "sandbox/api/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/model/model.h"

enum { SKEW_MAX_MS = 15 * 60 * 1000 }; /* RequestExpired: EC2 error codes, "more than 15 minutes" */

static const struct {
	const char *service;
	const char *unknown_key, *unknown_text;
	const char *expired, *expired_text;
} WORDS[DIALECT_COUNT] = {
	[DIALECT_EC2] = {
		.service = "ec2",
		.unknown_key = "AuthFailure",
		.unknown_text = "AWS was not able to validate the provided access credentials",
		.expired = "RequestExpired",
		.expired_text = "Request has expired.",
	},
	[DIALECT_STS] = {
		.service = "sts",
		.unknown_key = "InvalidClientTokenId",
		.unknown_text = "The security token included in the request is invalid.",
		.expired = "SignatureDoesNotMatch",
		.expired_text = "Signature expired or not yet current",
	},
};

/* The credential's day must be the request's: else the key would be another one. */
static bool check_time(const struct access *a, const struct signed_request *r,
	const struct signature_claim *c, struct error *err)
{
	int64_t at_ms;

	if (!signature_time(r, &at_ms))
		return model_refuse(err, "IncompleteSignature",
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
			"header.");
	if (llabs(a->wall_ms - at_ms) > SKEW_MAX_MS)
		return model_refuse(err, WORDS[a->dialect].expired, "%s", WORDS[a->dialect].expired_text);
	if (strncmp(signature_header(r, "X-Amz-Date"), c->date, strlen(c->date)) != 0)
		return model_refuse(err, "SignatureDoesNotMatch",
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
			"from HTTP");
	return true;
}

static bool check_scope(const struct access *a, const struct signature_claim *c, struct error *err)
{
	if (strcmp(c->service, WORDS[a->dialect].service) != 0)
		return model_refuse(err, "SignatureDoesNotMatch",
			"Credential should be scoped to correct service: '%s'.", WORDS[a->dialect].service);
	if (strcmp(c->region, a->region) != 0)
		return model_refuse(err, "SignatureDoesNotMatch",
			"Credential should be scoped to a valid region, not '%s'. This sandbox is '%s'.",
			c->region, a->region);
	return true;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strcasestr(at, word)); at += len)
		if ((at == list || at[-1] == ';') && (at[len] == ';' || !at[len]))
			return true;
	return false;
}

/* Host and every x-amz- header must be signed, or they could be changed on the way. */
static bool check_signed_headers(
	const struct signed_request *r, const struct signature_claim *c, struct error *err)
{
	if (!has_word(c->signed_headers, "host"))
		return model_refuse(err, "SignatureDoesNotMatch",
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
	for (size_t i = 0; i < r->header_count; i++) {
		const char *name = r->headers[i].name;

		if (!strncasecmp(name, "x-amz-", strlen("x-amz-")) && !has_word(c->signed_headers, name))
			return model_refuse(err, "SignatureDoesNotMatch",
				"'%s' must be a 'SignedHeader' in the AWS Authorization.", name);
	}
	return true;
}

bool access_check(const struct access *a, const struct signed_request *r, struct signature_claim *ret,
	struct error *err)
{
	if (!signature_header(r, "Authorization"))
		return model_refuse(err, "MissingAuthenticationToken",
			"Request must contain either a valid (registered) AWS access key ID or X.509 "
			"certificate.");
	if (!signature_read(r, ret))
		return model_refuse(err, "IncompleteSignature",
			"The request signature does not conform to AWS standards");
	if (strcmp(ret->access_key, a->access_key) != 0)
		return model_refuse(err, WORDS[a->dialect].unknown_key, "%s", WORDS[a->dialect].unknown_text);
	if (!check_time(a, r, ret, err) || !check_scope(a, ret, err) || !check_signed_headers(r, ret, err))
		return false;
	if (signature_matches(r, ret, a->secret))
		return true;
	return model_refuse(err, "SignatureDoesNotMatch",
		"The request signature we calculated does not match the signature you provided. Check your "
		"AWS Secret Access Key and signing method. Consult the service documentation for details.");
}
