/*
 * sqlite.c: the journal in a file.
 *
 * A rollback journal and synchronous=EXTRA, because the WAL of SQLite 3.40 (Debian 12) can be reset
 * under a second connection and then lose commits (sqlite.org/wal.html, "The WAL-reset bug"). The rollback journal is
 * kept from commit to commit, with zeros at its beginning, for as long as we have the file open: to make, name and
 * remove one each time takes the disk a fourth longer, and a sixth of our processor time.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "journal/driver.h"
#include "journal/schema.h"
#include "journal/sqlite_file.h"
#include "journal/trouble.h"

enum {
	APPLICATION_ID = 0x43484756, /* "CHGV": file(1) and others tell a journal by it */
	BUSY_MS = 10000, /* another process's commit takes milliseconds; a stuck one is worth an error */
	PROBE_BYTES = 256 * 1024, /* about a thousand events: several rebuilds */
};

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

static sqlite3 *db_of(struct journal *j)
{
	return j->connection;
}

/* Says what failed, with the kind and the hint that SQLite's last code asks for. Always returns false. */
static bool fail(struct journal *j, struct error *err)
{
	int code = sqlite3_errcode(db_of(j)) & 0xff;

	for (size_t i = 0; i < ARRAY_SIZE(CODES); i++)
		if (CODES[i].code == code)
			return trouble_set(j->path, CODES[i].what, sqlite3_errmsg(db_of(j)), err);
	return error_set(err, ERROR_BUG, "journal %s: %s", j->path, sqlite3_errmsg(db_of(j)));
}

/* ---- statements ---- */

static bool prepare(struct journal *j, const char *sql, void **ret, struct error *err)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db_of(j), sql, -1, &s, NULL) != SQLITE_OK)
		return fail(j, err);
	*ret = s;
	return true;
}

