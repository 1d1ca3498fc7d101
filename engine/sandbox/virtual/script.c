#include "sandbox/virtual/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { COMMAND_OUTPUT_MAX = 4096 };

struct volume {
	const char *id, *mount, *uuid, *sentinel;
};

/* A script on its way. */
struct play {
	struct virtual_guest *guest;
	struct api_guest_answer *answer;
	int64_t limit_ms, waited_ms;
	const char *nonce, *command;
	struct volume volumes[MODEL_VOLUMES_MAX];
	size_t volume_count;
	bool changed;
};

/* ---- reading it ---- */

/* Moves *at behind a word of shell as the engine quotes them: '...', with '\'' for a quote. */
static const char *read_word(struct arena *arena, const char **at)
{
	const char *c = *at;
	char *word = arena_alloc(arena, strlen(c) + 1);
	size_t len = 0;

	for (bool quoted = false; *c && (quoted || (*c != ' ' && *c != '\n')); c++) {
		if (*c == '\'')
			quoted = !quoted;
		else
			word[len++] = *c == '\\' && !quoted && c[1] ? *++c : *c;
	}
	*at = c;
	return word;
}

static const char *read_next_word(struct arena *arena, const char **at)
{
	*at += **at == ' ';
	return read_word(arena, at);
}

static void read_volumes(struct arena *arena, const char **at, struct play *ret)
{
	while (**at == ' ' && ret->volume_count < MODEL_VOLUMES_MAX) {
		struct volume *v = &ret->volumes[ret->volume_count++];

		v->id = read_next_word(arena, at);
		v->mount = read_next_word(arena, at);
		v->uuid = read_next_word(arena, at);
		v->sentinel = read_next_word(arena, at);
	}
}

/* Up to the volumes, which come last. False if the text begins otherwise. */
static bool read_variables(struct arena *arena, const char *text, struct play *ret)
{
	static const char VOLUMES[] = "set --";

	while (!text_starts_with(text, VOLUMES)) {
		size_t len = strcspn(text, "=\n");
		const char *name = text, *value;

		if (text[len] != '=')
			return false;
		text += len + 1;
		value = read_word(arena, &text);
		text += *text == '\n';
		if (text_starts_with(name, "limit_ms="))
			ret->limit_ms = strtoll(value, NULL, 10);
		else if (text_starts_with(name, "nonce="))
			ret->nonce = value;
		else if (text_starts_with(name, "command="))
			ret->command = value;
	}
	text += strlen(VOLUMES);
	read_volumes(arena, &text, ret);
	return ret->nonce && ret->command;
}

/* ---- answering ---- */

static void say(struct play *p, const char *key, const char *value)
{
	text_addf(&p->answer->out, "%s=%s\n", key, value);
}

/* Always returns false: the script ends. */
static bool fail(struct play *p, const char *kind, const char *words)
{
	say(p, "changed", p->changed ? "yes" : "no");
	text_addf(&p->answer->out, "failed=%s %s\n", kind, words);
	say(p, "end", "failed");
	p->answer->exit_code = 1;
	return false;
}

static bool fail_for(struct play *p, const struct error *err)
{
	return fail(p, error_kind_name(err->kind), err->message);
}

/* A virtual machine's commands take no time; one that fails says why on stderr. */
static bool run_command(struct play *p, const char *name)
{
	struct api_guest_answer a = { .exit_code = 0 };
	auto_text words = { .bytes = NULL };

	text_init(&a.out, COMMAND_OUTPUT_MAX);
	text_init(&a.errors, COMMAND_OUTPUT_MAX);
	virtual_shell_run(p->guest, p->command, &a);
	if (a.exit_code)
		text_addf(&p->answer->errors, "%s%s", a.out.bytes, a.errors.bytes);
	text_release(&a.out);
	text_release(&a.errors);
	if (!a.exit_code)
		return true;
	text_init(&words, COMMAND_OUTPUT_MAX);
	text_addf(&words, "the %s command failed with exit code %d: %s", name, a.exit_code, p->command);
	return fail(p, "remote", words.bytes);
}

static void report(struct play *p, const struct volume *v)
{
	const struct virtual_disk *d = virtual_guest_disk(p->guest, v->id);

	say(p, "volume", v->id);
	say(p, "present", d ? "yes" : "no");
	if (!d)
		return;
	say(p, "type", d->uuid[0] ? "ext4" : "");
	say(p, "uuid", d->uuid);
	say(p, "mounted", d->place[0] ? "yes" : "no");
	say(p, "place", d->place);
	if (!strcmp(d->place, v->mount)) {
		say(p, "mounted_right", "yes");
		say(p, "sentinel", d->sentinel);
	}
}

static void report_all(struct play *p)
{
	for (size_t i = 0; i < p->volume_count; i++)
		report(p, &p->volumes[i]);
}

/* ---- the scripts ---- */

static bool play_probe(struct play *p)
{
	report_all(p);
	return true;
}

static bool play_check(struct play *p)
{
	return run_command(p, "check");
}

static bool find_disk(struct play *p, const struct volume *v, struct virtual_disk **ret)
{
	auto_error err = ERROR_INIT;

	*ret = virtual_guest_disk(p->guest, v->id);
	if (*ret)
		return true;
	error_set(&err, ERROR_MISSING, "no disk with id %s is attached", v->id);
	return fail_for(p, &err);
}

