#include "journal/database.h"

#include <stdlib.h>

#include "journal/driver.h"

struct statement {
	struct journal *journal;
	void *own; /* the driver's */
};

bool database_prepare(struct journal *j, const char *sql, struct statement **ret, struct error *err)
{
	struct statement *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->journal = j;
	if (!j->driver->prepare(j, sql, &s->own, err)) {
		free(s);
		return false;
	}
	*ret = s;
	return true;
}

void statement_finalize(struct statement **s)
{
	if (!*s)
		return;
	(*s)->journal->driver->finalize((*s)->own);
	free(*s);
}

bool database_execute(struct journal *j, const char *sql, struct error *err)
{
	return j->driver->execute(j, sql, err);
}

bool statement_next(struct statement *s, bool *found, struct error *err)
{
	return s->journal->driver->next(s->journal, s->own, found, err);
}

bool statement_run(struct statement *s, struct error *err)
{
	bool found;

	return statement_next(s, &found, err);
}

void statement_bind_text(struct statement *s, int position, const char *text)
{
	s->journal->driver->bind_text(s->own, position, text && *text ? text : NULL);
}

void statement_bind_int(struct statement *s, int position, int64_t value)
{
	s->journal->driver->bind_int(s->own, position, value);
}

const char *statement_text(struct statement *s, int column)
{
	const char *text = s->journal->driver->text(s->own, column);

	return text ? text : "";
}

int64_t statement_int(struct statement *s, int column)
{
	return strtoll(statement_text(s, column), NULL, 10);
}

int64_t statement_changes(struct statement *s)
{
	return s->journal->driver->changes(s->journal, s->own);
}

bool database_number(struct journal *j, const char *sql, int64_t *ret, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, sql, &s, err) || !statement_next(s, &found, err))
		return false;
	*ret = found ? statement_int(s, 0) : 0;
	return true;
}

static bool run_body(struct journal *j, database_body *body, void *arg, bool *committing, struct error *err)
{
	if (!j->driver->begin(j, err) || !body(j, arg, err))
		return false;
	*committing = true;
	return j->driver->commit(j, err);
}

bool database_transaction(struct journal *j, database_body *body, void *arg, struct error *err)
{
	for (int tries = 1;; tries++) {
		bool committing = false;
		enum driver_verdict verdict = DRIVER_COMMITTED;

		if (!run_body(j, body, arg, &committing, err))
			verdict = j->driver->settle(j, committing, tries, err);
		if (verdict == DRIVER_FAILED)
			return false;
		error_release(err);
		if (verdict == DRIVER_COMMITTED)
			return true;
	}
}
