/*
 * Booting: a clone with namespaces of its own sets itself up (machinery_init.c) while we make its
 * link, and reports. Only then does machinery_boot() return, some 20 ms later: whatever can fail is
 * told to the caller, and a disk can be attached from there on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/machinery_init.h"
#include "sandbox/machinery_parts.h"
#include "sandbox/namespace_clone.h"
#include "sandbox/route_netlink.h"
#include "templates/sandbox.h"

enum {
	SET_UP_LIMIT_MS = 10 * 1000,
	OPTIONS_MAX = 4095, /* mount(2) takes one page */
};

/* Our side of one boot under way. */
struct boot {
	struct machinery *machinery;
	struct guest *guest;
	const struct machinery_instance *instance;
	struct arena arena;
	struct init_orders orders;
	struct child_files files;
	int child; /* our end of the socket pair */
	pid_t pid;
	int pidfd;
};

static bool put_in_memory(const char *name, const void *bytes, size_t len, int *ret, struct error *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd >= 0 && write(fd, bytes, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET)) {
		*ret = fd;
		return true;
	}
	error_set_errno(err, ERROR_LOCAL, errno, "could not keep the %s in memory", name);
	if (fd >= 0)
		close(fd);
	return false;
}

static bool open_files(struct boot *b, struct error *err)
{
	const struct machinery_instance *i = b->instance;
	int pair[2];

	if (!console_connect(b->guest->console, &b->files.console, err) ||
		!put_in_memory("boot script", template_sandbox_boot_sh, strlen(template_sandbox_boot_sh),
			&b->files.script, err) ||
		!put_in_memory("user data", i->user_data, i->user_data_len, &b->files.user_data, err))
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a socket pair");
	b->child = pair[0];
	b->files.parent = pair[1];
	return true;
}

