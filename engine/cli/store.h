/* store.h: the journal that a command line means, and the rebuild in it. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/record.h"

/* Opens --store or --journal, their environment variables, or the default file. */
bool store_open(
	const struct cli *cli, enum journal_access access, struct journal **ret, struct error *err) MUST_USE;

/*
 * The rebuild of that id, or the only one whose id begins so; id NULL: the newest one. ERROR_MISSING if there is
 * none, naming those that may have been meant; ERROR_USAGE if several begin so.
 */
bool store_find(
	struct journal *j, const char *id, struct arena *a, struct record *ret, struct error *err) MUST_USE;

/* Who runs this program, for leases: $SUDO_USER, $USER, $LOGNAME, or the number. Lives as long as the arena. */
const char *store_user(const struct cli *cli, struct arena *a);
#endif
