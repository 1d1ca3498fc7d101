#include "engine.h"

#include <string.h>

#include "base/text.h"
#include "beginning.h"
#include "calls.h"
#include "journal/lease.h"
#include "mutants.h"
#include "outcome.h"
#include "rebuild/guards.h"
#include "trace.h"

static void pass_guards(struct history *h, struct member *m, struct decision *d, struct moment now)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->effect_count && !rebuild_is_over(&m->rebuild); i++) {
		const char *reason = NULL;
		const struct guard *g = mutants_guard(h, &m->rebuild, &d->effects[i], now, &reason);

		if (g) {
			trace_refused(h, m, &d->effects[i], g->name, reason);
			rebuild_refused(&m->rebuild, &d->effects[i], reason);
			m->wake_ms = now.mono_ms;
			kept = 0;
			break;
		}
		d->effects[kept++] = d->effects[i];
	}
	d->effect_count = kept;
}

/* All but what lasts beyond one rebuild. */
static void forget(struct place_facts *f)
{
	const struct place_facts old = *f;

	*f = (struct place_facts){ .effects = old.effects,
		.driver = old.driver,
		.disturbed = old.disturbed,
		.protected_twice = old.protected_twice };
	text_copy(f->protector, sizeof(f->protector), old.protector);
}

/*
 * What had come to its end and is put back now comes to another one. Another rebuild of the place than before, a new
 * one or one whose engine was stopped: what is known begins anew.
 */
static void begin_place(struct history *h, const struct member *m)
{
	struct place *p = &h->places[m->place];
	struct place_facts *f = &p->facts;

	if (!strcmp(f->rebuild, m->rebuild.id)) {
		p->ended = p->ended && m->rebuild.course != COURSE_BACK;
		return;
	}
	if (p->ended)
		forget(f);
	text_copy(f->rebuild, sizeof(f->rebuild), m->rebuild.id);
	p->ended = false;
}

struct book_holder engine_holder(const struct engine *e)
{
	return (struct book_holder){ e->number, e->command.computer, &e->alive };
}

/* The record and the lease are made with the first intent. */
static enum book_answer open_book(struct history *h, const struct engine *e, struct member *m)
{
	enum book_answer a = BOOK_DONE;

	if (m->recorded)
		return BOOK_DONE;
	a = book_create(e->book, &m->rebuild, m->place);
	if (a == BOOK_DONE)
		a = book_take(e->book, m->rebuild.id, engine_holder(e), history_wall_ms(h), &m->epoch);
	m->recorded = a == BOOK_DONE;
	m->renewed_wall_ms = history_wall_ms(h);
	if (m->recorded)
		begin_place(h, m);
	return a;
}

/* What has happened is written down under any epoch; what is intended and what is news, only under ours. */
static enum book_answer record(
	struct history *h, const struct engine *e, struct member *m, const struct decision *d)
{
	enum book_answer a = BOOK_DONE;
	bool intends = false;

	for (size_t i = 0; i < d->effect_count && !intends; i++)
		intends = effect_changes_something(&d->effects[i]);
	if (intends)
		a = open_book(h, e, m);
	if (a != BOOK_DONE || !m->recorded || (!intends && !m->notes && !d->news_count))
		return a;
	a = book_check(e->book, m->rebuild.id, m->epoch);
	if (a == BOOK_LOST && ((!intends && !d->news_count) || mutants_breaks(h, MUTANT_FENCE)))
		a = BOOK_DONE;
	if (a == BOOK_DONE)
		book_answered(e->book, m->rebuild.id, m->calls_answered);
	for (size_t i = 0; a == BOOK_DONE && i < d->effect_count; i++)
		book_intend(e->book, &m->rebuild, &d->effects[i], history_wall_ms(h));
	for (size_t i = 0; a == BOOK_DONE && i < d->news_count; i++)
		book_note(e->book, &m->rebuild, &d->news[i], history_wall_ms(h));
	m->notes = m->calls_answered = 0;
	return a;
}

static const char *reason_of(enum book_answer a)
{
	static const char *const REASONS[] = {
		[BOOK_FULL] = "could not write the journal: no space left on device",
		[BOOK_HELD] = "the rebuild is being driven by another engine",
		[BOOK_LOST] = "the lease on the rebuild is not ours any more",
	};

	return REASONS[a];
}

