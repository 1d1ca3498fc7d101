#include "journal/rollout_record.h"

#include <string.h>

#include "base/compiler.h"
#include "journal/database.h"
#include "journal/rollout_rows.h"
#include "journal/seat.h"

static const struct {
	const char *name;
	bool final;
} STATES[ROLLOUT_STATE_COUNT] = {
	[ROLLOUT_IS_RUNNING] = { "running", false },
	[ROLLOUT_IS_HALTED] = { "halted", false },
	[ROLLOUT_IS_DONE] = { "done", true },
	[ROLLOUT_IS_ABORTED] = { "aborted", true },
	[ROLLOUT_IS_REVERTED] = { "reverted", true },
};

static const char *const KINDS[] = {
	[ROLLOUT_GOES_FORWARD] = "forward",
	[ROLLOUT_GOES_BACK] = "back",
};

/* The order of the columns, everywhere: texts first, then numbers, each in the order of its table. */
#define COLUMNS                                                                                              \
	"id, parent, plan_name, plan_path, plan_digest, cause, kind, state, wish, machines, created_ms, "    \
	"updated_ms, expected_ms, version, paused, promoted, known_failures, known_not_serving"

static const size_t TEXTS[] = {
	offsetof(struct rollout_record, id),
	offsetof(struct rollout_record, parent),
	offsetof(struct rollout_record, plan_name),
	offsetof(struct rollout_record, plan_path),
	offsetof(struct rollout_record, plan_digest),
	offsetof(struct rollout_record, cause),
};

enum {
	KIND_COLUMN = ARRAY_SIZE(TEXTS),
	STATE_COLUMN,
	WISH_COLUMN,
	MACHINES_COLUMN,
	CREATED_COLUMN,
	UPDATED_COLUMN,
	EXPECTED_COLUMN,
	VERSION_COLUMN,
	PAUSED_COLUMN,
	PROMOTED_COLUMN,
	FAILURES_COLUMN,
	NOT_SERVING_COLUMN
};

const char *rollout_state_name(enum rollout_state s)
{
	return STATES[s].name;
}

enum rollout_state rollout_state_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(STATES); i++)
		if (!strcmp(STATES[i].name, name))
			return (enum rollout_state)i;
	return ROLLOUT_IS_HALTED;
}

bool rollout_state_is_final(enum rollout_state s)
{
	return STATES[s].final;
}

bool rollout_record_is_wanted_back(const struct rollout_record *r)
{
	return r->wish == ROLLOUT_WISH_REVERT && !rollout_state_is_final(r->state);
}

/* ---- rows of rollouts ---- */

static void read_row(struct statement *s, struct arena *a, struct rollout_record *ret)
{
	*ret = (struct rollout_record){ .kind = ROLLOUT_GOES_FORWARD };
	statement_texts(s, TEXTS, ARRAY_SIZE(TEXTS), ret, a);
	if (!strcmp(statement_text(s, KIND_COLUMN), KINDS[ROLLOUT_GOES_BACK]))
		ret->kind = ROLLOUT_GOES_BACK;
	ret->state = rollout_state_parse(statement_text(s, STATE_COLUMN));
	ret->wish = rollout_wish_parse(statement_text(s, WISH_COLUMN));
	ret->machines = statement_int(s, MACHINES_COLUMN);
	ret->created_ms = statement_int(s, CREATED_COLUMN);
	ret->updated_ms = statement_int(s, UPDATED_COLUMN);
	ret->expected_ms = statement_int(s, EXPECTED_COLUMN);
	ret->version = statement_int(s, VERSION_COLUMN);
	ret->paused = statement_int(s, PAUSED_COLUMN) != 0;
	ret->promoted = statement_int(s, PROMOTED_COLUMN);
	ret->known_failures = statement_int(s, FAILURES_COLUMN);
	ret->known_not_serving = statement_int(s, NOT_SERVING_COLUMN);
}

