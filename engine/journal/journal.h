/*
 * journal.h: what was meant, what came of it, and who may act: a SQLite file that survives sudden
 * death. Losing it must not lose a rebuild (tags and the world are enough to finish), but while it
 * is there, an intent stands in it before its effect is done.
 *
 * Calling order: journal_open(); record.h, event.h and lease.h in any order; journal_close(). One
 * connection per process; other processes may read and write the same file at the same time.
 *
 * A rollback journal and synchronous=EXTRA, because the WAL of SQLite 3.40 (Debian 12) can be reset
 * under a second connection and then lose commits (sqlite.org/wal.html, "The WAL-reset bug").
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct journal;

enum journal_access {
	JOURNAL_READ,  /* the file must exist; nothing is written */
	JOURNAL_WRITE, /* folder (0700) and file (0600) are made if missing, and room is proved */
};

/*
 * The file where nothing else is said: $XDG_STATE_HOME/changeover/journal.db, or below
 * ~/.local/state. Either may be NULL; a relative state_home is ignored, as the XDG Base Directory
 * Specification asks. NULL if neither says where; the caller frees it.
 */
char *journal_default_path(const char *state_home, const char *home) MUST_USE;

/*
 * Opens the journal. For writing it commits a probe record of a rebuild's size first and removes it
 * again, so that a full or read-only disk is refused before anything is touched, and the pages that
 * the probe leaves behind are there for the events to come.
 *
 * ERROR_MISSING: to be read, and not there. ERROR_LOCAL: the disk, the permissions, not a journal, one of a
 * newer version, or (to be written) a damaged one. ERROR_CONFLICT: somebody else writes and does not finish.
 * The hint says what can be done (journal/trouble.h).
 */
bool journal_open(
	const char *path, enum journal_access access, struct journal **ret, struct error *err) MUST_USE;

/* Closes it. NULL is allowed. */
void journal_close(struct journal *j);

/*
 * One in memory, for going on with a rebuild whose journal is lost or damaged: it keeps order within
 * this process, and is gone with it.
 */
bool journal_open_temporary(struct journal **ret, struct error *err) MUST_USE;

/* Tells this journal from all others: "jr-...", made with the file. "" if it was opened to be read and is old. */
const char *journal_id(const struct journal *j);

/* As given to journal_open(); borrowed. */
const char *journal_path(const struct journal *j);

#define auto_journal CLEANUP(journal_cleanup) struct journal
void journal_cleanup(struct journal **j);
#endif
