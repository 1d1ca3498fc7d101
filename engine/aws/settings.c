#include "aws/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"

const char *settings_variable(const struct settings *s, const char *name)
{
	size_t len = strlen(name);

	for (char *const *entry = s->environment; *entry; entry++)
		if (!strncmp(*entry, name, len) && (*entry)[len] == '=')
			return (*entry)[len + 1] ? *entry + len + 1 : NULL;
	return NULL;
}

static char *file_path(const struct settings *s, const char *variable, const char *usual)
{
	const char *path = settings_variable(s, variable);

	return file_expand_home(path ? path : usual, settings_variable(s, "HOME"));
}

static bool load_if_there(const char *path, struct ini **ret, struct error *err)
{
	auto_error failed = ERROR_INIT;

	if (ini_load(path, ret, &failed) || failed.kind == ERROR_MISSING)
		return true;
	return error_move(err, &failed);
}

/* The profile's section: in the config file all but default are called "profile NAME". */
static const char *config_value(const struct settings *s, const char *key, bool *ret_there)
{
	auto_free char *section = NULL;

	if (!s->config)
		return NULL;
	if (asprintf(&section, "profile %s", s->profile) < 0)
		abort();
	*ret_there = ini_has_section(s->config, section);
	if (*ret_there)
		return ini_find(s->config, section, key);
	*ret_there = !strcmp(s->profile, "default") && ini_has_section(s->config, "default");
	return *ret_there ? ini_find(s->config, "default", key) : NULL;
}

static bool has_profile(const struct settings *s)
{
	bool there = false;

	(void)config_value(s, "", &there);
	return there || (s->credentials && ini_has_section(s->credentials, s->profile));
}

/* Returns whether somebody asked for the profile by name. */
static bool choose_profile(struct settings *s, const char *plan_profile)
{
	const char *named = plan_profile;

	if (!named)
		named = settings_variable(s, "AWS_PROFILE");
	if (!named)
		named = settings_variable(s, "AWS_DEFAULT_PROFILE");
	s->profile = alloc_text(named ? named : "default");
	s->profile_by_plan = plan_profile != NULL;
	return named != NULL;
}

static bool load(struct settings *s, const char *plan_profile, struct error *err)
{
	bool named = choose_profile(s, plan_profile);

	s->config_path = file_path(s, "AWS_CONFIG_FILE", "~/.aws/config");
	s->credentials_path = file_path(s, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
	if (!load_if_there(s->config_path, &s->config, err) ||
		!load_if_there(s->credentials_path, &s->credentials, err))
		return false;
	if (!named || has_profile(s))
		return true;
	error_set(err, ERROR_MISSING, "AWS profile %s is neither in %s nor in %s", s->profile, s->config_path,
		s->credentials_path);
	return error_hint(
		err, "correct the profile's name in the plan or in AWS_PROFILE, or add the profile");
}

bool settings_load(
	char *const *environment, const char *plan_profile, struct settings *ret, struct error *err)
{
	struct settings s = { .environment = environment };

	if (!load(&s, plan_profile, err)) {
		settings_release(&s);
		return false;
	}
	*ret = s;
	return true;
}

void settings_release(struct settings *s)
{
	ini_free(s->config);
	ini_free(s->credentials);
	free(s->profile);
	free(s->config_path);
	free(s->credentials_path);
	*s = (struct settings){ .profile = NULL };
}

static const char *unless_empty(const char *value)
{
	return value && *value ? value : NULL;
}

const char *settings_in_config(const struct settings *s, const char *key)
{
	bool there;

	return unless_empty(config_value(s, key, &there));
}

const char *settings_in_credentials(const struct settings *s, const char *key)
{
	return s->credentials ? unless_empty(ini_find(s->credentials, s->profile, key)) : NULL;
}

const char *settings_in_profile(const struct settings *s, const char *key)
{
	const char *value = settings_in_credentials(s, key);

	return value ? value : settings_in_config(s, key);
}

const char *settings_find(const struct settings *s, const char *variable, const char *key)
{
	const char *value = variable ? settings_variable(s, variable) : NULL;

	return value || !key ? value : settings_in_profile(s, key);
}

const char *settings_in_services(const struct settings *s, const char *service, const char *key)
{
	const char *name = settings_in_config(s, "services");
	auto_free char *section = NULL;

	if (!name)
		return NULL;
	if (asprintf(&section, "services %s", name) < 0)
		abort();
	return unless_empty(ini_find_nested(s->config, section, service, key));
}

bool settings_is_true(const struct settings *s, const char *variable, const char *key)
{
	const char *value = settings_find(s, variable, key);

	return value && !strcasecmp(value, "true");
}
