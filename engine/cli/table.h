/* table.h: every command. One file each. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/command.h"

/* In the order in which help shows them, NULL-terminated. */
extern const struct command *const commands[];

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* The command that words begin with, the longest name first; *used is how many words its name takes. */
const struct command *command_match(char **words, size_t *used);

/* The name nearest to a misspelt one, or NULL. */
const char *command_nearest(const char *name);

/* Finds holes that compilers do not: a missing text, a twin, a letter used twice. */
bool command_table_check(struct error *err) MUST_USE;
#endif
