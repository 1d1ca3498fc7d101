/*
 * mutants.h: what is broken on purpose, to see that the rules bite: guards switched off, decisions and
 * answers changed between the core and the world, an engine that forgets what it must not.
 */
#ifndef SIMULATION_MUTANTS_H
#define SIMULATION_MUTANTS_H

#include "history.h"
#include "rebuild/guards.h"

enum {
	MUTANT_FENCE = 1, /* an engine does not care that its lease is lost */
	MUTANT_LEASE = 2, /* ... or that another one holds it */
};

bool mutants_breaks(const struct history *h, unsigned what);

/* As guards_refuse(), but for the guards that the mutant has not. */
const struct guard *mutants_guard(const struct history *h, const struct rebuild *r, const struct effect *e,
	struct moment now, const char **ret_reason);

/* Before a decision is made; after it; when an answer comes. */
void mutants_before(struct history *h, struct member *m);
void mutants_decided(struct history *h, struct member *m, struct decision *d);
void mutants_answer(struct history *h, struct member *m, struct answer *a);
#endif
