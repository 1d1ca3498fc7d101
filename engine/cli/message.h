/* message.h: the one place where errors and notes are printed. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "cli/command.h"
#include "plan/diagnostic.h"
#include "wire/json.h"

/*
 * Says on stderr what happened, to which resource, AWS's request id, what can be done about it, and
 * the next command (NULL: none); with --json, on stdout as a document, too. Returns the exit code
 * that a command ends with when this is all there is to say.
 */
enum exit_code message_error(const struct cli *cli, const struct error *err, const char *next);

/* All that is wrong with a plan, as file:line:column, on stderr. */
void message_diagnostics(const struct cli *cli, const struct diagnostics *d);

/* A line on stderr, unless --quiet. */
void message_note(const struct cli *cli, const char *fmt, ...) PRINTF(2, 3);

/* Prints a result as JSON on stdout, with format_version put in: on one line beside --events=jsonl. */
void message_document(const struct cli *cli, json_t *document);

/* An error as the JSON object that every document uses for it. The caller owns it. */
json_t *message_error_json(const struct error *err, const char *next) MUST_USE;
#endif