static bool find_one(
	struct statement *s, struct arena *a, struct rollout_record *ret, bool *found, struct error *err)
{
	if (!statement_next(s, found, err))
		return false;
	if (*found)
		read_row(s, a, ret);
	return true;
}

bool rollout_record_find(struct journal *j, const char *id, struct arena *a, struct rollout_record *ret,
	bool *found, struct error *err)
{
	auto_statement *s = NULL;

	*found = false;
	if (!rollout_has_tables(j))
		return true;
	if (!database_prepare(j, "SELECT " COLUMNS " FROM rollout WHERE id = ?1", &s, err))
		return false;
	statement_bind_text(s, 1, id);
	return find_one(s, a, ret, found, err);
}

#define NEWEST " ORDER BY created_ms DESC, id DESC LIMIT 1"

bool rollout_record_find_open(struct journal *j, const char *plan_name, struct arena *a,
	struct rollout_record *ret, bool *found, struct error *err)
{
	auto_statement *s = NULL;

	*found = false;
	if (!rollout_has_tables(j))
		return true;
	if (!database_prepare(j,
		    "SELECT " COLUMNS
		    " FROM rollout WHERE plan_name = ?1 AND kind = 'forward' AND " ROLLOUT_OPEN_STATES NEWEST,
		    &s, err))
		return false;
	statement_bind_text(s, 1, plan_name);
	return find_one(s, a, ret, found, err);
}

bool rollout_record_find_back(struct journal *j, const char *parent, struct arena *a,
	struct rollout_record *ret, bool *found, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "SELECT " COLUMNS " FROM rollout WHERE parent = ?1 AND " ROLLOUT_OPEN_STATES NEWEST, &s,
		    err))
		return false;
	statement_bind_text(s, 1, parent);
	return find_one(s, a, ret, found, err);
}

bool rollout_record_list(struct journal *j, size_t limit, struct arena *a, struct rollout_record **ret,
	size_t *count, struct error *err)
{
	auto_statement *s = NULL;
	size_t room = 0;
	bool found;

	*ret = NULL;
	*count = 0;
	if (!rollout_has_tables(j))
		return true;
	if (!database_prepare(
		    j, "SELECT " COLUMNS " FROM rollout ORDER BY created_ms DESC, id DESC", &s, err))
		return false;
	while (*count < limit) {
		if (!statement_next(s, &found, err))
			return false;
		if (!found)
			break;
		*ret = arena_room(a, *ret, &room, *count + 1, sizeof(**ret));
		read_row(s, a, &(*ret)[(*count)++]);
	}
	return true;
}

/* ---- a new rollout ---- */

static bool add_record(struct journal *j, const struct rollout_record *r, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO rollout (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		    "?12, ?13, 1, ?14, ?15, ?16, ?17)",
		    &s, err))
		return false;
	statement_bind_texts(s, TEXTS, ARRAY_SIZE(TEXTS), r);
	statement_bind_text(s, 7, KINDS[r->kind]);
	statement_bind_text(s, 8, STATES[r->state].name);
	statement_bind_text(s, 9, rollout_wish_name(r->wish));
	statement_bind_int(s, 10, r->machines);
	statement_bind_int(s, 11, r->created_ms);
	statement_bind_int(s, 12, r->updated_ms);
	statement_bind_int(s, 13, r->expected_ms);
	statement_bind_int(s, 14, r->paused);
	statement_bind_int(s, 15, r->promoted);
	statement_bind_int(s, 16, r->known_failures);
	statement_bind_int(s, 17, r->known_not_serving);
	return statement_run(s, err);
}

static bool refuse_taken(struct statement *s, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "%s belongs to rollout %s of plan %s, which is not over",
		statement_text(s, 0), statement_text(s, 1), statement_text(s, 2));
	error_set_code(err, ROLLOUT_TAKEN);
	return error_hint(err,
		"`changeover resume ROLLOUT` goes on with that one, `changeover abort --keep ROLLOUT` "
		"gives it up");
}

