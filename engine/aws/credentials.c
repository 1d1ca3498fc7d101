#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/text.h"

/* One member of the chain: where its first value stands decides whether it is asked for. */
enum place { IN_ENVIRONMENT, IN_PROFILE, IN_CREDENTIALS, IN_CONFIG };

struct member {
	enum place place;
	const char *id;             /* variable or setting whose presence selects this member */
	const char *secret, *token; /* static keys; NULL: not carried out in this version */
	const char *source;         /* for people */
};

/* In the order of the SDKs: the first that is there decides. */
static const struct member CHAIN[] = {
	{ IN_ENVIRONMENT, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"the environment" },
	{ IN_PROFILE, "role_arn", NULL, NULL, "assuming a role" },
	{ IN_ENVIRONMENT, "AWS_WEB_IDENTITY_TOKEN_FILE", NULL, NULL, "web identity" },
	{ IN_PROFILE, "web_identity_token_file", NULL, NULL, "web identity" },
	{ IN_PROFILE, "sso_session", NULL, NULL, "single sign-on" },
	{ IN_PROFILE, "sso_start_url", NULL, NULL, "single sign-on" },
	{ IN_CREDENTIALS, "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
		"the credentials file" },
	{ IN_PROFILE, "login_session", NULL, NULL, "aws login" },
	{ IN_PROFILE, "credential_process", NULL, NULL, "a credential process" },
	{ IN_CONFIG, "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "the config file" },
	{ IN_ENVIRONMENT, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL, NULL, "a container's role" },
	{ IN_ENVIRONMENT, "AWS_CONTAINER_CREDENTIALS_FULL_URI", NULL, NULL, "a container's role" },
};

static const char *value_of(const struct settings *s, enum place place, const char *name)
{
	switch (place) {
	case IN_ENVIRONMENT:
		return settings_variable(s, name);
	case IN_PROFILE:
		return settings_in_profile(s, name);
	case IN_CREDENTIALS:
		return settings_in_credentials(s, name);
	case IN_CONFIG:
		return settings_in_config(s, name);
	}
	return NULL;
}

/* A profile that the plan names puts aside what the environment says of credentials. */
static bool is_open(const struct settings *s, const struct member *m)
{
	return m->place != IN_ENVIRONMENT || !s->profile_by_plan || text_starts_with(m->id, "AWS_CONTAINER_");
}

/* Secrets pasted with a line end or a space are common, and a line end would split the request's header. */
static bool is_one_word(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

static bool check_word(const char *name, const char *value, const char *source, struct error *err)
{
	if (is_one_word(value))
		return true;
	error_set(err, ERROR_DENIED, "%s from %s holds white space or characters that cannot be sent", name,
		source);
	return error_hint(err, "set it again without quotation marks, spaces or line ends around it");
}

static bool read_keys(
	const struct settings *s, const struct member *m, struct credentials *ret, struct error *err)
{
	const char *id = value_of(s, m->place, m->id), *key = value_of(s, m->place, m->secret);
	const char *token = value_of(s, m->place, m->token);

	if (!key) {
		error_set(err, ERROR_DENIED, "%s has %s but no %s", m->source, m->id, m->secret);
		return error_hint(err, "set both, or neither");
	}
	if (!check_word(m->id, id, m->source, err) || !check_word(m->secret, key, m->source, err) ||
		!check_word(m->token, token ? token : "", m->source, err))
		return false;
	*ret = (struct credentials){ .access_key_id = alloc_text(id), .source = m->source };
	secret_set(&ret->secret_key, key, strlen(key));
	secret_set(&ret->session_token, token ? token : "", token ? strlen(token) : 0);
	return true;
}

static bool refuse(const struct settings *s, const struct member *m, struct error *err)
{
	if (m->place == IN_ENVIRONMENT)
		error_set(err, ERROR_DENIED, "%s asks for %s: not supported yet", m->id, m->source);
	else
		error_set(err, ERROR_DENIED, "%s of AWS profile %s asks for %s: not supported yet", m->id,
			s->profile, m->source);
	return error_hint(err,
		"get session credentials yourself (aws configure export-credentials --format env) "
		"and set them in the environment");
}

static bool none(const struct settings *s, struct error *err)
{
	error_set(err, ERROR_DENIED,
		"no AWS credentials: looked for AWS_ACCESS_KEY_ID in the environment%s, and for profile %s "
		"in %s%s "
		"and %s%s; the role of an EC2 instance is not supported yet",
		s->profile_by_plan ? " (put aside, since the plan names a profile)" : "", s->profile,
		s->credentials_path, s->credentials ? "" : " (no such file)", s->config_path,
		s->config ? "" : " (no such file)");
	return error_hint(err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure");
}

bool credentials_find(const struct settings *s, struct credentials *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(CHAIN); i++) {
		const struct member *m = &CHAIN[i];

		if (!is_open(s, m) || !value_of(s, m->place, m->id))
			continue;
		return m->secret ? read_keys(s, m, ret, err) : refuse(s, m, err);
	}
	return none(s, err);
}

void credentials_release(struct credentials *c)
{
	free(c->access_key_id);
	secret_release(&c->secret_key);
	secret_release(&c->session_token);
	*c = (struct credentials){ .access_key_id = NULL };
}
