#include "journal/schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "journal/driver.h"
#include "journal/trouble.h"

/*
 * Standard SQL, the same for all databases. Times are wall-clock milliseconds since 1970. Enums are stored
 * by name. An event is never changed and never deleted.
 *
 * IF NOT EXISTS, because not every database that speaks PostgreSQL's language makes tables within a
 * transaction: what was begun by somebody who died is completed.
 */
static const char REBUILDS[] = "CREATE TABLE IF NOT EXISTS rebuild ("
			       "  id TEXT PRIMARY KEY,"
			       "  plan_name TEXT, plan_path TEXT, plan_digest TEXT,"
			       "  blue TEXT, green TEXT,"
			       "  image_from TEXT, image_to TEXT,"
			       "  volumes TEXT, addresses TEXT,"
			       "  cause TEXT,"
			       "  state TEXT NOT NULL,"
			       "  created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL);"
			       "CREATE INDEX IF NOT EXISTS rebuild_by_blue ON rebuild (blue, created_ms);"
			       "CREATE INDEX IF NOT EXISTS rebuild_by_age ON rebuild (created_ms);";

static const char LEASES[] = "CREATE TABLE IF NOT EXISTS lease ("
			     "  rebuild TEXT PRIMARY KEY,"
			     "  epoch BIGINT NOT NULL,"
			     "  holder TEXT, place TEXT, pid BIGINT NOT NULL, started BIGINT NOT NULL,"
			     "  since_ms BIGINT NOT NULL, renewed_ms BIGINT NOT NULL,"
			     "  version TEXT);";

/* What operators ask of whoever drives a rebuild. */
static const char WISHES[] = "CREATE TABLE IF NOT EXISTS wish ("
			     "  rebuild TEXT PRIMARY KEY REFERENCES rebuild (id),"
			     "  what TEXT NOT NULL,"
			     "  at_ms BIGINT NOT NULL);";

/* Rollouts and their machines (rollout_record.h). */
static const char ROLLOUTS[] =
	"CREATE TABLE IF NOT EXISTS rollout ("
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
	"CREATE INDEX IF NOT EXISTS rollout_by_age ON rollout (created_ms);"
	"CREATE TABLE IF NOT EXISTS rollout_machine ("
	"  rollout TEXT NOT NULL REFERENCES rollout (id),"
	"  number BIGINT NOT NULL,"
	"  machine TEXT NOT NULL, grp TEXT, zone TEXT, stage TEXT,"
	"  state TEXT NOT NULL, rebuild TEXT, cause TEXT,"
	"  tries BIGINT NOT NULL, due_ms BIGINT NOT NULL, took_ms BIGINT NOT NULL,"
	"  began_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL,"
	"  version BIGINT NOT NULL,"
	"  PRIMARY KEY (rollout, number));"
	"CREATE INDEX IF NOT EXISTS rollout_machine_by_version ON rollout_machine (rollout, version);"
	"CREATE INDEX IF NOT EXISTS rollout_machine_by_machine ON rollout_machine (machine);";

/* Locks that machines ask for (holding.h). The state is one row. */
static const char LOCKS[] =
	"CREATE TABLE IF NOT EXISTS machine_lock_state ("
	"  id BIGINT PRIMARY KEY,"
	"  number BIGINT NOT NULL, last_id BIGINT NOT NULL);"
	"INSERT INTO machine_lock_state (id, number, last_id) VALUES (1, 1, 0) ON CONFLICT (id) DO NOTHING;"
	"CREATE TABLE IF NOT EXISTS machine_lock ("
	"  id BIGINT PRIMARY KEY,"
	"  name TEXT NOT NULL UNIQUE,"
	"  slots BIGINT NOT NULL,"
	"  enabled BIGINT NOT NULL,"
	"  created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS machine_lock_holder ("
	"  lock BIGINT NOT NULL REFERENCES machine_lock (id),"
	"  holder TEXT NOT NULL,"
	"  via TEXT,"
	"  since_ms BIGINT NOT NULL,"
	"  PRIMARY KEY (lock, holder));"
	"CREATE TABLE IF NOT EXISTS machine_lock_event ("
	"  id BIGINT PRIMARY KEY,"
	"  lock BIGINT NOT NULL REFERENCES machine_lock (id),"
	"  at_ms BIGINT NOT NULL,"
	"  kind TEXT NOT NULL,"
	"  holder TEXT, via TEXT);"
	"CREATE INDEX IF NOT EXISTS machine_lock_event_by_lock ON machine_lock_event (lock, id);"
	"CREATE INDEX IF NOT EXISTS machine_lock_event_by_age ON machine_lock_event (at_ms);";

