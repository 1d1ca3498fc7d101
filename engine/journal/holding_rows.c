#include "journal/holding_rows.h"

#include <string.h>

#include "journal/database.h"
#include "journal/schema.h"

static bool put_lock(struct journal *j, const struct holding_change *c, struct error *err);
static bool drop_lock(struct journal *j, const struct holding_change *c, struct error *err);
static bool put_holder(struct journal *j, const struct holding_change *c, struct error *err);
static bool drop_holder(struct journal *j, const struct holding_change *c, struct error *err);

/* How each kind is stored, and what it does to the rows besides. */
static const struct {
	const char *name;
	bool (*write)(struct journal *j, const struct holding_change *c, struct error *err);
} KINDS[HOLDING_CHANGE_COUNT] = {
	[HOLDING_LOCK_CREATED] = { "created", put_lock },
	[HOLDING_LOCK_RESIZED] = { "resized", put_lock },
	[HOLDING_LOCK_ENABLED] = { "enabled", put_lock },
	[HOLDING_LOCK_DISABLED] = { "disabled", put_lock },
	[HOLDING_LOCK_DELETED] = { "deleted", drop_lock },
	[HOLDING_TAKEN] = { "taken", put_holder },
	[HOLDING_GIVEN_BACK] = { "given-back", drop_holder },
	[HOLDING_RELEASED] = { "released", drop_holder },
};

const char *holding_change_name(enum holding_change_kind kind)
{
	return KINDS[kind].name;
}

bool holding_change_parse(const char *name, enum holding_change_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
		if (!strcmp(KINDS[i].name, name)) {
			*ret = (enum holding_change_kind)i;
			return true;
		}
	return false;
}

/* A journal from before there were locks, opened to be read, has none. */
static bool has_locks(const struct journal *j)
{
	return j->version >= SCHEMA_WITH_LOCKS;
}

bool holding_rows_state(struct journal *j, struct holding_state *ret, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	*ret = (struct holding_state){ .number = 0 };
	if (!has_locks(j))
		return true;
	if (!database_prepare(j, "SELECT number, last_id FROM machine_lock_state", &s, err) ||
		!statement_next(s, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_LOCAL, "journal %s: the state of its locks is missing", j->path);
	ret->number = statement_int(s, 0);
	ret->last_id = statement_int(s, 1);
	return true;
}

static bool read_locks(struct journal *j, const struct holding_sink *to, struct error *err)
{
	static const char SQL[] = "SELECT id, name, slots, enabled, created_ms, updated_ms FROM machine_lock"
				  " ORDER BY name";
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		to->lock(to->self, &(struct holding_lock){ .id = statement_int(s, 0),
					   .name = statement_text(s, 1),
					   .slots = statement_int(s, 2),
					   .enabled = statement_int(s, 3) != 0,
					   .created_ms = statement_int(s, 4),
					   .updated_ms = statement_int(s, 5) });
	}
	return false;
}

static bool read_holders(struct journal *j, const struct holding_sink *to, struct error *err)
{
	static const char SQL[] = "SELECT l.name, h.holder, h.via, h.since_ms"
				  " FROM machine_lock_holder h JOIN machine_lock l ON l.id = h.lock"
				  " ORDER BY h.lock, h.since_ms, h.holder";
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		to->holder(to->self, &(struct holding){ .lock = statement_text(s, 0),
					     .holder = statement_text(s, 1),
					     .via = statement_text(s, 2),
					     .since_ms = statement_int(s, 3) });
	}
	return false;
}

bool holding_rows_read(struct journal *j, const struct holding_sink *to, struct error *err)
{
	return !has_locks(j) || (read_locks(j, to, err) && read_holders(j, to, err));
}

static bool put_lock(struct journal *j, const struct holding_change *c, struct error *err)
{
	static const char SQL[] =
		"INSERT INTO machine_lock (id, name, slots, enabled, created_ms, updated_ms)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT (id) DO UPDATE SET slots = ?3, enabled = ?4, updated_ms = ?6";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, c->lock.id);
	statement_bind_text(s, 2, c->lock.name);
	statement_bind_int(s, 3, c->lock.slots);
	statement_bind_int(s, 4, c->lock.enabled);
	statement_bind_int(s, 5, c->lock.created_ms);
	statement_bind_int(s, 6, c->lock.updated_ms);
	return statement_run(s, err);
}

static bool run_with_id(struct journal *j, const char *sql, int64_t id, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, sql, &s, err))
		return false;
	statement_bind_int(s, 1, id);
	return statement_run(s, err);
}

static bool drop_lock(struct journal *j, const struct holding_change *c, struct error *err)
{
	return run_with_id(j, "DELETE FROM machine_lock_event WHERE lock = ?1", c->lock.id, err) &&
	       run_with_id(j, "DELETE FROM machine_lock WHERE id = ?1", c->lock.id, err);
}