/* As begin_nothing_more() in engine/run/run.c. */
static void begin_nothing_more(struct member *m, enum book_answer a)
{
	struct rebuild *r = &m->rebuild;

	if (a != BOOK_FULL) {
		m->lost = true;
		rebuild_lose(r, reason_of(a));
		return;
	}
	text_copy(r->cause, sizeof(r->cause), reason_of(a));
	r->cause_kind = ERROR_LOCAL;
	rebuild_ask(r, REQUEST_STOP);
}

/* What is full can still be read: ledger_is_ours(). */
static bool is_ours(const struct engine *e, const struct member *m)
{
	const struct book_row *row = book_find(e->book, m->rebuild.id);

	return row && row->epoch == m->epoch && row->holder.process;
}

static bool may_act_unrecorded(const struct engine *e, struct member *m, enum book_answer a)
{
	if (a == BOOK_FULL && rebuild_in_window(&m->rebuild) && is_ours(e, m))
		return true;
	begin_nothing_more(m, a == BOOK_FULL && m->recorded && !is_ours(e, m) ? BOOK_LOST : a);
	return false;
}

static void act(struct history *h, struct engine *e, struct member *m, const struct decision *d)
{
	struct moment now = history_moment(h);

	for (size_t i = 0; i < d->effect_count; i++) {
		rebuild_begun(&m->rebuild, &d->effects[i], now);
		if (effect_changes_something(&d->effects[i]))
			begin_place(h, m);
		trace_effect(h, m, &d->effects[i]);
		calls_begin_effect(h, e, m, &d->effects[i]);
	}
	for (size_t i = 0; i < d->query_count; i++) {
		trace_question(h, m, &d->queries[i]);
		calls_begin_question(h, e, m, &d->queries[i]);
	}
}

static void record_green(const struct engine *e, struct member *m)
{
	if (m->green_known || !m->rebuild.world.green.id[0] || rebuild_in_window(&m->rebuild))
		return;
	m->green_known = true;
	if (m->recorded && !m->lost)
		book_update(e->book, &m->rebuild, m->epoch);
}

static void record_end(struct history *h, const struct engine *e, struct member *m)
{
	if (m->ended || !rebuild_is_over(&m->rebuild) || m->rebuild.flight_count)
		return;
	m->ended = true;
	trace_end(h, m);
	if (m->recorded && !m->lost && book_update(e->book, &m->rebuild, m->epoch) == BOOK_DONE)
		book_release(e->book, m->rebuild.id, m->epoch);
	outcome_note(h, e, m);
}

static void turn_member(struct history *h, struct engine *e, struct member *m)
{
	struct moment now = history_moment(h);
	struct decision *d = &h->decision;
	enum book_answer a;

	mutants_before(h, &m->rebuild);
	rebuild_decide(&m->rebuild, now, d);
	mutants_decided(h, &m->rebuild, d);
	m->wake_ms = d->wake_ms;
	trace_news(h, m, d);
	pass_guards(h, m, d, now);
	a = record(h, e, m, d);
	if (a == BOOK_DONE || mutants_breaks(h, MUTANT_FULL) || may_act_unrecorded(e, m, a))
		act(h, e, m, d);
	record_green(e, m);
	record_end(h, e, m);
}

static void renew(struct history *h, const struct engine *e, struct member *m)
{
	int64_t wall_ms = history_wall_ms(h);
	enum book_answer a;

	if (rebuild_is_over(&m->rebuild) || !m->recorded || m->lost ||
		wall_ms < m->renewed_wall_ms + LEASE_RENEW_MS)
		return;
	a = book_renew(e->book, m->rebuild.id, m->epoch, wall_ms);
	if (a == BOOK_DONE)
		m->renewed_wall_ms = wall_ms;
	if (a != BOOK_LOST || mutants_breaks(h, MUTANT_FENCE))
		return;
	begin_nothing_more(m, a);
	m->wake_ms = 0;
}

int64_t engine_due(const struct engine *e)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; e->alive && !e->paused && i < e->count; i++)
		if (!e->members[i]->ended && e->members[i]->wake_ms < due_ms)
			due_ms = e->members[i]->wake_ms;
	return due_ms;
}

