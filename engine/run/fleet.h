/*
 * fleet.h: a rollout in a run: its machines are listed, begun with when the rollout says so, and what their
 * rebuilds came to is told to it.
 *
 * Calling order: fleet_new() and run_set_fleet() before run_until_over(); the run does the rest. Afterwards
 * fleet_finish() says how it went.
 */
#ifndef RUN_FLEET_H
#define RUN_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/error.h"
#include "cloud/locks.h"
#include "cloud/provider.h"
#include "journal/rollout_record.h"
#include "plan/plan.h"
#include "rebuild/rebuild.h"
#include "rollout/rollout.h"
#include "run/traffic.h"

struct fleet;
struct muster;
struct rollout_ledger;

#define FLEET_NO_MACHINE UINT32_MAX
#define FLEET_PATROL (UINT32_MAX - 1) /* subject of the questions by which it looks after its machines */

struct fleet_options {
	const struct plan *plan; /* borrowed */
	bool unlimited;     /* all at once, whatever the plan says: what is only looked at, or gone on with */
	int64_t typical_ms; /* how long a rebuild takes, until one has ended */
	uv_loop_t *loop;    /* in which gates' commands run */
	struct rollout_ledger *ledger; /* borrowed; NULL: the rollout is not recorded */
	struct journal *journal;       /* borrowed; with the ledger: it knows which instance replaced which */
	int pace_percent;              /* of the pauses between looks at all its machines */
	bool goes_on;                  /* an operator wants one that halted or was paused to go on */
	bool goes_back;     /* what is begun puts blue back; the machines are those of the ledger's rollout */
	bool lists;         /* a list of its machines is wanted in any case, for fleet_muster() */
	bool only_recorded; /* a new rollout is written down, and left to whoever takes it up */
	/*
	 * Adds the rebuilds of the machine to the run: run_add() and its like. What fails there is the
	 * machine's failure, not the fleet's.
	 */
	bool (*begin)(void *self, const char *instance_id, struct error *err);
	/* Told what it waits for, or why it halts, whenever that changes. */
	void (*note)(void *self, const char *text);
	void *self;
};

struct fleet *fleet_new(const struct fleet_options *o);
void fleet_free(struct fleet *f);

/* The plan's locks are taken by this provider, which was made with the sink; without one they are not. */
struct lock_sink fleet_lock_sink(struct fleet *f);
void fleet_set_locks(struct fleet *f, struct locks provider);

/* Who gives it its turns is told when something has changed in between. */
void fleet_on_change(struct fleet *f, void (*changed)(void *self), void *self);

/*
 * Takes up the rollout that the journal knows, if there is one. *ret is the question by which the machines are
 * found otherwise; NULL if there is none to ask.
 */
bool fleet_ask(struct fleet *f, const struct query **ret, struct error *err) MUST_USE;

/* Its answer. Without one, if there was no question. */
bool fleet_listed(struct fleet *f, const struct answer *a, struct error *err) MUST_USE;

/* Begins what may begin now, as fast as the cloud's limits allow (options.unlimited: all of it). */
void fleet_turn(struct fleet *f, const struct run_traffic *t, struct moment now);

/* By which it looks after all of its machines at once, for the cloud; NULL: nothing yet. Valid until it is answered. */
const struct query *fleet_question(struct fleet *f, struct moment now);

/* Its answer. ERROR_DENIED: the first look was denied, so nothing can ever begin. */
bool fleet_patrolled(struct fleet *f, const struct answer *a, struct moment now, struct error *err) MUST_USE;

/* A rebuild of that blue was added to the run: whose it is, FLEET_NO_MACHINE if no machine is being begun with. */
uint32_t fleet_added(struct fleet *f, const char *blue_id);

/* One that was added is not in the run after all: it could not be gone on with. */
void fleet_dropped(struct fleet *f, uint32_t machine);

/* Whether the rebuilds of a machine that was begun with may go on. */
enum fleet_word {
	FLEET_GO,
	FLEET_WAIT, /* for the machine's locks: nothing may be asked or done for it yet */
	FLEET_DROP, /* it is not to begin after all: its rebuilds are to end as interrupted */
};

enum fleet_word fleet_lets(struct fleet *f, uint32_t machine, struct moment now);

/* The journal has a record of a rebuild of the machine. */
void fleet_recorded(struct fleet *f, uint32_t machine, const char *rebuild);

/* Nothing more is begun, and it is over once what we have under way has ended. */
void fleet_stop(struct fleet *f);

/* Because it has halted, the machine's rebuild is asked to put blue back: that is no failure. */
void fleet_withdrawn(struct fleet *f, uint32_t machine);

/* A rebuild of the machine is over. */
void fleet_ended(struct fleet *f, uint32_t machine, const struct rebuild *r, struct moment now);

/* It has halted: what has not opened its window yet is put back. */
bool fleet_has_halted(const struct fleet *f);

/* Nothing more will begin by itself. */
bool fleet_is_over(const struct fleet *f);

/* It is over, and nobody drives it any more. False: it needs another turn, an operator has spoken meanwhile. */
bool fleet_leave(struct fleet *f);

/* Monotonic: when it wants its next turn at the latest. */
int64_t fleet_wake_ms(const struct fleet *f);

/* A machine that could not even be begun with, or whose locks were not to be had. */
struct fleet_trouble {
	const char *machine;
	struct error err;
};

const struct fleet_trouble *fleet_troubles(const struct fleet *f, size_t *ret_count);

/* "ro-...", or "" if it is not recorded. */
const char *fleet_id(const struct fleet *f);

/* What an operator wants of it. */
enum rollout_wish fleet_wish(const struct fleet *f);

/* Its machines by their numbers, as they were found. */
const struct muster *fleet_muster(const struct fleet *f);

/* NULL before its machines are known. */
const struct rollout *fleet_rollout(const struct fleet *f);

/*
 * As rollout_reason(), and names machines that do not serve; or what another one who shares it halted it for.
 * Into ret, which it returns. Its machines are known.
 */
char *fleet_reason(const struct fleet *f, char ret[ROLLOUT_REASON_SIZE]);

/* It puts blues back. */
bool fleet_goes_back(const struct fleet *f);
#endif
