#include "sandbox/model/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sandbox/model/inside.h"
#include "sandbox/model/random.h"

enum { CERTAIN = 100 };

struct entry {
	struct fault fault; /* first: a fault that was handed out is its entry */
	struct entry *next;
};

struct faults {
	struct entry *first;
	struct random random;
	unsigned added;
	unsigned waiting[FAULT_POINT_COUNT];
};

struct faults *faults_new(uint64_t seed)
{
	struct faults *s = alloc_zeroed(1, sizeof(*s));

	s->random.state = ~seed; /* not the sequence of the model's ids */
	return s;
}

void faults_free(struct faults *s)
{
	if (!s)
		return;
	faults_remove_all(s);
	free(s);
}

const struct fault *faults_add(struct faults *s, const struct fault *f, int64_t now_ms)
{
	struct entry *e = alloc_zeroed(1, sizeof(*e)), **last = &s->first;

	e->fault = *f;
	e->fault.number = ++s->added;
	e->fault.added_ms = now_ms;
	while (*last)
		last = &(*last)->next;
	*last = e;
	s->waiting[fault_kind_row(f->kind)->point]++;
	return &e->fault;
}

bool faults_remove(struct faults *s, unsigned number)
{
	for (struct entry **at = &s->first; *at; at = &(*at)->next) {
		struct entry *e = *at;

		if (e->fault.number != number)
			continue;
		*at = e->next;
		s->waiting[fault_kind_row(e->fault.kind)->point]--;
		free(e);
		return true;
	}
	return false;
}

void faults_remove_all(struct faults *s)
{
	while (s->first)
		faults_remove(s, s->first->fault.number);
}

const struct fault *faults_find(const struct faults *s, unsigned number)
{
	const struct fault *f = NULL;

	while ((f = faults_next(s, f)) && f->number != number)
		;
	return f;
}

const struct fault *faults_next(const struct faults *s, const struct fault *f)
{
	const struct entry *e = f ? ((const struct entry *)f)->next : s->first;

	return e ? &e->fault : NULL;
}

bool faults_wait_at(const struct faults *s, enum fault_point point)
{
	return s->waiting[point];
}

static bool concerns(const struct fault_question *q, const char *id)
{
	for (size_t i = 0; i < q->name_count; i++)
		if (q->names[i] && !strcmp(q->names[i], id))
			return true;
	return false;
}

static bool is_in_scope(enum fault_scope scope, const struct fault_question *q)
{
	return scope == FAULT_SCOPE_ANY || (scope == FAULT_SCOPE_NAMED) == q->named;
}

static bool matches(const struct fault *f, const struct fault_question *q)
{
	const struct fault_kind_row *row = fault_kind_row(f->kind);
	int64_t age_ms = q->now_ms - f->added_ms;

	if (row->point != q->point || fault_is_timed(f) || !is_in_scope(row->scope, q))
		return false;
	if (age_ms < f->from_ms || (f->until_ms && age_ms > f->until_ms))
		return false;
	return (!*f->call || (q->call && !strcmp(f->call, q->call))) && (!*f->id || concerns(q, f->id));
}

static bool lasts(const struct fault *f, int64_t now_ms)
{
	return f->fired && now_ms < f->lasts_until_ms;
}

/* Draws only if there is a doubt, so that a certain fault does not shift the others' luck. */
static bool is_due(struct faults *s, const struct fault *f)
{
	if (f->matched < (uint64_t)f->nth || (f->times && f->fired >= (uint64_t)f->times))
		return false;
	return f->chance == CERTAIN || random_between(&s->random, 1, CERTAIN) <= f->chance;
}

static void fire(struct fault *f, int64_t now_ms)
{
	f->fired++;
	if (fault_kind_row(f->kind)->lasts)
		f->lasts_until_ms = f->for_ms ? now_ms + f->for_ms : INT64_MAX;
}

const struct fault *faults_due(struct faults *s, const struct fault_question *q)
{
	struct fault *due = NULL;

	if (!faults_wait_at(s, q->point))
		return NULL;
	for (struct entry *e = s->first; e; e = e->next) {
		struct fault *f = &e->fault;

		if (!matches(f, q))
			continue;
		f->matched++;
		if (due)
			continue;
		if (lasts(f, q->now_ms)) {
			due = f;
		} else if (is_due(s, f)) {
			fire(f, q->now_ms);
			due = f;
		}
	}
	return due;
}

bool faults_time_has_come(struct faults *s, unsigned number, int64_t now_ms)
{
	for (struct entry *e = s->first; e; e = e->next) {
		if (e->fault.number != number)
			continue;
		e->fault.matched++;
		if (!is_due(s, &e->fault))
			return false;
		fire(&e->fault, now_ms);
		return true;
	}
	return false;
}
