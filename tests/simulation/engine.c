#include "engine.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "calls.h"
#include "journal/lease.h"
#include "mutants.h"
#include "rebuild/guards.h"
#include "rules.h"
#include "trace.h"

static bool is_recorded(const struct effect *e)
{
	return !e->dry_run && e->kind != EFFECT_CHECK;
}

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

/* The record and the lease are made with the first intent. */
static enum book_answer open_book(struct history *h, const struct engine *e, struct member *m)
{
	const struct book_holder self = { e->number, e->computer, &e->alive };
	enum book_answer a = BOOK_DONE;

	if (m->recorded)
		return BOOK_DONE;
	a = book_create(&h->book, &m->rebuild, m->place);
	if (a == BOOK_DONE)
		a = book_take(&h->book, m->rebuild.id, self, history_wall_ms(h), &m->epoch);
	m->recorded = a == BOOK_DONE;
	m->renewed_wall_ms = history_wall_ms(h);
	return a;
}

static enum book_answer record(struct history *h, const struct engine *e, struct member *m, const struct decision *d)
{
	bool intends = false;
	enum book_answer a;

	for (size_t i = 0; i < d->effect_count && !intends; i++)
		intends = is_recorded(&d->effects[i]);
	if (intends && (a = open_book(h, e, m)) != BOOK_DONE)
		return a;
	if (!m->recorded || (!intends && !m->notes && !d->news_count))
		return BOOK_DONE;
	a = book_check(&h->book, m->rebuild.id, m->epoch);
	if (a == BOOK_LOST && (!intends || mutants_breaks(h, MUTANT_FENCE)))
		a = BOOK_DONE; /* what has happened is taken in any case */
	for (size_t i = 0; a == BOOK_DONE && i < d->news_count; i++)
		book_note(&h->book, &m->rebuild, &d->news[i], history_wall_ms(h));
	m->notes = 0;
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

static bool may_act_unrecorded(struct member *m, enum book_answer a)
{
	struct rebuild *r = &m->rebuild;

	if (a == BOOK_FULL && rebuild_in_window(r))
		return true;
	text_copy(r->cause, sizeof(r->cause), reason_of(a));
	r->cause_kind = a == BOOK_FULL ? ERROR_LOCAL : ERROR_CONFLICT;
	r->interrupted = true;
	return false;
}

static void act(struct history *h, struct engine *e, struct member *m, const struct decision *d)
{
	struct moment now = history_moment(h);

	for (size_t i = 0; i < d->effect_count; i++) {
		rebuild_begun(&m->rebuild, &d->effects[i], now);
		trace_effect(h, m, &d->effects[i]);
		calls_begin_effect(h, e, m, &d->effects[i]);
	}
	for (size_t i = 0; i < d->query_count; i++) {
		trace_question(h, m, &d->queries[i]);
		calls_begin_question(h, e, m, &d->queries[i]);
	}
}

static void record_green(struct history *h, struct member *m)
{
	if (m->green_known || !m->rebuild.world.green.id[0] || rebuild_in_window(&m->rebuild))
		return;
	m->green_known = true;
	if (m->recorded)
		book_update(&h->book, &m->rebuild);
}

/* The rebuild that the place is about; a kept blue's belongs to one that has ended. */
static void note_end(struct history *h, const struct member *m)
{
	struct place *p = &h->places[m->place];

	if (m->rebuild.resume_finished)
		return;
	p->end = m->rebuild.course;
	p->ended = true;
	trace_end(h, m);
}

static void record_end(struct history *h, struct member *m)
{
	if (m->ended || !rebuild_is_over(&m->rebuild) || m->rebuild.flight_count)
		return;
	m->ended = true;
	note_end(h, m);
	if (m->recorded && book_update(&h->book, &m->rebuild) == BOOK_DONE)
		book_release(&h->book, m->rebuild.id, m->epoch);
}

static void turn_member(struct history *h, struct engine *e, struct member *m)
{
	struct moment now = history_moment(h);
	struct decision *d = &h->decision;
	enum book_answer a;

	mutants_before(h, m);
	rebuild_decide(&m->rebuild, now, d);
	mutants_decided(h, m, d);
	m->wake_ms = d->wake_ms;
	trace_news(h, m, d);
	pass_guards(h, m, d, now);
	a = record(h, e, m, d);
	if (a == BOOK_DONE || may_act_unrecorded(m, a))
		act(h, e, m, d);
	rules_turned(h, m);
	record_green(h, m);
	record_end(h, m);
}

static void renew(struct history *h, struct member *m)
{
	int64_t wall_ms = history_wall_ms(h);
	enum book_answer a;

	if (rebuild_is_over(&m->rebuild) || !m->recorded || wall_ms < m->renewed_wall_ms + LEASE_RENEW_MS)
		return;
	a = book_renew(&h->book, m->rebuild.id, m->epoch, wall_ms);
	if (a == BOOK_DONE)
		m->renewed_wall_ms = wall_ms;
	if (a != BOOK_LOST || mutants_breaks(h, MUTANT_FENCE))
		return;
	text_copy(m->rebuild.cause, sizeof(m->rebuild.cause), reason_of(a));
	m->rebuild.interrupted = true;
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

		renew(h, m);
		if (!m->ended && m->wake_ms <= h->now_ms)
			turn_member(h, e, m);
		over = over && m->ended;
	}
	if (!over)
		return;
	e->alive = false;
	calls_lose(h, e);
	history_engine_ended(h, e);
}

