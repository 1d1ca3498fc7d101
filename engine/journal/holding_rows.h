/*
 * holding_rows.h: locks, their holders and events in the tables of the journal, one statement after the other;
 * holding.h says when. Statements that belong together run in one transaction of the caller's.
 */
#ifndef JOURNAL_HOLDING_ROWS_H
#define JOURNAL_HOLDING_ROWS_H

#include "journal/holding.h"

bool holding_rows_state(struct journal *j, struct holding_state *ret, struct error *err) MUST_USE;

/* Shows locks and holders; `change` is not called. */
bool holding_rows_read(struct journal *j, const struct holding_sink *to, struct error *err) MUST_USE;

/* As holding_events(), without settling. */
bool holding_rows_events(
	struct journal *j, int64_t lock, const struct holding_event_sink *to, struct error *err) MUST_USE;

/* Changes in their order, and their events. */
bool holding_rows_write(
	struct journal *j, const struct holding_change *changes, size_t count, struct error *err) MUST_USE;

/* Makes the state `to` if its number is `from`. Whoever wrote since has raised that: then no row is found. */
bool holding_rows_raise(struct journal *j, int64_t from, const struct holding_state *to, bool *ret_found,
	struct error *err) MUST_USE;
#endif
