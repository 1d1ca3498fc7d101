/* parse.h: a command's line, taken apart by its rows. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"

/*
 * Fills *shared and *settings (zeroed, of the command's settings_size) from fallbacks, environment
 * and words, and *args with what is no option. Options and arguments may be mixed; `--` ends the
 * options; letters may be joined (-qv), values stand after `=` or in the next word. args->items
 * must have room for all words. The number of arguments is not checked here: parse_check_count().
 */
bool parse_words(const struct cli *cli, char **words, struct shared *shared, void *settings,
        struct arguments *args, struct error *err) MUST_USE;

bool parse_check_count(const struct command *c, const struct arguments *args, struct error *err) MUST_USE;
#endif
