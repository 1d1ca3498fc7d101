#include "guest/report.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { WORDS_SHOWN = 600, MS_MAX = 24 * 3600 * 1000 };

struct reading {
	struct report *report;
	bool begun, ended;
};

/* Each sets what the key means; false if the value has not the key's form. */
struct key {
	const char *name;
	bool (*read)(struct reading *r, const struct key *k, const char *value);
	size_t offset, size; /* of the field in struct guest_disk, struct guest or struct report */
};

static struct guest_disk *last_disk(struct reading *r)
{
	struct guest *g = &r->report->guest;

	return g->disk_count ? &g->disks[g->disk_count - 1] : NULL;
}

static bool read_begin(struct reading *r, const struct key *k, const char *value)
{
	(void)k;
	r->begun = r->report->started = true;
	return !strcmp(value, "1");
}

static bool read_end(struct reading *r, const struct key *k, const char *value)
{
	(void)k;
	r->ended = true;
	r->report->succeeded = !strcmp(value, "ok");
	return r->report->succeeded || (!strcmp(value, "failed") && r->report->failed[0]);
}

static bool parse_flag(const char *value, bool *ret)
{
	*ret = !strcmp(value, "yes");
	return *ret || !strcmp(value, "no");
}

static bool read_changed(struct reading *r, const struct key *k, const char *value)
{
	(void)k;
	return parse_flag(value, &r->report->changed);
}

static bool read_failed(struct reading *r, const struct key *k, const char *value)
{
	(void)k;
	text_copy(r->report->failed, sizeof(r->report->failed), value);
	return strchr(value, ' ') != NULL;
}

static bool read_volume(struct reading *r, const struct key *k, const char *value)
{
	struct guest *g = &r->report->guest;

	(void)k;
	if (g->disk_count == CLOUD_VOLUMES_MAX)
		return false;
	return text_copy(g->disks[g->disk_count++].volume_id, CLOUD_ID_SIZE, value);
}

static bool read_disk_flag(struct reading *r, const struct key *k, const char *value)
{
	struct guest_disk *d = last_disk(r);

	return d && parse_flag(value, (bool *)((char *)d + k->offset));
}

static bool read_disk_text(struct reading *r, const struct key *k, const char *value)
{
	struct guest_disk *d = last_disk(r);

	return d && text_copy((char *)d + k->offset, k->size, value);
}

/* 0 means "not done" in struct guest, so what took no time took 1 ms. */
static bool read_ms(struct reading *r, const struct key *k, const char *value)
{
	char *end;
	long ms = strtol(value, &end, 10);

	if (!isdigit((unsigned char)value[0]) || *end || ms > MS_MAX)
		return false;
	*(int *)((char *)&r->report->guest + k->offset) = ms ? (int)ms : 1;
	return true;
}

/* For people who run a script by hand. */
static bool read_nothing(struct reading *r, const struct key *k, const char *value)
{
	(void)r;
	(void)k;
	(void)value;
	return true;
}

#define DISK(field) offsetof(struct guest_disk, field), sizeof(((struct guest_disk *)0)->field)
#define GUEST(field) offsetof(struct guest, field), sizeof(((struct guest *)0)->field)

static const struct key KEYS[] = {
	{ "changeover", read_begin, 0, 0 },
	{ "volume", read_volume, 0, 0 },
	{ "present", read_disk_flag, DISK(present) },
	{ "mounted", read_disk_flag, DISK(mounted) },
	{ "mounted_right", read_disk_flag, DISK(mounted_right) },
	{ "uuid", read_disk_text, DISK(uuid) },
	{ "sentinel", read_disk_text, DISK(sentinel) },
	{ "device", read_nothing, 0, 0 },
	{ "type", read_nothing, 0, 0 },
	{ "place", read_nothing, 0, 0 },
	{ "wait_ms", read_nothing, 0, 0 },
	{ "stop_ms", read_ms, GUEST(stop_ms) },
	{ "unmount_ms", read_ms, GUEST(unmount_ms) },
	{ "mount_ms", read_ms, GUEST(mount_ms) },
	{ "start_ms", read_ms, GUEST(start_ms) },
	{ "changed", read_changed, 0, 0 },
	{ "failed", read_failed, 0, 0 },
	{ "end", read_end, 0, 0 },
};

