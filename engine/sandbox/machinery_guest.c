#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox/machinery_parts.h"
#include "base/alloc.h"
#include "sandbox/route_netlink.h"

struct guest *guest_find(const struct machinery *m, const char *id)
{
	struct guest *g = m->guests;

	while (g && strcmp(g->id, id) != 0)
		g = g->next;
	return g;
}

struct guest *guest_new(struct machinery *m, const char *id)
{
	struct guest *g = alloc_zeroed(1, sizeof(*g));

	*g = (struct guest){ .machinery = m, .next = m->guests, .console = console_new(m->loop) };
	if (!text_copy(g->id, sizeof(g->id), id) || uv_timer_init(m->loop, &g->grace))
		abort();
	g->grace.data = g;
	m->guests = g;
	return g;
}

static void free_guest(uv_handle_t *grace)
{
	free(grace->data);
}

/* Its sockets would keep the guest's network alive. */
static void shut_door(struct guest *g)
{
	door_close(g->door);
	g->door = NULL;
}

void guest_forget(struct guest *g)
{
	struct guest **at = &g->machinery->guests;

	shut_door(g);
	disks_abandon(g->machinery, g);
	addresses_abandon(g->machinery, g);
	state_remove_instance(&g->machinery->state, g->id);
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	console_free(g->console);
	uv_close((uv_handle_t *)&g->grace, free_guest);
}

/*
 * The kernel would take the link down too, but later: until then connections would hang. For the
 * same reason it matters little if this fails.
 */
static void take_link_down(struct guest *g)
{
	auto_error ignored = ERROR_INIT;

	(void)!addresses_follow(g->machinery, g, &ignored);
	(void)!netlink_delete_link(g->machinery->network.netlink, g->link);
}

void guest_ended(void *ctx, int status)
{
	struct guest *g = ctx;

	(void)status;
	g->init = NULL;
	uv_timer_stop(&g->grace);
	shut_door(g);
	take_link_down(g);
	if (g->leaving)
		guest_forget(g);
}

int guest_open_root(const struct guest *g)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", (int)watch_pid(g->init));
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* We are in there for two system calls only. */
int guest_open_in_network(const struct guest *g, int (*open_socket)(void))
{
	char path[64];
	int network, fd = -1, why;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)watch_pid(g->init));
	network = open(path, O_RDONLY | O_CLOEXEC);
	if (network < 0)
		return -1;
	if (!setns(network, CLONE_NEWNET)) {
		fd = open_socket();
		why = errno;
		if (setns(g->machinery->network.inside, CLONE_NEWNET))
			abort(); /* everything after this would happen to the wrong network */
		errno = why;
	}
	why = errno;
	close(network);
	errno = why;
	return fd;
}

static void on_grace_over(uv_timer_t *grace)
{
	struct guest *g = grace->data;

	if (g->init)
		watch_signal(g->init, SIGKILL);
}

void machinery_halt(struct machinery *m, const char *instance_id, int grace_ms)
{
	struct guest *g = guest_find(m, instance_id);

	if (!g || !g->init)
		return;
	if (grace_ms <= 0) {
		watch_signal(g->init, SIGKILL);
		return;
	}
	watch_signal(g->init, SIGTERM);
	uv_timer_start(&g->grace, on_grace_over, (uint64_t)grace_ms, 0);
}

/* Without its network first, it cannot say goodbye to anybody. */
void machinery_crash(struct machinery *m, const char *instance_id)
{
	struct guest *g = guest_find(m, instance_id);

	if (!g || !g->init)
		return;
	(void)!netlink_delete_link(m->network.netlink, g->link);
	watch_signal(g->init, SIGKILL);
}

bool machinery_is_running(const struct machinery *m, const char *instance_id)
{
	const struct guest *g = guest_find(m, instance_id);

	return g && g->init;
}

int machinery_pid(const struct machinery *m, const char *instance_id)
{
	const struct guest *g = guest_find(m, instance_id);

	return g && g->init ? (int)watch_pid(g->init) : 0;
}

void machinery_remove(struct machinery *m, const char *instance_id)
{
	struct guest *g = guest_find(m, instance_id);

	if (!g)
		return;
	if (!g->init) {
		guest_forget(g);
		return;
	}
	g->leaving = true;
	watch_signal(g->init, SIGKILL);
}

void machinery_console(struct machinery *m, const char *instance_id, struct text *ret)
{
	const struct guest *g = guest_find(m, instance_id);

	if (g)
		console_read(g->console, ret);
}
