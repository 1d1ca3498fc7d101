#include "journal/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "journal/driver.h"
#include "journal/journal.h"

struct statement {
	struct journal *journal;
	char *sql; /* owned */
	void *own; /* the driver's */
};

/* One of that text that was used before; NULL if there is none. */
static struct statement *take_kept(struct journal *j, const char *sql)
{
	for (size_t i = 0; i < ARRAY_SIZE(j->kept); i++)
		if (j->kept[i] && !strcmp(j->kept[i]->sql, sql))
			return take(&j->kept[i]);
	return NULL;
}

bool database_prepare(struct journal *j, const char *sql, struct statement **ret, struct error *err)
{
	struct statement *s = take_kept(j, sql);
	void *own;

	if (!s) {
		if (!j->driver->prepare(j, sql, &own, err))
			return false;
		s = alloc_zeroed(1, sizeof(*s));
		s->sql = alloc_text(sql);
		s->journal = j;
		s->own = own;
	}
	*ret = s;
	return true;
}

static void free_statement(struct statement *s)
{
	if (!s)
		return;
	s->journal->driver->finalize(s->own);
	free(s->sql);
	free(s);
}

/* A free place, or that of the one which was kept the longest. */
static struct statement **find_place(struct journal *j)
{
	for (size_t i = 0; i < ARRAY_SIZE(j->kept); i++)
		if (!j->kept[i])
			return &j->kept[i];
	return &j->kept[j->next_kept++ % ARRAY_SIZE(j->kept)];
}

void statement_finalize(struct statement **s)
{
	struct statement **place;

	if (!*s)
		return;
	place = find_place((*s)->journal);
	free_statement(*place);
	(*s)->journal->driver->reset((*s)->own);
	*place = *s;
}

void database_forget(struct journal *j)
{
	for (size_t i = 0; i < ARRAY_SIZE(j->kept); i++)
		free_statement(take(&j->kept[i]));
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

void statement_bind_texts(struct statement *s, const size_t *offsets, size_t count, const void *row)
{
	for (size_t i = 0; i < count; i++) {
		const char *text;

		memcpy(&text, (const char *)row + offsets[i], sizeof(text));
		statement_bind_text(s, (int)i + 1, text);
	}
}

void statement_texts(struct statement *s, const size_t *offsets, size_t count, void *row, struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = statement_text(s, (int)i);

		text = a ? arena_copy(a, text) : text;
		memcpy((char *)row + offsets[i], &text, sizeof(text));
	}
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

static bool run_transaction(struct journal *j, database_body *body, void *arg, struct error *err)
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

bool database_transaction(struct journal *j, database_body *body, void *arg, struct error *err)
{
	return j->together ? body(j, arg, err) : run_transaction(j, body, arg, err);
}

bool journal_together(struct journal *j, journal_body *body, void *arg, struct error *err)
{
	bool done;

	j->together = true;
	done = run_transaction(j, body, arg, err);
	j->together = false;
	return done;
}