static bool put_holder(struct journal *j, const struct holding_change *c, struct error *err)
{
	static const char SQL[] = "INSERT INTO machine_lock_holder (lock, holder, via, since_ms)"
				  " VALUES (?1, ?2, ?3, ?4)";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, c->lock.id);
	statement_bind_text(s, 2, c->holder);
	statement_bind_text(s, 3, c->via);
	statement_bind_int(s, 4, c->lock.updated_ms);
	return statement_run(s, err);
}

static bool drop_holder(struct journal *j, const struct holding_change *c, struct error *err)
{
	static const char SQL[] = "DELETE FROM machine_lock_holder WHERE lock = ?1 AND holder = ?2";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, c->lock.id);
	statement_bind_text(s, 2, c->holder);
	return statement_run(s, err);
}

/* When a lock was last taken or given back is when it was updated. */
static bool touch_lock(struct journal *j, const struct holding_change *c, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, "UPDATE machine_lock SET updated_ms = ?2 WHERE id = ?1", &s, err))
		return false;
	statement_bind_int(s, 1, c->lock.id);
	statement_bind_int(s, 2, c->lock.updated_ms);
	return statement_run(s, err);
}

/* Every change says when its lock was updated: the last one of a lock is enough. */
static bool is_last_of_its_lock(const struct holding_batch *b, size_t at)
{
	for (size_t i = at + 1; i < b->count; i++)
		if (b->changes[i].lock.id == b->changes[at].lock.id)
			return false;
	return true;
}

static bool write_change(struct journal *j, const struct holding_batch *b, size_t at, struct error *err)
{
	const struct holding_change *c = &b->changes[at];

	return KINDS[c->kind].write(j, c, err) && (!is_last_of_its_lock(b, at) || touch_lock(j, c, err));
}

/* How many rows go into one statement: a server that is asked for each is asked too often. The last is 1. */
static const size_t EVENTS_AT_ONCE[] = { 16, 4, 1 };

enum { EVENT_COLUMNS = 6 };

static const char *insert_events(struct arena *a, size_t rows)
{
	const char *sql = "INSERT INTO machine_lock_event (id, lock, at_ms, kind, holder, via) VALUES";

	for (size_t i = 0; i < rows; i++) {
		size_t n = i * EVENT_COLUMNS;

		sql = arena_printf(a, "%s%s (?%zu, ?%zu, ?%zu, ?%zu, ?%zu, ?%zu)", sql, i ? "," : "", n + 1,
			n + 2, n + 3, n + 4, n + 5, n + 6);
	}
	return sql;
}

static void bind_event(struct statement *s, int before, const struct holding_change *c)
{
	statement_bind_int(s, before + 1, c->event_id);
	statement_bind_int(s, before + 2, c->lock.id);
	statement_bind_int(s, before + 3, c->lock.updated_ms);
	statement_bind_text(s, before + 4, KINDS[c->kind].name);
	statement_bind_text(s, before + 5, c->holder);
	statement_bind_text(s, before + 6, c->via);
}

static bool add_some_events(
	struct journal *j, const struct holding_change *changes, size_t count, struct error *err)
{
	auto_arena a = ARENA_INIT;
	auto_statement *s = NULL;

	if (!database_prepare(j, insert_events(&a, count), &s, err))
		return false;
	for (size_t i = 0; i < count; i++)
		bind_event(s, (int)i * EVENT_COLUMNS, &changes[i]);
	return statement_run(s, err);
}

static bool add_events(
	struct journal *j, const struct holding_change *changes, size_t count, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(EVENTS_AT_ONCE); i++)
		for (size_t rows = EVENTS_AT_ONCE[i]; count >= rows; count -= rows, changes += rows)
			if (!add_some_events(j, changes, rows, err))
				return false;
	return true;
}

/* A lock goes with its events: those of this batch have to be there before, and that it goes is none. */
bool holding_rows_write(struct journal *j, const struct holding_batch *b, struct error *err)
{
	size_t told = 0;

	for (size_t i = 0; i < b->count; i++) {
		bool goes = b->changes[i].kind == HOLDING_LOCK_DELETED;

		if (goes && !add_events(j, b->changes + told, i - told, err))
			return false;
		if (!write_change(j, b, i, err))
			return false;
		told = goes ? i + 1 : told;
	}
	return add_events(j, b->changes + told, b->count - told, err);
}

bool holding_rows_raise(
	struct journal *j, int64_t from, const struct holding_state *to, bool *ret_found, struct error *err)
{
	static const char SQL[] =
		"UPDATE machine_lock_state SET number = ?1, last_id = ?2 WHERE id = 1 AND number = ?3";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, to->number);
	statement_bind_int(s, 2, to->last_id);
	statement_bind_int(s, 3, from);
	if (!statement_run(s, err))
		return false;
	*ret_found = statement_changes(s) > 0;
	return true;
}
