/* terminal.h: what the place that output goes to can show, and what was asked for. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "cli/command.h"
#include "report/progress.h"

/* Colours only on a terminal that has them, and not if --no-color or NO_COLOR says so. */
struct style terminal_style(const struct cli *cli, FILE *out);

/*
 * How progress is shown: --events if given; silent if --quiet; a tree on a terminal, lines elsewhere.
 * It goes to stderr, jsonl to stdout. The steps are still to be put in.
 */
struct progress_options terminal_progress(const struct cli *cli);

/*
 * The same for progress that is itself what was asked for: it goes to stdout, or to stderr if stdout is
 * kept for one document.
 */
struct progress_options terminal_watch(const struct cli *cli);

/* True if a person can be asked: questions go to a terminal, and answers come from one. */
bool terminal_can_ask(const struct cli *cli);

/* Rows and columns of the terminal now; both 0 if out is none. */
void terminal_size(FILE *out, int *ret_columns, int *ret_rows);
#endif
