/*
 * machine.h: the machines that we act on, and the SSH sessions to them: opened on first use, kept,
 * and replaced when they broke or the machine is reached in another way than before.
 */
#ifndef GUEST_MACHINE_H
#define GUEST_MACHINE_H

#include <uv.h>

#include "base/text.h"
#include "cloud/guest.h"
#include "net/ssh.h"

struct machine;

/* How all machines are reached. Texts are borrowed. */
struct machine_access {
	uv_loop_t *loop;
	const char *user;
	int port;
	const char *key_file;
	const char *agent_socket; /* NULL: no agent */
	const char *known_hosts_file;
};

struct machines {
	struct machine_access access;
	struct machine *first;
};

/* Finds or makes the machine; it stays until machines_release(). */
struct machine *machines_get(struct machines *all, const char *instance_id);

/*
 * Runs a script (script_write()) on it as root, where and with whom trusted the order says, and for
 * as long as its limit allows. done is called exactly once, later, unless the machines are released
 * before.
 */
void machine_run(
	struct machine *m, const struct guest_order *o, const struct text *script, ssh_done *done, void *ctx);

/* Closes its sessions as soon as nothing is under way on them. */
void machine_leave(struct machine *m);

/* Closes all sessions; commands under way are not answered. */
void machines_release(struct machines *all);
#endif
