#include "run/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rebuild/course.h"
#include "rebuild/guards.h"

enum {
	AWAY_PAUSE_MS = 1000,           /* until a store that is away is asked again */
	AWAY_AT_END_MS = LEASE_LIFE_MS, /* so long the end of a rebuild waits for it */
};

/* Drops from the decision what a guard forbids; the rebuild hears why. */
static void pass_guards(struct member *m, struct decision *d, struct moment now)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->effect_count; i++) {
		const char *reason;

		if (rebuild_is_over(&m->rebuild))
			break;
		if (guards_refuse(&m->rebuild, &d->effects[i], now, &reason)) {
			rebuild_refused(&m->rebuild, &d->effects[i], reason);
			m->wake_ms = now.mono_ms;
			kept = 0; /* the course has changed: nothing decided before it is done */
			break;
		}
		d->effects[kept++] = d->effects[i];
	}
	d->effect_count = kept;
}

/* The record and the lease are made with the first. */
static bool note_intents(
	const struct run_options *o, struct member *m, const struct decision *d, struct error *err)
{
	for (size_t i = 0; i < d->effect_count; i++) {
		if (!effect_changes_something(&d->effects[i]))
			continue; /* only what comes of it is recorded */
		if (!ledger_open(&m->ledger, &m->rebuild, o->user, o->version, err))
			return false;
		ledger_intent(&m->ledger, &m->rebuild, &d->effects[i]);
	}
	return true;
}

static bool record(const struct run_options *o, struct member *m, const struct decision *d, struct error *err)
{
	return note_intents(o, m, d, err) && ledger_commit(&m->ledger, err);
}

/* Without its journal a rebuild ends here; what somebody else drives is theirs. */
static void begin_nothing_more(struct member *m, const struct error *err)
{
	struct rebuild *r = &m->rebuild;

	if (error_is(err, LEASE_LOST) || error_is(err, LEASE_HELD)) {
		m->ledger.is_lost = true;
		rebuild_lose(r, err->message);
		return;
	}
	text_copy(r->cause, sizeof(r->cause), err->message);
	r->cause_kind = err->kind;
	rebuild_ask(r, REQUEST_STOP);
}

/* What was noted is told: it waits for a store that will be back, or is lost to the journal. */
static void tell_unrecorded(struct member *m, bool is_away)
{
	if (is_away)
		ledger_keep(&m->ledger);
	else
		ledger_tell_anyway(&m->ledger);
}

/*
 * The journal did not take it. Somebody else may drive this rebuild now: then nothing more is done.
 * Otherwise nothing new is begun, unless clients are waiting: a full disk here must not keep them
 * waiting, and tags and the world are enough to go on from (docs/decisions/0003). A store that is away
 * is waited for (docs/decisions/0011).
 */
static bool may_act_unrecorded(struct member *m, const struct error *err, struct moment now)
{
	bool theirs = error_is(err, LEASE_LOST) || error_is(err, LEASE_HELD);
	bool is_away = error_is(err, JOURNAL_AWAY);
	auto_error fenced = ERROR_INIT;

	if (!theirs && rebuild_in_window(&m->rebuild) && ledger_is_ours(&m->ledger, &fenced)) {
		tell_unrecorded(m, is_away);
		return true;
	}
	ledger_drop_intents(&m->ledger);
	if (is_away && !error_is(&fenced, LEASE_LOST))
		m->wake_ms = now.mono_ms + AWAY_PAUSE_MS;
	else
		begin_nothing_more(m, fenced.kind ? &fenced : err);
	tell_unrecorded(m, is_away);
	return false;
}

static void act(const struct run_providers *to, struct member *m, const struct decision *d, struct moment now)
{
	for (size_t i = 0; i < d->effect_count; i++) {
		const struct effect *e = &d->effects[i];
		const struct provider *p = effect_is_guest(e->kind) ? &to->guest : &to->cloud;

		rebuild_begun(&m->rebuild, e, now);
		p->act(p->self, e);
	}
}

static bool is_at_its_end(const struct member *m)
{
	return !m->ended && rebuild_is_over(&m->rebuild) && !m->rebuild.flight_count;
}

static bool is_green_news(const struct member *m)
{
	return !m->green_known && m->rebuild.world.green.id[0] && !rebuild_in_window(&m->rebuild);
}

static void record_end(struct member *m, struct moment now)
{
	auto_error err = ERROR_INIT;

	if (!is_at_its_end(m))
		return;
	if (!m->over_ms)
		m->over_ms = now.mono_ms;
	if (!ledger_commit(&m->ledger, &err) || !ledger_update(&m->ledger, &m->rebuild, &err)) {
		m->wake_ms = now.mono_ms + AWAY_PAUSE_MS;
		if (error_is(&err, JOURNAL_AWAY) && now.mono_ms < m->over_ms + AWAY_AT_END_MS)
			return;
		m->ledger.lost++;
	}
	m->ended = true;
}

