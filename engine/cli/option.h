/*
 * option.h: one row per option. Parsing, help, completion and manual are all generated from the row.
 *
 * An option's value comes from the command line, else from its environment variable, else from its
 * fallback, and goes into a member of the settings that the row belongs to.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What the member at `offset` is. */
enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, NULL if not given; borrowed from the command line */
	OPTION_FILE,   /* likewise */
	OPTION_FOLDER, /* likewise */
	OPTION_CHOICE, /* likewise; one of choices */
	OPTION_NUMBER, /* int64_t; from least to most */
};

struct option_row {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* -x, or 0 */
	enum option_kind kind;
	const char *value;          /* how help calls its value: "FILE" */
	const char *help;           /* one line, without a full stop */
	size_t offset;              /* in the settings */
	const char *environment;    /* variable, or NULL */
	const char *fallback;       /* as it would be typed, or NULL */
	const char *const *choices; /* NULL-terminated */
	int64_t least, most;
	bool required;  /* one that is a text, and has to be given */
	unsigned share; /* shared options: SHARE_* of those who have it (cli/shared.h) */
};

bool option_takes_value(const struct option_row *row);

/* True if the option is required and was not given. */
bool option_is_missing(const struct option_row *row, const void *settings);

/*
 * Puts value (NULL for a flag) into the row's member of settings. origin names where it came from in
 * the error (ERROR_USAGE): "--port", "CHANGEOVER_PORT".
 */
bool option_set(const struct option_row *row, void *settings, const char *value, const char *origin,
	struct error *err) MUST_USE;
#endif