void engine_answered(struct history *h, const struct call *c)
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

	trace_answer(h, m, &a);
	if (c->is_effect && c->effect.kind != EFFECT_CHECK && m->recorded)
		m->notes++;
	mutants_answer(h, m, &a);
	rebuild_absorb(&m->rebuild, &a, history_moment(h));
	m->wake_ms = 0;
}

/* ---- starting ---- */

static struct member *add_member(struct history *h, struct engine *e, int place, const char *id, const char *blue)
{
	struct member *m;

	if (h->pool_used == h->pool_count) {
		h->pool = realloc(h->pool, (h->pool_count + 1) * sizeof(struct member *));
		m = malloc(sizeof(*m));
		if (!h->pool || !m)
			abort();
		h->pool[h->pool_count++] = m;
	}
	m = h->pool[h->pool_used++];
	m->place = place;
	m->wake_ms = 0;
	m->recorded = m->green_known = m->ended = false;
	m->notes = 0;
	m->epoch = m->renewed_wall_ms = 0;
	rebuild_init(&m->rebuild, id, &h->places[place].plan, blue);
	m->rebuild.subject = (uint32_t)e->count;
	e->members[e->count++] = m;
	return m;
}

static bool add_unfinished(struct history *h, struct engine *e, const struct book_row *row)
{
	const struct book_holder self = { e->number, e->computer, &e->alive };
	const struct rebuild_past past = book_past(row);
	struct member *m = add_member(h, e, row->place, row->id, row->blue);

	rebuild_resume(&m->rebuild, &past);
	m->renewed_wall_ms = history_wall_ms(h);
	m->recorded = book_take(&h->book, row->id, self, history_wall_ms(h), &m->epoch) == BOOK_DONE ||
		      mutants_breaks(h, MUTANT_LEASE);
	m->notes = 1; /* "resumed" */
	return m->recorded;
}

static void add_new(struct history *h, struct engine *e, int place, const char *blue)
{
	char id[CLOUD_NAME_SIZE];

	snprintf(id, sizeof(id), "rb-%" PRIu64 "-%zu", h->seed, h->pool_used);
	add_member(h, e, place, id, blue);
	h->tally.rebuilds += !h->places[place].applied_again;
}

/* As lineage_find() and add_machine() in engine/run and engine/cli. */
static bool add_place(struct history *h, struct engine *e, int place)
{
	const char *current = h->places[place].blue;
	const struct book_row *row = book_find_by_blue(&h->book, current), *kept = NULL;

	for (; row && row->state == RECORD_DONE; row = book_find_by_blue(&h->book, current)) {
		if (!kept && !row->blue_terminated)
			kept = row;
		current = row->green;
	}
	if (kept && history_wall_ms(h) >= kept->confirmed_wall_ms + h->places[place].plan.keep_ms &&
		!add_unfinished(h, e, kept))
		return false;
	if (row && row->state != RECORD_ROLLED_BACK && row->state != RECORD_FAILED)
		return add_unfinished(h, e, row);
	add_new(h, e, place, current);
	return true;
}

bool engine_start(struct history *h, int computer)
{
	struct engine *e = &h->engines[h->engine_count];

	if (h->book.refuses)
		return false;
	assert(h->engine_count < HISTORY_ENGINES_MAX);
	*e = (struct engine){ .alive = true, .number = (int)++h->engine_count, .computer = computer };
	h->tally.starts++;
	for (size_t i = 0; i < h->place_count; i++) {
		if (!history_wants(h, (int)i))
			continue;
		if (add_place(h, e, (int)i))
			continue;
		e->alive = false;
		break;
	}
	trace_start(h, e);
	return e->alive;
}

struct engine *engine_find(struct history *h)
{
	for (size_t i = 0; i < h->engine_count; i++)
		if (h->engines[i].alive)
			return &h->engines[i];
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
		e->members[i]->rebuild.interrupted = true;
		e->members[i]->wake_ms = 0;
	}
}
