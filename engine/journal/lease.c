#include "journal/lease.h"

#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "journal/database.h"

enum { VERSION_SIZE = 32 };

/* A row as stored; holder.name is "" after a release. */
struct row {
	struct holder holder;
	char version[VERSION_SIZE];
	int64_t epoch, since_ms, renewed_ms;
};

#define COLUMNS "epoch, holder, place, pid, started, since_ms, renewed_ms, version, rebuild"

enum { NAME_COLUMN = 8 };

static void read_row(struct statement *s, struct row *ret)
{
	ret->epoch = statement_int(s, 0);
	text_copy(ret->holder.name, sizeof(ret->holder.name), statement_text(s, 1));
	text_copy(ret->holder.place, sizeof(ret->holder.place), statement_text(s, 2));
	ret->holder.pid = statement_int(s, 3);
	ret->holder.started = statement_int(s, 4);
	ret->since_ms = statement_int(s, 5);
	ret->renewed_ms = statement_int(s, 6);
	text_copy(ret->version, sizeof(ret->version), statement_text(s, 7));
}

/* A lease that was never taken reads as a released one with epoch 0. */
static bool read_lease(struct journal *j, const char *rebuild, struct row *ret, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	*ret = (struct row){ .epoch = 0 };
	if (!database_prepare(j, "SELECT " COLUMNS " FROM lease WHERE rebuild = ?1", &s, err))
		return false;
	statement_bind_text(s, 1, rebuild);
	if (!statement_next(s, &found, err))
		return false;
	if (found)
		read_row(s, ret);
	return true;
}

static bool write_lease(struct journal *j, const struct lease *l, struct error *err)
{
	static const char SQL[] = "INSERT INTO lease (rebuild, epoch, holder, place, pid, started, since_ms, "
				  "renewed_ms, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
				  " ON CONFLICT (rebuild) DO UPDATE SET epoch = ?2, holder = ?3, place = ?4, "
				  "pid = ?5, started = ?6, since_ms = ?7, renewed_ms = ?8, version = ?9";
	auto_statement *s = NULL;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_text(s, 1, l->rebuild);
	statement_bind_int(s, 2, l->epoch);
	statement_bind_text(s, 3, l->holder.name);
	statement_bind_text(s, 4, l->holder.place);
	statement_bind_int(s, 5, l->holder.pid);
	statement_bind_int(s, 6, l->holder.started);
	statement_bind_int(s, 7, l->since_ms);
	statement_bind_int(s, 8, l->renewed_ms);
	statement_bind_text(s, 9, l->version);
	return statement_run(s, err);
}

/* Nobody holds it, or whoever did will not be heard of again, as far as `here` can know. */
static bool is_over(const struct row *r, const struct holder *here, int64_t now_ms)
{
	return !r->holder.name[0] || holder_is_gone(&r->holder, here) ||
	       r->renewed_ms < now_ms - LEASE_LIFE_MS;
}

static void describe(const struct row *r, char ret[LEASE_TEXT_SIZE])
{
	char since[CLOCK_TEXT_SIZE];

	snprintf(ret, LEASE_TEXT_SIZE, "%s (changeover %s), since %s", r->holder.name, r->version,
		clock_format(r->since_ms, since));
}

static bool held(const struct row *r, const char *rebuild, struct error *err)
{
	char who[LEASE_TEXT_SIZE];

	describe(r, who);
	error_set(err, ERROR_CONFLICT, "rebuild %s is being driven by %s", rebuild, who);
	error_set_code(err, LEASE_HELD);
	return error_hint(
		err, "wait for it to end, or end that process; the same command then goes on from there");
}

static bool lost(const struct row *r, const char *rebuild, struct error *err)
{
	char who[LEASE_TEXT_SIZE];

	describe(r, who);
	error_set(err, ERROR_CONFLICT, "the lease on rebuild %s is not ours any more: %s", rebuild,
		r->holder.name[0] ? who : "it was released");
	error_set_code(err, LEASE_LOST);
	return error_hint(err, "another engine goes on with this rebuild; this one does nothing more");
}

struct take {
	struct lease *lease;
	int64_t now_ms;
};