static bool check_mounts(struct play *p, bool *ret_any)
{
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < p->volume_count; i++) {
		const struct volume *v = &p->volumes[i];
		struct virtual_disk *d;

		if (!find_disk(p, v, &d))
			return false;
		if (d->place[0] && strcmp(d->place, v->mount) != 0) {
			error_set(&err, ERROR_CONFLICT, "%s is mounted at %s, not at %s", v->id, d->place,
				v->mount);
			return fail_for(p, &err);
		}
		*ret_any |= d->place[0] != '\0';
	}
	return true;
}

/* True with *ret_written if it was mounted: the sentinel is the last thing that is written to it. */
static bool release_volume(struct play *p, const struct volume *v, bool *ret_written)
{
	auto_error err = ERROR_INIT;
	struct virtual_disk *d;

	if (!find_disk(p, v, &d))
		return false;
	*ret_written = d->place[0] != '\0';
	if (!*ret_written)
		return true;
	p->changed = true;
	text_copy(d->sentinel, sizeof(d->sentinel), p->nonce);
	return virtual_guest_unmount(p->guest, v->mount, &err) || fail_for(p, &err);
}

static bool play_quiesce(struct play *p)
{
	bool written[MODEL_VOLUMES_MAX], any = false;

	if (!check_mounts(p, &any))
		return false;
	if (p->command[0]) {
		p->changed = true;
		if (!run_command(p, "stop"))
			return false;
		say(p, "stop_ms", "0");
	}
	for (size_t i = 0; i < p->volume_count; i++)
		if (!release_volume(p, &p->volumes[i], &written[i]))
			return false;
	say(p, "unmount_ms", "0");
	for (size_t i = 0; i < p->volume_count; i++) {
		report(p, &p->volumes[i]);
		if (written[i])
			say(p, "sentinel", p->nonce);
	}
	return true;
}

/* False also if it is not there yet: then the answer says that it is to be asked again. */
static bool wait_for_disks(struct play *p)
{
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < p->volume_count; i++) {
		if (virtual_guest_disk(p->guest, p->volumes[i].id))
			continue;
		p->answer->again = p->waited_ms < p->limit_ms;
		if (p->answer->again)
			return false;
		error_set(&err, ERROR_TIMEOUT, "no disk with id %s appeared within %lld ms", p->volumes[i].id,
			(long long)p->limit_ms);
		return fail_for(p, &err);
	}
	text_addf(&p->answer->out, "wait_ms=%lld\n", (long long)p->waited_ms);
	return true;
}

static bool check_sentinel(const struct virtual_disk *d, const struct volume *v, struct error *err)
{
	if (!v->sentinel[0] || !strcmp(d->sentinel, v->sentinel))
		return true;
	return error_set(
		err, ERROR_UNSAFE, "%s carries the sentinel '%s', not '%s'", d->id, d->sentinel, v->sentinel);
}

static bool mount_volume(struct play *p, const struct volume *v, struct error *err)
{
	struct virtual_disk *d = virtual_guest_disk(p->guest, v->id);

	if (v->uuid[0] && strcmp(d->uuid, v->uuid) != 0)
		return error_set(err, ERROR_UNSAFE, "%s holds the filesystem %s, not %s", v->id,
			d->uuid[0] ? d->uuid : "without UUID", v->uuid);
	if (!strcmp(d->place, v->mount))
		return check_sentinel(d, v, err);
	if (!virtual_guest_mount(p->guest, d, v->mount, err))
		return false;
	if (!check_sentinel(d, v, err)) {
		d->place[0] = '\0';
		return false;
	}
	p->changed = true;
	return true;
}

static bool play_mount(struct play *p)
{
	auto_error err = ERROR_INIT;

	if (!wait_for_disks(p))
		return false;
	for (size_t i = 0; i < p->volume_count; i++)
		if (!mount_volume(p, &p->volumes[i], &err))
			return fail_for(p, &err);
	say(p, "mount_ms", "0");
	report_all(p);
	return true;
}

static bool play_start(struct play *p)
{
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < p->volume_count; i++) {
		const struct volume *v = &p->volumes[i];

		if (virtual_guest_mounted(p->guest, v->mount))
			continue;
		error_set(&err, ERROR_REMOTE, "%s is not mounted at %s", v->id, v->mount);
		return fail_for(p, &err);
	}
	if (!p->command[0])
		return true;
	p->changed = true;
	if (!run_command(p, "start"))
		return false;
	say(p, "start_ms", "0");
	return true;
}

static const struct script {
	const char *first_line; /* how it begins */
	bool (*play)(struct play *p);
} SCRIPTS[] = {
	{ "\n# probe.sh:", play_probe },
	{ "\n# quiesce.sh:", play_quiesce },
	{ "\n# mount.sh:", play_mount },
	{ "\n# start.sh:", play_start },
	{ "\n# check.sh:", play_check },
};

static const struct script *find_script(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(SCRIPTS); i++)
		if (strstr(text, SCRIPTS[i].first_line))
			return &SCRIPTS[i];
	return NULL;
}

bool virtual_script_play(
	struct virtual_guest *g, const struct api_guest_command *c, struct api_guest_answer *ret)
{
	struct play p = { .guest = g, .answer = ret, .waited_ms = c->waited_ms };
	const struct script *script = find_script(c->input);
	auto_arena arena = ARENA_INIT;

	if (!script || !read_variables(&arena, c->input, &p))
		return false;
	say(&p, "changeover", "1");
	if (script->play(&p))
		say(&p, "end", "ok");
	return true;
}
