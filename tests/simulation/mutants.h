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
	MUTANT_START = 4, /* a machine starts a service without looking whether its data is there */
	MUTANT_TOKEN = 8, /* a launch carries no token */
	MUTANT_FULL = 16, /* what the journal does not take is done all the same */
	MUTANT_NEW = 32,  /* whoever goes on believes that nothing was done before */
};

struct mutant {
	const char *name;
	const char *guard; /* the one that it has not, or NULL */
	const char *rule;  /* which finds it; NULL: whichever */
	unsigned breaks;
	uint64_t faults;                   /* a bit for each kind that its histories have; 0: all of them */
	uint64_t no_cause;                 /* ... that explains no end */
	void (*before)(struct rebuild *r); /* before each decision; NULL: nothing */
	void (*decided)(struct history *h, struct rebuild *r, struct effect *e); /* each effect; likewise */
	void (*answered)(struct error *err); /* each answer's error; likewise */
};

/* Ends with a row without a name. */
extern const struct mutant mutants[];

/*
 * The care that is taken for a fault kind, taken away. A kind that is a cause of ends (fault.h) needs no row to
 * show what it does; nor does newest-missing, which by itself harms nobody: what a list lacks is known by its token.
 */
extern const struct mutant fault_mutants[FAULT_KIND_COUNT];

/* The bit of a fault kind; MUTANT_NO_FAULT: of none. */
#define MUTANT_FAULT(kind) (UINT64_C(1) << (kind))
#define MUTANT_NO_FAULT (UINT64_C(1) << FAULT_KIND_COUNT)

/* The mutant's histories have faults of that kind; such a fault explains how a rebuild ends. */
bool mutants_has_fault(const struct history *h, enum fault_kind kind);
bool mutants_is_cause(const struct history *h, enum fault_kind kind);

bool mutants_breaks(const struct history *h, unsigned what);

/* As guards_refuse(), but for the guard that the mutant has not. */
const struct guard *mutants_guard(const struct history *h, const struct rebuild *r, const struct effect *e,
	struct moment now, const char **ret_reason);

/* Before a decision is made; after it; when an answer comes. */
void mutants_before(const struct history *h, struct rebuild *r);
void mutants_decided(struct history *h, struct rebuild *r, struct decision *d);
void mutants_answered(const struct history *h, struct error *err);
#endif
