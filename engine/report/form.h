/* form.h: the ways in which progress can be shown; inside of report. */
#ifndef REPORT_FORM_H
#define REPORT_FORM_H

#include "report/progress.h"

struct progress {
	struct progress_options options;
	const struct form *form;
	struct track *tracks; /* owned; in the order in which rebuilds appeared */
	size_t track_count, track_room;
	int64_t now_ms;     /* the latest time heard of */
	size_t drawn_lines; /* tree: above the cursor */
	int64_t spoken_ms;  /* lines: when something was last printed */
};

struct form {
	const char *name;
	/* t is the rebuild's track, e taken in already. */
	void (*event)(struct progress *p, const struct event *e, const struct track *t);
	void (*note)(struct progress *p, const char *line); /* optional */
	void (*tick)(struct progress *p);                   /* optional */
};

extern const struct form form_tree, form_lines, form_jsonl;
#endif
