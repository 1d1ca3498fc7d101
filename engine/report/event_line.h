/* event_line.h: an event as one line for people, the same in progress and in `history`. */
#ifndef REPORT_EVENT_LINE_H
#define REPORT_EVENT_LINE_H

#include "base/text.h"
#include "journal/event.h"
#include "report/style.h"
#include "report/track.h"

/* How closely somebody looks. */
enum line_detail {
	LINE_NEWS,    /* what an operator cares about while it runs */
	LINE_VERBOSE, /* each question and good outcome, too */
};

/* From which detail on events of this kind are shown. A failed outcome is always news. */
enum line_detail event_line_detail(const struct event *e);

/* What every line begins with: "12:00:07Z rb-1 ✓ boot         ". */
struct line_head {
	int64_t at_ms; /* wall clock */
	const char *rebuild;
	enum sign sign;
	const char *step; /* NULL: it is about all of the rebuild */
};

void event_line_head(const struct line_head *h, const struct style *s, struct text *ret);

/*
 * Appends "12:00:07Z rb-1  boot         done in 7.4 s", without a newline. t is the rebuild's
 * track after the event.
 */
void event_line(const struct event *e, const struct track *t, const struct style *s, struct text *ret);
#endif
