/*
 * bundles.h: effects of many rebuilds that EC2 does in one call: StopInstances and TerminateInstances take as many
 * instances as wanted. Where many rebuilds are under way, each such effect waits a moment for others; not if clients wait
 * for it.
 *
 * One instance that is refused lets EC2 refuse them all, or those in its zone (EC2 API reference, TerminateInstances):
 * then each is done by a call of its own, whose answer is the truth about it. Both actions may be repeated.
 *
 * Calling order: bundles_new(); bundles_take() for each effect; bundles_free(), after which the loop has to run once
 * more. What is held then is dropped with the jobs.
 */
#ifndef AWS_BUNDLES_H
#define AWS_BUNDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "aws/jobs.h"

enum {
	BUNDLES_WAIT_MS = 2000, /* half of the time within which what was decided is sent (calls.h) */
	BUNDLES_MAX = 100,      /* instances in a call */
	BUNDLES_CROWD = 30,     /* with fewer rebuilds under way too little is saved */
};

struct bundles;

struct bundles *bundles_new(uv_loop_t *loop, struct jobs *jobs, int pace_percent);

/* So many rebuilds are under way now. */
void bundles_crowd(struct bundles *b, size_t rebuilds);

/* False if the effect is to be done by itself, at once. Copies it. */
bool bundles_take(struct bundles *b, const struct effect *e);

void bundles_free(struct bundles *b);
#endif
