#include "sandbox/namespace_network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/route_netlink.h"

static const char OWN_NETWORK[] = "/proc/thread-self/ns/net";

bool own_network_enter(struct own_network *n, struct error *err)
{
	n->outside = open(OWN_NETWORK, O_RDONLY | O_CLOEXEC);
	if (n->outside < 0 || unshare(CLONE_NEWNET))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a network namespace");
	n->inside = open(OWN_NETWORK, O_RDONLY | O_CLOEXEC);
	n->netlink = netlink_open();
	if (n->inside < 0 || n->netlink < 0 || !netlink_set_up(n->netlink, "lo"))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not set up the sandbox's network");
	return true;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void own_network_leave(struct own_network *n)
{
	if (n->outside >= 0 && setns(n->outside, CLONE_NEWNET))
		abort(); /* everything after this would happen in the wrong network */
	close_if_open(n->netlink);
	close_if_open(n->inside);
	close_if_open(n->outside);
	*n = (struct own_network)OWN_NETWORK_INIT;
}