bool lease_take_within(struct journal *j, struct lease *l, int64_t now_ms, struct error *err)
{
	struct row row;

	if (!read_lease(j, l->rebuild, &row, err))
		return false;
	if (!is_over(&row, &l->holder, now_ms) && !holder_is(&row.holder, &l->holder))
		return held(&row, l->rebuild, err);
	if (row.epoch == INT64_MAX)
		return error_set(
			err, ERROR_LOCAL, "journal %s: the lease on %s is damaged", j->path, l->rebuild);
	l->epoch = row.epoch + 1;
	l->since_ms = l->renewed_ms = now_ms;
	return write_lease(j, l, err);
}

static bool take_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct take *t = arg;

	return lease_take_within(j, t->lease, t->now_ms, err);
}

bool lease_take(struct journal *j, struct lease *l, int64_t now_ms, struct error *err)
{
	return database_transaction(j, take_in_transaction, &(struct take){ l, now_ms }, err);
}

static bool is_ours(const struct row *r, const struct lease *l)
{
	return r->epoch == l->epoch && r->holder.name[0];
}

static bool renew_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct take *t = arg;
	struct row row;

	if (!read_lease(j, t->lease->rebuild, &row, err))
		return false;
	if (!is_ours(&row, t->lease))
		return lost(&row, t->lease->rebuild, err);
	t->lease->renewed_ms = t->now_ms;
	return write_lease(j, t->lease, err);
}

bool lease_renew(struct journal *j, struct lease *l, int64_t now_ms, struct error *err)
{
	return database_transaction(j, renew_in_transaction, &(struct take){ l, now_ms }, err);
}

bool lease_release_within(struct journal *j, const struct lease *l, struct error *err)
{
	struct lease released = *l;
	struct row row;

	if (!read_lease(j, released.rebuild, &row, err))
		return false;
	if (!is_ours(&row, &released))
		return true;
	released.holder = (struct holder){ .pid = 0 };
	return write_lease(j, &released, err);
}

static bool release_in_transaction(struct journal *j, void *arg, struct error *err)
{
	return lease_release_within(j, arg, err);
}

bool lease_release(struct journal *j, const struct lease *l, struct error *err)
{
	struct lease copy = *l;

	return database_transaction(j, release_in_transaction, &copy, err);
}

static void view(const struct row *r, int64_t now_ms, struct lease_view *ret)
{
	struct holder here;

	*ret = (struct lease_view){ .state = LEASE_FREE, .epoch = r->epoch };
	if (!r->holder.name[0])
		return;
	holder_self("", &here);
	describe(r, ret->who);
	ret->state = is_over(r, &here, now_ms) ? LEASE_HELD_DEAD : LEASE_HELD_ALIVE;
	ret->is_ours = holder_is(&r->holder, &here);
	ret->renewed_ms = r->renewed_ms;
}

bool lease_look(
	struct journal *j, const char *rebuild, int64_t now_ms, struct lease_view *ret, struct error *err)
{
	struct row row;

	if (!read_lease(j, rebuild, &row, err))
		return false;
	view(&row, now_ms, ret);
	return true;
}

bool lease_each(
	struct journal *j, const char *name, int64_t now_ms, lease_sink *show, void *self, struct error *err)
{
	auto_arena a = ARENA_INIT;
	auto_statement *s = NULL;
	struct lease_view v;
	struct row row;
	bool found;

	if (!database_prepare(j,
		    "SELECT " COLUMNS " FROM lease WHERE rebuild = ?1 OR rebuild LIKE ?2 ORDER BY rebuild",
		    &s, err))
		return false;
	statement_bind_text(s, 1, name);
	statement_bind_text(s, 2, arena_printf(&a, "%s/%%", name));
	while (statement_next(s, &found, err)) {
		if (!found)
			return true;
		read_row(s, &row);
		view(&row, now_ms, &v);
		show(self, statement_text(s, NAME_COLUMN), &v);
	}
	return false;
}

bool lease_describe(
	struct journal *j, const char *rebuild, int64_t now_ms, char ret[LEASE_TEXT_SIZE], struct error *err)
{
	struct lease_view view;

	if (!lease_look(j, rebuild, now_ms, &view, err))
		return false;
	text_copy(ret, LEASE_TEXT_SIZE, view.state == LEASE_HELD_ALIVE ? view.who : "");
	return true;
}

bool lease_check(struct journal *j, const char *rebuild, int64_t epoch, struct error *err)
{
	struct row row;

	if (!read_lease(j, rebuild, &row, err))
		return false;
	if (row.epoch == epoch && row.holder.name[0])
		return true;
	return lost(&row, rebuild, err);
}
