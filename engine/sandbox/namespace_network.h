/*
 * namespace_network.h: a network of the sandbox's own, for this thread and the processes that it starts.
 *
 * Calling order: own_network_enter(); own_network_leave() takes the thread back to where it came from.
 * The network ends with its last member.
 */
#ifndef SANDBOX_NAMESPACE_NETWORK_H
#define SANDBOX_NAMESPACE_NETWORK_H

#include <stdbool.h>

#include "base/error.h"

struct own_network {
	int outside, inside; /* the network that we came from; the sandbox's own */
	int netlink;         /* in the latter */
};

#define OWN_NETWORK_INIT                                                                                     \
	{                                                                                                    \
		.outside = -1, .inside = -1, .netlink = -1                                                   \
	}

/* Its loopback is up. After a failure, own_network_leave() puts back what was done. */
bool own_network_enter(struct own_network *n, struct error *err) MUST_USE;
void own_network_leave(struct own_network *n);
#endif
