/*
 * latency.h: how long everything takes: one row per delay, with a typical value and a spread.
 *
 * Two profiles are built in: `none` (everything at once, for tests) and `ec2` (EC2's order of
 * magnitude, shortened where a demonstration would only wait; latency.c says which figure comes
 * from where). A file overrides single rows:
 *
 *	# milliseconds: typical, then the spread either side (0 if absent)
 *	profile = ec2
 *	attach  = 3000 500
 *	detach  = 4000
 */
#ifndef SANDBOX_MODEL_LATENCY_H
#define SANDBOX_MODEL_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "sandbox/model/random.h"

enum latency {
	LATENCY_API_CALL,
	LATENCY_RUN_INSTANCES_CALL,
	LATENCY_VISIBILITY,
	LATENCY_PENDING_TO_RUNNING,
	LATENCY_START_TO_RUNNING,
	LATENCY_RUNNING_TO_SSHD,
	LATENCY_STATUS_CHECKS,
	LATENCY_CONSOLE_DELAY,
	LATENCY_STOP,
	LATENCY_TERMINATE,
	LATENCY_TERMINATED_VISIBLE,
	LATENCY_VOLUME_CREATE,
	LATENCY_ATTACH,
	LATENCY_DETACH,
	LATENCY_SNAPSHOT,
	LATENCY_ASSOCIATE_ADDRESS,
	LATENCY_COUNT,
};

struct latency_span {
	int64_t typical_ms, spread_ms;
};

struct latency_table {
	struct latency_span spans[LATENCY_COUNT];
};

/* spec is "none", "ec2" or the path of a file. ERROR_USAGE with file:line for what is wrong in it. */
bool latency_read(const char *spec, struct latency_table *ret, struct error *err) MUST_USE;

/* One delay: uniform in typical ± spread, never negative. */
int64_t latency_draw(const struct latency_table *t, enum latency which, struct random *r);

/* The row's name in files ("attach") and what it delays, for help and documentation. */
const char *latency_name(enum latency which);
const char *latency_help(enum latency which);
#endif
