/*
 * story.h: one seed of a rollout, one exact history: a plan and a fleet, workers that share its rows, machines whose
 * rebuilds end as they may, operators, and what goes wrong. After every event all rules are asserted.
 *
 * Calling order: story_new() once; story_play() for each seed, then the figures in the struct; story_free().
 */
#ifndef ROLLOUTS_STORY_H
#define ROLLOUTS_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/compiler.h"
#include "base/heap.h"
#include "plan/plan.h"
#include "rows.h"
#include "rollout/rollout.h"
#include "sandbox/model/random.h"

enum {
	STORY_WORKERS_MAX = 24, /* processes; most of them come after one that has died */
	STORY_CHANGES_MAX = 64,
	STORY_WHY_SIZE = 300,
	STORY_WAVES_MAX = 4,
	STORY_GATES_MAX = 3,
	STORY_FLAPS = 4, /* of a machine, for as long as somebody may go by how it was before */
};

#define NO_WORKER (-1)

enum occasion_kind {
	OCCUR_TURN,    /* a worker looks around */
	OCCUR_CHANGE,  /* a change reaches the rows */
	OCCUR_REPLY,   /* the worker hears of it */
	OCCUR_ARRIVAL, /* a machine's rebuild comes to where its worker must do something */
	OCCUR_TROUBLE, /* something goes wrong */
	OCCUR_PEOPLE,  /* an operator looks at it */
	OCCUR_FLAP,    /* a machine stops serving by itself, or serves again */
};

struct story_entry {
	enum occasion_kind kind;
	uint32_t object; /* its index among its kind */
	uint32_t life;   /* which use of it is meant */
};

/* How far a machine's rebuild really is, whatever the rows say. */
enum body_stage {
	BODY_AT_REST,
	BODY_WAITS,  /* for a lock of another service */
	BODY_MAY_GO, /* it has the lock; its worker must let it go */
	BODY_WORKS,
	BODY_ENDED, /* as `end` says; no row has it yet */
};

/* A machine as it really is. */
struct body {
	uint32_t group, zone;
	enum body_stage stage;
	int driver;            /* the worker that drives its rebuild, or NO_WORKER */
	enum machine_end end;  /* what the present rebuild comes to, or the last one came to */
	int64_t due_ms;        /* when the stage ends */
	int64_t left_ms;       /* of the stage, while nobody drives it */
	int64_t quiet_ms;      /* until then clients have noticed nothing: it can be withdrawn */
	int64_t work_ms;       /* how long it works after it got its lock */
	int64_t begun_wall_ms; /* by its worker's clock */
	int begun, rebuilt, unreached;
	bool down;                       /* for reasons of its own */
	int64_t flapped_ms[STORY_FLAPS]; /* when that changed, the last time first; -1: not so often */
	uint32_t life;                   /* arrivals that were planned; only the last one takes place */
};

/* One process. */
struct worker {
	bool alive;
	bool waits;       /* for the reply to its change */
	bool opens;       /* has chosen a rollout, and takes a seat of it soon, or ... */
	bool returns;     /* ... writes its way back down */
	uint32_t life;    /* grows when it forgets all */
	uint32_t planned; /* turns; only the one that was planned last takes place */
	int64_t asleep_until_ms;
	uint32_t seat; /* NO_SEAT: it looks for a rollout to drive */
	int64_t epoch;
	bool is_back;            /* what it drives, drove last, or has chosen is the way back */
	struct plan plan;        /* as it reads it */
	struct rollout *rollout; /* owned; NULL: not alive */
	size_t read;             /* so many changes of rows */
	int64_t version;
	int64_t retried;          /* the order by which it has looked for parked machines */
	struct rollout_turn turn; /* as last decided */
	uint32_t *arrived;        /* owned: machines of its own that need it */
	size_t arrived_count, arrived_size;
	size_t flaps_read; /* so many changes of what serves */
};

