#include "journal/wish.h"

#include <string.h>

#include "base/compiler.h"
#include "journal/database.h"
#include "journal/lease.h"

enum { WISHES_MAX = 1000 };

static const char *const NAMES[] = {
	[JOURNAL_WISH_STOP] = "stop",
	[JOURNAL_WISH_ROLLBACK] = "rollback",
};

static bool is_known(const char *what, enum journal_wish_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
		if (strcmp(NAMES[i], what) != 0)
			continue;
		*ret = (enum journal_wish_kind)i;
		return true;
	}
	return false;
}

struct asking {
	struct journal_wish *wish;
	struct lease_view *driver;
	int64_t now_ms;
};

static bool write_wish(struct journal *j, const struct asking *k, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO wish (rebuild, what, at_ms, epoch) VALUES (?1, ?2, ?3, ?4)"
		    " ON CONFLICT (rebuild) DO UPDATE SET what = ?2, at_ms = ?3, epoch = ?4",
		    &s, err))
		return false;
	statement_bind_text(s, 1, k->wish->rebuild);
	statement_bind_text(s, 2, NAMES[k->wish->kind]);
	statement_bind_int(s, 3, k->now_ms);
	statement_bind_int(s, 4, k->wish->epoch);
	return statement_run(s, err);
}

/* Nobody takes or releases the lease between the look and the asking. */
static bool put_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct asking *k = arg;

	if (!lease_look(j, k->wish->rebuild, k->now_ms, k->driver, err))
		return false;
	k->wish->epoch = k->driver->epoch;
	if (k->driver->state != LEASE_HELD_ALIVE)
		return wish_forget_within(j, k->wish->rebuild, err);
	return write_wish(j, k, err);
}

bool wish_put(
	struct journal *j, struct journal_wish *q, int64_t now_ms, struct lease_view *ret, struct error *err)
{
	return database_transaction(j, put_in_transaction, &(struct asking){ q, ret, now_ms }, err);
}

bool wish_list(
	struct journal *j, struct arena *a, struct journal_wish **ret, size_t *count, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	*ret = NULL;
	*count = 0;
	if (!database_prepare(j, "SELECT rebuild, what, epoch FROM wish", &s, err))
		return false;
	while (statement_next(s, &found, err)) {
		if (!found || *count == WISHES_MAX)
			return true;
		if (!*ret)
			*ret = arena_array(a, WISHES_MAX, sizeof(**ret));
		(*ret)[*count].rebuild = arena_copy(a, statement_text(s, 0));
		(*ret)[*count].epoch = statement_int(s, 2);
		*count += is_known(statement_text(s, 1), &(*ret)[*count].kind);
	}
	return false;
}

bool wish_remove(struct journal *j, const struct journal_wish *q, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "DELETE FROM wish WHERE rebuild = ?1 AND what = ?2 AND COALESCE(epoch, 0) = ?3", &s, err))
		return false;
	statement_bind_text(s, 1, q->rebuild);
	statement_bind_text(s, 2, NAMES[q->kind]);
	statement_bind_int(s, 3, q->epoch);
	return statement_run(s, err);
}

bool wish_forget_within(struct journal *j, const char *rebuild, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, "DELETE FROM wish WHERE rebuild = ?1", &s, err))
		return false;
	statement_bind_text(s, 1, rebuild);
	return statement_run(s, err);
}
