#include "rebuild/rebuild.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "rebuild/claim.h"
#include "rebuild/course.h"
#include "rebuild/order.h"
#include "rebuild/preflight.h"
#include "rebuild/seen.h"
#include "rebuild/step.h"
#include "rebuild/steps/steps.h"
#include "rebuild/token.h"

enum {
	IDLE_MS = 1000, /* looked at again so often when nothing is due */
	SECOND_MS = 1000,
	CLAIM_PAUSE_MS = 500,
	PATIENCE_BACK = 5, /* times a step's limit: parking blue half put back helps nobody */
};

static void wake_at(struct decision *d, int64_t at_ms)
{
	if (at_ms < d->wake_ms)
		d->wake_ms = at_ms;
}

/* In whatever attempt: another part's failure may have raised its number meanwhile. */
static bool has_flight(const struct rebuild *r, const struct step *s, size_t part)
{
	for (size_t i = 0; i < r->flight_count; i++)
		if (steps_move[r->flights[i].step] == s && r->flights[i].part == part)
			return true;
	return false;
}

static size_t index_of(const struct step *s)
{
	size_t i = 0;

	while (steps_move[i] != s)
		i++;
	return i;
}

struct step_run *step_run_of(struct rebuild *r, const struct step *s)
{
	return &r->steps[index_of(s)];
}

const struct step_run *step_run_seen(const struct rebuild *r, const struct step *s)
{
	return &r->steps[index_of(s)];
}

struct effect *step_effect_again(struct effects *out, enum effect_kind kind, size_t part)
{
	struct decision *d = out->decision;
	struct rebuild *r = out->rebuild;
	struct effect *e;

	if (has_flight(r, out->step, part) || r->flight_count + d->effect_count >= REBUILD_FLIGHTS_MAX)
		return NULL;
	e = &d->effects[d->effect_count++];
	*e = (struct effect){ .kind = kind, .subject = r->subject, .step = out->step->name };
	token_write(&(struct token){ r->id, out->step->name, r->course == COURSE_BACK,
			    step_run_of(r, out->step)->attempt, part },
		e->token);
	text_copy(e->rebuild, sizeof(e->rebuild), r->id);
	return e;
}

struct effect *step_effect(struct effects *out, enum effect_kind kind, size_t part)
{
	if (step_run_of(out->rebuild, out->step)->acked & 1U << part)
		return NULL;
	return step_effect_again(out, kind, part);
}

static struct asked *asked_row(struct rebuild *r, enum query_kind kind, const char *id)
{
	struct asked *oldest = NULL;

	for (size_t i = 0; i < r->asked_count; i++) {
		struct asked *a = &r->asked[i];

		if (a->kind == kind && !strcmp(a->id, id))
			return a;
		if (!a->under_way && (!oldest || a->at_ms < oldest->at_ms))
			oldest = a;
	}
	if (r->asked_count < REBUILD_QUERIES_MAX)
		oldest = &r->asked[r->asked_count++];
	assert(oldest);
	*oldest = (struct asked){ .kind = kind };
	text_copy(oldest->id, sizeof(oldest->id), id);
	return oldest;
}

/* When the question is due. The longer one waits, the less it hurts to look a little later. */
static int64_t due_ms(const struct looks *out, const struct asked *a, struct pace pace)
{
	int percent = out->rebuild->options.pace_percent ? out->rebuild->options.pace_percent : 100;
	int64_t base = out->run->acted_ms ? out->run->acted_ms : out->run->since_ms;
	int64_t waited = out->now.mono_ms - base, every = (int64_t)pace.every_ms * percent / 100;

	if (a->at_ms < base)
		return base + (int64_t)pace.first_ms * percent / 100;
	if (waited / 16 > every)
		every = waited / 16;
	return a->at_ms + every;
}

/* True if the question goes out now. */
static bool ask(struct looks *out, enum query_kind kind, const char *id, struct pace pace)
{
	struct asked *a = asked_row(out->rebuild, kind, id);
	int64_t due = due_ms(out, a, pace);

	if (a->at_ms <= out->run->fresh_ms || a->under_way)
		out->stale = true;
	if (a->under_way)
		return false;
	if (due > out->now.mono_ms) {
		wake_at(out->decision, due);
		return false;
	}
	a->at_ms = out->now.mono_ms;
	a->under_way = true;
	return true;
}

