#include "journal/wish.h"

#include <string.h>

#include "base/compiler.h"
#include "journal/database.h"

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

bool wish_put(struct journal *j, const struct journal_wish *q, int64_t now_ms, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO wish (rebuild, what, at_ms) VALUES (?1, ?2, ?3)"
		    " ON CONFLICT (rebuild) DO UPDATE SET what = ?2, at_ms = ?3",
		    &s, err))
		return false;
	statement_bind_text(s, 1, q->rebuild);
	statement_bind_text(s, 2, NAMES[q->kind]);
	statement_bind_int(s, 3, now_ms);
	return statement_run(s, err);
}

bool wish_list(
	struct journal *j, struct arena *a, struct journal_wish **ret, size_t *count, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	*ret = NULL;
	*count = 0;
	if (!database_prepare(j, "SELECT rebuild, what FROM wish", &s, err))
		return false;
	while (statement_next(s, &found, err)) {
		if (!found || *count == WISHES_MAX)
			return true;
		if (!*ret)
			*ret = arena_array(a, WISHES_MAX, sizeof(**ret));
		(*ret)[*count].rebuild = arena_copy(a, statement_text(s, 0));
		*count += is_known(statement_text(s, 1), &(*ret)[*count].kind);
	}
	return false;
}

bool wish_remove(struct journal *j, const char *rebuild, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j, "DELETE FROM wish WHERE rebuild = ?1", &s, err))
		return false;
	statement_bind_text(s, 1, rebuild);
	return statement_run(s, err);
}