static void reset(void *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static void finalize(void *statement)
{
	sqlite3_finalize(statement);
}

static bool execute(struct journal *j, const char *sql, struct error *err)
{
	return sqlite3_exec(db_of(j), sql, NULL, NULL, NULL) == SQLITE_OK || fail(j, err);
}

static bool next(struct journal *j, void *statement, bool *found, struct error *err)
{
	int code = sqlite3_step(statement);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return fail(j, err);
	*found = code == SQLITE_ROW;
	return true;
}

/* Binding fails for want of memory, or because a statement and its code disagree. */
static void bound(int code)
{
	if (code != SQLITE_OK)
		abort();
}

static void bind_text(void *statement, int position, const char *text)
{
	bound(sqlite3_bind_text(statement, position, text, -1, SQLITE_STATIC));
}

static void bind_int(void *statement, int position, int64_t value)
{
	bound(sqlite3_bind_int64(statement, position, value));
}

static const char *text(void *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

static int64_t changes(struct journal *j, void *statement)
{
	(void)statement;
	return sqlite3_changes(db_of(j));
}

/* ---- transactions ---- */

static bool begin(struct journal *j, struct error *err)
{
	return execute(j, "BEGIN IMMEDIATE", err);
}

static bool commit(struct journal *j, struct error *err)
{
	return execute(j, "COMMIT", err);
}

static enum driver_verdict settle(struct journal *j, bool committing, int tries, struct error *err)
{
	(void)committing, (void)tries, (void)err;
	/* SQLite has rolled back by itself after some errors (full disk, I/O); then there is nothing to do. */
	if (!sqlite3_get_autocommit(db_of(j)))
		sqlite3_exec(db_of(j), "ROLLBACK", NULL, NULL, NULL);
	return DRIVER_FAILED;
}

/* ---- the schema's version ---- */

/*
 * SQLite takes a file that ends within its last page for a whole one, and reads zeros. Asked only while nobody else
 * makes it grow, and before we do: then its end would be there again.
 */
static bool has_its_end(struct journal *j, struct error *err)
{
	bool locked = !sqlite3_get_autocommit(db_of(j));
	int64_t pages, size;
	struct stat st;

	if (!locked || stat(j->path, &st) < 0) /* in memory */
		return true;
	if (!database_number(j, "PRAGMA page_count", &pages, err) ||
		!database_number(j, "PRAGMA page_size", &size, err))
		return false;
	return st.st_size >= pages * size || trouble_set(j->path, TROUBLE_DAMAGED, "its end is missing", err);
}

static bool read_version(struct journal *j, int64_t *ret, struct error *err)
{
	int64_t objects, application;

	if (!database_number(j, "SELECT count(*) FROM sqlite_master", &objects, err) ||
		!database_number(j, "PRAGMA application_id", &application, err) ||
		!database_number(j, "PRAGMA user_version", ret, err))
		return false;
	if (application == APPLICATION_ID)
		return has_its_end(j, err);
	if (objects || application)
		return trouble_set(j->path, TROUBLE_FOREIGN, NULL, err);
	*ret = 0;
	return true;
}

static bool write_version(struct journal *j, int version, struct error *err)
{
	char marks[96];

	snprintf(marks, sizeof(marks), "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		version);
	return execute(j, marks, err);
}

/* ---- a file that can be trusted, and has room ---- */

static bool passes(struct journal *j, const char *pragma, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, pragma, &s, err) || !statement_next(s, &found, err))
		return false;
	if (!found || strcmp(statement_text(s, 0), "ok") != 0)
		return trouble_set(j->path, TROUBLE_DAMAGED, found ? statement_text(s, 0) : NULL, err);
	return true;
}

/*
 * It reads all of the file: 7 ms for each MiB, which is about 50 rebuilds (SQLite 3.40, warm cache). Rebuilds are
 * found through indexes, which quick_check does not compare with their table.
 */
static bool is_sound(struct journal *j, struct error *err)
{
	return passes(j, "PRAGMA quick_check(1)", err) && passes(j, "PRAGMA integrity_check(rebuild)", err);
}

static bool insert_probe(struct journal *j, void *arg, struct error *err)
{
	char sql[64];

	(void)arg;
	snprintf(sql, sizeof(sql), "INSERT INTO probe (id, room) VALUES (1, zeroblob(%d))", PROBE_BYTES);
	return execute(j,
		       "CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY, room BLOB NOT NULL);"
		       "DELETE FROM probe",
		       err) &&
	       execute(j, sql, err);
}

static bool delete_probe(struct journal *j, void *arg, struct error *err)
{
	(void)arg;
	return execute(j, "DELETE FROM probe", err);
}

/* The pages that the probe leaves behind are there for the events to come. */
static bool prove(struct journal *j, struct error *err)
{
	return is_sound(j, err) && database_transaction(j, insert_probe, NULL, err) &&
	       database_transaction(j, delete_probe, NULL, err);
}

/* ---- opening ---- */

static bool connect_to(struct journal *j, struct error *err)
{
	/* Reading, too, opens for writing if it may: a writer that was killed left its transaction to roll back. */
	sqlite3 *db;
	int code = sqlite3_open_v2(j->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (!db)
		abort();
	j->connection = db;
	if (code != SQLITE_OK)
		return fail(j, err);
	sqlite3_extended_result_codes(db, 0);
	sqlite3_busy_timeout(db, BUSY_MS);
	return true;
}

/* With the rollback journal that was kept, unless somebody else is at it. */
static void close_connection(struct journal *j)
{
	sqlite3_exec(db_of(j), "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	sqlite3_close(db_of(j));
}

static const char *file(struct journal *j)
{
	const char *path = sqlite3_db_filename(db_of(j), "main");

	return path && *path ? path : NULL; /* in memory */
}

static bool make_durable(struct journal *j, struct error *err)
{
	return execute(j, "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = PERSIST", err);
}

/* A whole journal without rebuilds. It is on the disk when this returns true, but for its name. */
static bool fill_new_file(const char *path, struct error *err)
{
	auto_free char *own = alloc_text(path);
	struct journal j = { .driver = &driver_sqlite, .path = own };
	bool done;

	done = connect_to(&j, err) && make_durable(&j, err) && schema_prepare(&j, err);
	database_forget(&j);
	close_connection(&j);
	return done;
}

static bool open_file(struct journal *j, const char *url, enum journal_access access, struct error *err)
{
	bool in_memory = !strcmp(url, JOURNAL_IN_MEMORY);

	if (!in_memory && access == JOURNAL_WRITE && !sqlite_file_make(url, fill_new_file, err))
		return false;
	if (!in_memory && !sqlite_file_check(url, err))
		return false;
	if (!connect_to(j, err))
		return false;
	if (access == JOURNAL_READ)
		return execute(j, "PRAGMA query_only = ON", err);
	/* temp_store: else what a statement for several rows may have to take back goes into a file. */
	return make_durable(j, err) && execute(j, "PRAGMA foreign_keys = ON", err) &&
	       execute(j, "PRAGMA temp_store = MEMORY", err);
}

const struct driver driver_sqlite = {
	.row_number = "INTEGER",
	.random_hex = "lower(hex(randomblob(6)))",
	.add_column = "ADD COLUMN",
	.open = open_file,
	.prove = prove,
	.close = close_connection,
	.file = file,
	.read_version = read_version,
	.write_version = write_version,
	.execute = execute,
	.begin = begin,
	.commit = commit,
	.settle = settle,
	.prepare = prepare,
	.bind_text = bind_text,
	.bind_int = bind_int,
	.next = next,
	.text = text,
	.changes = changes,
	.reset = reset,
	.finalize = finalize,
};
