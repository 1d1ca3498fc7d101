/* course.h: where a rebuild is heading, and what is told about it. The only place that changes r->course. */
#ifndef REBUILD_COURSE_H
#define REBUILD_COURSE_H

#include "rebuild/step.h"

/* Something worth telling; comes out with the next decision. step may be NULL. */
void course_news(struct rebuild *r, enum news_kind kind, const char *step, const char *fmt, ...) PRINTF(4, 5);

/* Tells what was found of a rebuild that is gone on with. */
void course_found(struct rebuild *r);

/* A step was proved on the way forward. */
void course_proved(struct rebuild *r, const struct step *s, struct moment now);

/*
 * A step cannot be done: before anything was changed the rebuild is refused; past the point of
 * turning back, or on the way back, it is parked; else it turns back.
 */
void course_fail(struct rebuild *r, const struct step *s, enum error_kind kind, const char *fmt, ...)
	PRINTF(4, 5);

/* Keeps the hint and the request id of the error that the cause will be about; the first one counts. */
void course_details(struct rebuild *r, const struct error *err);

/* Forward becomes back: every step that has an undo is undone, last first. */
void course_turn_back(struct rebuild *r, enum error_kind kind, const char *fmt, ...) PRINTF(3, 4);

/* Clients wait from now on. */
void course_open_window(struct rebuild *r, struct moment now);

/* Clients are served again. */
void course_close_window(struct rebuild *r, struct moment now);

/* Somebody else drives it. */
void course_lose(struct rebuild *r, const char *reason);

void course_finish(struct rebuild *r, enum rebuild_course end);
#endif
