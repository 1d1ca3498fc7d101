#include "report/event_line.h"

#include "base/clock.h"

enum { STEP_COLUMNS = 13 };

/* ": detail", or nothing. */
static void add_detail(const struct event *e, struct text *ret)
{
	if (text_is_empty(e->detail))
		return;
	text_add(ret, ": ");
	style_clean(e->detail, ret);
}

static void say_word(const char *word, const struct event *e, struct text *ret)
{
	text_add(ret, word);
	add_detail(e, ret);
}

static void say_effect(const struct event *e, const struct track *t, struct text *ret)
{
	(void)t;
	if (!text_is_empty(e->detail))
		style_clean(e->detail, ret);
	else if (e->effect)
		style_clean(e->effect, ret);
}

static const char *failure_word(const struct event *e)
{
	static const char *const WORDS[] = {
		[HAPPENED_NO] = "failed",
		[HAPPENED_UNKNOWN] = "answered nothing that tells whether it took hold",
		[HAPPENED_YES] = "failed after it took hold",
	};

	return WORDS[e->happened];
}

static void say_outcome(const struct event *e, const struct track *t, struct text *ret)
{
	char took[CLOCK_SPAN_SIZE];

	(void)t;
	style_clean(e->effect ? e->effect : "", ret);
	text_addf(ret, " %s", e->error == ERROR_NONE ? "done" : failure_word(e));
	text_addf(ret, " after %s", clock_format_span(e->took_ms, took));
	add_detail(e, ret);
	if (!text_is_empty(e->request_id)) {
		text_add(ret, " (request ");
		style_clean(e->request_id, ret);
		text_add(ret, ")");
	}
}

static void say_proved(const struct event *e, const struct track *t, struct text *ret)
{
	const struct track_step *s = track_find_step(t, e->step);
	char took[CLOCK_SPAN_SIZE];

	text_addf(ret, "done in %s", clock_format_span(s ? track_step_ms(s, e->at_ms) : e->took_ms, took));
	add_detail(e, ret);
}

static const char *summary_of(const struct event *e, const struct track *t)
{
	const struct track_step *s = track_find_step(t, e->step);

	return s ? t->rows[s - t->steps].summary : "";
}

static void say_step(const struct event *e, const struct track *t, struct text *ret)
{
	text_add(ret, *summary_of(e, t) ? summary_of(e, t) : "begun");
	add_detail(e, ret);
}

static void say_closed(const struct event *e, const struct track *t, struct text *ret)
{
	char took[CLOCK_SPAN_SIZE];

	text_addf(
		ret, "outage window closed after %s", clock_format_span(track_outage_ms(t, e->at_ms), took));
	add_detail(e, ret);
}

/* One row per kind: what the line says, and to whom it is shown. */
static const struct {
	enum line_detail detail;
	enum sign sign;
	const char *word; /* then the event's detail; or say: */
	void (*say)(const struct event *e, const struct track *t, struct text *ret);
} ROWS[EVENT_KIND_COUNT] = {
	[EVENT_NONE] = { LINE_VERBOSE, SIGN_PENDING, "something that this version does not know", NULL },
	[EVENT_REBUILD_STARTED] = { LINE_NEWS, SIGN_RUNNING, "started", NULL },
	[EVENT_RESUMED] = { LINE_NEWS, SIGN_RUNNING, "goes on where an earlier run ended", NULL },
	[EVENT_OBSERVED] = { LINE_VERBOSE, SIGN_PENDING, "observed", NULL },
	[EVENT_STEP_STARTED] = { LINE_VERBOSE, SIGN_RUNNING, NULL, say_step },
	[EVENT_INTENT] = { LINE_NEWS, SIGN_RUNNING, NULL, say_effect },
	[EVENT_OUTCOME] = { LINE_VERBOSE, SIGN_PENDING, NULL, say_outcome },
	[EVENT_STEP_PROVED] = { LINE_NEWS, SIGN_DONE, NULL, say_proved },
	[EVENT_RETRYING] = { LINE_NEWS, SIGN_WAITING, "trying again", NULL },
	[EVENT_WAITING] = { LINE_NEWS, SIGN_WAITING, "waiting", NULL },
	[EVENT_TURNED_BACK] = { LINE_NEWS, SIGN_FAILED, "turning back", NULL },
	[EVENT_STEP_UNDONE] = { LINE_NEWS, SIGN_UNDONE, "undone", NULL },
	[EVENT_WINDOW_OPENED] = { LINE_NEWS, SIGN_WAITING, "outage window opened", NULL },
	[EVENT_WINDOW_CLOSED] = { LINE_NEWS, SIGN_DONE, NULL, say_closed },
	[EVENT_FINISHED] = { LINE_NEWS, SIGN_DONE, "finished", NULL },
	[EVENT_ROLLED_BACK] = { LINE_NEWS, SIGN_UNDONE, "rolled back, blue serves", NULL },
	[EVENT_PARKED] = { LINE_NEWS, SIGN_FAILED, "parked", NULL },
	[EVENT_FAILED] = { LINE_NEWS, SIGN_FAILED, "failed", NULL },
	[EVENT_NOTE] = { LINE_NEWS, SIGN_PENDING, "note", NULL },
};

enum line_detail event_line_detail(const struct event *e)
{
	if (e->kind == EVENT_OUTCOME && e->error != ERROR_NONE)
		return LINE_NEWS;
	return ROWS[e->kind].detail;
}

static enum sign sign_of(const struct event *e)
{
	return e->kind == EVENT_OUTCOME && e->error != ERROR_NONE ? SIGN_FAILED : ROWS[e->kind].sign;
}

void event_line_head(const struct line_head *h, const struct style *s, struct text *ret)
{
	char time[CLOCK_TEXT_SIZE];

	text_addf(ret, "%s %s ", clock_format_time(h->at_ms, time), h->rebuild);
	style_sign(s, h->sign, ret);
	text_addf(ret, " %-*s", STEP_COLUMNS, h->step ? h->step : "");
}

void event_line(const struct event *e, const struct track *t, const struct style *s, struct text *ret)
{
	event_line_head(&(struct line_head){ e->at_ms, e->rebuild, sign_of(e), e->step }, s, ret);
	if (ROWS[e->kind].say)
		ROWS[e->kind].say(e, t, ret);
	else
		say_word(ROWS[e->kind].word, e, ret);
}