/* What one rebuild asks at a time is about fewer objects than there are rows. */
static struct query *add_query(
	struct decision *d, const struct rebuild *r, enum query_kind kind, const char *id)
{
	struct query *q = &d->queries[d->query_count++];

	assert(d->query_count <= REBUILD_QUERIES_MAX);
	*q = (struct query){ .kind = kind, .subject = r->subject };
	text_copy(q->id, sizeof(q->id), id);
	return q;
}

void step_look_tag(struct looks *out, enum query_kind kind, const char *id, struct tag tag, struct pace pace)
{
	if (ask(out, kind, id, pace))
		add_query(out->decision, out->rebuild, kind, id)->tag = tag;
}

void step_look(struct looks *out, enum query_kind kind, const char *id, struct pace pace)
{
	step_look_tag(out, kind, id, (struct tag){ NULL, NULL }, pace);
}

void step_look_guest(struct looks *out, bool green, struct pace pace)
{
	struct rebuild *r = out->rebuild;
	const char *id = seen_id(r, green);

	if (ask(out, QUERY_GUEST, id, pace))
		add_query(out->decision, r, QUERY_GUEST, id)->guest =
			order_fill(r, green ? ORDER_PROBE_GREEN : ORDER_PROBE_BLUE, green);
}

/* Looks at blue's tags, unless that is under way or was done a moment ago. */
static void look_at_claim(struct rebuild *r, struct moment now, struct decision *d)
{
	struct asked *a = asked_row(r, QUERY_INSTANCE, r->world.blue.id);

	wake_at(d, now.mono_ms + CLAIM_PAUSE_MS);
	if (a->under_way || now.mono_ms < a->at_ms + CLAIM_PAUSE_MS)
		return;
	a->at_ms = now.mono_ms;
	a->under_way = true;
	add_query(d, r, QUERY_INSTANCE, r->world.blue.id);
}

static bool is_claim_needed(const struct decision *d, size_t from)
{
	for (size_t i = from; i < d->effect_count; i++)
		if (effect_changes_something(&d->effects[i]))
			return true;
	return false;
}

/*
 * The effects from that one on are dropped if nobody has looked lately whether we still drive this
 * rebuild: another engine may have taken it over while we waited, or were stopped (SIGSTOP).
 */
static void pass_claim(struct rebuild *r, struct moment now, struct decision *d, size_t from)
{
	int64_t age = now.mono_ms - claim_seen_ms(r);

	if (!is_claim_needed(d, from) || age < CLAIM_AHEAD_MS)
		return;
	if (age >= CLAIM_FRESH_MS)
		d->effect_count = from;
	if (age >= CLAIM_FRESH_MS || rebuild_in_window(r))
		look_at_claim(r, now, d);
}

typedef void step_look_fn(struct rebuild *r, struct moment now, struct looks *out);
typedef void step_act_fn(struct rebuild *r, struct moment now, struct effects *out);

/* Looks, and acts unless it must wait or see something first. */
static void work_on(struct rebuild *r, size_t i, struct moment now, struct decision *d, bool back)
{
	const struct step *s = steps_move[i];
	struct step_run *run = &r->steps[i];
	struct looks looks = { .decision = d, .rebuild = r, .run = run, .now = now };
	struct effects effects = { .decision = d, .rebuild = r, .step = s };
	step_look_fn *look = back && s->look_back ? s->look_back : s->look;
	step_act_fn *act = back ? s->undo : s->act;
	size_t from = d->effect_count;

	if (look)
		look(r, now, &looks);
	if (run->again_ms > now.mono_ms) {
		wake_at(d, run->again_ms);
		return;
	}
	if (!act || looks.stale)
		return;
	act(r, now, &effects);
	pass_claim(r, now, d, from);
}

static void start(struct rebuild *r, size_t i, struct moment now)
{
	struct step_run *run = &r->steps[i];

	if (run->since_ms)
		return;
	run->since_ms = now.mono_ms;
	course_news(r, NEWS_STEP_STARTED, steps_move[i]->name, "%s", "");
	if (steps_move[i]->in_window && !rebuild_in_window(r))
		course_open_window(r, now);
}

