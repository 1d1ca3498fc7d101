/*
 * rollout_record.h: one row per rollout, and one per machine of it. Who reads them knows all that a rollout
 * decides by (docs/decisions/0010); several workers that read the same rows decide alike.
 *
 * Each change carries the version of the rows that it was decided on, and is refused if another worker has
 * changed one since, or an operator has said something: then what is newer is read, and it is decided again. So no
 * limit is ever overstepped by two that decide at the same moment, none has to be written in SQL, and nothing is
 * begun or brought to its end in spite of what was said before.
 */
#ifndef JOURNAL_ROLLOUT_RECORD_H
#define JOURNAL_ROLLOUT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct journal;
struct seat;

/* Error codes. */
#define ROLLOUT_MOVED "RolloutMoved" /* it was changed, or something was said of it, since it was read */
#define ROLLOUT_ENDS "RolloutEnds"   /* an operator wants it to end */
#define ROLLOUT_TAKEN "RolloutTaken" /* a machine belongs to another rollout that is not over */
#define ROLLOUT_UNDRIVEN "RolloutUndriven" /* nobody is there who would hear what is said */

enum rollout_state {
	ROLLOUT_IS_RUNNING,  /* or nobody drives it: then the same command goes on */
	ROLLOUT_IS_HALTED,   /* it halted: an operator decides */
	ROLLOUT_IS_DONE,     /* no machine is left; some may have failed */
	ROLLOUT_IS_ABORTED,  /* given up by an operator; what was rebuilt stays */
	ROLLOUT_IS_REVERTED, /* what was rebuilt was put back */
	ROLLOUT_STATE_COUNT,
};

enum rollout_kind {
	ROLLOUT_GOES_FORWARD,
	ROLLOUT_GOES_BACK, /* puts back what the rollout `parent` has rebuilt */
};

enum rollout_wish {
	ROLLOUT_WISH_NONE,
	ROLLOUT_WISH_KEEP,   /* begin nothing more, finish what is under way, and end */
	ROLLOUT_WISH_REVERT, /* likewise, and put back what was rebuilt */
};

/* Absent texts are NULL or "" when written, and "" when read. Times are wall clock. */
struct rollout_record {
	const char *id; /* ro-... */
	enum rollout_kind kind;
	const char *parent;
	const char *plan_name, *plan_path, *plan_digest;
	enum rollout_state state;
	const char *cause; /* why it halted or was given up; while it runs, who holds it up */
	int64_t machines;
	int64_t created_ms, updated_ms;
	int64_t expected_ms; /* its end, going by the rebuilds so far; 0: not known */
	int64_t version;     /* of the rows */
	/* What operators said. */
	bool paused;
	int64_t promoted; /* so many gates are open */
	int64_t known_failures, known_not_serving;
	enum rollout_wish wish;
};

struct machine_record {
	int64_t number;
	const char *machine;            /* as the plan means it: an instance id */
	const char *group;              /* value of the plan's group tag, or "" */
	const char *zone;               /* likewise of its availability zone, if the plan goes zone by zone */
	const char *stage;              /* "canary", "wave 2" */
	const char *state;              /* machine_state_name() */
	const char *rebuild;            /* the last one of it, or "" */
	const char *cause;              /* why it ended so, or "" */
	int64_t tries, due_ms, took_ms; /* struct machine_row */
	int64_t began_ms, ended_ms;     /* 0: not yet */
	int64_t seat;                   /* of whoever began it last (seat.h) */
};

/*
 * Adds the rollout with its machines, durably; its version is 1. ERROR_CONFLICT with the code ROLLOUT_TAKEN,
 * naming both, if one of them belongs to another rollout that is not over.
 */
bool rollout_record_create(struct journal *j, const struct rollout_record *r,
	const struct machine_record *machines, size_t count, struct error *err) MUST_USE;

/* A rollout of the kind ROLLOUT_GOES_BACK, and which of its parent's rows it goes by. */
struct rollout_return {
	const struct rollout_record *record; /* the parent is named there */
	int64_t parent_version;
	const struct machine_record *machines;
	size_t count;
};

/*
 * Likewise, and gives up its parent in the same breath: of several who begin with it at once, one does.
 * ERROR_CONFLICT with the code ROLLOUT_MOVED if the parent's rows are of another version by now, with
 * LEASE_HELD if somebody drives the parent, other than this process, and it is not over.
 */
bool rollout_record_return(struct journal *j, const struct rollout_return *r, struct error *err) MUST_USE;

/* A journal of a version that knew no rollouts, opened to be read, has none. */

/* Each finds at most one; *found says whether. Texts are in the arena. */
bool rollout_record_find(struct journal *j, const char *id, struct arena *a, struct rollout_record *ret,
	bool *found, struct error *err) MUST_USE;

