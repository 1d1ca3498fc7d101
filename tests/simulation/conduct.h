/*
 * conduct.h: what engines may do, and when: the rules of rules.h that are about a deed. It is judged when
 * the cloud or a machine carries it out, by how things stood the moment before.
 */
#ifndef SIMULATION_CONDUCT_H
#define SIMULATION_CONDUCT_H

#include "history.h"

/* What conduct_before() found; filled there, judged once it is known whether the deed was carried out. */
struct conduct_view {
	int rule; /* 0: nothing is wrong with it */
	const char *name, *why;
};

/* An effect is sent. */
void conduct_begun(struct history *h, const struct call *c);

/* An effect is about to be carried out; it was carried out. */
void conduct_before(struct history *h, const struct call *c, struct conduct_view *ret);
void conduct_done(struct history *h, const struct call *c, const struct conduct_view *before);
#endif
