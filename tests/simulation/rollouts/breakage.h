/*
 * breakage.h: what is broken on purpose, to see that the rules bite: what a worker's rollout has counted is falsified
 * before each of its decisions, or what a worker or the shared rows heed is not heeded.
 */
#ifndef ROLLOUTS_BREAKAGE_H
#define ROLLOUTS_BREAKAGE_H

#include "story.h"

enum {
	BREAKS_LETS_GO = 1,  /* who had waited for a lock goes, whatever has happened meanwhile */
	BREAKS_FENCE = 2,    /* a worker goes on although its seat is lost */
	BREAKS_SEATS = 4,    /* it takes away seats of those that live */
	BREAKS_GOING_ON = 8, /* it does not drive what it finds under way on its seat */
	BREAKS_DOUBT = 16,   /* a lost reply is a good one */
	BREAKS_VERSION = 32, /* a change is taken although the rows have moved on */
	BREAKS_RETURN =
		64,        /* it puts a rollout back although others drive it, or have begun to put it back */
	BREAKS_WISH = 128, /* it ends one that is to be put back as done */
	BREAKS_WORDS = 256, /* what operators say makes no new version of the rows */
};

struct breakage {
	const char *name;
	const char *rule; /* which finds it; NULL: whichever */
	unsigned breaks;
	void (*opened)(struct worker *w);                        /* its rollout was made; NULL: nothing */
	void (*before)(const struct story *s, struct worker *w); /* before each decision; likewise */
	void (*ended)(const struct story *s, struct machine_row *row); /* each end; likewise */
};

/* Ends with a row without a name. */
extern const struct breakage breakages[];

bool breakage_breaks(const struct story *s, unsigned what);

/* Which checks the rows leave out, for rows_judge(). */
unsigned breakage_rows(const struct story *s);

void breakage_opened(const struct story *s, struct worker *w);
void breakage_before(const struct story *s, struct worker *w);
void breakage_ended(const struct story *s, struct machine_row *row);

/* Each of them is hunted; says in a line what found it. How many were not found. */
int breakage_hunt(struct story *s, FILE *out);
#endif
