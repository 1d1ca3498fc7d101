#include "sandbox/virtual/network.h"

#include <arpa/inet.h>
#include <sys/resource.h>

#include "sandbox/route_netlink.h"
#include "sandbox/virtual/virtual.h"

/* Where machines and Elastic IPs are: all of it leads to us. The first one is model/places.c's. */
static const struct {
	const char *net;
	int prefix;
} NETWORKS[] = {
	{ "10.77.0.0", 16 },
	{ "198.18.0.0", VIRTUAL_PUBLIC_PREFIX },
};

static bool route_to_us(struct virtual_network *n, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(NETWORKS); i++) {
		const struct route here = {
			.to.s_addr = inet_addr(NETWORKS[i].net),
			.prefix = NETWORKS[i].prefix,
			.kind = ROUTE_SELF,
		};

		if (!netlink_set_route(n->own.netlink, &here))
			return error_set(err, ERROR_LOCAL, "could not route %s/%d to the sandbox",
				NETWORKS[i].net, NETWORKS[i].prefix);
	}
	return true;
}

/* Four sockets for each machine that serves. */
static void allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &files);
}

bool virtual_network_enter(struct virtual_network *n, const char *state_dir, struct error *err)
{
	if (!state_open(state_dir, &n->state, err))
		return false;
	if (!own_network_enter(&n->own, err) || !route_to_us(n, err))
		return error_hint(err, "machines that can be logged in to need root");
	allow_many_files();
	return true;
}

void virtual_network_leave(struct virtual_network *n)
{
	own_network_leave(&n->own);
	if (n->state.path)
		state_close(&n->state);
}
