/* operator.h: how commands reach the engine that drives a rebuild in another process. */
#ifndef CLI_OPERATOR_H
#define CLI_OPERATOR_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "journal/wish.h"

/*
 * Leaves the request in the journal, if somebody drives that rebuild, and waits until it is over or given
 * back; *ret is its record then. *heard is false, and nothing was done, if nobody drives it.
 */
bool operator_ask(const struct cli *cli, struct journal *j, const struct journal_wish *q, struct arena *a,
	struct record *ret, bool *heard, struct error *err) MUST_USE;

/* With what a command ends that has waited until a rebuild was over or given back. */
enum exit_code operator_code(enum record_state s);
#endif
