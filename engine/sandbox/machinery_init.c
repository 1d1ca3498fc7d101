#include "sandbox/machinery_init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/namespace_root.h"
#include "sandbox/route_netlink.h"

static bool wait_for_link(const struct init_orders *o)
{
	char go;

	(void)o;
	/* End of file: the parent is gone, and there is nobody to report to. */
	if (read(CHILD_PARENT, &go, 1) != 1)
		_exit(EXIT_FAILURE);
	return true;
}

static bool set_routes(int netlink, const struct init_orders *o)
{
	struct route way_out = { .kind = ROUTE_GATEWAY, .link = GUEST_LINK, .gateway = o->router };

	if (!netlink_set_route(netlink, &way_out))
		return false;
	for (size_t i = 0; i < o->public_ip_count; i++) {
		struct route self = { .to = o->public_ips[i], .prefix = 32, .kind = ROUTE_SELF };

		if (!netlink_set_route(netlink, &self))
			return false;
	}
	return true;
}

static bool set_up_network(const struct init_orders *o)
{
	int netlink = netlink_open();

	return netlink >= 0 && netlink_set_up(netlink, "lo") && netlink_set_up(netlink, GUEST_LINK) &&
	       netlink_add_address(netlink, GUEST_LINK, o->private_ip) && set_routes(netlink, o) &&
	       !close(netlink);
}

static bool keep_mounts_private(const struct init_orders *o)
{
	(void)o;
	return namespace_mounts_private();
}

static bool mount_root(const struct init_orders *o)
{
	return namespace_root_mount(o->root, o->overlay_options);
}

static bool add_disks(const struct init_orders *o)
{
	int dev = open("dev", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dev < 0)
		return false;
	for (size_t i = 0; i < o->disk_count; i++)
		if (!namespace_disk_add(dev, &o->disks[i]))
			return false;
	return !close(dev);
}

static bool enter_root(const struct init_orders *o)
{
	return namespace_root_enter() && !sethostname(o->hostname, strlen(o->hostname));
}

static bool drop_capabilities(const struct init_orders *o)
{
	(void)o;
	return namespace_drop_capabilities();
}

static const struct {
	const char *name;
	bool (*carry_out)(const struct init_orders *o);
} STEPS[] = {
	{ "wait for its link", wait_for_link },
	{ "set up its network", set_up_network },
	{ "keep its mounts private", keep_mounts_private },
	{ "mount its root", mount_root },
	{ "make its disks appear", add_disks },
	{ "enter its root", enter_root },
	{ "drop capabilities", drop_capabilities },
};

static bool carry_out_steps(const struct init_orders *o, struct init_report *report)
{
	for (size_t i = 0; i < ARRAY_SIZE(STEPS); i++) {
		if (STEPS[i].carry_out(o))
			continue;
		report->errnum = errno ? errno : EIO;
		text_copy(report->step, sizeof(report->step), STEPS[i].name);
		return false;
	}
	return true;
}

/* The script's own descriptors keep their numbers: sh reads it from CHILD_SCRIPT, it the user data. */
static void start_script(const struct init_orders *o)
{
	static const char *const ARGUMENTS[] = { "sh", "/proc/self/fd/3", NULL };
	sigset_t none;

	if (namespace_fork() != 0)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	execve("/bin/sh", (char *const *)ARGUMENTS, (char *const *)o->environment);
	_exit(127);
}

/* True while there are processes besides us. */
static bool reap(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

/* Once: a program may take a second SIGTERM as a wish to hurry. Who stays is left to the sandbox's SIGKILL. */
static void end_everybody(void)
{
	kill(-1, SIGTERM);
	kill(-1, SIGCONT); /* who is stopped would not hear it */
}

/* Signals are blocked and fetched one by one, so that no handler is needed. */
NORETURN static void serve(const struct init_orders *orders)
{
	bool ending = false;
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	for (;;) {
		int signal_number = sigwaitinfo(&wanted, NULL);

		if (signal_number == SIGHUP && !ending)
			start_script(orders);
		if (signal_number == SIGTERM && !ending) {
			ending = true;
			end_everybody();
		}
		if (!reap() && ending)
			_exit(EXIT_SUCCESS);
	}
}

NORETURN void init_run(const struct child_files *files, const struct init_orders *orders)
{
	struct init_report report = { .errnum = 0 };
	bool ready;

	if (!namespace_settle(files))
		_exit(EXIT_FAILURE);
	ready = carry_out_steps(orders, &report);
	if (write(CHILD_PARENT, &report, sizeof(report)) != sizeof(report) || !ready)
		_exit(EXIT_FAILURE);
	close(CHILD_PARENT);
	start_script(orders);
	close(CHILD_USER_DATA);
	serve(orders);
}
