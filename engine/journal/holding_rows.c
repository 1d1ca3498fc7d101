#include "journal/holding_rows.h"

#include <string.h>

#include "base/text.h"
#include "journal/database.h"
#include "journal/holding_outcome.h"
#include "journal/schema.h"

/* How each kind is stored. */
static const char *const KINDS[HOLDING_CHANGE_COUNT] = {
	[HOLDING_LOCK_CREATED] = "created",
	[HOLDING_LOCK_RESIZED] = "resized",
	[HOLDING_LOCK_ENABLED] = "enabled",
	[HOLDING_LOCK_DISABLED] = "disabled",
	[HOLDING_LOCK_DELETED] = "deleted",
	[HOLDING_TAKEN] = "taken",
	[HOLDING_GIVEN_BACK] = "given-back",
	[HOLDING_RELEASED] = "released",
};

const char *holding_change_name(enum holding_change_kind kind)
{
	return KINDS[kind];
}

bool holding_change_parse(const char *name, enum holding_change_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
		if (!strcmp(KINDS[i], name)) {
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

/* Shows the rows of a statement that is bound, one after the other. */
typedef void show_row(void *self, struct statement *s);

static bool show_rows(struct statement *s, show_row *show, void *self, struct error *err)
{
	bool found;

	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		show(self, s);
	}
	return false;
}

static void show_lock(void *self, struct statement *s)
{
	const struct holding_sink *to = self;

	to->lock(to->self, &(struct holding_lock){ .id = statement_int(s, 0),
				   .name = statement_text(s, 1),
				   .slots = statement_int(s, 2),
				   .enabled = statement_int(s, 3) != 0,
				   .created_ms = statement_int(s, 4),
				   .updated_ms = statement_int(s, 5) });
}

static void show_holder(void *self, struct statement *s)
{
	const struct holding_sink *to = self;

	to->holder(to->self, &(struct holding){ .lock = statement_text(s, 0),
				     .holder = statement_text(s, 1),
				     .via = statement_text(s, 2),
				     .since_ms = statement_int(s, 3) });
}

static bool show_table(
	struct journal *j, const char *sql, show_row *show, struct holding_sink *to, struct error *err)
{
	auto_statement *s = NULL;

	return database_prepare(j, sql, &s, err) && show_rows(s, show, to, err);
}

bool holding_rows_read(struct journal *j, const struct holding_sink *to, struct error *err)
{
	static const char LOCKS[] =
		"SELECT id, name, slots, enabled, created_ms, updated_ms FROM machine_lock"
		" ORDER BY name";
	static const char HOLDERS[] = "SELECT l.name, h.holder, h.via, h.since_ms"
				      " FROM machine_lock_holder h JOIN machine_lock l ON l.id = h.lock"
				      " ORDER BY h.lock, h.since_ms, h.holder";
	struct holding_sink sink = *to;

	return !has_locks(j) || (show_table(j, LOCKS, show_lock, &sink, err) &&
					show_table(j, HOLDERS, show_holder, &sink, err));
}

/* Of a later version: something about the lock itself. */
static enum holding_change_kind kind_of(const char *name)
{
	enum holding_change_kind kind = HOLDING_LOCK_RESIZED;

	return holding_change_parse(name, &kind) ? kind : HOLDING_LOCK_RESIZED;
}

static void show_event(void *self, struct statement *s)
{
	const struct holding_event_sink *to = self;

	to->event(to->self, &(struct holding_event){ .id = statement_int(s, 0),
				    .at_ms = statement_int(s, 1),
				    .kind = kind_of(statement_text(s, 2)),
				    .holder = statement_text(s, 3),
				    .via = statement_text(s, 4) });
}

bool holding_rows_events(
	struct journal *j, int64_t lock, const struct holding_event_sink *to, struct error *err)
{
	static const char SQL[] = "SELECT id, at_ms, kind, holder, via FROM machine_lock_event"
				  " WHERE lock = ?1 ORDER BY id DESC LIMIT ?2";
	struct holding_event_sink sink = *to;
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, lock);
	statement_bind_int(s, 2, to->most);
	return show_rows(s, show_event, &sink, err);
}

