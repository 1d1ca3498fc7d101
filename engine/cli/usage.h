/* usage.h: help as text, from the rows. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "base/text.h"
#include "cli/command.h"

/* `changeover --help`. */
void usage_program(struct text *ret);

/* `changeover COMMAND --help`. */
void usage_command(const struct command *c, struct text *ret);

/* "changeover apply [options] PLAN". */
void usage_line(const struct command *c, struct text *ret);

/* "-n, --limit=N"; column_width as printf has it. */
void usage_option(const struct option_row *row, struct text *ret);
#endif