/* The newest of the plan of that name that goes forward and is not over. */
bool rollout_record_find_open(struct journal *j, const char *plan_name, struct arena *a,
	struct rollout_record *ret, bool *found, struct error *err) MUST_USE;

/* Likewise the one that puts that rollout back. */
bool rollout_record_find_back(struct journal *j, const char *parent, struct arena *a,
	struct rollout_record *ret, bool *found, struct error *err) MUST_USE;

/* At most limit, newest first; *ret and its texts are in the arena. */
bool rollout_record_list(struct journal *j, size_t limit, struct arena *a, struct rollout_record **ret,
	size_t *count, struct error *err) MUST_USE;

/* Shows one machine; its texts are valid during the call. False: no more are wanted. */
typedef bool machine_sink(void *self, const struct machine_record *m);

/* Shows the machines whose rows are newer than after_version (0: all), by their numbers. */
bool rollout_record_machines(struct journal *j, const char *id, int64_t after_version, machine_sink *show,
	void *self, struct error *err) MUST_USE;

/* What whoever drives a rollout has found or decided. */
struct rollout_change {
	const char *id;
	const struct seat *seat;               /* of whoever changes it; NULL: nobody may be driving it */
	int64_t version;                       /* of the rows that it goes by; if it was taken, the new one */
	const struct machine_record *machines; /* those whose rows change: the state and what follows it */
	size_t count;
	enum rollout_state state;
	const char *cause;
	int64_t expected_ms, now_ms;
};

/*
 * All of it or nothing, durably. ERROR_CONFLICT with the code ROLLOUT_MOVED if c->version is not the rows'; with
 * LEASE_LOST if the seat is not ours any more; with LEASE_HELD if there is none, the rollout is not over, and somebody
 * drives it, other than this process. Once a rollout that goes back is done, its parent is reverted.
 */
bool rollout_record_change(struct journal *j, struct rollout_change *c, struct error *err) MUST_USE;

/* What operators have said of it until now; the id is borrowed. */
struct rollout_order {
	const char *id;
	bool paused;
	int64_t promoted, known_failures, known_not_serving;
	enum rollout_wish wish;
};

struct rollout_order rollout_record_said(const struct rollout_record *r);

/* An operator says one thing, and leaves the others as they are. ERROR_MISSING: no such rollout is open. */
bool rollout_order_pause(
	struct journal *j, const char *id, bool paused, int64_t now_ms, struct error *err) MUST_USE;

/* The first `gates` gates are open; those that were stay so. */
bool rollout_order_promote(
	struct journal *j, const char *id, int64_t gates, int64_t now_ms, struct error *err) MUST_USE;

/* So many failures, and so many machines that do not serve, are known and no reason to halt. */
struct rollout_known {
	int64_t failures, not_serving;
};

bool rollout_order_acknowledge(struct journal *j, const char *id, struct rollout_known known, int64_t now_ms,
	struct error *err) MUST_USE;

/*
 * To whoever drives it: so many failures are known, and it goes on, neither paused nor halted. ERROR_CONFLICT with the
 * code ROLLOUT_UNDRIVEN if that is nobody, with ROLLOUT_ENDS if another operator wants it to end.
 */
bool rollout_order_resume(struct journal *j, const char *id, int64_t known_failures, int64_t now_ms,
	struct error *err) MUST_USE;

/*
 * Of one that was taken up to go on: so much is known, it is not paused, and nobody wants it to end, as far as was
 * seen. What another operator has said since is for whoever took it up.
 */
bool rollout_order_go_on(struct journal *j, const struct rollout_order *seen, struct rollout_known known,
	int64_t now_ms, struct error *err) MUST_USE;

/* To whoever drives it: it ends. ERROR_CONFLICT with the code ROLLOUT_UNDRIVEN likewise. */
bool rollout_order_end(struct journal *j, const char *id, enum rollout_wish wish, int64_t now_ms,
	struct error *err) MUST_USE;

/*
 * Whoever drives it gives its seat back, having heard all that was said: ERROR_CONFLICT with the code ROLLOUT_MOVED
 * if the version is not the rows' and it is not over.
 */
bool rollout_order_leave(struct journal *j, const char *id, const struct seat *seat, int64_t version,
	struct error *err) MUST_USE;

/* An operator wants it put back, and nobody has seen to that yet. */
bool rollout_record_is_wanted_back(const struct rollout_record *r);

/* "running"; and back, ROLLOUT_IS_HALTED for other words: an operator looks at it then. */
const char *rollout_state_name(enum rollout_state s);
enum rollout_state rollout_state_parse(const char *name);

/* True if nothing more will happen to it. */
bool rollout_state_is_final(enum rollout_state s);
#endif
