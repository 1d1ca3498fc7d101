/* exit.h: what the program's exit code says. Scripts rely on it: numbers never change. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "base/error.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_CHANGES = 2,       /* plan: there is something to do */
	EXIT_ROLLED_BACK = 3,   /* blue serves */
	EXIT_PARKED = 4,        /* an operator is needed */
	EXIT_LOCKED = 5,        /* another process drives the rebuild, or a lock was not to be had */
	EXIT_USAGE = 64,        /* sysexits.h: EX_USAGE */
	EXIT_BAD_PLAN = 65,     /* sysexits.h: EX_DATAERR */
	EXIT_INTERRUPTED = 130, /* the same command goes on from there */
};

/* For help and manual: "rolled back, blue serves". */
const char *exit_meaning(enum exit_code code);

/* With which code a command ends that failed with err. */
enum exit_code exit_of_error(const struct error *err);
#endif
