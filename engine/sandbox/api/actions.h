/*
 * actions.h: every action of the API as a row. What an action is called, which parameters it knows,
 * what it costs and what it does stands there and nowhere else.
 */
#ifndef SANDBOX_API_ACTIONS_H
#define SANDBOX_API_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/api/reply.h"
#include "sandbox/api/request.h"
#include "sandbox/api/throttle.h"
#include "sandbox/model/latency.h"

struct action {
	const char *name;
	const char *summary;
	/*
	 * The names of all parameters, separated by spaces, with list indexes as N; ! after those that
	 * must be there. Action, Version and DryRun are understood for all.
	 */
	const char *params;
	enum dialect dialect;
	bool mutates;
	enum latency latency; /* from request to reply */
	enum throttle_class throttle;
	enum throttle_class resources; /* tokens per instance; THROTTLE_NONE: none */

	/* Writes the reply's elements, or refuses with EC2's code. */
	bool (*handle)(struct request *r, struct error *err);
};

struct action_set {
	const struct action *rows;
	size_t count;
};

/* The row, and its number for counting; NULL if there is no such action. */
const struct action *action_find(const char *name, size_t *ret_number);
size_t action_count(void);
const struct action *action_at(size_t number);

/* Refuses parameters that the action does not know, and misses those that it must have. */
bool action_check_params(const struct action *a, const struct request *r, struct error *err) MUST_USE;

extern const struct action_set actions_launch, actions_instances, actions_statuses, actions_attributes,
	actions_volumes, actions_snapshots, actions_images, actions_keys, actions_addresses, actions_tags,
	actions_places, actions_identity;
#endif