static bool over_limit(struct rebuild *r, size_t i, struct moment now, struct decision *d)
{
	int limit_s = steps_move[i]->limit_s * (r->course == COURSE_BACK ? PATIENCE_BACK : 1);
	int64_t ends = r->steps[i].since_ms + (int64_t)limit_s * SECOND_MS;

	if (!limit_s)
		return false;
	if (now.mono_ms < ends) {
		wake_at(d, ends);
		return false;
	}
	course_fail(r, steps_move[i], ERROR_TIMEOUT, "not done after %d s%s%s", limit_s,
		r->trouble.kind ? ": " : "", r->trouble.kind ? r->trouble.message : "");
	return true;
}

/* Says why it waits, and why it cannot look, whenever that has changed. */
static void tell_wait(struct rebuild *r, size_t i)
{
	const struct step *s = steps_move[i];
	struct step_run *run = &r->steps[i];
	const char *what = s->waits_for && r->course == COURSE_FORWARD ? s->waits_for(r) : NULL;

	if (what && what != run->waits_for)
		course_news(r, NEWS_WAITING, s->name, "%s", what);
	if (r->trouble.kind && r->trouble.kind != run->told_trouble)
		course_news(r, NEWS_WAITING, s->name, "%s", r->trouble.message);
	run->waits_for = what;
	if (r->trouble.kind) /* one that comes again after an answer is the same still */
		run->told_trouble = r->trouble.kind;
}

/* One step whose turn it is, on the way forward. */
static void forward_step(struct rebuild *r, size_t i, struct moment now, struct decision *d)
{
	const struct step *s = steps_move[i];
	struct step_run *run = &r->steps[i];
	const char *hopeless;

	start(r, i, now);
	if (s->proved(r, now)) {
		run->proved = true;
		course_proved(r, s, now);
		return;
	}
	hopeless = s->hopeless ? s->hopeless(r, now) : NULL;
	if (hopeless)
		course_fail(r, s, r->cause_kind ? r->cause_kind : ERROR_CONFLICT, "%s", hopeless);
	else if (!over_limit(r, i, now, d))
		work_on(r, i, now, d, false);
	if (r->course == COURSE_FORWARD)
		tell_wait(r, i);
}

static bool postponed(const struct rebuild *r, const struct step *s, struct moment now)
{
	return s->not_before_ms && s->not_before_ms(r) > now.wall_ms;
}

/* What clients are waiting for: the last step whose turn it is. */
static const char *waiting_for(const struct rebuild *r)
{
	const char *name = "nothing";

	for (size_t i = 0; steps_move[i]; i++)
		if (r->steps[i].since_ms && !r->steps[i].proved)
			name = steps_move[i]->name;
	return name;
}

static void check_outage_limit(struct rebuild *r, struct moment now, struct decision *d)
{
	int64_t ends = r->window_opened_ms + r->plan->outage_limit_ms;
	char span[CLOCK_SPAN_SIZE];

	if (!rebuild_in_window(r) || !r->plan->outage_limit_ms)
		return;
	wake_at(d, ends);
	if (now.mono_ms >= ends)
		course_turn_back(r, ERROR_TIMEOUT, "%s: the outage limit of %s has passed%s%s",
			waiting_for(r), clock_format_span(r->plan->outage_limit_ms, span),
			r->trouble.kind ? ": " : "", r->trouble.kind ? r->trouble.message : "");
}

static void forward(struct rebuild *r, struct moment now, struct decision *d)
{
	unsigned facts = 0;
	bool open = false;

	for (size_t i = 0; steps_move[i] && r->course == COURSE_FORWARD; i++) {
		const struct step *s = steps_move[i];

		if (s->only_back)
			continue;
		if (!r->steps[i].proved && (s->needs & ~facts) == 0 && !postponed(r, s, now))
			forward_step(r, i, now, d);
		if (r->steps[i].proved)
			facts |= s->gives;
		else if (!postponed(r, s, now))
			open = true;
		if (r->options.preflight_only)
			break;
	}
	if (r->course != COURSE_FORWARD)
		return;
	check_outage_limit(r, now, d);
	if (r->course == COURSE_FORWARD && !open)
		course_finish(r, COURSE_DONE);
}

