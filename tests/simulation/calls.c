#include "calls.h"

#include <assert.h>
#include <string.h>

#include "commands.h"
#include "conduct.h"
#include "deeds.h"
#include "engine.h"
#include "sight.h"

enum { LOCK_AGAIN_MS = 100, STOPPED_AGAIN_MS = 1000, LATE_CHANCE = 5, LATE_FACTOR = 4 };

/* How long a call takes from request to answer: shortest and longest, as a rule. */
struct span {
	int least_ms, most_ms;
};

static const struct span QUESTION = { 20, 90 }, PROBE = { 60, 400 }, DRY_RUN = { 20, 90 };

static const struct span EFFECTS[EFFECT_KIND_COUNT] = {
	[EFFECT_KEEP_VOLUME] = { 40, 200 },
	[EFFECT_PROTECT_INSTANCE] = { 40, 200 },
	[EFFECT_TAG] = { 40, 200 },
	[EFFECT_CREATE_SNAPSHOT] = { 100, 600 },
	[EFFECT_DELETE_SNAPSHOT] = { 40, 300 },
	[EFFECT_LAUNCH] = { 900, 2500 },
	[EFFECT_STOP_INSTANCE] = { 80, 400 },
	[EFFECT_START_INSTANCE] = { 80, 400 },
	[EFFECT_TERMINATE_INSTANCE] = { 80, 400 },
	[EFFECT_DETACH_VOLUME] = { 80, 500 },
	[EFFECT_ATTACH_VOLUME] = { 80, 500 },
	[EFFECT_ASSOCIATE_ADDRESS] = { 60, 400 },
	[EFFECT_QUIESCE] = { 200, 2500 },
	[EFFECT_MOUNT] = { 60, 500 },
	[EFFECT_START_SERVICE] = { 200, 2500 },
	[EFFECT_CHECK] = { 10, 150 },
};

static struct span span_of(const struct call *c)
{
	if (!c->is_effect)
		return c->query.kind == QUERY_GUEST ? PROBE : QUESTION;
	return c->effect.dry_run ? DRY_RUN : EFFECTS[c->effect.kind];
}

static void plan(struct history *h, struct call *c, enum occasion kind, int64_t after_ms)
{
	history_plan(h, after_ms,
		(struct calendar_entry){ .kind = kind, .object = (uint32_t)(c - h->calls), .life = c->life });
}

static bool is_command(const struct call *c)
{
	return c->is_effect ? effect_is_guest(c->effect.kind) : c->query.kind == QUERY_GUEST;
}

static struct call *begin(struct history *h, struct engine *e, struct member *m)
{
	struct call *c = h->calls;

	while (c < h->calls + HISTORY_CALLS_MAX && c->used)
		c++;
	assert(c < h->calls + HISTORY_CALLS_MAX);
	c->used = true;
	c->happened = c->waits = false;
	c->life++;
	c->engine = e;
	c->member = m;
	c->asked_ms = h->now_ms;
	c->asked_wall_ms = history_wall_ms(h);
	c->fault = NULL;
	c->count = 0;
	return c;
}

/* Takes hold somewhere between now and the answer; some take far longer than usual. */
static void set_going(struct history *h, struct call *c)
{
	struct span s = span_of(c);
	int64_t took_ms = history_between(h, s.least_ms, s.most_ms);

	if (history_chance(h, LATE_CHANCE))
		took_ms *= LATE_FACTOR;
	c->answer_after_ms = history_between(h, 0, took_ms);
	plan(h, c, OCCASION_HAPPENS, took_ms - c->answer_after_ms);
}

void calls_begin_effect(struct history *h, struct engine *e, struct member *m, const struct effect *effect)
{
	struct call *c = begin(h, e, m);

	c->is_effect = true;
	c->effect = *effect;
	c->deadline_ms = h->now_ms + (effect->guest ? effect->guest->limit_ms : 0);
	h->tally.effects++;
	if (effect_changes_something(effect)) {
		conduct_begun(h, c);
		h->places[m->place].facts.effects++;
		c->fault = fault_take(h, m->place, effect);
		fault_effect_begun(h, m->place);
	}
	set_going(h, c);
}

void calls_begin_question(struct history *h, struct engine *e, struct member *m, const struct query *q)
{
	struct call *c = begin(h, e, m);

	c->is_effect = false;
	c->query = *q;
	c->deadline_ms = 0;
	h->tally.questions++;
	set_going(h, c);
}

/* The call that the entry means, or NULL if it is over. */
static struct call *meant(struct history *h, const struct calendar_entry *entry)
{
	struct call *c = &h->calls[entry->object];

	return c->used && c->life == entry->life ? c : NULL;
}

static bool is_lost(const struct call *c)
{
	return c->fault && (c->fault->kind == FAULT_ANSWER_LOST || c->fault->kind == FAULT_DROPPED_DONE);
}