/* Who reads the journal shall find green while it is still being made ready. */
static void record_green(struct member *m)
{
	auto_error err = ERROR_INIT;

	if (!is_green_news(m))
		return;
	m->green_known = ledger_update(&m->ledger, &m->rebuild, &err) || !error_is(&err, JOURNAL_AWAY);
	if (err.kind && m->green_known)
		m->ledger.lost++;
}

/* The sessions are half of what a rebuild costs in memory: none stays open for which there is no use soon. */
static void rest_guests(const struct provider *p, struct member *m)
{
	const struct rebuild *r = &m->rebuild;

	for (int green = 0; p->rest && green <= 1; green++) {
		bool needs = !rebuild_is_over(r) && rebuild_needs_guest(r, green);

		if (m->needs_guest[green] && !needs)
			p->rest(p->self, green ? r->world.green.id : r->world.blue.id);
		m->needs_guest[green] = needs;
	}
}

struct member_turn member_decide(struct member *m, const struct member_world *w)
{
	const struct clock *clock = w->options->clock;
	struct member_turn t = { .member = m, .decision = malloc(sizeof(*t.decision)) };
	struct decision *d = t.decision;

	if (!d)
		abort();
	t.now = (struct moment){ .mono_ms = clock_mono_ms(clock), .wall_ms = clock_wall_ms(clock) };
	rebuild_decide(&m->rebuild, t.now, d);
	m->wake_ms = d->wake_ms;
	for (size_t i = 0; i < d->news_count; i++)
		ledger_news(&m->ledger, &m->rebuild, &d->news[i]);
	rest_guests(&w->providers->guest, m);
	pass_guards(m, d, t.now);
	t.mark = ledger_mark(&m->ledger);
	return t;
}

static bool is_anything_meant(const struct decision *d)
{
	for (size_t i = 0; i < d->effect_count; i++)
		if (effect_changes_something(&d->effects[i]))
			return true;
	return false;
}

bool member_has_to_write(const struct member_turn *t)
{
	const struct member *m = t->member;

	if (is_anything_meant(t->decision))
		return true;
	return m->ledger.recorded && (m->ledger.count || is_green_news(m) || is_at_its_end(m));
}

bool member_write(const struct member_turn *t, const struct member_world *w, struct error *err)
{
	struct member *m = t->member;

	ledger_go_back(&m->ledger, &t->mark);
	if (!note_intents(w->options, m, t->decision, err) || !ledger_write(&m->ledger, err))
		return false;
	if (!is_green_news(m) && !is_at_its_end(m))
		return true;
	return ledger_update(&m->ledger, &m->rebuild, err);
}

void member_written(struct member_turn *t)
{
	struct member *m = t->member;

	ledger_written(&m->ledger);
	m->green_known = m->green_known || is_green_news(m);
	m->ended = m->ended || is_at_its_end(m);
	t->may_act = true;
}

void member_record_alone(struct member_turn *t, const struct member_world *w)
{
	struct member *m = t->member;
	auto_error err = ERROR_INIT;

	t->may_act = record(w->options, m, t->decision, &err) || may_act_unrecorded(m, &err, t->now);
	record_green(m);
	record_end(m, t->now);
}

void member_act(struct member_turn *t, const struct member_world *w, struct query *queries, size_t *count)
{
	struct decision *d = t->decision;

	if (t->may_act)
		act(w->providers, t->member, d, t->now);
	/* Looking is no effect; and what was decided to be asked is waited for. */
	memcpy(queries + *count, d->queries, d->query_count * sizeof(*d->queries));
	*count += d->query_count;
	t->member->unanswered += d->query_count;
	free(d);
	t->decision = NULL;
}

bool member_is_old(const struct member *m, int64_t age_ms)
{
	return !rebuild_is_over(&m->rebuild) && ledger_is_old(&m->ledger, age_ms);
}

void member_renew(struct member *m)
{
	auto_error err = ERROR_INIT;

	if (ledger_renew(&m->ledger, &err) || !error_is(&err, LEASE_LOST))
		return;
	begin_nothing_more(m, &err);
	m->wake_ms = 0;
}

void member_absorb(struct member *m, const struct answer *a, struct moment now)
{
	bool told = a->is_effect && a->effect != EFFECT_CHECK;
	char before[CLOUD_NAME_SIZE];

	m->unanswered -= !a->is_effect;
	if (told && m->ledger.recorded)
		ledger_outcome(&m->ledger, &m->rebuild, a, rebuild_step_of(&m->rebuild, a->token));
	text_copy(before, sizeof(before), m->rebuild.id);
	rebuild_absorb(&m->rebuild, a, now);
	if (strcmp(before, m->rebuild.id) != 0) /* by its tags it was begun elsewhere, under another id */
		ledger_adopted(&m->ledger, &m->rebuild, before);
}

struct ending member_ending(const struct member *m, struct arena *a, const struct clock *clock)
{
	struct ending e = ending_of(&m->rebuild, a);

	e.took_ms = clock_mono_ms(clock) - m->begun_ms;
	e.machine = m->machine;
	e.recorded = m->ledger.recorded;
	e.superseded = m->superseded;
	return e;
}

void member_release(struct member *m)
{
	rebuild_release(&m->rebuild);
	ledger_release(&m->ledger);
}
