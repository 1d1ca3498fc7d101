/*
 * step.h: the contract that every step of a rebuild fulfils.
 *
 * A step is pure. It looks at the rebuild, its world and the time and answers; it never waits,
 * calls out, journals or prints. The executor asks, whenever something changed:
 *
 *	proved()    is it already so?                       then the next ones
 *	hopeless()  can it not become so any more?          then turn back
 *	act()       what has to be done for it, now?        effects, each guarded and recorded first
 *	look()      what has to be seen to know more?       queries, at their pace
 *
 * and on the way back, last step first: undone(), stuck(), undo(), and look_back() where look() does
 * not do.
 * A step's turn comes as soon as all facts that it needs hold, so steps that do not need each other
 * run side by side.
 */
#ifndef REBUILD_STEP_H
#define REBUILD_STEP_H

#include <stdbool.h>

#include "base/error.h"
#include "rebuild/rebuild.h"

/* What holds once the step that gives it is proved. */
enum fact {
	FACT_KNOWN = 1 << 0, /* blue, its volumes, addresses and image are as they must be */
	FACT_PROTECTED = 1 << 1,
	FACT_BACKED_UP = 1 << 2,
	FACT_LAUNCHED = 1 << 3,
	FACT_BOOTED = 1 << 4,
	FACT_QUIET = 1 << 5, /* nothing on blue can write to the volumes */
	FACT_POINT = 1 << 6, /* the quiet volumes have a recovery point */
	FACT_FREE = 1 << 7,  /* the volumes are attached to nothing */
	FACT_ATTACHED = 1 << 8,
	FACT_MOUNTED = 1 << 9,
	FACT_STARTED = 1 << 10,
	FACT_READY = 1 << 11,
	FACT_SWITCHED = 1 << 12,
	FACT_CONFIRMED = 1 << 13,
	FACT_BAKED = 1 << 14,
	FACT_RETIRED = 1 << 15,
	FACT_TERMINATED = 1 << 16,
	FACT_PRUNED = 1 << 17,
};

/* Where a step's effects go. */
struct effects {
	struct decision *decision;
	struct rebuild *rebuild;
	const struct step *step;
};

/* Where a step's questions go. */
struct looks {
	struct decision *decision;
	struct rebuild *rebuild;
	const struct step_run *run;
	struct moment now;
	bool stale; /* a question is not answered since run->fresh_ms */
};

struct step {
	const char *name;      /* stored in journals: never rename */
	const char *summary;   /* one line for people, imperative */
	unsigned needs, gives; /* FACT_* before, FACT_* after */
	int limit_s;           /* then the rebuild turns back; 0: none */
	int typical_ms;        /* for predictions */
	bool in_window;        /* clients are waiting while it runs */
	bool only_back;        /* nothing is to be done for it on the way forward */
	bool parks;            /* past the point of turning back: failing parks the rebuild */

	bool (*proved)(const struct rebuild *r, struct moment now);
	const char *(*hopeless)(struct rebuild *r, struct moment now); /* optional; text lives in r */
	void (*act)(struct rebuild *r, struct moment now, struct effects *out); /* optional */
	void (*look)(struct rebuild *r, struct moment now, struct looks *out);  /* optional */
	const char *(*waits_for)(
		const struct rebuild *r); /* optional, static text: why it is not proved yet */
	int64_t (*not_before_ms)(const struct rebuild *r); /* optional, wall clock: postponed until then */
	bool (*undone)(const struct rebuild *r, struct moment now); /* NULL: nothing to undo */
	void (*undo)(struct rebuild *r, struct moment now, struct effects *out);
	const char *(*stuck)(struct rebuild *r); /* optional: why it cannot be undone; text lives in r */
	void (*look_back)(struct rebuild *r, struct moment now, struct looks *out); /* NULL: look() */
};

/* How often a question is asked: first so long after the last effect, then every so often, slowly growing. */
struct pace {
	int first_ms, every_ms;
};

/*
 * The next effect to fill in, about the step's part-th object: kind, token, tags and subject are
 * set. NULL if that effect is under way or done already, or if nothing new may be begun.
 */
struct effect *step_effect(struct effects *out, enum effect_kind kind, size_t part);

/* Likewise for what may be repeated as often as wanted: checks and dry runs. */
struct effect *step_effect_again(struct effects *out, enum effect_kind kind, size_t part);

/* Asks about id when it is time to; the tag is for QUERY_VOLUME_BY_TAG and QUERY_NEWEST_IMAGE. */
void step_look(struct looks *out, enum query_kind kind, const char *id, struct pace pace);
void step_look_tag(struct looks *out, enum query_kind kind, const char *id, struct tag tag, struct pace pace);

/* Probes a guest when it is time to. */
void step_look_guest(struct looks *out, bool green, struct pace pace);

/* The run record of a step of the table. */
struct step_run *step_run_of(struct rebuild *r, const struct step *s);
const struct step_run *step_run_seen(const struct rebuild *r, const struct step *s);

/* Finds holes that compilers do not: a missing handler, a twin, a need that no earlier row gives. */
bool step_table_check(const struct step *const *table, struct error *err) MUST_USE;
#endif
