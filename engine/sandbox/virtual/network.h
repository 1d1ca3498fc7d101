/*
 * network.h: the network of a sandbox with virtual machines that can be logged in to: its own, in which all
 * addresses that machines may have lead to the sandbox itself.
 */
#ifndef SANDBOX_VIRTUAL_NETWORK_H
#define SANDBOX_VIRTUAL_NETWORK_H

#include <stdbool.h>

#include "base/error.h"
#include "sandbox/machinery_state.h"
#include "sandbox/namespace_network.h"

struct virtual_network {
	struct state_folder state; /* of the sandbox; path NULL: not entered */
	struct own_network own;
};

#define VIRTUAL_NETWORK_INIT                                                                                 \
	{                                                                                                    \
		.own = OWN_NETWORK_INIT                                                                      \
	}

/*
 * Takes this process there until it leaves, and lets it have as many sockets as it may. Needs root. What
 * failure leaves behind is taken away by virtual_network_leave().
 */
bool virtual_network_enter(struct virtual_network *n, const char *state_dir, struct error *err) MUST_USE;

/* Safe on one that was not entered. */
void virtual_network_leave(struct virtual_network *n);
#endif
