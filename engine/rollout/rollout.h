/*
 * rollout.h: which machine of a fleet is rebuilt next: canary, waves, budgets, gates, windows, halts. Pure.
 *
 * Calling order: rollout_new(); rollout_add() for every machine, in the order in which they shall go;
 * rollout_prepare(); rollout_set() for what a journal knows of them. Then, whenever something has changed,
 * rollout_next() until it gives no machine; what it gives is under way once rollout_set() has said so,
 * and rollout_ended() makes of an end what it means for the machine.
 *
 * Everything is derived from the machines' rows and from what operators said: whoever has these, knows all. So
 * several workers that share a store decide alike. A change costs the logarithm of the fleet's size.
 */
#ifndef ROLLOUT_ROLLOUT_H
#define ROLLOUT_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "plan/plan.h"

enum machine_state {
	MACHINE_WAITING,
	MACHINE_UNDER_WAY,
	MACHINE_SET_ASIDE,   /* could not be reached; is tried again */
	MACHINE_REBUILT,     /* green serves */
	MACHINE_UNCHANGED,   /* it was on the image already */
	MACHINE_ROLLED_BACK, /* failed: blue serves again */
	MACHINE_REFUSED,     /* failed before anything was changed */
	MACHINE_PARKED,      /* failed and needs an operator; it may not serve */
	MACHINE_UNREACHABLE, /* given up */
	MACHINE_LOCKED_OUT,  /* a lock of another service was not to be had: it was left as it is */
	MACHINE_STATE_COUNT
};

/* The names that journals and JSON store: "under-way"; and back, MACHINE_PARKED for other words. */
const char *machine_state_name(enum machine_state s);
enum machine_state machine_state_parse(const char *name);

/* Counts for the plan's failure_rate and failures. */
bool machine_state_is_failure(enum machine_state s);

#define ROLLOUT_NO_GROUP UINT32_MAX

/* What changes about a machine. */
struct machine_row {
	enum machine_state state;
	int tries;       /* of those that did not reach it */
	int64_t due_ms;  /* wall clock: MACHINE_SET_ASIDE until then */
	int64_t took_ms; /* MACHINE_REBUILT: from its beginning to the confirmed switch; 0: not known */
};

/* How a machine's rebuild ended. */
enum machine_end {
	END_REBUILT,
	END_UNCHANGED,
	END_ROLLED_BACK,
	END_REFUSED,
	END_PARKED,
	END_UNREACHABLE,
	END_LOCKED_OUT,
	END_WITHDRAWN, /* the rollout halted before the machine's window opened: it waits again */
};

enum rollout_phase {
	ROLLOUT_BEGIN,   /* with `machine` */
	ROLLOUT_FULL,    /* nothing before one that is under way ends */
	ROLLOUT_GATE,    /* waits at gate `gate` */
	ROLLOUT_CLOSED,  /* its window is closed until wake_ms */
	ROLLOUT_PAUSED,  /* nothing before wake_ms, when one that was set aside is tried again */
	ROLLOUT_BLOCKED, /* those left are of groups that have as many members away as may be */
	ROLLOUT_HALTED,  /* nothing is begun: rollout_halt() says why */
	ROLLOUT_HELD,    /* nothing is begun: an operator paused it */
	ROLLOUT_OVER,    /* no machine is left */
};

struct rollout_turn {
	enum rollout_phase phase;
	uint32_t machine;
	size_t gate;     /* of the plan */
	int64_t wake_ms; /* wall clock; INT64_MAX: when something changes */
};

enum halt {
	HALT_NONE,
	HALT_FAILURES,    /* more failed than may fail of all */
	HALT_UNLIKELY,    /* more fail than would if the agreed rate were true */
	HALT_NOT_SERVING, /* too many machines do not serve, for whatever reason */
	HALT_WINDOW,      /* a rebuild takes longer than any window is open */
	HALT_OPERATOR,
};

struct rollout;

struct rollout_options {
	const struct plan *plan;
	int64_t typical_ms; /* how long a rebuild takes, for as long as none has ended */
};

/* The plan is borrowed. */
struct rollout *rollout_new(const struct rollout_options *o);
void rollout_free(struct rollout *ro);

/*
 * Adds a machine that waits; gives its number: 0, 1, ... Groups are numbered by the caller from 0 on, zones
 * likewise; machines of a zone stand together if the plan goes zone by zone.
 */
uint32_t rollout_add(struct rollout *ro, uint32_t group, uint32_t zone);

/* Makes numbers of the plan's shares. ERROR_PLAN: its waves do not add up for so many machines. */
bool rollout_prepare(struct rollout *ro, struct error *err) MUST_USE;

/* From now on this is so of the machine. One that waits is queued, even if it waited before. */
void rollout_set(struct rollout *ro, uint32_t machine, struct machine_row row);

/* The row that this end makes of the machine's, for rollout_set(); how long it took is the caller's to add. */
struct machine_row rollout_ended(
	const struct rollout *ro, uint32_t machine, enum machine_end end, int64_t wall_ms);

/* Whether the machine serves its clients, as was last seen; at first all do. */
void rollout_seen(struct rollout *ro, uint32_t machine, bool serves);

/* What is to be done now. It changes nothing that a caller could see but which machine comes after. */
struct rollout_turn rollout_next(struct rollout *ro, int64_t wall_ms);

/* Whether one more may be under way; a machine that parked and is tried again goes by nothing else. */
bool rollout_has_room(const struct rollout *ro);

/* Whether a machine that had to wait for something may still go: there is no halt, and its window is open. */
bool rollout_lets_go(struct rollout *ro, int64_t wall_ms);

/* ---- operators ---- */

/* The first `gates` gates are open, and stay so. */
void rollout_promote(struct rollout *ro, size_t gates);

/* So many failures, and so many machines that do not serve, are known and no reason to halt. */
void rollout_acknowledge(struct rollout *ro, size_t failures, size_t not_serving);

/* What is under way goes on, and nothing new is begun. */
void rollout_hold(struct rollout *ro, bool held);

/* Likewise, and it halts: what clients have not noticed yet is put back. */
void rollout_stop(struct rollout *ro, bool stopped);

/* ---- how it stands ---- */

size_t rollout_size(const struct rollout *ro);
struct machine_row rollout_row(const struct rollout *ro, uint32_t machine);

/* The stage that the machine goes in if all goes well: 0 for the canary, else the number of its wave, from 1 on. */
size_t rollout_wave_of(const struct rollout *ro, uint32_t machine);
size_t rollout_count(const struct rollout *ro, enum machine_state s);
size_t rollout_failures(const struct rollout *ro);
size_t rollout_not_serving(const struct rollout *ro);

/* Of the machine's group, which it has, how many may be away at a time. */
size_t rollout_group_limit(const struct rollout *ro, uint32_t machine);

/* After ROLLOUT_BLOCKED: whether its group, and nothing else, keeps the machine from going. */
bool rollout_is_held_up(const struct rollout *ro, uint32_t machine);

/* How long a machine that cannot be reached is tried: the pauses between its tries, all together. */
int64_t rollout_patience_ms(const struct rollout *ro);

enum halt rollout_halt(const struct rollout *ro);

/* "2 of 50 machines failed, and none may", into ret; "" if it is not halted. Returns ret. */
enum { ROLLOUT_REASON_SIZE = 192 };
char *rollout_reason(const struct rollout *ro, char ret[ROLLOUT_REASON_SIZE]);

/* Wall clock: when it ends, going by the rebuilds so far; gates and closed windows are not counted. */
int64_t rollout_expected_end_ms(const struct rollout *ro, int64_t wall_ms);
#endif
