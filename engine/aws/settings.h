/*
 * settings.h: where AWS tools look for what they are told: the environment, and one profile of the
 * shared files. Which profile: the plan's, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else
 * "default" (aws/aws-cli v2's order).
 */
#ifndef AWS_SETTINGS_H
#define AWS_SETTINGS_H

#include <stdbool.h>

#include "aws/ini.h"
#include "base/error.h"

struct settings {
	char *const *environment; /* borrowed: "NAME=value", NULL at the end */
	char *profile;
	bool profile_by_plan; /* then credentials in the environment are passed over */
	char *config_path, *credentials_path;
	struct ini *config, *credentials; /* NULL: there is no such file */
};

/*
 * Reads both files; plan_profile may be NULL. ERROR_MISSING if a profile was asked for by name and
 * neither file has it; ERROR_USAGE if a file cannot be understood. On failure *ret needs no release.
 */
bool settings_load(
	char *const *environment, const char *plan_profile, struct settings *ret, struct error *err) MUST_USE;
void settings_release(struct settings *s);

/* The variable's value; NULL if it is not set or empty. */
const char *settings_variable(const struct settings *s, const char *name);

/* The profile's setting in one file; NULL if it is absent or empty. */
const char *settings_in_config(const struct settings *s, const char *key);
const char *settings_in_credentials(const struct settings *s, const char *key);

/* Likewise from either; the credentials file comes first, as in botocore. */
const char *settings_in_profile(const struct settings *s, const char *key);

/* The variable's value, else the profile's setting; either name may be NULL. */
const char *settings_find(const struct settings *s, const char *variable, const char *key);

/* A setting inside the services section that the profile names; NULL if there is none. */
const char *settings_in_services(const struct settings *s, const char *service, const char *key);

/* True if settings_find() gives "true", in any case. */
bool settings_is_true(const struct settings *s, const char *variable, const char *key);
#endif
