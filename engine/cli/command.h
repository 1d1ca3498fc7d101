/*
 * command.h: what a command is. Each has one file that ends in its const row; cli/table.c lists the
 * rows. Help, completion and manual are generated from them.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/id.h"
#include "cli/exit.h"
#include "cli/option.h"
#include "cli/shared.h"

enum { COMMAND_EXITS_MAX = 10, COMMAND_OPTIONS_MAX = 32 };

/* Any number of arguments. */
#define COMMAND_ANY ((size_t)-1)

/* Everything that a command has of the outside. Made by main(), and by tests as they like. */
struct cli {
	FILE *out, *err; /* data; messages */
	FILE *in;        /* a person's answers; NULL: nobody is there to ask */
	char *const *environment;
	const struct clock *clock;
	const struct entropy *entropy;
	struct shared shared;          /* the shared options as given */
	const struct command *command; /* the one that runs */
};

struct arguments {
	char **items; /* NULL-terminated */
	size_t count;
};

struct example {
	const char *command; /* NULL ends a list */
	const char *what;
};

struct command {
	const char *name;      /* "apply", "sandbox enter" */
	const char *summary;   /* one line, imperative, without a full stop */
	const char *arguments; /* for usage: "PLAN..."; NULL: takes none */
	size_t min_arguments, max_arguments;
	const char *help;                 /* paragraphs, an empty line between two; lines are made of them */
	const struct option_row *options; /* its own, ended by a row without name; NULL: none */
	size_t settings_size;             /* of the struct that its options go into; 0: none */
	unsigned shares;                  /* SHARE_*; SHARE_ALWAYS goes without saying */
	const struct example *examples;
	enum exit_code exits[COMMAND_EXITS_MAX]; /* EXIT_DONE first; 0 ends the list */
	bool hidden;                             /* not in the list of `changeover --help` */

	/* settings: zeroed, with environment, fallbacks and options put in. Returns the exit code. */
	enum exit_code (*run)(const struct cli *cli, const void *settings, const struct arguments *args);
};

/* All rows of options that a command has, its own first, each with where it goes. */
struct command_options {
	struct {
		const struct option_row *row;
		bool shared;
	} items[COMMAND_OPTIONS_MAX];
	size_t count;
};

void command_options(const struct command *c, struct command_options *ret);

/* The variable's value, or NULL if it is not set or empty. */
const char *cli_environment(const struct cli *cli, const char *name);
#endif
