/* shared.h: the options that more than one command has. */
#ifndef CLI_SHARED_H
#define CLI_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/option.h"

/* Which of them a command has: struct command's `shares`. */
enum {
	SHARE_ALWAYS = 1 << 0,    /* --help, --json, --quiet, --verbose, --no-color: every command */
	SHARE_JOURNAL = 1 << 1,   /* --journal, --store */
	SHARE_EVENTS = 1 << 2,    /* --events */
	SHARE_TEMPLATES = 1 << 3, /* --templates */
	SHARE_ENGINE = 1 << 4,    /* --pace, --without-journal: commands that change something */
};

struct shared {
	bool help, json, quiet, verbose, no_color;
	bool without_journal;
	int64_t pace;          /* per cent; 0 for commands that do not have it */
	const char *journal;   /* NULL: journal_default_path(), if there is no store either */
	const char *store;     /* a URL, instead of a file; may contain a password: never printed */
	const char *events;    /* NULL: as suits where it goes */
	const char *templates; /* NULL: what is built in */
};

extern const struct option_row shared_options[];
#endif
