/* database.h: the journal's own way to SQLite: statements, transactions, and what its codes mean. */
#ifndef JOURNAL_DATABASE_H
#define JOURNAL_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

enum { JOURNAL_ID_SIZE = 32 };

struct journal {
	sqlite3 *db;
	char *path;
	char id[JOURNAL_ID_SIZE];
};

#define auto_statement CLEANUP(statement_finalize) sqlite3_stmt
void statement_finalize(sqlite3_stmt **s);

/* Says what failed, with the kind and the hint that SQLite's last code asks for. Always returns false. */
bool database_fail(struct journal *j, struct error *err);

bool database_prepare(struct journal *j, const char *sql, sqlite3_stmt **ret, struct error *err) MUST_USE;

/* Runs statements that answer nothing. */
bool database_execute(struct journal *j, const char *sql, struct error *err) MUST_USE;

/* Runs a prepared statement that answers nothing. */
bool statement_run(struct journal *j, sqlite3_stmt *s, struct error *err) MUST_USE;

/* Goes to the next row; *found is false after the last one. */
bool statement_next(struct journal *j, sqlite3_stmt *s, bool *found, struct error *err) MUST_USE;

/* NULL and "" are stored as NULL. The text must live until the statement has run. */
void statement_bind_text(sqlite3_stmt *s, int position, const char *text);
void statement_bind_int(sqlite3_stmt *s, int position, int64_t value);

/* The column's text, or "" for NULL; borrowed until the next row. */
const char *statement_text(sqlite3_stmt *s, int column);

/*
 * Runs body in one transaction that holds the write lock from its beginning: committed, and on the
 * disk, if body returns true; otherwise, or if committing fails, nothing of it is left.
 */
typedef bool database_body(struct journal *j, void *arg, struct error *err);
bool database_transaction(struct journal *j, database_body *body, void *arg, struct error *err) MUST_USE;
#endif
