#include "aws/ini.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

/* Everything points into bytes, which is cut up in place. */
struct setting {
	const char *section, *key;
	const char *inner; /* key of a nested setting; NULL: not nested */
	char *value;
};

struct ini {
	char *path;
	char *bytes;
	size_t len;
	const char **sections;
	size_t section_count;
	struct setting *settings;
	size_t setting_count;
};

/* Where reading has come to. */
struct reader {
	struct ini *file;
	int line;
	const char *section;   /* NULL before the first */
	struct setting *outer; /* the last setting that is not nested; NULL after a section line */
	size_t outer_indent;
};

static bool refuse(const struct reader *r, struct error *err, const char *what)
{
	return error_set(err, ERROR_USAGE, "%s:%d: %s", r->file->path, r->line, what);
}

/* Cuts white space off both ends, in place. */
static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

/* Makes `profile   "my name"` into `profile my name`, in place. */
static void tidy_section(char *s)
{
	char *out = s;
	bool gap = false;

	for (; *s; s++) {
		if (isspace((unsigned char)*s)) {
			gap = true;
			continue;
		}
		if (*s == '"' || *s == '\'')
			continue;
		if (gap)
			*out++ = ' ';
		gap = false;
		*out++ = *s;
	}
	*out = '\0';
}

static bool read_section(struct reader *r, char *line, struct error *err)
{
	struct ini *f = r->file;
	char *end = strchr(line, ']');
	char *name = line + 1;

	if (!end)
		return refuse(r, err, "the section's name does not end: ] is missing");
	if (end[1] && !strchr("#;", *trim(end + 1)))
		return refuse(r, err, "there is something after the section's ]");
	*end = '\0';
	name = trim(name);
	tidy_section(name);
	if (!*name)
		return refuse(r, err, "the section has no name");
	if (ini_has_section(f, name))
		return error_set(
			err, ERROR_USAGE, "%s:%d: section [%s] is there twice", f->path, r->line, name);
	f->sections[f->section_count++] = name;
	r->section = name;
	r->outer = NULL;
	return true;
}

static const struct setting *find(
	const struct ini *f, const char *section, const char *key, const char *inner)
{
	for (size_t i = 0; i < f->setting_count; i++) {
		const struct setting *s = &f->settings[i];

		if (strcmp(s->section, section) != 0 || strcmp(s->key, key) != 0 || !s->inner != !inner)
			continue;
		if (!inner || !strcmp(s->inner, inner))
			return s;
	}
	return NULL;
}

/* Cuts "key = value"; false if there is no equals sign or no key. */
static bool cut_pair(char *line, const char **ret_key, char **ret_value)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	*ret_key = trim(line);
	*ret_value = trim(equals + 1);
	return **ret_key != '\0';
}

static bool add_setting(struct reader *r, const struct setting *s, struct error *err)
{
	struct ini *f = r->file;

	if (f->setting_count == INI_SETTINGS_MAX)
		return refuse(r, err, "there are too many settings");
	if (find(f, s->section, s->key, s->inner))
		return error_set(err, ERROR_USAGE, "%s:%d: %s is set twice in [%s]", f->path, r->line,
			s->inner ? s->inner : s->key, s->section);
	f->settings[f->setting_count++] = *s;
	return true;
}

/* The continuation moves up to the end of the value, which lies before it in the same bytes. */
static void continue_value(struct setting *s, const char *more)
{
	char *end = s->value + strlen(s->value);

	*end = '\n';
	memmove(end + 1, more, strlen(more) + 1);
}

static bool read_indented(struct reader *r, char *line, struct error *err)
{
	struct setting nested = { .section = r->section, .key = r->outer->key };

	if (*r->outer->value) {
		continue_value(r->outer, trim(line));
		return true;
	}
	if (!cut_pair(line, &nested.inner, &nested.value))
		return refuse(r, err, "expected \"name = value\" under an empty setting");
	return add_setting(r, &nested, err);
}

