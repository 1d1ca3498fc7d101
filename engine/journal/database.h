/*
 * database.h: the journal's own way to its database: statements and transactions, the same for every driver
 * (journal/driver.h).
 *
 * One text of SQL for all: standard SQL, with ?1, ?2 ... for what is bound, and INSERT ... ON CONFLICT. A
 * statement outside a transaction must be one that may run twice: it is sent again when the connection broke.
 */
#ifndef JOURNAL_DATABASE_H
#define JOURNAL_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

enum { JOURNAL_ID_SIZE = 32, STATEMENTS_KEPT = 32 };

struct driver;
struct holding_log;
struct statement;

struct journal {
	const struct driver *driver;
	void *connection; /* the driver's; owned */
	char *path;       /* of the file, or the URL without its password: as people may see it; owned */
	char id[JOURNAL_ID_SIZE];
	int64_t version; /* of its tables; older than ours only if it was opened to be read */
	bool together;   /* a transaction is under way that others join (journal_together()) */
	struct statement *kept[STATEMENTS_KEPT]; /* that nobody uses now; owned */
	size_t next_kept;                        /* which of them goes next */
	struct holding_log *log;                 /* holding_log.h; owned; NULL: it has none */
};

/*
 * Finalizing keeps a statement for the next one with the same text: to prepare one takes longer than to
 * run it. database_forget() frees what was kept; no statement may be in use.
 */
#define auto_statement CLEANUP(statement_finalize) struct statement
void statement_finalize(struct statement **s);
void database_forget(struct journal *j);

bool database_prepare(struct journal *j, const char *sql, struct statement **ret, struct error *err) MUST_USE;

/* Runs statements that answer nothing. */
bool database_execute(struct journal *j, const char *sql, struct error *err) MUST_USE;

/* Runs a query that answers one number; 0 if it answers nothing. */
bool database_number(struct journal *j, const char *sql, int64_t *ret, struct error *err) MUST_USE;

/* Runs a prepared statement that answers nothing. */
bool statement_run(struct statement *s, struct error *err) MUST_USE;

/* Goes to the next row; *found is false after the last one. */
bool statement_next(struct statement *s, bool *found, struct error *err) MUST_USE;

/* NULL and "" are stored as NULL. The text must live until the statement has run. */
void statement_bind_text(struct statement *s, int position, const char *text);
void statement_bind_int(struct statement *s, int position, int64_t value);

/* The column's text, or "" for NULL; borrowed until the next row. */
const char *statement_text(struct statement *s, int column);

/*
 * The texts of a row's struct, whose members stand at these offsets, are its first columns, in that order:
 * they are bound to ?1, ?2 ..., or put into the row, copied if there is an arena.
 */
void statement_bind_texts(struct statement *s, const size_t *offsets, size_t count, const void *row);
void statement_texts(struct statement *s, const size_t *offsets, size_t count, void *row, struct arena *a);

/* The column as a number, or 0 for NULL. */
int64_t statement_int(struct statement *s, int column);

/* How many rows it has added, changed or removed. */
int64_t statement_changes(struct statement *s);

/*
 * Runs body in one transaction that holds the write lock from its beginning, so that all transactions of
 * all processes come one after the other: committed, and on the disk, if body returns true; otherwise, or
 * if committing fails, nothing of it is left.
 *
 * Body may run more than once: where the database asks for it, or when the connection broke and came back.
 * It must not add to what an earlier run left in memory. If nobody can say whether it was committed (the
 * connection broke then, and does not come back), it fails with HAPPENED_UNKNOWN.
 *
 * Within journal_together() body joins the transaction that is under way.
 */
typedef bool database_body(struct journal *j, void *arg, struct error *err);
bool database_transaction(struct journal *j, database_body *body, void *arg, struct error *err) MUST_USE;
#endif
