/*
 * rollout_order.c: what operators say of a rollout, each in columns of its own: nobody undoes what another one said.
 * It makes a new version of the rows: what was decided without knowing it is refused.
 */
#include <string.h>

#include "base/compiler.h"
#include "journal/rollout_rows.h"
#include "journal/seat.h"

static const char *const WISHES[] = {
	[ROLLOUT_WISH_NONE] = "",
	[ROLLOUT_WISH_KEEP] = "keep",
	[ROLLOUT_WISH_REVERT] = "revert",
};

const char *rollout_wish_name(enum rollout_wish w)
{
	return WISHES[w];
}

enum rollout_wish rollout_wish_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(WISHES); i++)
		if (!strcmp(WISHES[i], name))
			return (enum rollout_wish)i;
	return ROLLOUT_WISH_NONE;
}

struct rollout_order rollout_record_said(const struct rollout_record *r)
{
	return (struct rollout_order){ .id = r->id,
		.paused = r->paused,
		.promoted = r->promoted,
		.known_failures = r->known_failures,
		.known_not_serving = r->known_not_serving,
		.wish = r->wish };
}

/* The columns that are said: numbers from ?3 on, then the text, if there is one. */
struct saying {
	const char *sql, *id, *text;
	int64_t numbers[3];
	int number_count;
	int64_t now_ms;
	bool to_driver; /* it means nothing if nobody drives the rollout */
};

static bool refuse_over(const char *id, struct error *err)
{
	error_set(err, ERROR_MISSING, "there is no rollout %s, or it is over", id);
	return error_hint(err, "`changeover status` lists the rollouts, and how each ended");
}

static bool refuse_ending(const char *id, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "rollout %s is ending, as an operator asked", id);
	error_set_code(err, ROLLOUT_ENDS);
	return error_hint(err, "`changeover watch ROLLOUT` waits for that");
}

/* There is none that it could be said of. */
static bool refuse(struct journal *j, const char *id, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!rollout_record_find(j, id, &a, &r, &found, err))
		return false;
	return found && !rollout_state_is_final(r.state) ? refuse_ending(id, err) : refuse_over(id, err);
}

static bool refuse_undriven(const char *id, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "nobody drives rollout %s any more", id);
	error_set_code(err, ROLLOUT_UNDRIVEN);
	return false;
}

static bool check_driven(struct journal *j, const struct saying *g, struct error *err)
{
	struct seats s;

	if (!seats_look(j, g->id, g->now_ms, &s, err))
		return false;
	return s.alive || refuse_undriven(g->id, err);
}

static bool say_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct saying *g = arg;
	auto_statement *s = NULL;
	int position = 1;

	if (!database_prepare(j, g->sql, &s, err))
		return false;
	statement_bind_text(s, position++, g->id);
	statement_bind_int(s, position++, g->now_ms);
	for (int i = 0; i < g->number_count; i++)
		statement_bind_int(s, position++, g->numbers[i]);
	if (g->text)
		statement_bind_text(s, position, g->text);
	if (!statement_run(s, err))
		return false;
	if (!statement_changes(s))
		return refuse(j, g->id, err);
	return !g->to_driver || check_driven(j, g, err);
}

static bool say(struct journal *j, struct saying g, struct error *err)
{
	return database_transaction(j, say_in_transaction, &g, err);
}

#define SAY(what)                                                                                            \
	"UPDATE rollout SET updated_ms = ?2, version = version + 1, " what                                   \
	" WHERE id = ?1 AND " ROLLOUT_OPEN_STATES

bool rollout_order_pause(struct journal *j, const char *id, bool paused, int64_t now_ms, struct error *err)
{
	const struct saying g = { .sql = SAY("paused = ?3"),
		.id = id,
		.numbers = { paused },
		.number_count = 1,
		.now_ms = now_ms };

	return say(j, g, err);
}

bool rollout_order_promote(
	struct journal *j, const char *id, int64_t gates, int64_t now_ms, struct error *err)
{
	const struct saying g = { .sql = SAY("promoted = CASE WHEN promoted < ?3 THEN ?3 ELSE promoted END"),
		.id = id,
		.numbers = { gates },
		.number_count = 1,
		.now_ms = now_ms };

	return say(j, g, err);
}

bool rollout_order_acknowledge(
	struct journal *j, const char *id, struct rollout_known known, int64_t now_ms, struct error *err)
{
	const struct saying g = { .sql = SAY("known_failures = ?3, known_not_serving = ?4"),
		.id = id,
		.numbers = { known.failures, known.not_serving },
		.number_count = 2,
		.now_ms = now_ms };

	return say(j, g, err);
}

/* Those who share it read in the state that it goes on: each of them may have heard of its halt. */
bool rollout_order_resume(
	struct journal *j, const char *id, int64_t known_failures, int64_t now_ms, struct error *err)
{
	const struct saying g = {
		.sql = SAY("paused = 0, known_failures = ?3, state = 'running',"
			   " cause = CASE WHEN state = 'halted' THEN '' ELSE cause END") " AND wish IS NULL",
		.id = id,
		.numbers = { known_failures },
		.number_count = 1,
		.now_ms = now_ms,
		.to_driver = true
	};

	return say(j, g, err);
}

bool rollout_order_go_on(struct journal *j, const struct rollout_order *seen, struct rollout_known known,
	int64_t now_ms, struct error *err)
{
	const struct saying g = { .sql = SAY("known_failures = ?3, known_not_serving = ?4, "
					     "paused = CASE WHEN paused = ?5 THEN 0 ELSE paused END, "
					     "wish = NULLIF(wish, ?6)"),
		.id = seen->id,
		.text = WISHES[seen->wish],
		.numbers = { known.failures, known.not_serving, seen->paused },
		.number_count = 3,
		.now_ms = now_ms };

	return say(j, g, err);
}

bool rollout_order_end(
	struct journal *j, const char *id, enum rollout_wish wish, int64_t now_ms, struct error *err)
{
	const struct saying g = {
		.sql = SAY("wish = ?3"), .id = id, .text = WISHES[wish], .now_ms = now_ms, .to_driver = true
	};

	return say(j, g, err);
}

/* ---- the last who hears it ---- */

struct leaving {
	const char *id;
	const struct seat *seat;
	int64_t version;
};

/* Nothing more is said of what is over. */
static bool leave_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct leaving *l = arg;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!rollout_record_find(j, l->id, &a, &r, &found, err))
		return false;
	if (found && r.version != l->version && !rollout_state_is_final(r.state))
		return rollout_refuse_moved(l->id, err);
	return lease_release_within(j, &l->seat->lease, err);
}

bool rollout_order_leave(
	struct journal *j, const char *id, const struct seat *seat, int64_t version, struct error *err)
{
	struct leaving l = { id, seat, version };

	return database_transaction(j, leave_in_transaction, &l, err);
}