static void undo_step(struct rebuild *r, size_t i, struct moment now, struct decision *d)
{
	const struct step *s = steps_move[i];
	const char *stuck = s->stuck ? s->stuck(r) : NULL;

	start(r, i, now);
	if (stuck)
		course_fail(r, s, ERROR_CONFLICT, "%s", stuck);
	else if (!over_limit(r, i, now, d))
		work_on(r, i, now, d, true);
	if (r->course == COURSE_BACK)
		tell_wait(r, i);
}

/* What was undone may be so no longer: a blue that ran when it was looked at, and was being stopped. */
static bool is_undone(struct rebuild *r, size_t i, struct moment now)
{
	struct step_run *run = &r->steps[i];
	bool undone = steps_move[i]->undone(r, now);

	if (undone && !run->proved && run->acted_ms)
		course_news(r, NEWS_STEP_UNDONE, steps_move[i]->name, "%s", "");
	if (undone && steps_move[i] == &step_quiesce)
		course_close_window(r, now);
	if (!undone && run->proved)
		*run = (struct step_run){ .attempt = run->attempt + 1 };
	run->proved = undone;
	return undone;
}

/* Last step first, each undone before the one before it is touched. */
static void back(struct rebuild *r, struct moment now, struct decision *d)
{
	size_t count = 0;

	if (r->flight_count)
		return; /* what is under way ends before anything is undone */
	while (steps_move[count])
		count++;
	for (size_t i = count; i-- > 0;) {
		if (!steps_move[i]->undo || is_undone(r, i, now))
			continue;
		undo_step(r, i, now, d);
		return;
	}
	course_finish(r, COURSE_ROLLED_BACK);
}

static bool is_too_late(const struct rebuild *r)
{
	return seen_blue_gone(r) || step_run_seen(r, &step_terminate)->acked;
}

/* An operator wants blue back. What is looked at first after a resumption is looked at all the same. */
static void roll_back_if_asked(struct rebuild *r)
{
	static const char CAUSE[] = "the operator asked for it";
	static const char TOO_LATE[] = "blue is terminated: only its image can be gone back to";

	if (!r->rollback_asked || r->course != COURSE_FORWARD || r->resume_back)
		return;
	if (r->resumed && !step_run_seen(r, &step_preflight)->proved) {
		r->resume_back = true;
		text_copy(r->cause, sizeof(r->cause), CAUSE);
	} else if (!r->changed_something && r->blueprint_seen && !r->flight_count) {
		bool gone = seen_blue_gone(r);

		text_copy(r->cause, sizeof(r->cause), gone ? TOO_LATE : CAUSE);
		course_finish(r, gone ? COURSE_REFUSED : COURSE_ROLLED_BACK);
	} else if (r->changed_something && !is_too_late(r)) {
		course_turn_back(r, ERROR_INTERRUPTED, "%s", CAUSE);
	}
}

static bool is_nothing_to_do(const struct rebuild *r)
{
	return preflight_is_rebuilt(r) || (r->options.only_unfinished && r->blueprint_seen && !r->resumed);
}

static void go(struct rebuild *r, struct moment now, struct decision *d)
{
	roll_back_if_asked(r);
	if (r->course == COURSE_FORWARD && is_nothing_to_do(r))
		course_finish(r, COURSE_UNCHANGED);
	if (r->course == COURSE_FORWARD) {
		forward(r, now, d);
		if (r->course != COURSE_FORWARD)
			d->effect_count = 0; /* nothing that was decided before it turned is done */
	}
	if (r->course == COURSE_BACK)
		back(r, now, d);
}

void rebuild_decide(struct rebuild *r, struct moment now, struct decision *ret)
{
	ret->query_count = ret->effect_count = ret->news_count = 0;
	ret->wake_ms = now.mono_ms + IDLE_MS;
	if (!r->interrupted)
		go(r, now, ret);
	else if (!r->flight_count && !rebuild_is_over(r))
		course_finish(r, COURSE_INTERRUPTED);
	memcpy(ret->news, r->pending, r->pending_count * sizeof(*ret->news));
	ret->news_count = r->pending_count;
	r->pending_count = 0;
}
