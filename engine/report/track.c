#include "report/track.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static const char *const STATE_NAMES[] = {
	[TRACK_PENDING] = "pending",
	[TRACK_RUNNING] = "running",
	[TRACK_WAITING] = "waiting",
	[TRACK_DONE] = "done",
	[TRACK_UNDONE] = "undone",
	[TRACK_FAILED] = "failed",
};

void track_init(struct track *t, const char *rebuild, const struct report_step *rows, size_t count)
{
	*t = (struct track){
		.rows = rows, .step_count = count, .steps = alloc_zeroed(count, sizeof(*t->steps))
	};
	text_copy(t->rebuild, sizeof(t->rebuild), rebuild);
}

void track_release(struct track *t)
{
	free(t->steps);
	*t = (struct track){ .step_count = 0 };
}

static struct track_step *find(const struct track *t, const char *name)
{
	for (size_t i = 0; name && i < t->step_count; i++)
		if (!strcmp(t->rows[i].name, name))
			return &t->steps[i];
	return NULL;
}

const struct track_step *track_find_step(const struct track *t, const char *name)
{
	return find(t, name);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void set_step(struct track *t, const struct event *e, enum track_state state)
{
	struct track_step *s = find(t, e->step);

	if (!s)
		return;
	s->state = state;
	if (!s->started_ms)
		s->started_ms = e->at_ms;
	s->ended_ms = state == TRACK_RUNNING || state == TRACK_WAITING ? 0 : e->at_ms;
	text_copy(s->why, sizeof(s->why), or_empty(e->detail));
}

/* Steps that were under way when the rebuild turned back or ended are not any more. */
static void stop_steps(struct track *t, const struct event *e)
{
	for (size_t i = 0; i < t->step_count; i++) {
		struct track_step *s = &t->steps[i];

		if (!track_is_active(s))
			continue;
		s->state = TRACK_FAILED;
		s->ended_ms = e->at_ms;
	}
}

static void on_started(struct track *t, const struct event *e)
{
	t->started_ms = e->at_ms;
	text_copy(t->title, sizeof(t->title), or_empty(e->detail));
}

/* A run that goes on after an earlier one ended: what it ended with does not hold any more. */
static void on_resumed(struct track *t, const struct event *e)
{
	(void)e;
	t->end = EVENT_NONE;
	t->ended_ms = 0;
	for (size_t i = 0; i < t->step_count; i++)
		if (t->steps[i].state == TRACK_FAILED && !t->back)
			t->steps[i] = (struct track_step){ .state = TRACK_PENDING };
}

static void on_begun(struct track *t, const struct event *e)
{
	struct track_step *s = find(t, e->step);

	if (s)
		s->started_ms = 0;
	set_step(t, e, TRACK_RUNNING);
}

static void on_running(struct track *t, const struct event *e)
{
	set_step(t, e, TRACK_RUNNING);
}

/* A good outcome leaves the text of the intent until the world shows what it led to. */
static void on_outcome(struct track *t, const struct event *e)
{
	if (e->error != ERROR_NONE)
		set_step(t, e, TRACK_RUNNING);
}

static void on_waiting(struct track *t, const struct event *e)
{
	set_step(t, e, TRACK_WAITING);
}

static void on_proved(struct track *t, const struct event *e)
{
	set_step(t, e, TRACK_DONE);
}

static void on_undone(struct track *t, const struct event *e)
{
	set_step(t, e, TRACK_UNDONE);
}

static void on_turned_back(struct track *t, const struct event *e)
{
	t->back = true;
	text_copy(t->cause, sizeof(t->cause), or_empty(e->detail));
	set_step(t, e, TRACK_FAILED);
	stop_steps(t, e);
}

static void on_window_opened(struct track *t, const struct event *e)
{
	t->window_opened_ms = e->at_ms;
	t->window_closed_ms = 0;
}

static void on_window_closed(struct track *t, const struct event *e)
{
	t->window_closed_ms = e->at_ms;
}

static void on_end(struct track *t, const struct event *e)
{
	t->end = e->kind;
	t->ended_ms = e->at_ms;
	if (e->kind != EVENT_FINISHED && !text_is_empty(e->detail))
		text_copy(t->cause, sizeof(t->cause), e->detail);
	stop_steps(t, e);
}

static void (*const HANDLERS[EVENT_KIND_COUNT])(struct track *t, const struct event *e) = {
	[EVENT_REBUILD_STARTED] = on_started,
	[EVENT_RESUMED] = on_resumed,
	[EVENT_STEP_STARTED] = on_begun,
	[EVENT_INTENT] = on_running,
	[EVENT_OUTCOME] = on_outcome,
	[EVENT_RETRYING] = on_waiting,
	[EVENT_WAITING] = on_waiting,
	[EVENT_STEP_PROVED] = on_proved,
	[EVENT_STEP_UNDONE] = on_undone,
	[EVENT_TURNED_BACK] = on_turned_back,
	[EVENT_WINDOW_OPENED] = on_window_opened,
	[EVENT_WINDOW_CLOSED] = on_window_closed,
	[EVENT_FINISHED] = on_end,
	[EVENT_ROLLED_BACK] = on_end,
	[EVENT_PARKED] = on_end,
	[EVENT_FAILED] = on_end,
};

void track_event(struct track *t, const struct event *e)
{
	if (!t->started_ms)
		t->started_ms = e->at_ms;
	if (HANDLERS[e->kind])
		HANDLERS[e->kind](t, e);
}

bool track_is_active(const struct track_step *s)
{
	return s->state == TRACK_RUNNING || s->state == TRACK_WAITING;
}

const char *track_state_name(enum track_state state)
{
	return STATE_NAMES[state];
}

static int64_t span(int64_t from_ms, int64_t to_ms, int64_t now_ms)
{
	if (!from_ms)
		return 0;
	return (to_ms ? to_ms : now_ms) - from_ms;
}

int64_t track_outage_ms(const struct track *t, int64_t now_ms)
{
	return span(t->window_opened_ms, t->window_closed_ms, now_ms);
}

int64_t track_step_ms(const struct track_step *s, int64_t now_ms)
{
	return span(s->started_ms, s->ended_ms, now_ms);
}