static bool read_setting(struct reader *r, char *line, size_t indent, struct error *err)
{
	struct setting s = { .section = r->section };

	if (!r->section)
		return refuse(r, err, "a setting stands before the first [section]");
	if (r->outer && indent > r->outer_indent)
		return read_indented(r, line, err);
	if (!cut_pair(line, &s.key, &s.value))
		return refuse(r, err, "expected \"name = value\" or \"[section]\"");
	if (!add_setting(r, &s, err))
		return false;
	r->outer = &r->file->settings[r->file->setting_count - 1];
	r->outer_indent = indent;
	return true;
}

static bool read_line(struct reader *r, char *line, struct error *err)
{
	size_t indent = strspn(line, " \t");
	char *content = trim(line);

	if (!*content || *content == '#' || *content == ';')
		return true;
	if (*content == '[' && !indent)
		return read_section(r, content, err);
	return read_setting(r, content, indent, err);
}

static bool read_lines(struct ini *f, struct error *err)
{
	struct reader r = { .file = f };

	for (char *line = f->bytes, *next; line; line = next) {
		char *end = strchr(line, '\n');

		next = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		r.line++;
		if (!read_line(&r, line, err))
			return false;
	}
	return true;
}

static size_t count_lines(const char *bytes, size_t len)
{
	size_t count = 1;

	for (size_t i = 0; i < len; i++)
		count += bytes[i] == '\n';
	return count;
}

static struct ini *ini_new(const char *path, const char *bytes, size_t len)
{
	struct ini *f = alloc_zeroed(1, sizeof(*f));
	size_t lines = count_lines(bytes, len);

	f->path = alloc_text(path);
	f->bytes = alloc_zeroed(len + 1, 1);
	memcpy(f->bytes, bytes, len);
	f->len = len;
	f->sections = alloc_zeroed(lines, sizeof(*f->sections));
	f->settings = alloc_zeroed(lines < INI_SETTINGS_MAX ? lines : INI_SETTINGS_MAX, sizeof(*f->settings));
	return f;
}

bool ini_parse(const char *path, const char *bytes, size_t len, struct ini **ret, struct error *err)
{
	struct ini *f;

	if (len > INI_BYTES_MAX)
		return error_set(err, ERROR_USAGE, "%s is larger than %d bytes", path, INI_BYTES_MAX);
	if (memchr(bytes, '\0', len))
		return error_set(err, ERROR_USAGE, "%s holds a NUL byte: it is not a text file", path);
	f = ini_new(path, bytes, len);
	if (read_lines(f, err)) {
		*ret = f;
		return true;
	}
	ini_free(f);
	return false;
}

bool ini_load(const char *path, struct ini **ret, struct error *err)
{
	auto_text text;
	bool done;

	text_init(&text, INI_BYTES_MAX);
	done = file_read(path, &text, err) && ini_parse(path, text.bytes, text.len, ret, err);
	explicit_bzero(text.bytes, text.len);
	return done;
}

bool ini_has_section(const struct ini *f, const char *section)
{
	for (size_t i = 0; i < f->section_count; i++)
		if (!strcmp(f->sections[i], section))
			return true;
	return false;
}

const char *ini_find(const struct ini *f, const char *section, const char *key)
{
	const struct setting *s = find(f, section, key, NULL);

	return s ? s->value : NULL;
}

const char *ini_find_nested(const struct ini *f, const char *section, const char *key, const char *inner)
{
	const struct setting *s = find(f, section, key, inner);

	return s ? s->value : NULL;
}

const char *ini_path(const struct ini *f)
{
	return f->path;
}

void ini_free(struct ini *f)
{
	if (!f)
		return;
	explicit_bzero(f->bytes, f->len);
	free(f->bytes);
	free(f->path);
	free(f->sections);
	free(f->settings);
	free(f);
}
