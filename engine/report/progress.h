/*
 * progress.h: what happens, while it happens: a live tree on a terminal, a line per event elsewhere,
 * or JSON lines for programs.
 *
 * Calling order: progress_new(); progress_event() for each event after it was appended to the
 * journal; progress_tick() a few times a second; progress_free(), which leaves the last picture
 * standing. Events of any number of rebuilds may be mixed.
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "journal/event.h"
#include "report/style.h"
#include "report/track.h"

enum progress_form {
	PROGRESS_TREE, /* redrawn in place: needs a terminal */
	PROGRESS_LINES,
	PROGRESS_JSONL,
	PROGRESS_SILENT,
};

struct progress_options {
	enum progress_form form;
	FILE *out; /* borrowed */
	struct style style;
	bool verbose;                    /* lines: also each observation and good outcome */
	int columns, rows;               /* tree: of the terminal; 0: 80 and 24 */
	const struct report_step *steps; /* the procedure, in order; borrowed */
	size_t step_count;
};

struct progress;

struct progress *progress_new(const struct progress_options *o) MUST_USE;
void progress_event(struct progress *p, const struct event *e);

/* Shows how long things take by now (wall clock); for lines, says now and then what is waited for. */
void progress_tick(struct progress *p, int64_t now_ms);

/*
 * Shows a line of the program's own, above a tree: nothing else may be printed where one is drawn.
 * False if this form has no place for it: then it can be printed elsewhere.
 */
bool progress_note(struct progress *p, const char *line);

/* NULL is allowed. */
void progress_free(struct progress *p);

/* "tree", "lines", "jsonl", "silent"; false if it is none of them. */
bool progress_form_parse(const char *name, enum progress_form *ret);
#endif
