#include "journal/record.h"

#include <string.h>

#include "journal/database.h"
#include "journal/lease.h"
#include "journal/wish.h"

static const struct {
	const char *name;
	bool final;
} STATES[RECORD_STATE_COUNT] = {
	[RECORD_PLANNED] = { "planned", false },
	[RECORD_RUNNING] = { "running", false },
	[RECORD_DONE] = { "done", true },
	[RECORD_ROLLED_BACK] = { "rolled-back", true },
	[RECORD_PARKED] = { "parked", false },
	[RECORD_FAILED] = { "failed", true },
};

/* The order of the columns, everywhere: texts first, in the order of TEXTS. */
#define COLUMNS                                                                                              \
	"id, plan_name, plan_path, plan_digest, blue, green, image_from, image_to, volumes, addresses, "     \
	"cause, "                                                                                            \
	"state, updated_ms, created_ms"

static const size_t TEXTS[] = {
	offsetof(struct record, id),
	offsetof(struct record, plan_name),
	offsetof(struct record, plan_path),
	offsetof(struct record, plan_digest),
	offsetof(struct record, blue),
	offsetof(struct record, green),
	offsetof(struct record, image_from),
	offsetof(struct record, image_to),
	offsetof(struct record, volumes),
	offsetof(struct record, addresses),
	offsetof(struct record, cause),
};

enum { STATE_COLUMN = ARRAY_SIZE(TEXTS), UPDATED_COLUMN, CREATED_COLUMN };

const char *record_state_name(enum record_state s)
{
	return STATES[s].name;
}

enum record_state record_state_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(STATES); i++)
		if (!strcmp(STATES[i].name, name))
			return (enum record_state)i;
	return RECORD_FAILED;
}

bool record_state_is_final(enum record_state s)
{
	return STATES[s].final;
}

/* Placeholders ?1 ... are the columns in their order. */
static void bind(struct statement *s, const struct record *r)
{
	statement_bind_texts(s, TEXTS, ARRAY_SIZE(TEXTS), r);
	statement_bind_text(s, STATE_COLUMN + 1, STATES[r->state].name);
	statement_bind_int(s, UPDATED_COLUMN + 1, r->updated_ms);
}

static void read_row(struct statement *s, struct arena *a, struct record *ret)
{
	statement_texts(s, TEXTS, ARRAY_SIZE(TEXTS), ret, a);
	ret->state = record_state_parse(statement_text(s, STATE_COLUMN));
	ret->updated_ms = statement_int(s, UPDATED_COLUMN);
	ret->created_ms = statement_int(s, CREATED_COLUMN);
}

/* Another rebuild of the same machine that has not come to its end. */
static bool check_alone(struct journal *j, const struct record *r, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, "SELECT id, state FROM rebuild WHERE blue = ?1 AND id <> ?2", &s, err))
		return false;
	statement_bind_text(s, 1, r->blue);
	statement_bind_text(s, 2, r->id);
	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		if (record_state_is_final(record_state_parse(statement_text(s, 1))))
			continue;
		error_set(err, ERROR_CONFLICT, "%s is being rebuilt by %s already", r->blue,
			statement_text(s, 0));
		error_set_code(err, LEASE_HELD);
		return error_hint(err, "wait for it to end; the same command then sees what is left to do");
	}
	return false;
}

/* One that is there already was made by us, if we could not hear that it was; ids are random. */
static bool check_same(struct journal *j, const struct record *r, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(
		    j, "SELECT 1 FROM rebuild WHERE id = ?1 AND blue = ?2 AND created_ms = ?3", &s, err))
		return false;
	statement_bind_text(s, 1, r->id);
	statement_bind_text(s, 2, r->blue);
	statement_bind_int(s, 3, r->created_ms);
	if (!statement_next(s, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_CONFLICT, "journal %s: rebuild %s is there already", j->path, r->id);
}

static bool create_in_transaction(struct journal *j, void *arg, struct error *err)
{
	static const char SQL[] = "INSERT INTO rebuild (" COLUMNS ") VALUES "
				  "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
				  " ON CONFLICT (id) DO NOTHING";
	const struct record *r = arg;
	auto_statement *s = NULL;

	if (!check_alone(j, r, err) || !database_prepare(j, SQL, &s, err))
		return false;
	bind(s, r);
	statement_bind_int(s, CREATED_COLUMN + 1, r->created_ms);
	if (!statement_run(s, err))
		return false;
	return statement_changes(s) || check_same(j, r, err);
}

bool record_create(struct journal *j, const struct record *r, struct error *err)
{
	struct record copy = *r;

	return database_transaction(j, create_in_transaction, &copy, err);
}

struct update {
	const struct record *record;
	int64_t epoch;
};

