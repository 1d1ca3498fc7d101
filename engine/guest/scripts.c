#include "guest/scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "templates/guest.h"

enum {
	SCRIPT_MAX = 256 * 1024,
	REPLY_TIME_MS = 500, /* a script ends by itself before its connection is given up */
	REST_MS = 5000,      /* of quiesce: to sync and unmount after the stop command */
};

struct script {
	const char *name, *file;
	const char *embedded;
	int rest_ms; /* what the command must leave of the limit */
	enum service_state leaves;
};

static const struct script SCRIPTS[] = {
	[SCRIPT_PROBE] = { "probe", "probe.sh", template_guest_probe_sh, 0, SERVICE_UNKNOWN },
	[SCRIPT_QUIESCE] = { "quiesce", "quiesce.sh", template_guest_quiesce_sh, REST_MS, SERVICE_STOPPED },
	[SCRIPT_MOUNT] = { "mount", "mount.sh", template_guest_mount_sh, 0, SERVICE_UNKNOWN },
	[SCRIPT_START] = { "start", "start.sh", template_guest_start_sh, 0, SERVICE_STARTED },
	[SCRIPT_CHECK] = { "check", "check.sh", template_guest_check_sh, 0, SERVICE_UNKNOWN },
};

static const struct script COMMON = { "common", "common.sh", template_guest_common_sh, 0, SERVICE_UNKNOWN };

struct scripts {
	char *own[SCRIPT_COUNT]; /* NULL: the embedded one */
	char *own_common;
};

/* Leaves *ret NULL if the folder has no such file. */
static bool load_one(const char *dir, const struct script *script, char **ret, struct error *err)
{
	auto_free char *path = NULL;
	auto_text text;

	if (asprintf(&path, "%s/%s", dir, script->file) < 0)
		abort();
	text_init(&text, SCRIPT_MAX);
	if (file_read(path, &text, err)) {
		*ret = text_take(&text);
		return true;
	}
	if (err->kind != ERROR_MISSING)
		return error_wrap(err, "guest script");
	error_release(err);
	return true;
}

bool scripts_load(const char *dir, struct scripts **ret, struct error *err)
{
	struct scripts *s = alloc_zeroed(1, sizeof(*s));
	bool loaded;

	loaded = !dir || load_one(dir, &COMMON, &s->own_common, err);
	for (size_t i = 0; dir && loaded && i < SCRIPT_COUNT; i++)
		loaded = load_one(dir, &SCRIPTS[i], &s->own[i], err);
	if (loaded)
		*ret = s;
	else
		scripts_free(s);
	return loaded;
}

void scripts_free(struct scripts *s)
{
	free(s->own_common);
	for (size_t i = 0; i < SCRIPT_COUNT; i++)
		free(s->own[i]);
	free(s);
}

const char *script_name(enum guest_script which)
{
	return SCRIPTS[which].name;
}

enum service_state script_leaves(enum guest_script which)
{
	return SCRIPTS[which].leaves;
}

void script_quote(struct text *ret, const char *text)
{
	text_add_char(ret, '\'');
	for (const char *quote; (quote = strchr(text, '\'')); text = quote + 1) {
		text_add_bytes(ret, text, (size_t)(quote - text));
		text_add(ret, "'\\''");
	}
	text_add(ret, text);
	text_add_char(ret, '\'');
}

static void write_variable(struct text *ret, const char *name, const char *value)
{
	text_addf(ret, "%s=", name);
	script_quote(ret, value ? value : "");
	text_add_char(ret, '\n');
}

static void write_volume(struct text *ret, const struct guest_volume *v)
{
	const char *const words[] = { v->id, v->mount, v->uuid, v->sentinel };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		text_add_char(ret, ' ');
		script_quote(ret, words[i]);
	}
}

/* Takes `part` off the limit, but never more than half of it. */
static int without(int limit_ms, int part)
{
	return limit_ms - (part < limit_ms / 2 ? part : limit_ms / 2);
}

void script_write(
	const struct scripts *s, enum guest_script which, const struct script_input *in, struct text *ret)
{
	int limit_ms = without(in->limit_ms, REPLY_TIME_MS);

	text_addf(ret, "limit_ms=%d\ncommand_limit_ms=%d\n", limit_ms,
		without(limit_ms, SCRIPTS[which].rest_ms));
	write_variable(ret, "nonce", in->nonce);
	write_variable(ret, "command", in->command);
	text_add(ret, "set --");
	for (size_t i = 0; i < in->volume_count; i++)
		write_volume(ret, &in->volumes[i]);
	text_add_char(ret, '\n');
	text_add(ret, s->own_common ? s->own_common : COMMON.embedded);
	text_add(ret, s->own[which] ? s->own[which] : SCRIPTS[which].embedded);
}

const char *script_shell(const char *user)
{
	return strcmp(user, "root") ? "exec sudo -n /bin/sh -s" : "exec /bin/sh -s";
}
