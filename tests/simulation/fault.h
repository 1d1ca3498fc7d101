/*
 * fault.h: what can go wrong, besides everything at once: one const row per kind, and the faults that
 * a seed has drawn for its history. Crashes and operators are faults, too: they come at any moment.
 *
 * A fault strikes one place (or one engine) when the engines have begun so many effects there, and a
 * little later: so every point of a rebuild is struck by some seed.
 */
#ifndef SIMULATION_FAULT_H
#define SIMULATION_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/effect.h"

struct history;
struct place;

enum fault_kind {
	/* of a call that changes the cloud */
	FAULT_REFUSED,
	FAULT_ANSWER_LOST,
	FAULT_NEVER_ARRIVED,
	FAULT_TWICE,
	FAULT_THROTTLED,
	FAULT_NO_ROOM,
	/* of a command on a machine */
	FAULT_DROPPED_DONE,
	FAULT_DROPPED_UNDONE,
	FAULT_COMMAND_FAILS,
	/* of questions, for a while */
	FAULT_STALE,
	FAULT_UNSEEN,
	FAULT_NEWEST_MISSING,
	FAULT_QUESTIONS_FAIL,
	FAULT_DENIED,
	/* of machines, disks and addresses */
	FAULT_LAUNCH_DIES,
	FAULT_STUCK,
	FAULT_OTHER_DEVICE,
	FAULT_SNAPSHOT_ERROR,
	FAULT_ADDRESS_TAKEN,
	FAULT_BLUE_STOPS,
	FAULT_GREEN_STOPS,
	FAULT_GREEN_TERMINATED,
	FAULT_GREEN_IMPAIRED,
	FAULT_GREEN_SICK,
	FAULT_BLUE_UNREACHABLE,
	FAULT_GREEN_UNREACHABLE,
	FAULT_HOST_KEY_CHANGED,
	/* of the engine and what it runs on */
	FAULT_JOURNAL_FULL,
	FAULT_CLOCK_JUMPS,
	FAULT_KILLED,
	FAULT_KILLED_ELSEWHERE,
	FAULT_PAUSED,
	FAULT_SECOND_ENGINE,
	FAULT_JOURNAL_LOST,
	FAULT_SECOND_JOURNAL,
	/* operators */
	FAULT_INTERRUPTED,
	FAULT_ABORTED,
	FAULT_ROLLED_BACK,
	FAULT_KIND_COUNT,
};

/* Which calls a fault strikes; FAULT_OF_MOMENT: none, it is something that happens. */
enum fault_scope { FAULT_OF_MOMENT, FAULT_OF_CLOUD, FAULT_OF_COMMAND };

/* How a history may end because of it: without such a fault that end is a bug. */
enum { EXCUSES_BACK = 1, EXCUSES_PARKED = 2, EXCUSES_REFUSED = 4, EXCUSES_ALL = 7 };

struct fault {
	enum fault_kind kind;
	int place;
	int after_effects;     /* strikes when so many were begun at the place ... */
	int64_t delay_ms;      /* ... and this much later */
	int64_t for_ms;        /* of what lasts a while; INT64_MAX: until it is mended */
	int times;             /* of what strikes calls: how many in a row */
	enum effect_kind only; /* EFFECT_NOTHING: calls of any kind */
	enum { FAULT_TO_COME, FAULT_DUE, FAULT_ACTIVE, FAULT_OVER } state;
	int played; /* how often it really struck */
};

struct fault_row {
	const char *name;
	enum fault_scope scope;
	unsigned excuses;
	unsigned weight;                                   /* how often it is drawn, against the others */
	int64_t least_ms, most_ms;                         /* how long it lasts; 0: a moment */
	bool may_stay;                                     /* ... or until it is mended */
	bool everywhere;                                   /* it strikes all places at once */
	bool (*begin)(struct history *h, struct fault *f); /* false: nothing there to strike */
	void (*end)(struct history *h, struct fault *f);
};

extern const struct fault_row fault_rows[FAULT_KIND_COUNT];

/* Draws the faults of a history. */
void fault_draw(struct history *h);

/* An engine has begun an effect at that place: faults that wait for it come due. */
void fault_effect_begun(struct history *h, int place);

/* Begins or ends the history's i-th fault, when the calendar says so. */
void fault_begin(struct history *h, size_t i);
void fault_end(struct history *h, size_t i);

/* Mends what is broken; nothing new begins. */
void fault_mend_all(struct history *h);

/* The fault that strikes this effect, or NULL. It counts as played. */
struct fault *fault_take(struct history *h, int place, const struct effect *e);

/* A fault of that kind has struck the place. */
bool fault_has_struck(const struct history *h, const struct place *p, enum fault_kind kind);

/* What the faults that really struck the place excuse. */
unsigned fault_excuses(const struct history *h, int place);
#endif
