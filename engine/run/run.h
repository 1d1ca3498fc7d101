/*
 * run.h: the loop that drives rebuilds: observe, decide, record, act.
 *
 * Calling order: run_new(); providers opened with run_sink(); run_set_providers(); run_add() for
 * every machine; run_until_over(); what became of each by run_ending(); run_free(). The providers
 * are closed before the run is freed.
 *
 * All rebuilds share each round: what they want to see goes out as one batch, so that the number of
 * Describe calls grows with time and not with machines. An intent is durable before its effect. Of a rebuild
 * that has ended no more is kept than its ending: memory grows with what is under way.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "cloud/provider.h"
#include "journal/event.h"
#include "journal/journal.h"
#include "journal/record.h"
#include "plan/plan.h"
#include "rebuild/rebuild.h"
#include "run/ending.h"
#include "run/traffic.h"

struct fleet;
struct run;

struct run_options {
	const struct plan *plan;
	const struct clock *clock;
	const struct entropy *entropy;
	struct journal *journal; /* NULL: nothing is recorded (plan); then nothing may be changed either */
	const char *claim;       /* struct rebuild_options, `journal`; "" without a journal */
	bool preflight_only, only_unfinished; /* struct rebuild_options */
	int pace_percent;                     /* struct rebuild_options */
	const char *user;                     /* who holds the lease, for people */
	const char *version;
	/* Told of every event after it was recorded; may be NULL. */
	void (*tell)(void *self, const struct event *e);
	void *tell_self;
};

struct run_providers {
	struct provider cloud, guest;
	struct run_traffic traffic;
};

struct run *run_new(uv_loop_t *loop, const struct run_options *o);
struct sink run_sink(struct run *r);
void run_set_providers(struct run *r, struct run_providers p);

/* The rebuilds of a fleet's machines are added as its rollout begins them; it must outlive the loop. */
void run_set_fleet(struct run *r, struct fleet *f);

/* Adds the rebuild of one machine. */
void run_add(struct run *r, const char *blue_id);

/*
 * Adds a rebuild that the journal knows: one that has not come to its end, or one whose blue is kept.
 * ERROR_CONFLICT if somebody else drives it (LEASE_HELD), or if the plan is not the one that it was begun
 * with.
 */
bool run_add_unfinished(struct run *r, const struct record *record, struct error *err) MUST_USE;

/* Likewise, to put its blue back, whether it has come to its end or not. */
bool run_add_rollback(struct run *r, const struct record *record, struct error *err) MUST_USE;

/* Adds the rebuild of one machine that is to be put back, if its tags tell of a rebuild at all. */
void run_add_rollback_by_tags(struct run *r, const char *blue_id);

/* Runs the loop until every rebuild is over, and no machine of the fleet is left to begin with. */
void run_until_over(struct run *r);

/* Whether the fleet's machines could be found; else why not. */
bool run_trouble(const struct run *r, struct error *err) MUST_USE;

/* The operator wants out: what is under way is finished and recorded, nothing new is begun. */
void run_interrupt(struct run *r);

size_t run_count(const struct run *r);

/* What became of the i-th; borrowed from the run. */
const struct ending *run_ending(const struct run *r, size_t i);

/* All that was seen of the i-th; with options.preflight_only, which is for seeing it. */
const struct rebuild *run_rebuild(const struct run *r, size_t i);

void run_free(struct run *r);
#endif
