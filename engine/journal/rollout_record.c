#include "journal/rollout_record.h"

#include <string.h>

#include "base/compiler.h"
#include "journal/database.h"
#include "journal/schema.h"

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

static const char *const WISHES[] = {
	[ROLLOUT_WISH_NONE] = "",
	[ROLLOUT_WISH_KEEP] = "keep",
	[ROLLOUT_WISH_REVERT] = "revert",
};

/* Those that are over; every other word, of a later version too, is of one that is not. */
#define OPEN_STATES "state NOT IN ('done', 'aborted', 'reverted')"

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

#define MACHINE_COLUMNS                                                                                      \
	"machine, grp, zone, stage, state, rebuild, cause, number, tries, due_ms, took_ms, began_ms, "       \
	"ended_ms"

static const size_t MACHINE_TEXTS[] = {
	offsetof(struct machine_record, machine),
	offsetof(struct machine_record, group),
	offsetof(struct machine_record, zone),
	offsetof(struct machine_record, stage),
	offsetof(struct machine_record, state),
	offsetof(struct machine_record, rebuild),
	offsetof(struct machine_record, cause),
};

static const size_t MACHINE_NUMBERS[] = {
	offsetof(struct machine_record, number),
	offsetof(struct machine_record, tries),
	offsetof(struct machine_record, due_ms),
	offsetof(struct machine_record, took_ms),
	offsetof(struct machine_record, began_ms),
	offsetof(struct machine_record, ended_ms),
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

static enum rollout_wish wish_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(WISHES); i++)
		if (!strcmp(WISHES[i], name))
			return (enum rollout_wish)i;
	return ROLLOUT_WISH_NONE;
}

static const char **text_at(void *row, size_t offset)
{
	return (const char **)(void *)((char *)row + offset);
}

static int64_t *number_at(void *row, size_t offset)
{
	return (int64_t *)(void *)((char *)row + offset);
}

/* ---- rows of rollouts ---- */

static void read_row(struct statement *s, struct arena *a, struct rollout_record *ret)
{
	*ret = (struct rollout_record){ .kind = ROLLOUT_GOES_FORWARD };
	for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++)
		*text_at(ret, TEXTS[i]) = arena_copy(a, statement_text(s, (int)i));
	if (!strcmp(statement_text(s, KIND_COLUMN), KINDS[ROLLOUT_GOES_BACK]))
		ret->kind = ROLLOUT_GOES_BACK;
	ret->state = rollout_state_parse(statement_text(s, STATE_COLUMN));
	ret->wish = wish_parse(statement_text(s, WISH_COLUMN));
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

/* A journal that is only read may be of a version that knew none. */
static bool has_rollouts(const struct journal *j)
{
	return j->version >= SCHEMA_WITH_ROLLOUTS;
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
	if (!has_rollouts(j))
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
	if (!has_rollouts(j))
		return true;
	if (!database_prepare(j,
		    "SELECT " COLUMNS
		    " FROM rollout WHERE plan_name = ?1 AND kind = 'forward' AND " OPEN_STATES NEWEST,
		    &s, err))
		return false;
	statement_bind_text(s, 1, plan_name);
	return find_one(s, a, ret, found, err);
}

bool rollout_record_find_back(struct journal *j, const char *parent, struct arena *a,
	struct rollout_record *ret, bool *found, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(
		    j, "SELECT " COLUMNS " FROM rollout WHERE parent = ?1 AND " OPEN_STATES NEWEST, &s, err))
		return false;
	statement_bind_text(s, 1, parent);
	return find_one(s, a, ret, found, err);
}

/* There are few rollouts: the list grows by doubling. */
static struct rollout_record *room_for_one(
	struct arena *a, struct rollout_record *list, size_t count, size_t *size)
{
	struct rollout_record *wider;

	if (count < *size)
		return list;
	*size = *size ? *size * 2 : 16;
	wider = arena_array(a, *size, sizeof(*wider));
	if (count)
		memcpy(wider, list, count * sizeof(*wider));
	return wider;
}

