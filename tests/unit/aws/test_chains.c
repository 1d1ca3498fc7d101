/* Where profile, credentials, region and endpoint come from, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/settings.h"
#include "base/text.h"

enum { VARIABLES_MAX = 16 };

/* A home of its own, with the files that a test writes. */
struct home {
	char folder[32], config[96], credentials[96], variable[80];
	const char *environment[VARIABLES_MAX];
	size_t count;
	struct settings settings;
	struct credentials found;
	struct endpoint endpoint;
	struct error err;
};

static void set(struct home *h, const char *variable)
{
	assert_true(h->count + 1 < VARIABLES_MAX);
	h->environment[h->count++] = variable;
}

static int home_open(void **state)
{
	struct home *h = calloc(1, sizeof(*h));

	text_copy(h->folder, sizeof(h->folder), "/tmp/changeover-chains-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->config, sizeof(h->config), "AWS_CONFIG_FILE=%s/config", h->folder);
	snprintf(h->credentials, sizeof(h->credentials), "AWS_SHARED_CREDENTIALS_FILE=%s/credentials",
		h->folder);
	snprintf(h->variable, sizeof(h->variable), "HOME=%s", h->folder);
	set(h, h->variable);
	set(h, h->config);
	set(h, h->credentials);
	*state = h;
	return 0;
}

static const char *file_of(const char *assignment)
{
	return strchr(assignment, '=') + 1;
}

static void again(struct home *h)
{
	credentials_release(&h->found);
	settings_release(&h->settings);
	error_release(&h->err);
}

static int home_close(void **state)
{
	struct home *h = *state;

	again(h);
	unlink(file_of(h->config));
	unlink(file_of(h->credentials));
	rmdir(h->folder);
	free(h);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool load(struct home *h, const char *plan_profile)
{
	again(h);
	return settings_load((char *const *)h->environment, plan_profile, &h->settings, &h->err);
}

/* The access key that is found, or "" and an error in h->err. */
static const char *key(struct home *h, const char *plan_profile)
{
	if (!load(h, plan_profile) || !credentials_find(&h->settings, &h->found, &h->err))
		return "";
	return h->found.access_key_id;
}

static const char *url(struct home *h, const char *plan_region)
{
	if (!load(h, NULL) || !endpoint_find(&h->settings, plan_region, &h->endpoint, &h->err))
		return "";
	return h->endpoint.url;
}

static const char TWO_PROFILES[] = "[default]\naws_access_key_id = AKDEFAULT\naws_secret_access_key = s\n"
				   "[other]\naws_access_key_id = AKOTHER\naws_secret_access_key = s\n"
				   "aws_session_token = t\n";

static void the_environment_comes_first_unless_the_plan_names_a_profile(void **state)
{
	struct home *h = *state;

	write_file(file_of(h->credentials), TWO_PROFILES);
	assert_string_equal(key(h, NULL), "AKDEFAULT");
	set(h, "AWS_PROFILE=other");
	assert_string_equal(key(h, NULL), "AKOTHER");
	assert_string_equal(secret_reveal(&h->found.session_token), "t");
	set(h, "AWS_ACCESS_KEY_ID=AKENV");
	set(h, "AWS_SECRET_ACCESS_KEY=s");
	assert_string_equal(key(h, NULL), "AKENV");
	assert_true(secret_is_empty(&h->found.session_token));
	assert_string_equal(key(h, "default"), "AKDEFAULT");
}

static void a_profile_that_was_named_must_exist(void **state)
{
	struct home *h = *state;

	write_file(file_of(h->config),
		"[profile here]\naws_access_key_id = AKHERE\naws_secret_access_key = s\n");
	assert_string_equal(key(h, "here"), "AKHERE");
	assert_string_equal(key(h, "gone"), "");
	assert_int_equal(h->err.kind, ERROR_MISSING);
	assert_non_null(strstr(h->err.message, "gone"));
	assert_non_null(strstr(h->err.message, file_of(h->config)));
}

static void the_credentials_file_goes_before_the_config_file(void **state)
{
	struct home *h = *state;

	write_file(
		file_of(h->config), "[default]\naws_access_key_id = AKCONFIG\naws_secret_access_key = s\n");
	assert_string_equal(key(h, NULL), "AKCONFIG");
	write_file(file_of(h->credentials), TWO_PROFILES);
	assert_string_equal(key(h, NULL), "AKDEFAULT");
}

static void what_is_not_supported_is_refused_by_name(void **state)
{
	static const char *const SETTINGS[] = { "role_arn", "web_identity_token_file", "sso_session",
		"credential_process", "login_session" };
	struct home *h = *state;
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(SETTINGS); i++) {
		snprintf(text, sizeof(text), "[default]\n%s = x\n", SETTINGS[i]);
		write_file(file_of(h->config), text);
		assert_string_equal(key(h, NULL), "");
		assert_int_equal(h->err.kind, ERROR_DENIED);
		assert_non_null(strstr(h->err.message, SETTINGS[i]));
		assert_non_null(strstr(h->err.message, "not supported yet"));
	}
	/* A role goes before the profile's own keys: using those would act as somebody else. */
	write_file(file_of(h->config),
		"[default]\nrole_arn = r\naws_access_key_id = A\naws_secret_access_key = s\n");
	assert_string_equal(key(h, NULL), "");
	unlink(file_of(h->config));
	set(h, "AWS_WEB_IDENTITY_TOKEN_FILE=/token");
	assert_string_equal(key(h, NULL), "");
	assert_non_null(strstr(h->err.message, "AWS_WEB_IDENTITY_TOKEN_FILE asks for web identity"));
}

static void without_credentials_every_place_is_named(void **state)
{
	struct home *h = *state;

	assert_string_equal(key(h, NULL), "");
	assert_int_equal(h->err.kind, ERROR_DENIED);
	assert_non_null(strstr(h->err.message, "AWS_ACCESS_KEY_ID in the environment"));
	assert_non_null(strstr(h->err.message, file_of(h->config)));
	assert_non_null(strstr(h->err.message, file_of(h->credentials)));
	assert_non_null(h->err.hint);
}

static void half_or_damaged_credentials_are_refused(void **state)
{
	struct home *h = *state;

	set(h, "AWS_ACCESS_KEY_ID=AKENV");
	assert_string_equal(key(h, NULL), "");
	assert_non_null(strstr(h->err.message, "no AWS_SECRET_ACCESS_KEY"));
	set(h, "AWS_SECRET_ACCESS_KEY=top-secret\n");
	assert_string_equal(key(h, NULL), "");
	assert_non_null(strstr(h->err.message, "white space"));
	assert_null(strstr(h->err.message, "top-secret")); /* a secret is never shown */
}

static void the_region_comes_from_plan_environment_profile(void **state)
{
	struct home *h = *state;

	assert_string_equal(url(h, NULL), "");
	assert_int_equal(h->err.kind, ERROR_USAGE);
	assert_non_null(strstr(h->err.message, "AWS_REGION"));
	write_file(file_of(h->config), "[default]\nregion = eu-north-1\n");
	assert_string_equal(url(h, NULL), "https://ec2.eu-north-1.amazonaws.com/");
	set(h, "AWS_DEFAULT_REGION=eu-west-3");
	assert_string_equal(url(h, NULL), "https://ec2.eu-west-3.amazonaws.com/");
	set(h, "AWS_REGION=eu-west-2");
	assert_string_equal(url(h, NULL), "https://ec2.eu-west-2.amazonaws.com/");
	assert_string_equal(url(h, "eu-west-1"), "https://ec2.eu-west-1.amazonaws.com/");
	assert_string_equal(h->endpoint.region, "eu-west-1");
	assert_string_equal(h->endpoint.host, "ec2.eu-west-1.amazonaws.com");
	assert_string_equal(h->endpoint.path, "/");
	assert_string_equal(url(h, "evil.example.com/"), "");
	assert_int_equal(h->err.kind, ERROR_USAGE);
}

static void hosts_follow_the_partition(void **state)
{
	struct home *h = *state;

	assert_string_equal(url(h, "cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn/");
	assert_string_equal(url(h, "us-iso-east-1"), "https://ec2.us-iso-east-1.c2s.ic.gov/");
	assert_string_equal(url(h, "us-isob-east-1"), "https://ec2.us-isob-east-1.sc2s.sgov.gov/");
	assert_string_equal(url(h, "eusc-de-east-1"), "https://ec2.eusc-de-east-1.amazonaws.eu/");
	set(h, "AWS_USE_FIPS_ENDPOINT=true");
	assert_string_equal(url(h, "us-east-1"), "https://ec2-fips.us-east-1.amazonaws.com/");
	assert_string_equal(url(h, "us-gov-west-1"), "https://ec2.us-gov-west-1.amazonaws.com/");
	set(h, "AWS_USE_DUALSTACK_ENDPOINT=TRUE");
	assert_string_equal(url(h, "us-east-1"), "https://ec2-fips.us-east-1.api.aws/");
	assert_string_equal(url(h, "us-iso-east-1"), "");
	set(h, "AWS_ENDPOINT_URL=http://127.0.0.1:5000");
	assert_string_equal(url(h, "us-east-1"), ""); /* FIPS and a configured address exclude each other */
}

static void a_configured_address_goes_by_its_order(void **state)
{
	struct home *h = *state;

	set(h, "AWS_REGION=eu-west-1");
	write_file(file_of(h->config), "[default]\nendpoint_url = https://d.example\n");
	assert_string_equal(url(h, NULL), "https://d.example/");
	write_file(file_of(h->config), "[default]\nservices = s\nendpoint_url = https://d.example\n"
				       "[services s]\nec2 =\n  endpoint_url = https://c.example/x\n");
	assert_string_equal(url(h, NULL), "https://c.example/x");
	assert_string_equal(h->endpoint.path, "/x");
	set(h, "AWS_ENDPOINT_URL=HTTPS://B.example:443");
	assert_string_equal(url(h, NULL), "https://b.example/");
	assert_string_equal(h->endpoint.host, "b.example");
	set(h, "AWS_ENDPOINT_URL_EC2=http://127.0.0.1:5000");
	assert_string_equal(url(h, NULL), "http://127.0.0.1:5000/");
	assert_string_equal(h->endpoint.host, "127.0.0.1:5000");
	assert_string_equal(h->endpoint.region, "eu-west-1");
	assert_string_equal(h->endpoint.configured_by, "AWS_ENDPOINT_URL_EC2");
	set(h, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
	assert_string_equal(url(h, NULL), "https://ec2.eu-west-1.amazonaws.com/");
	assert_null(h->endpoint.configured_by);
}

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const BAD[] = { "AWS_ENDPOINT_URL=ftp://x", "AWS_ENDPOINT_URL=localhost:5000",
		"AWS_ENDPOINT_URL=http://", "AWS_ENDPOINT_URL=http://user@host",
		"AWS_ENDPOINT_URL=http://h/?q", "AWS_ENDPOINT_URL=http://h o" };
	struct home *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
		h->environment[3] = BAD[i];
		h->count = 4;
		assert_string_equal(url(h, "eu-west-1"), "");
		assert_int_equal(h->err.kind, ERROR_USAGE);
	}
}

static void a_bundle_of_certificates_comes_from_environment_or_profile(void **state)
{
	struct home *h = *state;

	write_file(file_of(h->config), "[default]\nca_bundle = /profile.pem\n");
	url(h, "eu-west-1");
	assert_string_equal(h->endpoint.ca_file, "/profile.pem");
	set(h, "AWS_CA_BUNDLE=/environment.pem");
	url(h, "eu-west-1");
	assert_string_equal(h->endpoint.ca_file, "/environment.pem");
}

#define CHAIN_TEST(name) cmocka_unit_test_setup_teardown(name, home_open, home_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(the_environment_comes_first_unless_the_plan_names_a_profile),
		CHAIN_TEST(a_profile_that_was_named_must_exist),
		CHAIN_TEST(the_credentials_file_goes_before_the_config_file),
		CHAIN_TEST(what_is_not_supported_is_refused_by_name),
		CHAIN_TEST(without_credentials_every_place_is_named),
		CHAIN_TEST(half_or_damaged_credentials_are_refused),
		CHAIN_TEST(the_region_comes_from_plan_environment_profile),
		CHAIN_TEST(hosts_follow_the_partition),
		CHAIN_TEST(a_configured_address_goes_by_its_order),
		CHAIN_TEST(an_address_that_is_none_is_refused),
		CHAIN_TEST(a_bundle_of_certificates_comes_from_environment_or_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
