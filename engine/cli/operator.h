/* operator.h: how commands reach the engine that drives a rebuild in another process. */
#ifndef CLI_OPERATOR_H
#define CLI_OPERATOR_H

#include "cli/command.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "journal/wish.h"

/*
 * Leaves the request in the journal, if somebody drives that rebuild, and waits until it is over or given
 * back; *record, which the caller has read, is read again then. *heard is false, and nothing was done, if nobody drives
 * it. Fails with LEASE_HELD if another engine took the rebuild over before it was over: that one was asked nothing.
 */
bool operator_ask(const struct cli *cli, struct journal *j, struct journal_wish *q, struct arena *a,
	struct record *record, bool *heard, struct error *err) MUST_USE;

/* With what a command ends that has waited until a rebuild was over or given back. */
enum exit_code operator_code(enum record_state s);
#endif
