#include "sandbox/machinery.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sandbox/machinery_parts.h"

/* Of the network namespace that we are in. */
static const struct {
	const char *path, *value;
} SETTINGS[] = {
	{ "/proc/sys/net/ipv4/ip_forward", "1" },
	/* A guest that lost an address cannot go on answering from it. */
	{ "/proc/sys/net/ipv4/conf/all/rp_filter", "1" },
	{ "/proc/sys/net/ipv4/conf/default/rp_filter", "1" },
};

static bool set_up_namespace(struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(SETTINGS); i++) {
		int fd = open(SETTINGS[i].path, O_WRONLY | O_CLOEXEC);
		bool done = fd >= 0 && write(fd, SETTINGS[i].value, strlen(SETTINGS[i].value)) > 0;

		if (!done)
			error_set_errno(err, ERROR_LOCAL, errno, "could not set %s", SETTINGS[i].path);
		if (fd >= 0)
			close(fd);
		if (!done)
			return false;
	}
	return true;
}

static struct machinery *machinery_new(uv_loop_t *loop)
{
	struct machinery *m = alloc_zeroed(1, sizeof(*m));

	*m = (struct machinery){ .loop = loop, .network = OWN_NETWORK_INIT };
	return m;
}

bool machinery_open(uv_loop_t *loop, const char *state_dir, struct machinery **ret, struct error *err)
{
	struct machinery *m;

	if (!privileges_check(err))
		return false;
	m = machinery_new(loop);
	if (!state_open(state_dir, &m->state, err)) {
		free(m);
		return false;
	}
	if (privileges_try_overlay(&m->state, err) && own_network_enter(&m->network, err) &&
		set_up_namespace(err)) {
		*ret = m;
		return true;
	}
	machinery_close(m);
	return false;
}

void machinery_close(struct machinery *m)
{
	copies_end(m);
	/* All are told before the first is waited for. */
	for (struct guest *g = m->guests; g; g = g->next)
		if (g->init)
			watch_signal(g->init, SIGKILL);
	while (m->guests) {
		if (m->guests->init)
			watch_kill(m->guests->init);
		guest_forget(m->guests);
	}
	while (m->disks)
		disk_forget(m, m->disks);
	addresses_forget(m);
	own_network_leave(&m->network);
	state_close(&m->state);
	free(m);
}
