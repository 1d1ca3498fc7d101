/*
 * door.h: what every connection to one machine's sshd passes through, when SSH faults can be played: a
 * TCP forwarder on port 22 of the machine, with the real sshd on a port of its loopback behind it.
 *
 * Calling order: door_open() once the machine runs; door_close() when it has ended, after which the
 * loop must turn once more. As long as nobody orders anything it only passes bytes on.
 */
#ifndef SANDBOX_DOOR_H
#define SANDBOX_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

enum { DOOR_PORT = 22, DOOR_SSHD_PORT = 2222 };

struct door;

/* What is to happen to one connection; nothing if all is zero. */
struct door_orders {
	bool drop, hang; /* reset it, or pass nothing on, once bytes have passed, both ways together */
	int64_t bytes;
	int64_t hang_ms;      /* 0: for ever */
	int64_t lose_exit_of; /* the number of a command: end it before that one's exit status; 0: none */
};

/* ret is zeroed. Asked for each connection, when it is accepted. */
typedef void door_ask(void *ctx, const char *instance_id, struct door_orders *ret);

struct door_options {
	/* Makes a TCP socket in the machine's network; -1 with errno. */
	int (*open_socket)(void *ctx);

	/* What happens to the connection that has just been accepted. */
	void (*ask)(void *ctx, struct door_orders *ret);
	void *ctx; /* for both */
};

bool door_open(uv_loop_t *loop, const struct door_options *o, struct door **ret, struct error *err) MUST_USE;

/* Resets all connections. NULL is allowed. */
void door_close(struct door *d);
#endif