bool rollout_record_list(struct journal *j, size_t limit, struct arena *a, struct rollout_record **ret,
	size_t *count, struct error *err)
{
	auto_statement *s = NULL;
	size_t size = 0;
	bool found;

	*ret = NULL;
	*count = 0;
	if (!has_rollouts(j))
		return true;
	if (!database_prepare(
		    j, "SELECT " COLUMNS " FROM rollout ORDER BY created_ms DESC, id DESC", &s, err))
		return false;
	while (*count < limit) {
		if (!statement_next(s, &found, err))
			return false;
		if (!found)
			break;
		*ret = room_for_one(a, *ret, *count, &size);
		read_row(s, a, &(*ret)[(*count)++]);
	}
	return true;
}

/* ---- rows of machines ---- */

bool rollout_record_machines(struct journal *j, const char *id, int64_t after_version, machine_sink *show,
	void *self, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!has_rollouts(j))
		return true;
	if (!database_prepare(j,
		    "SELECT " MACHINE_COLUMNS " FROM rollout_machine WHERE rollout = ?1 AND version > ?2"
		    " ORDER BY number",
		    &s, err))
		return false;
	statement_bind_text(s, 1, id);
	statement_bind_int(s, 2, after_version);
	while (statement_next(s, &found, err)) {
		struct machine_record m;

		if (!found)
			return true;
		for (size_t i = 0; i < ARRAY_SIZE(MACHINE_TEXTS); i++)
			*text_at(&m, MACHINE_TEXTS[i]) = statement_text(s, (int)i);
		for (size_t i = 0; i < ARRAY_SIZE(MACHINE_NUMBERS); i++)
			*number_at(&m, MACHINE_NUMBERS[i]) =
				statement_int(s, (int)(ARRAY_SIZE(MACHINE_TEXTS) + i));
		if (!show(self, &m))
			return true;
	}
	return false;
}

static void bind_machine(struct statement *s, const struct machine_record *m)
{
	struct machine_record copy = *m;
	int position = 1;

	for (size_t i = 0; i < ARRAY_SIZE(MACHINE_TEXTS); i++)
		statement_bind_text(s, position++, *text_at(&copy, MACHINE_TEXTS[i]));
	for (size_t i = 0; i < ARRAY_SIZE(MACHINE_NUMBERS); i++)
		statement_bind_int(s, position++, *number_at(&copy, MACHINE_NUMBERS[i]));
}

enum { MACHINE_ROLLOUT = ARRAY_SIZE(MACHINE_TEXTS) + ARRAY_SIZE(MACHINE_NUMBERS) + 1, MACHINE_VERSION };

static bool add_machine(
	struct journal *j, const char *rollout, const struct machine_record *m, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO rollout_machine (" MACHINE_COLUMNS ", rollout, version) VALUES "
		    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
		    &s, err))
		return false;
	bind_machine(s, m);
	statement_bind_text(s, MACHINE_ROLLOUT, rollout);
	statement_bind_int(s, MACHINE_VERSION, 1);
	return statement_run(s, err);
}

static bool update_machine(struct journal *j, const char *rollout, int64_t version,
	const struct machine_record *m, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "UPDATE rollout_machine SET state = ?1, rebuild = ?2, cause = ?3, tries = ?4, due_ms = "
		    "?5, "
		    "took_ms = ?6, began_ms = ?7, ended_ms = ?8, version = ?9 WHERE rollout = ?10 AND number "
		    "= ?11",
		    &s, err))
		return false;
	statement_bind_text(s, 1, m->state);
	statement_bind_text(s, 2, m->rebuild);
	statement_bind_text(s, 3, m->cause);
	statement_bind_int(s, 4, m->tries);
	statement_bind_int(s, 5, m->due_ms);
	statement_bind_int(s, 6, m->took_ms);
	statement_bind_int(s, 7, m->began_ms);
	statement_bind_int(s, 8, m->ended_ms);
	statement_bind_int(s, 9, version);
	statement_bind_text(s, 10, rollout);
	statement_bind_int(s, 11, m->number);
	return statement_run(s, err);
}

