#include "cli/option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool option_takes_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG;
}

bool option_is_missing(const struct option_row *row, const void *settings)
{
	return row->required && !*(const char *const *)((const char *)settings + row->offset);
}

static void *member(const struct option_row *row, void *settings)
{
	return (char *)settings + row->offset;
}

static bool set_flag(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err)
{
	(void)value, (void)origin, (void)err;
	*(bool *)member(row, settings) = true;
	return true;
}

static bool set_text(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err)
{
	if (!*value)
		return error_set(err, ERROR_USAGE, "%s needs a value: %s", origin, row->value);
	*(const char **)member(row, settings) = value;
	return true;
}

static bool set_choice(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err)
{
	auto_text words = { 0 };

	text_init(&words, 256);
	for (const char *const *c = row->choices; *c; c++) {
		if (!strcmp(*c, value))
			return set_text(row, settings, *c, origin, err);
		text_addf(&words, "%s%s", c == row->choices ? "" : ", ", *c);
	}
	return error_set(err, ERROR_USAGE, "%s: `%s` is none of %s", origin, value, words.bytes);
}

static bool set_number(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (end == value || *end || errno)
		return error_set(err, ERROR_USAGE, "%s: `%s` is not a whole number", origin, value);
	if (number < row->least || number > row->most)
		return error_set(err, ERROR_USAGE, "%s: %lld is not between %" PRId64 " and %" PRId64, origin,
			number, row->least, row->most);
	*(int64_t *)member(row, settings) = number;
	return true;
}

static bool (*const SETTERS[])(const struct option_row *row, void *settings, const char *value,
	const char *origin, struct error *err) = {
	[OPTION_FLAG] = set_flag,
	[OPTION_TEXT] = set_text,
	[OPTION_FILE] = set_text,
	[OPTION_FOLDER] = set_text,
	[OPTION_CHOICE] = set_choice,
	[OPTION_NUMBER] = set_number,
};

bool option_set(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err)
{
	return SETTERS[row->kind](row, settings, value, origin, err);
}
