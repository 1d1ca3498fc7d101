/*
 * mutants.h: what is broken on purpose, to see that the rules bite: a guard switched off, and with it the
 * care that makes it needless: what the core believes, what it decides, or what an engine heeds.
 */
#ifndef SIMULATION_MUTANTS_H
#define SIMULATION_MUTANTS_H

#include "history.h"
#include "rebuild/guards.h"

enum {
	MUTANT_FENCE = 1, /* an engine does not care that its lease is lost */
	MUTANT_LEASE = 2, /* ... or that another one holds it */
};

struct mutant {
	const char *name;
	const char *guard; /* the one that it has not, or NULL */
	const char *rule;  /* which finds it; NULL: whichever */
	unsigned breaks;
	void (*before)(struct rebuild *r); /* before each decision; NULL: nothing */
	void (*decided)(struct history *h, struct rebuild *r, struct effect *e); /* each effect; likewise */
	void (*answered)(struct error *err); /* each answer's error; likewise */
};

/* Ends with a row without a name. */
extern const struct mutant mutants[];

bool mutants_breaks(const struct history *h, unsigned what);

/* As guards_refuse(), but for the guard that the mutant has not. */
const struct guard *mutants_guard(const struct history *h, const struct rebuild *r, const struct effect *e,
	struct moment now, const char **ret_reason);

/* Before a decision is made; after it; when an answer comes. */
void mutants_before(const struct history *h, struct rebuild *r);
void mutants_decided(struct history *h, struct rebuild *r, struct decision *d);
void mutants_answered(const struct history *h, struct error *err);
#endif