/* A change on its way to the rows. */
struct parcel {
	bool used, never_arrives;
	bool is_lost; /* its reply is */
	enum verdict verdict;
	int worker;
	uint32_t life; /* of the worker */
	struct change change;
};

enum trouble_kind {
	TROUBLE_CRASH,
	TROUBLE_SLEEP,
	TROUBLE_CLOCK,
	TROUBLE_LOSSES,
	TROUBLE_SLOW,
	TROUBLE_COUNT
};

struct story_tally {
	uint64_t histories, events, machines;
	uint64_t begun, ends[END_WITHDRAWN + 1], final[MACHINE_STATE_COUNT];
	uint64_t verdicts[CHANGE_DRIVEN + 1], cleared, adopted, restarts;
	uint64_t troubles[TROUBLE_COUNT], flaps;
	uint64_t phases[ROLLOUT_OVER + 1], halts[HALT_OPERATOR + 1];
	uint64_t promoted, held, resumed, aborted, reverted, retried, locks;
	uint64_t states[ROLLOUT_STATE_COUNT];
	uint64_t decisions; /* rows told to rollouts and questions asked of them */
	int64_t deciding_ns, longest_ns;
};

struct breakage;

struct story {
	uint64_t seed;
	struct random random;
	int64_t now_ms, epoch_ms, wall_ahead_ms;
	struct heap calendar; /* of entries, by due time */

	struct plan plan;
	struct plan_share waves[STORY_WAVES_MAX];
	struct plan_gate gates[STORY_GATES_MAX];
	int days[3];
	int64_t typical_ms;
	size_t group_count;

	/* How this one goes. */
	int64_t look_ms, lease_ms; /* how often workers look around; how long a seat is held */
	int64_t work_least_ms, work_most_ms;
	int bad_percent, unreached_percent, lock_percent, unchanged_percent;
	size_t pace;     /* so many begin at a time; 0: all that may */
	bool is_steady;  /* operators do no more than it needs */
	unsigned sparse; /* only one of so many events is judged by all rules; 1: each */

	struct body *bodies; /* owned */
	size_t size, room;
	uint32_t *flaps; /* owned: machines in the order in which they stopped or began to serve */
	size_t flap_count, flap_size;
	struct rows rows;
	struct worker workers[STORY_WORKERS_MAX];
	size_t worker_count;
	struct parcel parcels[STORY_CHANGES_MAX];
	int64_t lossy_until_ms, slow_until_ms;
	int resumes; /* how often operators let it go on */

	struct oracle *oracle;           /* owned */
	const struct breakage *breakage; /* what is broken on purpose, or NULL */
	bool measures;                   /* how long deciding takes */
	int64_t clock_ns;                /* ... and reading the clock */
	FILE *trace;                     /* or NULL */
	struct story_tally tally;        /* of all seeds so far */

	const char *rule_name; /* the first that was broken, or NULL */
	char why[STORY_WHY_SIZE];
};

struct story *story_new(void);
void story_free(struct story *s);

/* False: a rule was broken, which rule_name and why say. */
bool story_play(struct story *s, uint64_t seed);

/* Likewise, of so many machines, with little that goes wrong. */
bool story_play_large(struct story *s, uint64_t seed, size_t machines);

/* The rollout is given up: its workers put back what it has rebuilt. */
void story_turn_round(struct story *s);

int64_t story_wall_ms(const struct story *s);

void story_plan(struct story *s, int64_t after_ms, struct story_entry e);
int64_t story_between(struct story *s, int64_t low, int64_t high);
bool story_chance(struct story *s, int percent);

/* Notes that a rule is broken; the first one counts. */
void story_broken(struct story *s, const char *rule, const char *fmt, ...) PRINTF(3, 4);

/* One line for people, if there is a trace. */
void story_tell(struct story *s, const char *who, const char *fmt, ...) PRINTF(3, 4);
#endif
