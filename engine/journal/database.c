#include "journal/database.h"

#include <assert.h>
#include <stdlib.h>

#include "journal/trouble.h"

/* What SQLite's primary result codes mean for the file. */
static const struct {
	int code;
	enum trouble what;
} CODES[] = {
	{ SQLITE_FULL, TROUBLE_FULL },
	{ SQLITE_READONLY, TROUBLE_READ_ONLY },
	{ SQLITE_CANTOPEN, TROUBLE_CLOSED },
	{ SQLITE_PERM, TROUBLE_CLOSED },
	{ SQLITE_BUSY, TROUBLE_BUSY },
	{ SQLITE_NOTADB, TROUBLE_FOREIGN },
	{ SQLITE_CORRUPT, TROUBLE_DAMAGED },
	{ SQLITE_IOERR, TROUBLE_DISK },
};

bool database_fail(struct journal *j, struct error *err)
{
	int code = sqlite3_errcode(j->db) & 0xff;

	for (size_t i = 0; i < ARRAY_SIZE(CODES); i++)
		if (CODES[i].code == code)
			return trouble_set(j->path, CODES[i].what, sqlite3_errmsg(j->db), err);
	return error_set(err, ERROR_BUG, "journal %s: %s", j->path, sqlite3_errmsg(j->db));
}

void statement_finalize(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

bool database_prepare(struct journal *j, const char *sql, sqlite3_stmt **ret, struct error *err)
{
	if (sqlite3_prepare_v2(j->db, sql, -1, ret, NULL) != SQLITE_OK)
		return database_fail(j, err);
	return true;
}

bool database_execute(struct journal *j, const char *sql, struct error *err)
{
	if (sqlite3_exec(j->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_fail(j, err);
	return true;
}

bool statement_run(struct journal *j, sqlite3_stmt *s, struct error *err)
{
	bool found;

	return statement_next(j, s, &found, err);
}

bool statement_next(struct journal *j, sqlite3_stmt *s, bool *found, struct error *err)
{
	int code = sqlite3_step(s);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return database_fail(j, err);
	*found = code == SQLITE_ROW;
	return true;
}

/* Binding fails for want of memory, or because a statement and its code disagree. */
static void bound(int code)
{
	if (code != SQLITE_OK)
		abort();
}

void statement_bind_text(sqlite3_stmt *s, int position, const char *text)
{
	bound(sqlite3_bind_text(s, position, text && *text ? text : NULL, -1, SQLITE_STATIC));
}

void statement_bind_int(sqlite3_stmt *s, int position, int64_t value)
{
	bound(sqlite3_bind_int64(s, position, value));
}

const char *statement_text(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text ? text : "";
}

static void roll_back(struct journal *j)
{
	/* SQLite has rolled back by itself after some errors (full disk, I/O); then there is nothing to do. */
	if (!sqlite3_get_autocommit(j->db))
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
}

bool database_transaction(struct journal *j, database_body *body, void *arg, struct error *err)
{
	if (!database_execute(j, "BEGIN IMMEDIATE", err))
		return false;
	if (body(j, arg, err) && database_execute(j, "COMMIT", err))
		return true;
	roll_back(j);
	return false;
}
