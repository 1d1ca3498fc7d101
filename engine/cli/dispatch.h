/* dispatch.h: from the words of the command line to the command that they ask for. */
#ifndef CLI_DISPATCH_H
#define CLI_DISPATCH_H

#include "cli/command.h"

/* Runs words (argv without the program's name, NULL-terminated) and returns the exit code. */
enum exit_code dispatch(struct cli *cli, char **words);
#endif
