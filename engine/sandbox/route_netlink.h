/*
 * route_netlink.h: the few changes to links, addresses and routes that the machinery makes, each
 * one rtnetlink request and its answer (rtnetlink(7)). A socket acts on the network namespace in
 * which it was opened, for as long as it lives.
 *
 * All return false with errno set, as system calls do, and allocate nothing: they also run in a
 * freshly cloned child, where another thread of the parent may have held the heap's lock.
 */
#ifndef SANDBOX_ROUTE_NETLINK_H
#define SANDBOX_ROUTE_NETLINK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"

/* Where packets for one address go. */
enum route_kind {
	ROUTE_LINK,    /* out of a link, where the address itself answers */
	ROUTE_GATEWAY, /* out of a link, to a neighbour that takes it on */
	ROUTE_SELF,    /* here: accepted although no interface has the address */
	ROUTE_NOWHERE, /* refused at once, as unreachable */
};

struct route {
	struct in_addr to;
	int prefix; /* bits of `to` that count: 32 one address, 0 the default route */
	enum route_kind kind;
	const char *link;       /* ROUTE_LINK, ROUTE_GATEWAY */
	struct in_addr gateway; /* ROUTE_GATEWAY: reached on the link, whatever its own routes say */
};

/* The socket, or -1 with errno. */
int netlink_open(void) MUST_USE;

/* Makes two linked interfaces: one here, its peer in the network namespace of process `peer`. */
bool netlink_add_pair(int netlink, const char *link, const char *peer_link, pid_t peer) MUST_USE;

/* Removes an interface, its peer and all routes over it. */
bool netlink_delete_link(int netlink, const char *link) MUST_USE;

bool netlink_set_up(int netlink, const char *link) MUST_USE;

/* Gives the interface this one address, with no network around it. */
bool netlink_add_address(int netlink, const char *link, struct in_addr address) MUST_USE;

/* Makes r the only route to r->to, in place of another. */
bool netlink_set_route(int netlink, const struct route *r) MUST_USE;

/* Removes r; true if there was none. */
bool netlink_delete_route(int netlink, const struct route *r) MUST_USE;
#endif
