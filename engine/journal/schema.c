#include "journal/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "journal/database.h"
#include "journal/trouble.h"

/*
 * Standard SQL: PostgreSQL takes the same text. Times are wall-clock milliseconds since 1970. Enums
 * are stored by name. An event is never changed and never deleted.
 */
static const char TABLES[] = "CREATE TABLE rebuild ("
			     "  id TEXT PRIMARY KEY,"
			     "  plan_name TEXT, plan_path TEXT, plan_digest TEXT,"
			     "  blue TEXT, green TEXT,"
			     "  image_from TEXT, image_to TEXT,"
			     "  volumes TEXT, addresses TEXT,"
			     "  cause TEXT,"
			     "  state TEXT NOT NULL,"
			     "  created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL);"
			     "CREATE INDEX rebuild_by_blue ON rebuild (blue, created_ms);"
			     "CREATE INDEX rebuild_by_age ON rebuild (created_ms);"
			     "CREATE TABLE event ("
			     "  seq INTEGER PRIMARY KEY,"
			     "  at_ms BIGINT NOT NULL,"
			     "  rebuild TEXT NOT NULL REFERENCES rebuild (id),"
			     "  kind TEXT NOT NULL,"
			     "  step TEXT, effect TEXT, token TEXT, detail TEXT,"
			     "  error TEXT, happened TEXT, request_id TEXT,"
			     "  took_ms BIGINT NOT NULL, epoch BIGINT NOT NULL);"
			     "CREATE INDEX event_by_rebuild ON event (rebuild, seq);"
			     "CREATE TABLE lease ("
			     "  rebuild TEXT PRIMARY KEY,"
			     "  epoch BIGINT NOT NULL,"
			     "  holder TEXT, place TEXT, pid BIGINT NOT NULL, started BIGINT NOT NULL,"
			     "  since_ms BIGINT NOT NULL, renewed_ms BIGINT NOT NULL,"
			     "  version TEXT);"
			     "CREATE TABLE probe (id INTEGER PRIMARY KEY, room BLOB NOT NULL);";

/* Since version 2: which journal this is, and what operators ask of whoever drives a rebuild. */
static const char TABLES_2[] = "CREATE TABLE identity (id TEXT PRIMARY KEY);"
			       "CREATE TABLE wish ("
			       "  rebuild TEXT PRIMARY KEY REFERENCES rebuild (id),"
			       "  what TEXT NOT NULL,"
			       "  at_ms BIGINT NOT NULL);";

/* Since version 3: rollouts and their machines (rollout_record.h). */
static const char TABLES_3[] =
	"CREATE TABLE rollout ("
	"  id TEXT PRIMARY KEY,"
	"  kind TEXT NOT NULL, parent TEXT,"
	"  plan_name TEXT, plan_path TEXT, plan_digest TEXT,"
	"  state TEXT NOT NULL, cause TEXT,"
	"  machines BIGINT NOT NULL,"
	"  created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL,"
	"  expected_ms BIGINT NOT NULL,"
	"  version BIGINT NOT NULL,"
	"  paused BIGINT NOT NULL, promoted BIGINT NOT NULL,"
	"  known_failures BIGINT NOT NULL, known_not_serving BIGINT NOT NULL,"
	"  wish TEXT);"
	"CREATE INDEX rollout_by_age ON rollout (created_ms);"
	"CREATE TABLE rollout_machine ("
	"  rollout TEXT NOT NULL REFERENCES rollout (id),"
	"  number BIGINT NOT NULL,"
	"  machine TEXT NOT NULL, grp TEXT, zone TEXT, stage TEXT,"
	"  state TEXT NOT NULL, rebuild TEXT, cause TEXT,"
	"  tries BIGINT NOT NULL, due_ms BIGINT NOT NULL, took_ms BIGINT NOT NULL,"
	"  began_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL,"
	"  version BIGINT NOT NULL,"
	"  PRIMARY KEY (rollout, number));"
	"CREATE INDEX rollout_machine_by_version ON rollout_machine (rollout, version);"
	"CREATE INDEX rollout_machine_by_machine ON rollout_machine (machine);";

/* No text that others take: each database has its own way to make random bytes. */
static const char IDENTITY[] = "INSERT INTO identity (id) VALUES ('jr-' || lower(hex(randomblob(6))))";

static bool read_number(struct journal *j, const char *sql, int64_t *ret, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, sql, &s, err) || !statement_next(j, s, &found, err))
		return false;
	*ret = found ? sqlite3_column_int64(s, 0) : 0;
	return true;
}

static bool newer(struct journal *j, int64_t version, struct error *err)
{
	char detail[96];

	snprintf(detail, sizeof(detail), "version %" PRId64 "; this program knows up to %d", version,
		SCHEMA_VERSION);
	return trouble_set(j->path, TROUBLE_NEWER, detail, err);
}

bool schema_check(struct journal *j, struct error *err)
{
	int64_t application, version;

	if (!read_number(j, "PRAGMA application_id", &application, err) ||
		!read_number(j, "PRAGMA user_version", &version, err))
		return false;
	if (application != SCHEMA_APPLICATION_ID)
		return trouble_set(j->path, TROUBLE_FOREIGN, NULL, err);
	if (version > SCHEMA_VERSION)
		return newer(j, version, err);
	return true;
}

static bool create(struct journal *j, int64_t from_version, struct error *err)
{
	char marks[96];

	snprintf(marks, sizeof(marks), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	return (from_version >= 1 || database_execute(j, TABLES, err)) &&
	       (from_version >= 2 ||
		       (database_execute(j, TABLES_2, err) && database_execute(j, IDENTITY, err))) &&
	       database_execute(j, TABLES_3, err) && database_execute(j, marks, err);
}

/* SQLite takes a file that ends within its last page for a whole one, and reads zeros. */
static bool has_its_end(struct journal *j, struct error *err)
{
	int64_t pages, size;
	struct stat st;

	if (stat(j->path, &st) < 0) /* in memory */
		return true;
	if (!read_number(j, "PRAGMA page_count", &pages, err) ||
		!read_number(j, "PRAGMA page_size", &size, err))
		return false;
	return st.st_size >= pages * size || trouble_set(j->path, TROUBLE_DAMAGED, "its end is missing", err);
}

/* Asked inside the transaction: of two first openers, the second finds the tables made. */
static bool create_if_missing(struct journal *j, void *arg, struct error *err)
{
	int64_t objects, application, version;

	(void)arg;
	if (!read_number(j, "SELECT count(*) FROM sqlite_master", &objects, err) ||
		!read_number(j, "PRAGMA application_id", &application, err))
		return false;
	if (objects == 0 && application == 0)
		return create(j, 0, err);
	if (!schema_check(j, err) || !has_its_end(j, err) ||
		!read_number(j, "PRAGMA user_version", &version, err))
		return false;
	return version == SCHEMA_VERSION || create(j, version, err);
}

bool schema_prepare(struct journal *j, struct error *err)
{
	return database_transaction(j, create_if_missing, NULL, err);
}

static bool passes(struct journal *j, const char *pragma, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, pragma, &s, err) || !statement_next(j, s, &found, err))
		return false;
	if (!found || strcmp(statement_text(s, 0), "ok") != 0)
		return trouble_set(j->path, TROUBLE_DAMAGED, found ? statement_text(s, 0) : NULL, err);
	return true;
}

/* Rebuilds are found through indexes, which quick_check does not compare with their table. */
bool schema_verify(struct journal *j, struct error *err)
{
	return passes(j, "PRAGMA quick_check(1)", err) && passes(j, "PRAGMA integrity_check(rebuild)", err);
}