/* How the fault that struck the call keeps it from being done; false if it does not. */
static bool is_prevented(struct call *c)
{
	static const struct {
		enum fault_kind fault;
		enum error_kind kind;
		enum error_happened happened;
		const char *text;
	} ROWS[] = {
		{ FAULT_REFUSED, ERROR_REMOTE, HAPPENED_NO, "an internal error has occurred" },
		{ FAULT_NEVER_ARRIVED, ERROR_TIMEOUT, HAPPENED_UNKNOWN, "no answer within 45 s" },
		{ FAULT_THROTTLED, ERROR_THROTTLED, HAPPENED_NO, "request limit exceeded" },
		{ FAULT_NO_ROOM, ERROR_CAPACITY, HAPPENED_NO, "insufficient instance capacity" },
		{ FAULT_DROPPED_UNDONE, ERROR_REMOTE, HAPPENED_UNKNOWN, "the connection broke" },
	};

	for (size_t i = 0; c->fault && i < ARRAY_SIZE(ROWS); i++) {
		if (ROWS[i].fault != c->fault->kind)
			continue;
		error_set(&c->err, ROWS[i].kind, "%s", ROWS[i].text);
		c->err.happened = ROWS[i].happened;
		return true;
	}
	return false;
}

static void do_deed(struct history *h, struct call *c)
{
	struct conduct_view before;

	if (h->places[c->member->place].denied && !is_command(c)) {
		error_set(&c->err, ERROR_DENIED, "the session credentials have expired");
		return;
	}
	conduct_before(h, c, &before);
	if (is_command(c))
		commands_do(h, c);
	else
		deeds_do(h, c);
	if (!c->err.kind && !c->effect.dry_run)
		conduct_done(h, c, &before);
	if (c->fault && c->fault->kind == FAULT_TWICE)
		deeds_repeat(h, c);
}

static void carry_out(struct history *h, struct call *c)
{
	if (!c->is_effect && is_command(c))
		commands_do(h, c);
	else if (!c->is_effect)
		sight_answer(h, c);
	else if (!is_prevented(c))
		do_deed(h, c);
	if (is_lost(c) && !c->err.kind) {
		c->count = 0;
		error_set(&c->err, ERROR_TIMEOUT, "the connection broke");
		c->err.happened = HAPPENED_UNKNOWN;
	}
}

/* One command that changes something runs on a machine at a time: the scripts take a lock there. */
static struct stage_machine *locks(struct history *h, const struct call *c)
{
	if (!c->is_effect || c->effect.dry_run || !effect_is_guest(c->effect.kind) ||
		c->effect.kind == EFFECT_CHECK)
		return NULL;
	return stage_find_machine(&h->stage, c->effect.instance_id);
}

static bool must_wait(struct history *h, struct call *c, struct stage_machine *m)
{
	uint32_t self = (uint32_t)(c - h->calls) + 1;

	if (!m || h->now_ms >= c->deadline_ms)
		return false;
	if (m->running && m->running != self) {
		plan(h, c, OCCASION_HAPPENS, LOCK_AGAIN_MS);
		return true;
	}
	if (is_lost(c) || !c->fault || c->fault->kind != FAULT_DROPPED_UNDONE)
		c->waits = commands_must_wait(h, c);
	if (c->waits) {
		m->running = self;
		plan(h, c, OCCASION_HAPPENS, c->deadline_ms - h->now_ms);
	}
	return c->waits;
}

static void forget(struct call *c)
{
	error_release(&c->err);
	c->used = false;
}

/* False if an earlier command still had the machine's lock at the deadline. */
static bool unlock(struct call *c, struct stage_machine *m, uint32_t self)
{
	if (m && m->running && m->running != self)
		return error_set(
			&c->err, ERROR_TIMEOUT, "an earlier command is still at work on this machine");
	if (m)
		m->running = 0;
	return true;
}

static void take_hold(struct history *h, struct call *c)
{
	struct stage_machine *m = locks(h, c);

	if (must_wait(h, c, m))
		return;
	c->happened = true;
	c->waits = false;
	if (unlock(c, m, (uint32_t)(c - h->calls) + 1))
		carry_out(h, c);
	if (c->engine->alive)
		plan(h, c, OCCASION_ANSWER, c->answer_after_ms);
	else
		forget(c);
}

void calls_happen(struct history *h, const struct calendar_entry *entry)
{
	struct call *c = meant(h, entry);

	if (c && !c->happened)
		take_hold(h, c);
}

void calls_answer(struct history *h, const struct calendar_entry *entry)
{
	struct call *c = meant(h, entry);

	if (!c)
		return;
	if (c->engine->alive && c->engine->paused) {
		plan(h, c, OCCASION_ANSWER, STOPPED_AGAIN_MS);
		return;
	}
	if (c->engine->alive)
		engine_answered(h, c);
	forget(c);
}

void calls_look_again(struct history *h)
{
	h->stage.plugged_something = false;
	for (size_t i = 0; i < HISTORY_CALLS_MAX; i++)
		if (h->calls[i].used && h->calls[i].waits)
			plan(h, &h->calls[i], OCCASION_HAPPENS, 0);
}

void calls_lose(struct history *h, const struct engine *e)
{
	for (size_t i = 0; i < HISTORY_CALLS_MAX; i++) {
		struct call *c = &h->calls[i];
		bool arrives = c->is_effect && !c->happened && (c->waits || history_chance(h, 50));

		if (c->used && c->engine == e && !arrives)
			forget(c);
	}
}

void calls_clear(struct history *h)
{
	for (size_t i = 0; i < HISTORY_CALLS_MAX; i++)
		if (h->calls[i].used)
			forget(&h->calls[i]);
}