void engine_turn(struct history *h, struct engine *e)
{
	bool over = true;

	for (size_t i = 0; i < e->count; i++) {
		struct member *m = e->members[i];

		renew(h, e, m);
		if (!m->ended && m->wake_ms <= h->now_ms)
			turn_member(h, e, m);
		over = over && m->ended;
	}
	if (!over)
		return;
	e->alive = false;
	calls_lose(h, e);
}

void engine_answered(struct history *h, struct call *c)
{
	struct member *m = c->member;
	struct answer a = {
		.is_effect = c->is_effect,
		.query = c->query.kind,
		.id = c->query.id,
		.effect = c->effect.kind,
		.token = c->effect.token,
		.sightings = c->shown,
		.sighting_count = c->count,
		.err = &c->err,
		.request_id = "",
		.took_ms = h->now_ms - c->asked_ms,
	};
	bool adopted;

	mutants_answered(h, &c->err);
	trace_answer(h, m, &a);
	if (c->is_effect && c->effect.kind != EFFECT_CHECK && m->recorded)
		m->notes++;
	if (c->is_effect && effect_changes_something(&c->effect) && !effect_is_guest(c->effect.kind) &&
		m->recorded)
		m->calls_answered++;
	adopted = m->rebuild.adopted;
	rebuild_absorb(&m->rebuild, &a, history_moment(h));
	h->tally.adopted += m->rebuild.adopted && !adopted;
	m->wake_ms = 0;
}

/* ---- starting ---- */

static struct book *open_journal(struct history *h, struct command *c)
{
	if (c->book == BOOK_NEW && h->book_count < HISTORY_BOOKS_MAX) {
		c->book = (uint8_t)h->book_count++;
		book_open(&h->books[c->book], c->book);
	} else if (c->book == BOOK_NEW) {
		c->book = 0;
	}
	return &h->books[c->book];
}

bool engine_start(struct history *h, struct command c)
{
	struct engine *e = &h->engines[h->engine_count];
	struct book *book = open_journal(h, &c);

	if (book->refuses)
		return false;
	if (h->engine_count == HISTORY_ENGINES_MAX) {
		history_broken(
			h, 0, "comes-to-an-end", "%zu commands did not bring it to its end", h->engine_count);
		return false;
	}
	*e = (struct engine){ .alive = true, .number = (int)++h->engine_count, .command = c, .book = book };
	e->started_ms = h->now_ms;
	h->tally.starts[c.kind]++;
	for (size_t i = 0; i < h->place_count && e->alive; i++)
		e->alive = beginning_add(h, e, (int)i);
	e->alive = e->alive && e->count;
	h->tally.refused_starts += !e->alive;
	trace_start(h, e);
	return e->alive;
}

/* Any of those that live: people and faults do not choose the eldest. */
struct engine *engine_find(struct history *h)
{
	size_t start = (size_t)h->seed % (h->engine_count + 1);

	for (size_t i = 0; i < h->engine_count; i++)
		if (h->engines[(start + i) % h->engine_count].alive)
			return &h->engines[(start + i) % h->engine_count];
	return NULL;
}

void engine_kill(struct history *h, struct engine *e)
{
	e->alive = false;
	calls_lose(h, e);
}

void engine_pause(struct history *h, struct engine *e)
{
	(void)h;
	e->paused = true;
}

void engine_continue(struct history *h, struct engine *e)
{
	(void)h;
	e->paused = false;
}

void engine_interrupt(struct history *h, struct engine *e)
{
	(void)h;
	for (size_t i = 0; i < e->count; i++) {
		rebuild_ask(&e->members[i]->rebuild, REQUEST_STOP);
		e->members[i]->wake_ms = 0;
	}
}

bool engine_ask(struct history *h, int place, enum rebuild_request what)
{
	for (size_t i = 0; i < h->engine_count; i++)
		for (size_t n = 0; h->engines[i].alive && n < h->engines[i].count; n++) {
			struct member *m = h->engines[i].members[n];

			if (m->place != place || !m->recorded || rebuild_is_over(&m->rebuild))
				continue;
			rebuild_ask(&m->rebuild, what);
			m->wake_ms = 0;
			return true;
		}
	return false;
}
