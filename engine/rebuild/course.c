#include "rebuild/course.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cloud/tags.h"
#include "rebuild/adopt.h"
#include "rebuild/claim.h"
#include "rebuild/found.h"
#include "rebuild/order.h"
#include "rebuild/outlook.h"
#include "rebuild/seen.h"
#include "rebuild/steps/steps.h"

static const char *const COURSE_NAMES[] = {
	[COURSE_FORWARD] = "forward",
	[COURSE_BACK] = "back",
	[COURSE_DONE] = "done",
	[COURSE_UNCHANGED] = "unchanged",
	[COURSE_REFUSED] = "refused",
	[COURSE_ROLLED_BACK] = "rolled-back",
	[COURSE_PARKED] = "parked",
	[COURSE_INTERRUPTED] = "interrupted",
	[COURSE_TAKEN_OVER] = "taken-over",
};

const char *rebuild_course_name(enum rebuild_course c)
{
	return COURSE_NAMES[c];
}

bool rebuild_is_over(const struct rebuild *r)
{
	return r->course != COURSE_FORWARD && r->course != COURSE_BACK;
}

bool rebuild_in_window(const struct rebuild *r)
{
	return r->window_opened_ms && !r->window_closed_ms;
}

static void PRINTF(4, 0)
	add_news(struct rebuild *r, enum news_kind kind, const char *step, const char *fmt, va_list ap)
{
	char text[REBUILD_CAUSE_SIZE];

	assert(r->pending_count < REBUILD_NEWS_MAX);
	vsnprintf(text, sizeof(text), fmt, ap);
	r->pending[r->pending_count++] =
		(struct news){ .kind = kind, .step = step, .text = arena_copy(&r->arena, text) };
}

void course_news(struct rebuild *r, enum news_kind kind, const char *step, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_news(r, kind, step, fmt, ap);
	va_end(ap);
}

void course_open_window(struct rebuild *r, struct moment now)
{
	r->window_opened_ms = now.mono_ms;
	r->window_closed_ms = 0;
	course_news(r, NEWS_WINDOW_OPENED, NULL, "clients wait from now on");
}

void course_close_window(struct rebuild *r, struct moment now)
{
	char span[CLOCK_SPAN_SIZE];

	if (!rebuild_in_window(r))
		return;
	r->window_closed_ms = now.mono_ms;
	course_news(r, NEWS_WINDOW_CLOSED, NULL, "clients waited for %s",
		clock_format_span(r->window_closed_ms - r->window_opened_ms, span));
}

void course_details(struct rebuild *r, const struct error *err)
{
	if (r->cause_hint || r->cause_request[0])
		return;
	r->cause_hint = err->hint;
	text_copy(r->cause_request, sizeof(r->cause_request), err->request_id ? err->request_id : "");
}

/* The way back has its own turns, limits and attempts. */
static void forget_runs(struct rebuild *r)
{
	for (size_t i = 0; i < REBUILD_STEPS_MAX; i++)
		r->steps[i] = (struct step_run){ .attempt = 1 };
}

static void PRINTF(3, 0) remember_cause(struct rebuild *r, enum error_kind kind, const char *fmt, va_list ap)
{
	r->cause_kind = kind;
	vsnprintf(r->cause, sizeof(r->cause), fmt, ap);
}

/*
 * After a resumption the nonces are what blue's quiesce must have written, not what anybody has seen. Should
 * another rebuild have quiesced it, blue gets its volumes back all the same: by their ids and filesystems.
 */
static void forget_sentinels(struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		r->volumes[i].sentinel[0] = '\0';
}

/* Without blue there is no way back: green is what there is. */
static void turn_back(struct rebuild *r)
{
	if (seen_blue_gone(r)) {
		course_finish(r, COURSE_PARKED);
		return;
	}
	r->course = COURSE_BACK;
	r->blue_told = r->blue_tagged || !strcmp(r->world.blue.rebuild, r->id);
	forget_runs(r);
	if (r->resumed)
		forget_sentinels(r);
	course_news(r, NEWS_TURNED_BACK, NULL, "%s", r->cause);
}

void course_turn_back(struct rebuild *r, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remember_cause(r, kind, fmt, ap);
	va_end(ap);
	turn_back(r);
}

/* Green serves since long: whatever has become of it by now, its rebuild is not turned back any more. */
static void skip_to_retire(struct rebuild *r)
{
	for (size_t i = 0; steps_move[i] != &step_retire; i++)
		r->steps[i].proved = true;
}

void course_found(struct rebuild *r)
{
	char words[REBUILD_CAUSE_SIZE];

	outlook_describe(r, words, sizeof(words));
	course_news(r, NEWS_FOUND, NULL, "%s", words);
}

/* The journal says that clients were left waiting; or nobody says that they were not. */
static bool are_clients_waiting(const struct rebuild *r)
{
	return r->resume_in_window || (r->adopted && !seen_all_mounted(r, false));
}

/* An earlier process, or a person, has put blue back and written that down last. */
static bool is_restored(const struct instance *blue, const char *rebuild)
{
	return !strcmp(blue->rebuild, rebuild) && !strcmp(blue->role, ROLE_RESTORED);
}