/* ---- a new rollout ---- */

struct creation {
	const struct rollout_record *record;
	const struct machine_record *machines;
	size_t count;
};

static bool add_record(struct journal *j, const struct rollout_record *r, struct error *err)
{
	struct rollout_record copy = *r;
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO rollout (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		    "?12, ?13, 1, ?14, ?15, ?16, ?17)",
		    &s, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++)
		statement_bind_text(s, (int)i + 1, *text_at(&copy, TEXTS[i]));
	statement_bind_text(s, 7, KINDS[r->kind]);
	statement_bind_text(s, 8, STATES[r->state].name);
	statement_bind_text(s, 9, WISHES[r->wish]);
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
		    " JOIN rollout r ON r.id = other.rollout AND r." OPEN_STATES
		    " WHERE m.rollout = ?1 AND other.rollout <> ?2 LIMIT 1",
		    &s, err))
		return false;
	statement_bind_text(s, 1, r->id);
	statement_bind_text(s, 2, r->parent && *r->parent ? r->parent : "-");
	if (!statement_next(s, &found, err))
		return false;
	return !found || refuse_taken(s, err);
}

static bool create_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct creation *c = arg;

	if (!add_record(j, c->record, err))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!add_machine(j, c->record->id, &c->machines[i], err))
			return false;
	return check_free(j, c->record, err);
}

bool rollout_record_create(struct journal *j, const struct rollout_record *r,
	const struct machine_record *machines, size_t count, struct error *err)
{
	return database_transaction(j, create_in_transaction, &(struct creation){ r, machines, count }, err);
}

/* ---- changes ---- */

static bool refuse_moved(const struct rollout_change *c, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "rollout %s was changed by another worker", c->id);
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
	return statement_run(s, err) && (statement_changes(s) || refuse_moved(c, err));
}

static bool change_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct rollout_change *c = arg;

	if (!move(j, c, err))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!update_machine(j, c->id, c->version + 1, &c->machines[i], err))
			return false;
	return true;
}

bool rollout_record_change(struct journal *j, struct rollout_change *c, struct error *err)
{
	if (!database_transaction(j, change_in_transaction, c, err))
		return false;
	c->version++;
	return true;
}

/* ---- what operators say ---- */

struct rollout_order rollout_record_said(const struct rollout_record *r)
{
	return (struct rollout_order){ .id = r->id,
		.paused = r->paused,
		.promoted = r->promoted,
		.known_failures = r->known_failures,
		.known_not_serving = r->known_not_serving,
		.wish = r->wish };
}

struct ordering {
	const struct rollout_order *order;
	int64_t now_ms;
};

static bool order_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct ordering *g = arg;
	const struct rollout_order *o = g->order;
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "UPDATE rollout SET paused = ?1, promoted = ?2, known_failures = ?3, "
		    "known_not_serving = ?4, wish = ?5, updated_ms = ?6 WHERE id = ?7",
		    &s, err))
		return false;
	statement_bind_int(s, 1, o->paused);
	statement_bind_int(s, 2, o->promoted);
	statement_bind_int(s, 3, o->known_failures);
	statement_bind_int(s, 4, o->known_not_serving);
	statement_bind_text(s, 5, WISHES[o->wish]);
	statement_bind_int(s, 6, g->now_ms);
	statement_bind_text(s, 7, o->id);
	if (!statement_run(s, err))
		return false;
	return statement_changes(s) || error_set(err, ERROR_MISSING, "there is no rollout %s", o->id);
}

bool rollout_record_order(struct journal *j, const struct rollout_order *o, int64_t now_ms, struct error *err)
{
	return database_transaction(j, order_in_transaction, &(struct ordering){ o, now_ms }, err);
}
