/*
 * machinery_init.h: the life of a guest, told from inside: what the cloned child does from its first
 * instruction on. It sets up network, root and devices, reports to the parent, and is PID 1 then: it
 * starts the boot script, and on SIGHUP once more, reaps what is orphaned, and on SIGTERM ends everybody.
 *
 * Runs in a child that may not allocate (namespace_clone.h); the orders are in memory of the parent
 * that was copied.
 */
#ifndef SANDBOX_MACHINERY_INIT_H
#define SANDBOX_MACHINERY_INIT_H

#include <netinet/in.h>
#include <stddef.h>

#include "base/compiler.h"
#include "sandbox/namespace_clone.h"
#include "sandbox/namespace_disk.h"

#define GUEST_LINK "eth0"

struct init_orders {
	const char *root; /* a folder to mount the overlay on */
	const char *overlay_options;
	const char *hostname;
	struct in_addr private_ip, router;
	const struct in_addr *public_ips;
	size_t public_ip_count;
	const struct guest_disk *disks;
	size_t disk_count;
	const char *const *environment; /* the boot script's, NULL-terminated */
};

/* What the child writes to CHILD_PARENT once its root is in place, or once it failed. */
struct init_report {
	int errnum;    /* 0: all is well */
	char step[60]; /* what failed, as in "could not ..." */
};

/* Waits for one byte from the parent (the link is there) before it touches the network. */
NORETURN void init_run(const struct child_files *files, const struct init_orders *orders);
#endif
