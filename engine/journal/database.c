#include "journal/database.h"

#include <assert.h>
#include <stdlib.h>

/* SQLite's primary result codes that an operator can do something about. */
static const struct remedy {
	int code;
	enum error_kind kind;
	const char *what, *hint;
} REMEDIES[] = {
	{ SQLITE_FULL, ERROR_LOCAL, "the disk is full",
		"free some space there, or name another file with --journal" },
	{ SQLITE_READONLY, ERROR_LOCAL, "it cannot be written",
		"make the file and its folder writable, or name another file with --journal" },
	{ SQLITE_CANTOPEN, ERROR_LOCAL, "it cannot be opened",
		"make the file and its folder writable, or name another file with --journal" },
	{ SQLITE_PERM, ERROR_LOCAL, "permission is denied",
		"make the file and its folder writable, or name another file with --journal" },
	{ SQLITE_BUSY, ERROR_CONFLICT, "another process is writing to it and does not finish",
		"see which with `fuser`, wait for it to end, then run the same command again" },
	{ SQLITE_NOTADB, ERROR_LOCAL, "it is not a journal of Changeover",
		"name another file with --journal; this one was left as it is" },
	{ SQLITE_CORRUPT, ERROR_LOCAL, "it is damaged",
		"move the file away: rebuilds under way are found again by their tags" },
	{ SQLITE_IOERR, ERROR_LOCAL, "the disk failed",
		"see the kernel's messages about that disk, or name another file with --journal" },
};

static const struct remedy *find_remedy(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(REMEDIES); i++)
		if (REMEDIES[i].code == code)
			return &REMEDIES[i];
	return NULL;
}

bool database_fail(struct journal *j, struct error *err)
{
	const struct remedy *r = find_remedy(sqlite3_errcode(j->db) & 0xff);

	if (!r)
		return error_set(err, ERROR_BUG, "journal %s: %s", j->path, sqlite3_errmsg(j->db));
	error_set(err, r->kind, "journal %s: %s (%s)", j->path, r->what, sqlite3_errmsg(j->db));
	return error_hint(err, r->hint);
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
