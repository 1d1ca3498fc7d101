/* parse.h: a command's line, taken apart by its rows. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"

/*
 * Fills *shared and *settings (zeroed, of the command's settings_size) from fallbacks, environment
 * and words, and *args with what is no option. Options and arguments may be mixed; `--` ends the
 * options; letters may be joined (-qv), values stand after `=` or in the next word. args->items
 * must have room for all words. What is missing is not seen here: `--help` needs nothing else; then
 * comes parse_check().
 */
bool parse_words(const struct cli *cli, char **words, struct shared *shared, void *settings,
	struct arguments *args, struct error *err) MUST_USE;

/* Whether all that is required was given, and no argument too many. */
bool parse_check(const struct command *c, const void *settings, const struct arguments *args,
	struct error *err) MUST_USE;
#endif
