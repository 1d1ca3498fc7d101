/*
 * Public addresses without translation: the sandbox's namespace routes each to one instance's link,
 * or nowhere, and the instance it leads to accepts it as its own. Unlike a moved alias or a
 * translation, a route changes in one step, and there is no neighbour to forget the old one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "sandbox/machinery_parts.h"
#include "base/alloc.h"
#include "sandbox/route_netlink.h"

static struct address *find(const struct machinery *m, struct in_addr ip)
{
	struct address *a = m->addresses;

	while (a && a->ip.s_addr != ip.s_addr)
		a = a->next;
	return a;
}

static struct address *find_or_add(struct machinery *m, struct in_addr ip)
{
	struct address *a = find(m, ip);

	if (a)
		return a;
	a = alloc_zeroed(1, sizeof(*a));
	*a = (struct address){ .next = m->addresses, .ip = ip };
	m->addresses = a;
	return a;
}

static bool runs(const struct guest *g)
{
	return g && g->init;
}

typedef bool change_route(int netlink, const struct route *r);

/* Has the guest accept the address, or no longer. False with errno. */
static bool change_in_guest(const struct address *a, change_route *change)
{
	const struct route self = { .to = a->ip, .prefix = 32, .kind = ROUTE_SELF };
	int netlink = guest_open_in_network(a->guest, netlink_open);
	bool done = netlink >= 0 && change(netlink, &self);
	int why = errno;

	if (netlink >= 0)
		close(netlink);
	errno = why;
	return done;
}

/* Makes the sandbox's route to the address what the book says. */
static bool follow(struct machinery *m, const struct address *a)
{
	struct route r = { .to = a->ip, .prefix = 32, .kind = ROUTE_NOWHERE };

	if (runs(a->guest)) {
		r.kind = ROUTE_GATEWAY;
		r.link = a->guest->link;
		r.gateway = a->guest->private_ip;
	}
	return netlink_set_route(m->network.netlink, &r);
}

bool addresses_follow(struct machinery *m, const struct guest *g, struct error *err)
{
	for (const struct address *a = m->addresses; a; a = a->next) {
		char ip[INET_ADDRSTRLEN];

		if (a->guest == g && !follow(m, a))
			return error_set_errno(err, ERROR_LOCAL, errno, "could not route %s",
				inet_ntop(AF_INET, &a->ip, ip, sizeof(ip)));
	}
	return true;
}

void addresses_abandon(struct machinery *m, const struct guest *g)
{
	for (struct address *a = m->addresses; a; a = a->next)
		if (a->guest == g)
			a->guest = NULL;
}

void addresses_forget(struct machinery *m)
{
	while (m->addresses) {
		struct address *next = m->addresses->next;

		free(m->addresses);
		m->addresses = next;
	}
}

struct in_addr *addresses_of(
	const struct machinery *m, const struct guest *g, struct arena *arena, size_t *ret_count)
{
	struct in_addr *list;
	size_t count = 0;

	for (const struct address *a = m->addresses; a; a = a->next)
		count += a->guest == g;
	list = arena_array(arena, count, sizeof(*list));
	*ret_count = count;
	for (const struct address *a = m->addresses; a; a = a->next)
		if (a->guest == g)
			list[--count] = a->ip;
	return list;
}

/* The new guest accepts the address before it is sent there, the old one until it no longer is. */
static bool move(struct machinery *m, struct address *a, struct guest *to)
{
	struct address before = *a;

	a->guest = to;
	if ((runs(to) && !change_in_guest(a, netlink_set_route)) || !follow(m, a)) {
		a->guest = before.guest;
		return false;
	}
	if (runs(before.guest) && before.guest != to)
		/* It may be dying: what it accepts is of no more account. */
		(void)!change_in_guest(&before, netlink_delete_route);
	return true;
}

bool machinery_route(struct machinery *m, const char *public_ip, const char *instance_id, struct error *err)
{
	struct guest *g = instance_id ? guest_find(m, instance_id) : NULL;
	struct in_addr ip;

	if (inet_pton(AF_INET, public_ip, &ip) != 1)
		return error_set(err, ERROR_BUG, "%s is not an IPv4 address", public_ip);
	if (instance_id && !g)
		return error_set(
			err, ERROR_MISSING, "could not route %s: there is no %s", public_ip, instance_id);
	if (!move(m, find_or_add(m, ip), g))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not route %s to %s", public_ip,
			instance_id ? instance_id : "nowhere");
	return true;
}
