/*
 * urgency.h: whose calls go first when not all can go at once.
 *
 * A rebuild whose clients are waiting goes before all else; then what began first, which ends soonest. A
 * call that has waited for URGENCY_PATIENCE counts as urgent: nobody starves. Dry runs come last.
 */
#ifndef AWS_URGENCY_H
#define AWS_URGENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/provider.h"

enum { URGENCY_PATIENCE_MS = 2000 };

/* The rebuilds of a run whose clients are waiting. Zeroed: none. */
struct urgency {
	bool *urgent; /* owned, by subject */
	size_t size;
};

void urgency_set(struct urgency *u, uint32_t subject, bool urgent);
bool urgency_of(const struct urgency *u, uint32_t subject);
void urgency_release(struct urgency *u);

/* The subject among the queries' (at least one) whose calls go first. */
uint32_t urgency_first(const struct urgency *u, const struct query *queries, size_t count);

/* A call that waits. */
struct urgency_call {
	uint32_t subject;
	bool dry_run;
	int64_t wanted_ms; /* since when */
};

bool urgency_goes_before(
	const struct urgency *u, const struct urgency_call *a, const struct urgency_call *b, int64_t now_ms);
#endif
