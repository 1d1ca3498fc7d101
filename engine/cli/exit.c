#include "cli/exit.h"

#include <stddef.h>

#include "cloud/locks.h"
#include "journal/lease.h"

static const struct {
	enum exit_code code;
	const char *meaning;
} MEANINGS[] = {
	{ EXIT_DONE, "done" },
	{ EXIT_FAILED, "failed" },
	{ EXIT_CHANGES, "there is something to do" },
	{ EXIT_ROLLED_BACK, "rolled back, blue serves" },
	{ EXIT_PARKED, "parked, an operator is needed" },
	{ EXIT_LOCKED, "another process drives the rebuild, or a lock was not to be had" },
	{ EXIT_USAGE, "the command line is wrong" },
	{ EXIT_BAD_PLAN, "the plan is wrong" },
	{ EXIT_INTERRUPTED, "interrupted, the same command goes on from there" },
};

const char *exit_meaning(enum exit_code code)
{
	for (size_t i = 0; i < ARRAY_SIZE(MEANINGS); i++)
		if (MEANINGS[i].code == code)
			return MEANINGS[i].meaning;
	return "unknown";
}

enum exit_code exit_of_error(const struct error *err)
{
	if (error_is(err, LEASE_HELD) || error_is(err, LOCK_HELD))
		return EXIT_LOCKED;
	if (err->kind == ERROR_USAGE)
		return EXIT_USAGE;
	if (err->kind == ERROR_PLAN)
		return EXIT_BAD_PLAN;
	return err->kind == ERROR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_FAILED;
}
