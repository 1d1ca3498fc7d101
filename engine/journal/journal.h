/*
 * journal.h: what was meant, what came of it, and who may act: a SQLite file that survives sudden death, or a
 * database of PostgreSQL that many machines share. Losing it must not lose a rebuild (tags and the world are
 * enough to finish), but while it is there, an intent stands in it before its effect is done.
 *
 * Calling order: journal_open(); record.h, event.h and lease.h in any order; journal_close(). One connection per
 * process; other processes may read and write the same journal at the same time.
 *
 * With PostgreSQL each call waits for the server, a few seconds at most (journal/postgres_link.h), and a connection
 * that broke is made anew by the next call. While that does not succeed, calls fail with JOURNAL_AWAY.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct journal;

/* Error code: the store does not answer now. It is worth trying again in a while. */
#define JOURNAL_AWAY "JournalAway"

enum journal_access {
	JOURNAL_READ,  /* it must exist; nothing is written */
	JOURNAL_WRITE, /* folder (0700) and file (0600), or the tables in the database, are made if missing */
};

/*
 * The file where nothing else is said: $XDG_STATE_HOME/changeover/journal.db, or below
 * ~/.local/state. Either may be NULL; a relative state_home is ignored, as the XDG Base Directory
 * Specification asks. NULL if neither says where; the caller frees it.
 */
char *journal_default_path(const char *state_home, const char *home) MUST_USE;

/* True for the URL of a store (postgres://, postgresql://); everything else is a path. */
bool journal_is_url(const char *location);

/*
 * Opens the journal: a path, or a URL (postgres://...) of a database that is there. To be written, a file gets a
 * probe record of a rebuild's size first, which is committed and removed again, so that a full or read-only disk is
 * refused before anything is touched, and the pages that the probe leaves behind are there for the events to come.
 *
 * ERROR_MISSING: to be read, and not there. ERROR_LOCAL: the disk, the permissions, not a journal, one of a
 * newer version, or (to be written) a damaged one. ERROR_CONFLICT: somebody else writes and does not finish.
 * ERROR_REMOTE with JOURNAL_AWAY: no connection. The hint says what can be done (journal/trouble.h,
 * journal/postgres_state.h).
 */
bool journal_open(
	const char *path, enum journal_access access, struct journal **ret, struct error *err) MUST_USE;

/*
 * What body writes by record.h, event.h and lease.h becomes durable at once: a commit takes several syncs of the disk,
 * however much is in it. If body returns false, or committing fails, nothing of it is left. Body may run more than
 * once, each time from the state in memory that it found the first time; and it must not go on after a failure.
 */
typedef bool journal_body(struct journal *j, void *arg, struct error *err);
bool journal_together(struct journal *j, journal_body *body, void *arg, struct error *err) MUST_USE;

/* Closes it. NULL is allowed. */
void journal_close(struct journal *j);

/*
 * One in memory, for going on with a rebuild whose journal is lost or damaged: it keeps order within
 * this process, and is gone with it.
 */
bool journal_open_temporary(struct journal **ret, struct error *err) MUST_USE;

/* Tells this journal from all others: "jr-...", made with the file. "" if it was opened to be read and is old. */
const char *journal_id(const struct journal *j);

/* As given to journal_open(), but a URL without its password; borrowed. */
const char *journal_path(const struct journal *j);

#define auto_journal CLEANUP(journal_cleanup) struct journal
void journal_cleanup(struct journal **j);
#endif