/* The rollout that puts another one back has its machines in common with that one. */
static bool check_free(struct journal *j, const struct rollout_record *r, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j,
		    "SELECT m.machine, other.rollout, r.plan_name FROM rollout_machine m"
		    " JOIN rollout_machine other ON other.machine = m.machine AND other.rollout <> m.rollout"
		    " JOIN rollout r ON r.id = other.rollout AND r." ROLLOUT_OPEN_STATES
		    " WHERE m.rollout = ?1 AND other.rollout <> ?2 LIMIT 1",
		    &s, err))
		return false;
	statement_bind_text(s, 1, r->id);
	statement_bind_text(s, 2, r->parent && *r->parent ? r->parent : "-");
	if (!statement_next(s, &found, err))
		return false;
	return !found || refuse_taken(s, err);
}

bool rollout_create_within(struct journal *j, const struct rollout_creation *c, struct error *err)
{
	if (!add_record(j, c->record, err))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!rollout_machine_add(j, c->record->id, &c->machines[i], err))
			return false;
	return check_free(j, c->record, err);
}

static bool create_in_transaction(struct journal *j, void *arg, struct error *err)
{
	return rollout_create_within(j, arg, err);
}

bool rollout_record_create(struct journal *j, const struct rollout_record *r,
	const struct machine_record *machines, size_t count, struct error *err)
{
	return database_transaction(
		j, create_in_transaction, &(struct rollout_creation){ r, machines, count }, err);
}

/* ---- changes ---- */

bool rollout_refuse_moved(const char *id, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "rollout %s was changed by another worker, or by an operator", id);
	error_set_code(err, ROLLOUT_MOVED);
	return false;
}

/* Takes the next version, if this one is still the rows'. */
static bool move(struct journal *j, const struct rollout_change *c, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "UPDATE rollout SET state = ?1, cause = ?2, expected_ms = ?3, updated_ms = ?4, "
		    "version = version + 1 WHERE id = ?5 AND version = ?6",
		    &s, err))
		return false;
	statement_bind_text(s, 1, STATES[c->state].name);
	statement_bind_text(s, 2, c->cause);
	statement_bind_int(s, 3, c->expected_ms);
	statement_bind_int(s, 4, c->now_ms);
	statement_bind_text(s, 5, c->id);
	statement_bind_int(s, 6, c->version);
	return statement_run(s, err) && (statement_changes(s) || rollout_refuse_moved(c->id, err));
}

/*
 * Whoever takes a seat after this finds what was changed. Of a rollout that is over already some may not have left yet:
 * they have nothing under way, and begin nothing without its rows.
 */
static bool check_undriven(struct journal *j, const struct rollout_change *c, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	struct seats s;
	bool found;

	if (!rollout_record_find(j, c->id, &a, &r, &found, err))
		return false;
	if (!found || rollout_state_is_final(r.state))
		return true; /* if it is not there, it has no rows of that version either */
	if (!seats_look(j, c->id, c->now_ms, &s, err))
		return false;
	if (!seats_has_others(&s))
		return true;
	seats_refuse(&s, c->id, err);
	return error_hint(err, "`changeover abort --revert ROLLOUT` asks whoever drives it to put it back");
}

bool rollout_change_within(struct journal *j, const struct rollout_change *c, struct error *err)
{
	if (!(c->seat ? seat_check(j, c->seat, err) : check_undriven(j, c, err)) || !move(j, c, err))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!rollout_machine_update(j, c->id, c->version + 1, &c->machines[i], err))
			return false;
	return c->state != ROLLOUT_IS_DONE || rollout_revert_parent(j, c, err);
}

static bool change_in_transaction(struct journal *j, void *arg, struct error *err)
{
	return rollout_change_within(j, arg, err);
}

bool rollout_record_change(struct journal *j, struct rollout_change *c, struct error *err)
{
	if (!database_transaction(j, change_in_transaction, c, err))
		return false;
	c->version++;
	return true;
}
