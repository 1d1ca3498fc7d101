/* fault_read.c: lines into faults. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/fault.h"
#include "sandbox/model/inside.h"

enum { COMPLAINTS_MAX = 16 * 1024 };

static const char BLANK[] = " \t\r";

/* What is read, and what was wrong with it so far. */
struct reader {
	const struct fault_source *from;
	struct fault_list *list;
	struct text complaints;
};

static bool refuse_unknown(
	const char *what, const char *word, const char *const *known, size_t count, struct error *err)
{
	const char *meant = text_nearest(word, known, count);

	if (meant)
		return error_set(
			err, ERROR_USAGE, "unknown %s \"%s\", did you mean \"%s\"?", what, word, meant);
	return error_set(err, ERROR_USAGE, "unknown %s \"%s\"", what, word);
}

static bool read_kind(const char *word, struct fault *ret, struct error *err)
{
	const char *names[FAULT_COUNT];
	enum fault_kind kind = fault_kind_find(word);
	size_t count = 0;

	if (kind != FAULT_NONE) {
		*ret = fault_preset(kind);
		return true;
	}
	for (int k = FAULT_NONE + 1; k < FAULT_COUNT; k++)
		names[count++] = fault_kind_row((enum fault_kind)k)->name;
	return refuse_unknown("fault", word, names, count, err);
}

static bool refuse_word(enum fault_kind kind, const char *word, struct error *err)
{
	const char *names[FAULT_WORD_COUNT];
	size_t count = 0;

	if (fault_word_find(word) != FAULT_WORD_COUNT)
		return error_set(
			err, ERROR_USAGE, "%s does not take \"%s\"", fault_kind_row(kind)->name, word);
	for (int w = 0; w < FAULT_WORD_COUNT; w++)
		if (fault_kind_words(kind) & 1u << w)
			names[count++] = fault_word_name((enum fault_word)w);
	return refuse_unknown("word", word, names, count, err);
}

static bool check_call(const struct fault_source *from, const char *call, struct error *err)
{
	for (size_t i = 0; from->calls && i < from->call_count; i++)
		if (!strcmp(from->calls[i], call))
			return true;
	return !from->calls || refuse_unknown("call", call, from->calls, from->call_count, err);
}

/* word is NAME=VALUE, and is taken apart. *given collects what was there. */
static bool read_word(
	const struct fault_source *from, char *word, struct fault *f, unsigned *given, struct error *err)
{
	char *equals = strchr(word, '=');
	enum fault_word w;

	if (!equals)
		return error_set(err, ERROR_USAGE, "expected NAME=VALUE instead of \"%s\"", word);
	*equals = '\0';
	w = fault_word_find(word);
	if (w == FAULT_WORD_COUNT || !(fault_kind_words(f->kind) & 1u << w))
		return refuse_word(f->kind, word, err);
	if (*given & 1u << w)
		return error_set(err, ERROR_USAGE, "%s is there twice", word);
	*given |= 1u << w;
	if (w == FAULT_WORD_CALL && !check_call(from, equals + 1, err))
		return false;
	return fault_word_set(w, equals + 1, f, err);
}

static bool check_needs(
	const struct fault_source *from, enum fault_kind kind, unsigned given, struct error *err)
{
	const struct fault_kind_row *row = fault_kind_row(kind);
	auto_text names = { .bytes = NULL };

	if (from->without_ssh && row->point == FAULT_AT_SSH)
		return error_set(err, ERROR_USAGE,
			"%s needs real machines, and a sandbox that was started with --faults", row->name);
	if (!row->needs || row->needs & given)
		return true;
	text_init(&names, COMPLAINTS_MAX);
	for (int w = 0; w < FAULT_WORD_COUNT; w++)
		if (row->needs & 1u << w)
			text_addf(&names, "%s%s=", names.len ? " or " : "",
				fault_word_name((enum fault_word)w));
	return error_set(err, ERROR_USAGE, "%s needs %s", row->name, names.bytes);
}

static void complain(struct reader *r, int line, struct error *err)
{
	text_addf(&r->complaints, "%s%s:%d: %s", r->complaints.len ? "\n" : "", r->from->name, line,
		err->message);
	error_release(err);
}

static void keep(struct fault_list *l, const struct fault *f)
{
	l->items = realloc(l->items, (l->count + 1) * sizeof(*l->items));
	if (!l->items)
		abort();
	l->items[l->count++] = *f;
}

/* Every word is looked at, so that one run shows everything that is wrong. */
static void read_line(struct reader *r, int number, char *line)
{
	auto_error err = ERROR_INIT;
	struct fault f;
	unsigned given = 0;
	char *word;
	size_t before = r->complaints.len;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANK);
	word = strsep(&line, BLANK);
	if (!*word)
		return;
	if (!read_kind(word, &f, &err)) {
		complain(r, number, &err);
		return;
	}
	while ((word = strsep(&line, BLANK)))
		if (*word && !read_word(r->from, word, &f, &given, &err))
			complain(r, number, &err);
	if (r->complaints.len == before && !check_needs(r->from, f.kind, given, &err))
		complain(r, number, &err);
	if (r->complaints.len == before)
		keep(r->list, &f);
}

bool fault_read(const struct fault_source *from, const char *lines, struct fault_list *ret, struct error *err)
{
	struct reader r = { .from = from, .list = ret };
	auto_free char *copy = alloc_text(lines);
	char *next = copy, *line;
	int number = 0;
	bool done;

	*ret = (struct fault_list){ .items = NULL };
	text_init(&r.complaints, COMPLAINTS_MAX);
	while ((line = strsep(&next, "\n")))
		read_line(&r, ++number, line);
	done = !r.complaints.len;
	if (!done) {
		error_set(err, ERROR_USAGE, "%s", r.complaints.bytes);
		fault_list_release(ret);
	}
	text_release(&r.complaints);
	return done;
}

void fault_list_release(struct fault_list *l)
{
	free(l->items);
	*l = (struct fault_list){ .items = NULL };
}