static bool update_in_transaction(struct journal *j, void *arg, struct error *err)
{
	static const char SQL[] =
		"UPDATE rebuild SET plan_name = ?2, plan_path = ?3, plan_digest = ?4, blue = ?5, "
		"green = COALESCE(?6, green), image_from = COALESCE(?7, image_from), "
		"image_to = COALESCE(?8, image_to), volumes = ?9, addresses = ?10, "
		"cause = ?11, state = ?12, updated_ms = ?13 WHERE id = ?1";
	const struct update *u = arg;
	auto_statement *s = NULL;

	if (u->epoch && !lease_check(j, u->record->id, u->epoch, err))
		return false;
	if (!database_prepare(j, SQL, &s, err))
		return false;
	bind(s, u->record);
	if (!statement_run(s, err))
		return false;
	if (!statement_changes(s))
		return error_set(
			err, ERROR_MISSING, "journal %s: there is no rebuild %s", j->path, u->record->id);
	return true;
}

bool record_update(struct journal *j, const struct record *r, int64_t epoch, struct error *err)
{
	return database_transaction(j, update_in_transaction, &(struct update){ r, epoch }, err);
}

struct closing {
	struct update update;
	const struct lease *lease;
};

static bool close_in_transaction(struct journal *j, void *arg, struct error *err)
{
	struct closing *c = arg;

	return update_in_transaction(j, &c->update, err) &&
	       wish_forget_within(j, c->update.record->id, err) && lease_release_within(j, c->lease, err);
}

bool record_close(struct journal *j, const struct record *r, const struct lease *lease, struct error *err)
{
	return database_transaction(
		j, close_in_transaction, &(struct closing){ { r, lease->epoch }, lease }, err);
}

static bool find_one(struct statement *s, struct arena *a, struct record *ret, bool *found, struct error *err)
{
	bool row;

	if (!statement_next(s, &row, err))
		return false;
	if (row)
		read_row(s, a, ret);
	*found = row;
	return true;
}

bool record_find(struct journal *j, const char *id, struct arena *a, struct record *ret, bool *found,
	struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, "SELECT " COLUMNS " FROM rebuild WHERE id = ?1", &s, err))
		return false;
	statement_bind_text(s, 1, id);
	return find_one(s, a, ret, found, err);
}

bool record_find_by_blue(struct journal *j, const char *blue, struct arena *a, struct record *ret,
	bool *found, struct error *err)
{
	static const char SQL[] = "SELECT " COLUMNS " FROM rebuild WHERE blue = ?1"
				  " ORDER BY created_ms DESC, id DESC LIMIT 1";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_text(s, 1, blue);
	return find_one(s, a, ret, found, err);
}

/* Rebuilds that a condition leaves, newest first. */
struct listing {
	const char *where;
	struct record *rows;
	size_t count;
};

static bool count_rows(struct journal *j, struct listing *l, struct error *err)
{
	auto_statement *s = NULL;
	auto_arena a = ARENA_INIT;
	bool found;

	if (!database_prepare(
		    j, arena_printf(&a, "SELECT count(*) FROM rebuild WHERE %s", l->where), &s, err) ||
		!statement_next(s, &found, err))
		return false;
	l->count = (size_t)statement_int(s, 0);
	return true;
}

/* The first l->count of them; fewer, if some have gone meanwhile. */
static bool read_rows(struct journal *j, struct listing *l, struct arena *a, struct error *err)
{
	auto_statement *s = NULL;
	const char *sql = arena_printf(a,
		"SELECT " COLUMNS " FROM rebuild WHERE %s ORDER BY created_ms DESC, id DESC LIMIT ?1",
		l->where);
	bool found;
	size_t n = 0;

	if (!database_prepare(j, sql, &s, err))
		return false;
	statement_bind_int(s, 1, (int64_t)l->count);
	l->rows = arena_array(a, l->count, sizeof(*l->rows));
	for (; statement_next(s, &found, err) && found; n++)
		read_row(s, a, &l->rows[n]);
	l->count = n;
	return err->kind == ERROR_NONE;
}

bool record_list(struct journal *j, size_t limit, struct arena *a, struct record **ret, size_t *count,
	struct error *err)
{
	struct listing l = { .where = "true" };

	if (!count_rows(j, &l, err))
		return false;
	l.count = l.count < limit ? l.count : limit;
	if (!read_rows(j, &l, a, err))
		return false;
	*ret = l.rows;
	*count = l.count;
	return true;
}

/* A condition on the column `state`, from the table above. */
static const char *not_final(struct arena *a)
{
	const char *list = "";

	for (size_t i = 0; i < ARRAY_SIZE(STATES); i++)
		if (!STATES[i].final)
			list = arena_printf(a, "%s%s'%s'", list, *list ? ", " : "", STATES[i].name);
	return arena_printf(a, "state IN (%s)", list);
}

bool record_list_open(
	struct journal *j, struct arena *a, struct record **ret, size_t *count, struct error *err)
{
	struct listing l = { .where = not_final(a) };

	if (!count_rows(j, &l, err) || !read_rows(j, &l, a, err))
		return false;
	*ret = l.rows;
	*count = l.count;
	return true;
}
