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
#include "cloud/provider.h"
#include "plan/plan.h"
#include "rebuild/rebuild.h"
#include "rollout/rollout.h"

struct fleet;

#define FLEET_NO_MACHINE UINT32_MAX

struct fleet_options {
	const struct plan *plan; /* borrowed */
	bool unlimited;     /* all at once, whatever the plan says: what is only looked at, or gone on with */
	int64_t typical_ms; /* how long a rebuild takes, until one has ended */
	uv_loop_t *loop;    /* in which gates' commands run */
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

/* Who gives it its turns is told when something has changed in between. */
void fleet_on_change(struct fleet *f, void (*changed)(void *self), void *self);

/* The question by which its machines are found; NULL if the plan names all there is to know. */
const struct query *fleet_question(struct fleet *f);

/* Its answer. Without one, if there was no question. */
bool fleet_listed(struct fleet *f, const struct answer *a, struct error *err) MUST_USE;

/* Begins what may begin now. */
void fleet_turn(struct fleet *f, struct moment now);

/* A rebuild was added to the run: whose it is, FLEET_NO_MACHINE if no machine is being begun with. */
uint32_t fleet_added(struct fleet *f);

/* Nothing more is begun. */
void fleet_stop(struct fleet *f);

/* A rebuild of the machine is over. */
void fleet_ended(struct fleet *f, uint32_t machine, const struct rebuild *r, int64_t wall_ms);

/* It has halted: what has not opened its window yet is put back. */
bool fleet_has_halted(const struct fleet *f);

/* Nothing more will begin by itself. */
bool fleet_is_over(const struct fleet *f);

/* Monotonic: when it wants its next turn at the latest. */
int64_t fleet_wake_ms(const struct fleet *f);

/* A machine that could not even be begun with. */
struct fleet_trouble {
	const char *machine;
	struct error err;
};

const struct fleet_trouble *fleet_troubles(const struct fleet *f, size_t *ret_count);

/* NULL before its machines are known. */
const struct rollout *fleet_rollout(const struct fleet *f);
#endif
