#include "plan/wording.h"

#include <inttypes.h>

#include "plan/scalar.h"

enum { NAMES_MAX = 32 };

/* Appends `a`, `b` or `c`. */
static void add_names(struct text *ret, const char *const *names, size_t count, const char *last)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_add(ret, i + 1 < count ? ", " : last);
		text_addf(ret, "`%s`", names[i]);
	}
}

/* "`console` or `known_hosts`": the words that this version carries out. */
static void add_words(struct text *ret, const struct key_word *words)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (; words->word && count < NAMES_MAX; words++)
		if (!words->unsupported)
			names[count++] = words->word;
	add_names(ret, names, count, " or ");
}

void wording_add_choices(struct text *ret, const struct key *section)
{
	const char *names[NAMES_MAX];
	const struct key *k = NULL;
	size_t count = 0;

	while ((k = keys_next(section, k)) && count < NAMES_MAX)
		if (k->choice && !k->unsupported)
			names[count++] = key_name(k);
	add_names(ret, names, count, " or ");
}

void wording_add_names(struct text *ret, const struct key *section)
{
	const char *names[NAMES_MAX];
	const struct key *k = NULL;
	size_t count = 0;

	while ((k = keys_next(section, k)) && count < NAMES_MAX)
		names[count++] = key_name(k);
	add_names(ret, names, count, " and ");
}

void wording_add_where(struct text *ret, const struct key *section)
{
	if (section->path[0])
		text_addf(ret, " in `%s`", section->path);
}

static void add_number(struct text *ret, const struct key *k)
{
	if (k->min == k->max)
		text_addf(ret, "%" PRId64, k->min);
	else
		text_addf(ret, "a whole number from %" PRId64 " to %" PRId64, k->min, k->max);
}

static void add_time(struct text *ret, const struct key *k)
{
	text_add(ret, "a time like 90s, 5m or 24h, at most ");
	scalar_add_time(ret, k->max);
}

static void add_list(struct text *ret, const struct key *k)
{
	if (k->words) {
		add_words(ret, k->words);
		text_add(ret, " or ");
	}
	text_addf(ret, "a list of %" PRId64 " to %" PRId64 " items", k->min, k->max);
}

static void add_pairs(struct text *ret, const struct key *k)
{
	text_add(ret,
		k->max == 1 ? "one name and its value, like { Role: data }" : "a mapping of names to texts");
}

void wording_add_expected(struct text *ret, const struct key *k)
{
	switch (k->type) {
	case KEY_SECTION:
		text_add(ret, "a mapping with ");
		wording_add_names(ret, k);
		return;
	case KEY_LIST:
		add_list(ret, k);
		return;
	case KEY_PAIRS:
		add_pairs(ret, k);
		return;
	case KEY_TEXT:
		text_add(ret, shape_expected(k->shape));
		return;
	case KEY_NUMBER:
		add_number(ret, k);
		return;
	case KEY_BOOL:
	case KEY_WORD:
		add_words(ret, k->words);
		return;
	case KEY_TIME:
		add_time(ret, k);
		return;
	case KEY_SHARE:
		text_add(ret,
			k->min ? "a whole number from 1, or a percentage" : "a whole number or a percentage");
		return;
	}
}