/* Whether it was quiesced or not: as it is, it does not serve. */
static bool does_blue_lack_data(const struct rebuild *r)
{
	bool says_so = seen_reachable(r, false) && !seen_all_mounted(r, false);

	return r->world.blue.state != INSTANCE_RUNNING || !seen_all_attached(r, false) || says_so;
}

static bool does_green_lack_data(const struct rebuild *r)
{
	return r->world.green.id[0] && seen_reachable(r, true) && !seen_all_mounted(r, true);
}

/*
 * What the journal that is gone on with need not know, because another engine, with another journal, was
 * at it: that blue is being put back, that it was quiesced, and since when it is kept.
 */
static void believe_tags(struct rebuild *r, struct moment now)
{
	const struct instance *blue = &r->world.blue;

	if (r->adopted && does_green_lack_data(r))
		r->resume_finished = false; /* a way back was begun, and could not be written down */
	if (!strcmp(blue->rebuild, r->id) && !strcmp(blue->role, ROLE_RESTORING)) {
		adopt_way_back(r);
		r->resume_finished = false; /* it was, until somebody wanted blue back */
	}
	if (r->claimed_ms || r->resume_back || does_blue_lack_data(r))
		r->blue_quiesced = true;
	if (!r->confirmed_wall_ms)
		r->confirmed_wall_ms = adopt_confirmed_ms(r);
	if (!r->confirmed_wall_ms && r->resume_finished)
		r->confirmed_wall_ms = now.wall_ms; /* nobody knows: it is kept for its full time */
}

/* Another rebuild's tags stand: the same command goes on with that one. */
static void give_way(struct rebuild *r)
{
	snprintf(r->cause, sizeof(r->cause), "rebuild %s of %s has taken its place: go on with that one",
		r->world.blue.rebuild, r->world.blue.id);
	r->cause_kind = ERROR_CONFLICT;
	course_finish(r, COURSE_REFUSED);
}

/* Everything was looked at: from here on it is as if this process had begun it. */
static void go_on(struct rebuild *r, struct moment now)
{
	if (adopt_is_displaced(r)) {
		give_way(r);
		return;
	}
	found_read(r);
	course_found(r);
	/* An earlier process may have died before it tagged blue, which then still tells of what was before. */
	if (!r->claimed_since_ms && !strcmp(r->world.blue.rebuild, r->id))
		r->claimed_since_ms = now.mono_ms;
	believe_tags(r, now);
	if (is_restored(&r->world.blue, r->id)) {
		course_finish(r, COURSE_ROLLED_BACK);
		return;
	}
	if (r->resume_finished) {
		skip_to_retire(r);
		return;
	}
	if (are_clients_waiting(r))
		r->window_opened_ms = now.mono_ms;
	if (r->resume_back && (r->rollback_asked || !seen_blue_gone(r)))
		turn_back(r);
	else if (!r->adopted && !r->claimed_ms) /* else green may have been quiesced, too */
		order_expect_quiesced(r);
}

void course_proved(struct rebuild *r, const struct step *s, struct moment now)
{
	course_news(r, NEWS_STEP_PROVED, s->name, "%s", "");
	r->breaches = 0;
	if (s == &step_confirm) {
		if (!r->confirmed_wall_ms)
			r->confirmed_wall_ms = now.wall_ms;
		course_close_window(r, now);
	}
	if (s == &step_preflight && r->options.preflight_only)
		course_finish(r, COURSE_DONE);
	if (s == &step_preflight && r->resumed)
		go_on(r, now);
}

/* While going back, what went wrong first stays the cause; why even going back failed is added. */
static void park_on_the_way_back(struct rebuild *r, const struct step *s, const char *reason)
{
	char first[REBUILD_CAUSE_SIZE];

	text_copy(first, sizeof(first), r->cause);
	snprintf(r->cause, sizeof(r->cause), "could not undo %s: %.200s (turned back because: %.200s)",
		s->name, reason, first);
}

void course_fail(struct rebuild *r, const struct step *s, enum error_kind kind, const char *fmt, ...)
{
	char reason[REBUILD_CAUSE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (r->course == COURSE_BACK) {
		park_on_the_way_back(r, s, reason);
		course_finish(r, COURSE_PARKED);
		return;
	}
	r->cause_kind = kind;
	snprintf(r->cause, sizeof(r->cause), "%s: %.480s", s->name, reason);
	if (!r->changed_something)
		course_finish(r, COURSE_REFUSED);
	else if (s->parks || (r->resumed && s == &step_preflight)) /* nothing is known: nothing is undone */
		course_finish(r, COURSE_PARKED);
	else
		turn_back(r);
}

void course_lose(struct rebuild *r, const char *reason)
{
	text_copy(r->cause, sizeof(r->cause), reason);
	r->cause_kind = ERROR_CONFLICT;
	course_finish(r, COURSE_TAKEN_OVER);
}

void course_finish(struct rebuild *r, enum rebuild_course end)
{
	r->course = end;
	course_news(r, NEWS_FINISHED, NULL, "%s", r->cause);
}