static bool read_line(struct reading *r, char *line, struct error *err)
{
	char *value = strchr(line, '=');

	for (size_t i = 0; value && i < ARRAY_SIZE(KEYS); i++) {
		size_t len = strlen(KEYS[i].name);

		if (len != (size_t)(value - line) || memcmp(line, KEYS[i].name, len))
			continue;
		if (r->ended || !KEYS[i].read(r, &KEYS[i], value + 1))
			break;
		return true;
	}
	return error_set(
		err, ERROR_REMOTE, "the machine answered '%.80s', which the script does not say", line);
}

/* What a machine says may be shown on a terminal, which control characters could steer. */
static void tame(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)text[i]) && text[i] != '\n')
			text[i] = ' ';
}

/* All of it: what a machine says may hold NUL bytes. */
static char *copy(const char *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

static bool read_lines(struct reading *r, char *text, struct error *err)
{
	char *line = strstr(text, "changeover="), *end;

	if (line != text && line)
		line = strstr(text, "\nchangeover=") ? strstr(text, "\nchangeover=") + 1 : NULL;
	for (; line && *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		if (!read_line(r, line, err))
			return false;
	}
	return true;
}

/* The end of what was said on stderr, on one line: the reason comes last. */
static void add_words(const struct ssh_result *result, struct error *err)
{
	const char *from = result->errors, *end = from + result->errors_len;
	char words[WORDS_SHOWN + 1], *message = err->message;
	size_t len;

	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	if (end == from)
		return;
	if (end - from > WORDS_SHOWN)
		from = end - WORDS_SHOWN;
	len = (size_t)(end - from);
	memcpy(words, from, len);
	words[len] = '\0';
	tame(words, len); /* first: a NUL would hide what follows */
	for (char *newline = words; (newline = strchr(newline, '\n'));)
		*newline = ' ';
	if (asprintf(&err->message, "%s (%s)", message, words) < 0)
		abort();
	free(message);
}

static bool not_started(const struct ssh_result *result, struct error *err)
{
	if (strstr(result->errors, "sudo:")) {
		error_set(err, ERROR_DENIED, "no root shell there");
		error_hint(err, "let the user run sudo without a password and terminal, or log in as root");
	} else {
		error_set(err, ERROR_REMOTE, "the script did not start (exit code %d)", result->exit_code);
	}
	return false;
}

static bool said_failed(const struct report *r, struct error *err)
{
	char kind[32];
	const char *text = strchr(r->failed, ' ') + 1;

	text_copy(kind, sizeof(kind), r->failed);
	kind[strcspn(kind, " ")] = '\0';
	error_set(err, error_kind_parse(kind), "%s", text);
	err->happened = r->changed ? HAPPENED_YES : HAPPENED_NO;
	return false;
}

bool report_read(const struct ssh_result *result, struct report *ret, struct error *err)
{
	struct reading r = { .report = ret };
	auto_free char *text = copy(result->out, result->out_len);
	bool good;

	*ret = (struct report){ .started = false };
	tame(text, result->out_len);
	good = read_lines(&r, text, err);
	if (good && r.ended && ret->succeeded)
		return true;
	if (good && !r.begun)
		not_started(result, err);
	else if (good && r.ended)
		said_failed(ret, err);
	else if (good)
		error_set(err, ERROR_REMOTE, "the script broke off (%s%s)",
			result->signal[0] ? "signal " : "no end", result->signal);
	if (r.begun && !r.ended)
		err->happened = HAPPENED_UNKNOWN;
	add_words(result, err);
	return false;
}
