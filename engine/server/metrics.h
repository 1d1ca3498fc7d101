/* metrics.h: what the lock service counts, and how Prometheus reads it. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <stdint.h>

#include "base/text.h"
#include "server/lock_table.h"

enum metrics_protocol {
	METRICS_FDLM,
	METRICS_FLEETLOCK,
	METRICS_ADMINISTRATION,
	METRICS_OTHER,
	METRICS_PROTOCOL_COUNT
};

/* Answered with 2xx, with "not now" (412, 423), with another 4xx, with 5xx. */
enum metrics_answer { METRICS_GRANTED, METRICS_HELD, METRICS_REJECTED, METRICS_FAILED, METRICS_ANSWER_COUNT };

struct metrics {
	uint64_t requests[METRICS_PROTOCOL_COUNT][METRICS_ANSWER_COUNT];
	uint64_t commits;  /* transactions that were written */
	uint64_t changes;  /* in them */
	uint64_t failures; /* of the store */
};

void metrics_count(struct metrics *m, enum metrics_protocol p, int status);

/* Writes everything in Prometheus's text format (version 0.0.4). Totals only: names of locks are nobody's business. */
void metrics_write(const struct metrics *m, const struct lock_table *t, int64_t now_ms, struct text *ret);
#endif
