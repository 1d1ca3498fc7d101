/* ~/.aws/config and ~/.aws/credentials of any bytes, and what is looked for in them. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "aws/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What credentials.c and endpoint.c ask for: found or not, it must be the file's or NULL. */
static size_t look_up(const struct settings *s)
{
	static const char *const KEYS[] = { "region", "aws_access_key_id", "aws_secret_access_key",
		"credential_process", "role_arn", "source_profile", "endpoint_url", "services" };
	size_t found = 0;

	for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS); i++) {
		const char *value = settings_in_profile(s, KEYS[i]);

		found += value ? strlen(value) : 0;
	}
	if (settings_in_services(s, "ec2", "endpoint_url"))
		found++;
	return found + settings_is_true(s, NULL, "ignore_configured_endpoint_urls");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static char *const NOTHING[] = { NULL };
	static char *const PROFILES[] = { "default", "production" };
	auto_error err = ERROR_INIT;
	struct settings s = { .environment = NOTHING };

	if (!ini_parse("fuzz", (const char *)bytes, len, &s.config, &err))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		s.profile = PROFILES[i];
		look_up(&s);
		s.credentials = s.config;
		look_up(&s);
		s.credentials = NULL;
	}
	ini_free(s.config);
	return 0;
}