static bool execute(struct journal *j, const char *sql, struct error *err)
{
	return database_execute(j, sql, err);
}

static bool create_events(struct journal *j, const char *sql, struct error *err)
{
	auto_arena a = ARENA_INIT;

	(void)sql;
	return execute(j,
		arena_printf(&a,
			"CREATE TABLE IF NOT EXISTS event ("
			"  seq %s PRIMARY KEY,"
			"  at_ms BIGINT NOT NULL,"
			"  rebuild TEXT NOT NULL REFERENCES rebuild (id),"
			"  kind TEXT NOT NULL,"
			"  step TEXT, effect TEXT, token TEXT, detail TEXT,"
			"  error TEXT, happened TEXT, request_id TEXT,"
			"  took_ms BIGINT NOT NULL, epoch BIGINT NOT NULL);"
			"CREATE INDEX IF NOT EXISTS event_by_rebuild ON event (rebuild, seq);",
			j->driver->row_number),
		err);
}

/* Which journal this is. */
static bool create_identity(struct journal *j, const char *sql, struct error *err)
{
	auto_arena a = ARENA_INIT;

	(void)sql;
	return execute(j,
		arena_printf(&a,
			"CREATE TABLE IF NOT EXISTS identity (id TEXT PRIMARY KEY);"
			"INSERT INTO identity (id) SELECT 'jr-' || %s WHERE NOT EXISTS (SELECT 1 FROM "
			"identity)",
			j->driver->random_hex),
		err);
}

static bool add_number(struct journal *j, const char *table, const char *column, struct error *err)
{
	auto_arena a = ARENA_INIT;

	return execute(j,
		arena_printf(&a, "ALTER TABLE %s %s %s BIGINT", table, j->driver->add_column, column), err);
}

/* Which worker a machine of a rollout is under way with (seat.h). */
static bool add_seats(struct journal *j, const char *sql, struct error *err)
{
	(void)sql;
	return add_number(j, "rollout_machine", "seat", err);
}

/* Which driver is asked (wish.h). */
static bool add_addresses(struct journal *j, const char *sql, struct error *err)
{
	(void)sql;
	return add_number(j, "wish", "epoch", err);
}

/* What each version brought, in its order; an older journal gets what it lacks. */
static const struct {
	int since;
	bool (*create)(struct journal *j, const char *sql, struct error *err);
	const char *sql;
} PARTS[] = {
	{ 1, execute, REBUILDS },
	{ 1, create_events, NULL },
	{ 1, execute, LEASES },
	{ 2, create_identity, NULL },
	{ 2, execute, WISHES },
	{ 3, execute, ROLLOUTS },
	{ 4, execute, LOCKS },
	{ 5, add_seats, NULL },
	{ 6, add_addresses, NULL },
};

static bool newer(struct journal *j, int64_t version, struct error *err)
{
	char detail[96];

	snprintf(detail, sizeof(detail), "version %" PRId64 "; this program knows up to %d", version,
		SCHEMA_VERSION);
	return trouble_set(j->path, TROUBLE_NEWER, detail, err);
}

static bool read_version(struct journal *j, int64_t *ret, struct error *err)
{
	return j->driver->read_version(j, ret, err) && (*ret <= SCHEMA_VERSION || newer(j, *ret, err));
}

bool schema_check(struct journal *j, struct error *err)
{
	int64_t version;

	if (!read_version(j, &version, err))
		return false;
	j->version = version;
	return version || trouble_set(j->path, TROUBLE_FOREIGN, NULL, err);
}

/* Asked inside the transaction: of two first openers, the second finds the tables made. */
static bool create_if_missing(struct journal *j, void *arg, struct error *err)
{
	int64_t version;

	(void)arg;
	if (!read_version(j, &version, err))
		return false;
	j->version = SCHEMA_VERSION;
	if (version == SCHEMA_VERSION)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++)
		if (PARTS[i].since > version && !PARTS[i].create(j, PARTS[i].sql, err))
			return false;
	return j->driver->write_version(j, SCHEMA_VERSION, err);
}

bool schema_prepare(struct journal *j, struct error *err)
{
	return database_transaction(j, create_if_missing, NULL, err);
}
