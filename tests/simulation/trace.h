/* trace.h: one history, line by line, for people: virtual time, who, what. Nothing without h->trace. */
#ifndef SIMULATION_TRACE_H
#define SIMULATION_TRACE_H

#include "history.h"

void trace_start(struct history *h, const struct engine *e);
void trace_news(struct history *h, const struct member *m, const struct decision *d);
void trace_question(struct history *h, const struct member *m, const struct query *q);
void trace_effect(struct history *h, const struct member *m, const struct effect *e);
void trace_refused(struct history *h, const struct member *m, const struct effect *e, const char *guard,
	const char *reason);
void trace_answer(struct history *h, const struct member *m, const struct answer *a);
void trace_fault(struct history *h, const struct fault *f, bool begins);
void trace_end(struct history *h, const struct member *m);
#endif
