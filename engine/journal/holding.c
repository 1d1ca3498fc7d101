#include "journal/holding.h"

#include <string.h>

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
	return !found || holding_rows_write(j, s->batch, err);
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

static bool write_batch(void *self, const struct holding_batch *b, struct error *err)
{
	return holding_rows_write(self, b, err);
}

static bool settle_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct holding_state last = holding_log_last(j->log);
	struct holding_state rows;
	bool found;

	(void)arg;
	if (!holding_rows_state(j, &rows, err))
		return false;
	if (rows.number >= last.number)
		return true;
	return holding_log_read(j->log, rows.number, write_batch, j, err) &&
	       holding_rows_raise(j, rows.number, &last, &found, err);
}

bool holding_settle(struct journal *j, struct error *err)
{
	bool done = true;

	if (!j->log)
		return true;
	if (!holding_log_enter(j->log, HOLDING_LOG_SETTLE, err))
		return false;
	if (holding_log_last(j->log).number)
		done = database_transaction(j, settle_in_transaction, NULL, err);
	if (done)
		holding_log_remove(j->log);
	else
		holding_log_leave(j->log);
	return done;
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
	struct holding_state rows;

	return holding_rows_state(j, &rows, err) && holding_rows_read(j, to, err) &&
	       holding_log_read(j->log, rows.number, show_changes, to, err);
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

/* Of a later version: something about the lock itself. */
static enum holding_change_kind kind_of(const char *name)
{
	enum holding_change_kind kind = HOLDING_LOCK_RESIZED;

	return holding_change_parse(name, &kind) ? kind : HOLDING_LOCK_RESIZED;
}

bool holding_events(struct journal *j, int64_t lock, size_t limit, holding_event_sink *show, void *self,
	struct error *err)
{
	static const char SQL[] = "SELECT id, at_ms, kind, holder, via FROM machine_lock_event"
				  " WHERE lock = ?1 ORDER BY id DESC LIMIT ?2";
	auto_statement *s = NULL;
	bool found;

	if (!holding_settle(j, err) || !database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_int(s, 1, lock);
	statement_bind_int(s, 2, (int64_t)limit);
	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		show(self, &(struct holding_event){ .id = statement_int(s, 0),
				   .at_ms = statement_int(s, 1),
				   .kind = kind_of(statement_text(s, 2)),
				   .holder = statement_text(s, 3),
				   .via = statement_text(s, 4) });
	}
	return false;
}

bool holding_prune(struct journal *j, int64_t before_ms, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, "DELETE FROM machine_lock_event WHERE at_ms < ?1", &s, err))
		return false;
	statement_bind_int(s, 1, before_ms);
	return statement_run(s, err);
}