/* ---- writing ---- */

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

/* With all that refers to it, which goes first. */
static bool drop_lock(struct journal *j, const struct holding_change *c, struct error *err)
{
	static const char *const SQL[] = {
		"DELETE FROM machine_lock_event WHERE lock = ?1",
		"DELETE FROM machine_lock_holder WHERE lock = ?1",
		"DELETE FROM machine_lock WHERE id = ?1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(SQL); i++) {
		auto_statement *s = NULL;

		if (!database_prepare(j, SQL[i], &s, err))
			return false;
		statement_bind_int(s, 1, c->lock.id);
		if (!statement_run(s, err))
			return false;
	}
	return true;
}

static bool put_holder(struct journal *j, const struct holding_change *c, struct error *err)
{
	static const char SQL[] = "INSERT INTO machine_lock_holder (lock, holder, via, since_ms)"
				  " VALUES (?1, ?2, ?3, ?4)"
				  " ON CONFLICT (lock, holder) DO UPDATE SET via = ?3, since_ms = ?4";
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

static bool set_holder(struct journal *j, const struct holding_change *c, struct error *err)
{
	return c->kind == HOLDING_TAKEN ? put_holder(j, c, err) : drop_holder(j, c, err);
}

static bool write_each(struct journal *j, const struct holding_list *l,
	bool (*write)(struct journal *j, const struct holding_change *c, struct error *err),
	struct error *err)
{
	for (size_t i = 0; i < l->count; i++)
		if (!write(j, l->items[i], err))
			return false;
	return true;
}

/* How many rows go into one statement: a server that is asked for each is asked too often. The last is 1. */
static const size_t EVENTS_AT_ONCE[] = { 16, 4, 1 };

enum { EVENT_COLUMNS = 6, INSERT_MAX = 4 * 1024 };

static void write_insert(struct text *ret, size_t rows)
{
	text_add(ret, "INSERT INTO machine_lock_event (id, lock, at_ms, kind, holder, via) VALUES");
	for (size_t i = 0; i < rows; i++) {
		size_t n = i * EVENT_COLUMNS;

		text_addf(ret, "%s (?%zu, ?%zu, ?%zu, ?%zu, ?%zu, ?%zu)", i ? "," : "", n + 1, n + 2, n + 3,
			n + 4, n + 5, n + 6);
	}
}

static void bind_event(struct statement *s, int before, const struct holding_change *c)
{
	statement_bind_int(s, before + 1, c->event_id);
	statement_bind_int(s, before + 2, c->lock.id);
	statement_bind_int(s, before + 3, c->lock.updated_ms);
	statement_bind_text(s, before + 4, KINDS[c->kind]);
	statement_bind_text(s, before + 5, c->holder);
	statement_bind_text(s, before + 6, c->via);
}

static bool add_some_events(struct journal *j, const char *sql, const struct holding_change *const *events,
	size_t count, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, sql, &s, err))
		return false;
	for (size_t i = 0; i < count; i++)
		bind_event(s, (int)i * EVENT_COLUMNS, events[i]);
	return statement_run(s, err);
}

static bool add_events(struct journal *j, const struct holding_list *l, struct error *err)
{
	size_t done = 0;

	for (size_t i = 0; i < ARRAY_SIZE(EVENTS_AT_ONCE); i++) {
		const size_t rows = EVENTS_AT_ONCE[i];
		auto_text sql = { .bytes = NULL };

		text_init(&sql, INSERT_MAX);
		write_insert(&sql, rows);
		for (; l->count - done >= rows; done += rows)
			if (!add_some_events(j, sql.bytes, l->items + done, rows, err))
				return false;
	}
	return true;
}

/* What is gone is first: another lock may have its name by now. Holders and events refer to locks. */
bool holding_rows_write(
	struct journal *j, const struct holding_change *changes, size_t count, struct error *err)
{
	auto_arena a = ARENA_INIT;
	const struct holding_outcome o = holding_outcome(changes, count, &a);

	return write_each(j, &o.gone, drop_lock, err) && write_each(j, &o.locks, put_lock, err) &&
	       write_each(j, &o.holders, set_holder, err) && add_events(j, &o.events, err);
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
