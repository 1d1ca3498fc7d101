/*
 * postgres_state.h: what PostgreSQL's error codes mean for the journal (its manual, appendix A).
 *
 * The code of such an error is the SQLSTATE, or JOURNAL_AWAY.
 */
#ifndef JOURNAL_POSTGRES_STATE_H
#define JOURNAL_POSTGRES_STATE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Says that the store refused something, and what can be done about it. state is an SQLSTATE, or NULL if the
 * connection failed; message is libpq's or the server's, its lines are joined. Always returns false.
 */
bool postgres_state_fail(const char *store, const char *state, const char *message, struct error *err);

/* Another transaction was in the way, and was told to go first. */
bool postgres_state_is_conflict(const struct error *err);
#endif