static void close_file(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What only the child needs. Its end of the socket pair must go, or its death would not show at ours. */
static void close_childs_files(struct boot *b)
{
	close_file(&b->files.console);
	close_file(&b->files.script);
	close_file(&b->files.user_data);
	close_file(&b->files.parent);
}

static bool join_layers(const struct machinery_instance *i, struct text *ret, struct error *err)
{
	for (size_t n = 0; n < i->layer_count; n++) {
		if (strpbrk(i->layers[n], ",:\\"))
			return error_set(err, ERROR_LOCAL,
				"%s: an image's path may not contain comma, colon or backslash",
				i->layers[n]);
		if (access(i->layers[n], F_OK))
			return error_set_errno(err, ERROR_MISSING, errno,
				"could not find the image's layer %s", i->layers[n]);
		text_addf(ret, "%s%s", n ? ":" : "", i->layers[n]);
	}
	return true;
}

/* index=off: a guest that starts again meets its old mount while the kernel is taking that down. */
static bool describe_root(struct boot *b, struct error *err)
{
	auto_free char *folder = state_path(&b->machinery->state, STATE_INSTANCES, b->guest->id);
	auto_text options;

	text_init(&options, OPTIONS_MAX);
	text_add(&options, "lowerdir=");
	if (!join_layers(b->instance, &options, err))
		return false;
	text_addf(&options, ",upperdir=%s/upper,workdir=%s/work,index=off", folder, folder);
	if (options.cut)
		return error_set(err, ERROR_LOCAL, "the image has too many layers");
	b->orders.root = arena_printf(&b->arena, "%s/root", folder);
	b->orders.overlay_options = arena_copy(&b->arena, options.bytes);
	return true;
}

static const char *const *environment(struct boot *b)
{
	const struct machinery_instance *i = b->instance;
	const char *const variables[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		"LANG=C.UTF-8",
		arena_printf(&b->arena, "INSTANCE_ID=%s", i->id),
		arena_printf(&b->arena, "INSTANCE_ADDRESS=%s", i->private_ip),
		arena_printf(&b->arena, "INSTANCE_HOSTNAME=%s", i->hostname),
		arena_printf(&b->arena, "INSTANCE_USER=%s", i->user),
		arena_printf(&b->arena, "INSTANCE_PUBLIC_KEY=%s", i->public_key ? i->public_key : ""),
		arena_printf(&b->arena, "INSTANCE_SSHD_PORT=%d",
			b->machinery->ask_about_ssh ? DOOR_SSHD_PORT : DOOR_PORT),
		NULL,
	};
	const char **copy = arena_alloc(&b->arena, sizeof(variables));

	memcpy(copy, variables, sizeof(variables));
	return copy;
}

static bool give_orders(struct boot *b, struct error *err)
{
	struct guest *g = b->guest;

	if (inet_pton(AF_INET, b->instance->private_ip, &g->private_ip) != 1)
		return error_set(err, ERROR_BUG, "%s is not an IPv4 address", b->instance->private_ip);
	snprintf(g->link, sizeof(g->link), "guest%u", b->machinery->links_made++);
	b->orders.hostname = b->instance->hostname;
	b->orders.private_ip = g->private_ip;
	b->orders.router.s_addr = inet_addr(ROUTER_ADDRESS);
	b->orders.public_ips = addresses_of(b->machinery, g, &b->arena, &b->orders.public_ip_count);
	b->orders.disks = disks_of(b->machinery, g, &b->arena, &b->orders.disk_count);
	b->orders.environment = environment(b);
	return describe_root(b, err);
}

static bool clone_child(struct boot *b, struct error *err)
{
	b->pid = namespace_clone(&b->pidfd);
	if (b->pid == 0)
		init_run(&b->files, &b->orders);
	close_childs_files(b);
	if (b->pid < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make namespaces");
	return true;
}

static bool make_link(const struct boot *b, struct error *err)
{
	const struct guest *g = b->guest;
	const struct route there = { .to = g->private_ip, .prefix = 32, .kind = ROUTE_LINK, .link = g->link };
	int netlink = b->machinery->network.netlink;

	if (!netlink_add_pair(netlink, g->link, GUEST_LINK, b->pid) || !netlink_set_up(netlink, g->link) ||
		!netlink_add_address(netlink, g->link, b->orders.router) ||
		!netlink_set_route(netlink, &there))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make its network link");
	return true;
}

static bool hear_report(const struct boot *b, struct error *err)
{
	struct pollfd ready = { .fd = b->child, .events = POLLIN };
	struct init_report report;

	if (send(b->child, "", 1, MSG_NOSIGNAL) != 1 || poll(&ready, 1, SET_UP_LIMIT_MS) <= 0)
		return error_set(err, ERROR_TIMEOUT, "its first process does not answer");
	if (read(b->child, &report, sizeof(report)) != sizeof(report))
		return error_set(err, ERROR_LOCAL, "its first process ended at once");
	if (report.errnum)
		return error_set_errno(err, ERROR_LOCAL, report.errnum, "could not %s", report.step);
	return true;
}

static void undo_clone(struct boot *b)
{
	if (b->pid <= 0)
		return;
	kill(b->pid, SIGKILL);
	while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(b->pidfd);
	(void)!netlink_delete_link(b->machinery->network.netlink, b->guest->link); /* if it was made */
}

static bool start(struct boot *b, struct error *err)
{
	struct guest *g = b->guest;

	if (!give_orders(b, err) || !state_make_instance(&b->machinery->state, g->id, err) ||
		!open_files(b, err) || !clone_child(b, err))
		return false;
	if (!make_link(b, err) || !hear_report(b, err)) {
		undo_clone(b);
		return false;
	}
	g->init = watch_new(b->machinery->loop, b->pid, b->pidfd, guest_ended, g);
	if (addresses_follow(b->machinery, g, err) && guest_open_door(g, err))
		return true;
	watch_kill(g->init);
	guest_ended(g, 0);
	return false;
}

static bool boot(struct machinery *m, struct guest *g, const struct machinery_instance *i, struct error *err)
{
	struct boot b = { .machinery = m,
		.guest = g,
		.instance = i,
		.arena = ARENA_INIT,
		.files = { -1, -1, -1, -1 },
		.child = -1,
		.pid = -1,
		.pidfd = -1 };
	bool done = start(&b, err);

	close_childs_files(&b);
	close_file(&b.child);
	arena_release(&b.arena);
	return done;
}

bool machinery_boot(struct machinery *m, const struct machinery_instance *i, struct error *err)
{
	struct guest *g = guest_find(m, i->id);
	bool first = !g;

	if (g && g->init)
		return error_set(err, ERROR_CONFLICT, "could not boot %s: it runs", i->id);
	if (first)
		g = guest_new(m, i->id);
	if (boot(m, g, i, err))
		return true;
	if (first)
		guest_forget(g);
	return error_wrap(err, "could not boot %s", i->id);
}
