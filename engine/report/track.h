/*
 * track.h: where a rebuild stands, as its events tell: per step its state and times, and the outage
 * window. What is drawn on a terminal, printed by status and summed up at the end comes from here.
 */
#ifndef REPORT_TRACK_H
#define REPORT_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/event.h"

enum { TRACK_NAME_SIZE = 64, TRACK_TEXT_SIZE = 256 };

/* One row of the procedure, in rebuild order: all that report needs to know of it. Texts are static. */
struct report_step {
	const char *name, *summary;
	bool in_window; /* clients are waiting while it runs */
};

enum track_state { TRACK_PENDING, TRACK_RUNNING, TRACK_WAITING, TRACK_DONE, TRACK_UNDONE, TRACK_FAILED };

struct track_step {
	enum track_state state;
	int64_t started_ms, ended_ms; /* wall clock; 0: not yet */
	char why[TRACK_TEXT_SIZE];    /* what it does or waits for */
};

struct track {
	char rebuild[TRACK_NAME_SIZE];
	char title[TRACK_TEXT_SIZE];    /* what is replaced by what */
	const struct report_step *rows; /* borrowed */
	struct track_step *steps;       /* owned; as many as rows */
	size_t step_count;
	int64_t started_ms, ended_ms; /* wall clock; ended 0: under way */
	int64_t window_opened_ms, window_closed_ms;
	enum event_kind end;         /* FINISHED, ROLLED_BACK, PARKED, FAILED; NONE: under way */
	bool back;                   /* it turned back */
	char cause[TRACK_TEXT_SIZE]; /* of turning back, parking or failing */
};

void track_init(struct track *t, const char *rebuild, const struct report_step *rows, size_t count);
void track_release(struct track *t);

/* Takes in the next event of this rebuild. */
void track_event(struct track *t, const struct event *e);

/* The step's state, or NULL if the procedure has no such step. */
const struct track_step *track_find_step(const struct track *t, const char *name);

/* True while it runs or waits. */
bool track_is_active(const struct track_step *s);

/* "pending", "running", ... as JSON has it. */
const char *track_state_name(enum track_state state);

/* How long clients have waited by now_ms; 0 if the window was never opened. */
int64_t track_outage_ms(const struct track *t, int64_t now_ms);

/* How long a step has run by now_ms; 0 if it has not begun. */
int64_t track_step_ms(const struct track_step *s, int64_t now_ms);
#endif
