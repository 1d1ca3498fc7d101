/*
 * rules.h: the safety rules of the architecture (section 3), each a function over the truth. The state
 * of things is judged after every event; a deed is judged when the cloud or a machine carries it out,
 * by how things stood the moment before.
 */
#ifndef SIMULATION_RULES_H
#define SIMULATION_RULES_H

#include "history.h"

/* What rules_before() found; filled there, judged once it is known whether the deed was carried out. */
struct rules_view {
	int rule; /* 0: nothing is wrong with it */
	const char *name, *why;
};

/* After every event. */
void rules_check(struct history *h);

/* An effect is sent. */
void rules_begun(struct history *h, const struct call *c);

/* An effect is about to be carried out; it was carried out. */
void rules_before(struct history *h, const struct call *c, struct rules_view *ret);
void rules_done(struct history *h, const struct call *c, const struct rules_view *before);

/* All is over: how the place was left. */
void rules_end(struct history *h, const struct place *p);
#endif
