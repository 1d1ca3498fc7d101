/*
 * throttle.h: EC2's token buckets: one per action, of the size and refill of its class
 * (docs.aws.amazon.com, EC2 API throttling).
 */
#ifndef SANDBOX_API_THROTTLE_H
#define SANDBOX_API_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum throttle_class {
	THROTTLE_NONE,       /* never throttled */
	THROTTLE_READ,       /* Describe* and Get* */
	THROTTLE_UNFILTERED, /* describing everything at once */
	THROTTLE_MUTATE,
	THROTTLE_LAUNCH,           /* RunInstances, StartInstances */
	THROTTLE_BULK,             /* TerminateInstances, volumes and snapshots */
	THROTTLE_TAG,              /* CreateTags */
	THROTTLE_LAUNCH_RESOURCES, /* per instance launched or started */
	THROTTLE_END_RESOURCES,    /* per instance stopped or terminated */
	THROTTLE_CLASS_COUNT,
};

struct throttle;

/* Buckets for that many actions, all full. */
struct throttle *throttle_new(size_t actions);
void throttle_free(struct throttle *t);

/* Takes tokens out of the action's bucket of that class; false, taking none, if there are not enough. */
bool throttle_take(
	struct throttle *t, size_t action, enum throttle_class class, unsigned tokens, int64_t now_ms);
#endif
