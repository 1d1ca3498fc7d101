/*
 * permits.h: what dry runs have said, shared by all rebuilds of a process. EC2 counts a dry run of
 * RunInstances like a launch: asked for each machine of a fleet, dry runs would halve its speed.
 *
 * An action that was permitted for PERMITS_ASKED machines in a row is believed to be permitted for the
 * others, for a while; the first refusal ends that. A policy that tells machines apart may refuse one of
 * them all the same: then the rebuild meets that when it acts, and puts back what it did.
 */
#ifndef AWS_PERMITS_H
#define AWS_PERMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/actions.h"

enum { PERMITS_ASKED = 2, PERMITS_FRESH_MS = 10 * 60 * 1000 };

struct permits {
	struct {
		unsigned granted; /* in a row */
		int64_t asked_ms; /* the last time */
	} of[ACTION_COUNT];
};

void permits_note(struct permits *p, enum action_id action, bool permitted, int64_t asked_ms);
bool permits_believes(const struct permits *p, enum action_id action, int64_t now_ms);
#endif
