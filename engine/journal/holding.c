#include "journal/holding.h"

#include "journal/database.h"
#include "journal/holding_log.h"
#include "journal/holding_rows.h"

/* ---- without a log: the tables alone ---- */

struct saving {
	const struct holding_batch *batch;
	bool outdated;
};

static bool save_in_transaction(struct journal *j, void *arg, struct error *err)
{
	struct saving *s = arg;
	bool found;

	if (!holding_rows_raise(j, s->batch->from, &s->batch->to, &found, err))
		return false;
	s->outdated = !found;
	return !found || holding_rows_write(j, s->batch->changes, s->batch->count, err);
}

static bool save_in_tables(
	struct journal *j, const struct holding_batch *b, bool *ret_outdated, struct error *err)
{
	struct saving s = { .batch = b };

	if (!database_transaction(j, save_in_transaction, &s, err))
		return false;
	*ret_outdated = s.outdated;
	return true;
}

/* ---- with a log: what it has comes after what the tables have ---- */

/* What one transaction brings from the log into the tables. */
struct slice {
	size_t most; /* bytes of the log */
	struct arena arena;
	struct holding_change *changes; /* in the arena, and their texts */
	size_t count, room;
	struct holding_state to; /* which the tables come to */
};

static bool add_batch(void *self, const struct holding_batch *b, struct error *err)
{
	struct slice *s = self;

	(void)err;
	s->changes = arena_room(&s->arena, s->changes, &s->room, s->count + b->count, sizeof(*s->changes));
	for (size_t i = 0; i < b->count; i++)
		s->changes[s->count++] = b->changes[i];
	s->to = b->to;
	return true;
}

static bool write_slice(struct journal *j, void *arg, struct error *err)
{
	struct slice *s = arg;
	struct holding_log_reader reader = {
		.most = s->most, .arena = &s->arena, .show = add_batch, .self = s
	};
	struct holding_state rows;
	bool found;

	if (!holding_rows_state(j, &rows, err))
		return false;
	s->count = 0;
	s->to = rows;
	reader.after = rows.number;
	if (!holding_log_read(j->log, &reader, err))
		return false;
	if (s->to.number == rows.number)
		return true;
	return holding_rows_write(j, s->changes, s->count, err) &&
	       holding_rows_raise(j, rows.number, &s->to, &found, err);
}

/* Within the log: so many bytes of it, or a batch more. */
static bool settle_slice(struct journal *j, size_t most, struct error *err)
{
	struct slice s = { .most = most };
	bool done;

	if (!holding_log_last(j->log).number)
		return true;
	done = database_transaction(j, write_slice, &s, err);
	if (done)
		holding_log_note_settled(j->log, s.to.number);
	arena_release(&s.arena);
	return done;
}

bool holding_settle_slice(struct journal *j, struct error *err)
{
	bool done;

	if (!j->log)
		return true;
	if (!holding_log_enter(j->log, HOLDING_LOG_SETTLE, err))
		return false;
	done = settle_slice(j, HOLDING_SLICE, err);
	holding_log_leave(j->log);
	return done;
}

bool holding_settle(struct journal *j, struct error *err)
{
	bool done;

	if (!j->log)
		return true;
	if (!holding_log_enter(j->log, HOLDING_LOG_SETTLE, err))
		return false;
	done = settle_slice(j, SIZE_MAX, err);
	if (done)
		holding_log_remove(j->log);
	else
		holding_log_leave(j->log);
	return done;
}

size_t holding_left(const struct journal *j)
{
	return j->log ? holding_log_left(j->log) : 0;
}

/* Inside the log, if there is one. */
static bool look(struct journal *j, struct holding_state *ret, struct error *err)
{
	struct holding_state last;

	if (!holding_rows_state(j, ret, err))
		return false;
	if (!j->log)
		return true;
	last = holding_log_last(j->log);
	if (last.number > ret->number)
		*ret = last;
	return true;
}

static bool append_if_current(
	struct journal *j, const struct holding_batch *b, bool *ret_outdated, struct error *err)
{
	struct holding_state now;

	if (!look(j, &now, err))
		return false;
	*ret_outdated = now.number != b->from;
	return *ret_outdated || holding_log_append(j->log, b, err);
}

static bool save_in_log(
	struct journal *j, const struct holding_batch *b, bool *ret_outdated, struct error *err)
{
	bool done;

	/* Tables that cannot be written are a store that fails: the log does not grow for ever. */
	if (holding_log_size(j->log) >= HOLDING_LOG_FULL && !holding_settle(j, err))
		return false;
	if (!holding_log_enter(j->log, HOLDING_LOG_APPEND, err))
		return false;
	done = append_if_current(j, b, ret_outdated, err);
	holding_log_leave(j->log);
	return done;
}

bool holding_save(struct journal *j, const struct holding_batch *b, bool *ret_outdated, struct error *err)
{
	return j->log ? save_in_log(j, b, ret_outdated, err) : save_in_tables(j, b, ret_outdated, err);
}

/* ---- reading ---- */

bool holding_look(struct journal *j, struct holding_state *ret, struct error *err)
{
	bool done;

	if (!j->log)
		return look(j, ret, err);
	if (!holding_log_enter(j->log, HOLDING_LOG_READ, err))
		return false;
	done = look(j, ret, err);
	holding_log_leave(j->log);
	return done;
}

static bool show_changes(void *self, const struct holding_batch *b, struct error *err)
{
	const struct holding_sink *to = self;

	(void)err;
	for (size_t i = 0; i < b->count; i++)
		to->change(to->self, &b->changes[i]);
	return true;
}

static bool read_after_rows(struct journal *j, struct holding_sink *to, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct holding_log_reader reader = {
		.most = SIZE_MAX, .arena = &a, .show = show_changes, .self = to
	};
	struct holding_state rows;

	if (!holding_rows_state(j, &rows, err) || !holding_rows_read(j, to, err))
		return false;
	reader.after = rows.number;
	return holding_log_read(j->log, &reader, err);
}

bool holding_read(struct journal *j, const struct holding_sink *to, struct error *err)
{
	struct holding_sink sink = *to;
	bool done;

	if (!j->log)
		return holding_rows_read(j, to, err);
	if (!holding_log_enter(j->log, HOLDING_LOG_READ, err))
		return false;
	done = read_after_rows(j, &sink, err);
	holding_log_leave(j->log);
	return done;
}

bool holding_events(struct journal *j, int64_t lock, const struct holding_event_sink *to, struct error *err)
{
	return holding_settle(j, err) && holding_rows_events(j, lock, to, err);
}

bool holding_prune(struct journal *j, int64_t before_ms, bool *ret_more, struct error *err)
{
	static const char SQL[] =
		"DELETE FROM machine_lock_event WHERE id IN (SELECT id FROM machine_lock_event"
		" WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, before_ms);
	statement_bind_int(s, 2, HOLDING_PRUNED_AT_ONCE);
	if (!statement_run(s, err))
		return false;
	*ret_more = statement_changes(s) == HOLDING_PRUNED_AT_ONCE;
	return true;
}
