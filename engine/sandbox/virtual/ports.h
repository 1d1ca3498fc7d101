/*
 * ports.h: the TCP ports on which virtual machines listen: each one is a listening socket of its own, on
 * an address that is routed to the sandbox itself, so that a port where nobody serves refuses connections
 * as it does on a real machine.
 *
 * Calling order: ports_new(); ports_set() whenever something comes up or goes down; ports_free(), after
 * which the loop must turn once more.
 */
#ifndef SANDBOX_VIRTUAL_PORTS_H
#define SANDBOX_VIRTUAL_PORTS_H

#include <uv.h>

#include "base/error.h"

struct ports;

/* A connection to a machine's port: fd is the callee's from here on. */
typedef void ports_accepted(void *ctx, const char *instance_id, int port, int fd);

struct ports *ports_new(uv_loop_t *loop, ports_accepted *accepted, void *ctx);

/* Opens the port for that machine, or closes it (instance_id NULL). As it is already: nothing happens. */
bool ports_set(
	struct ports *p, const char *address, int port, const char *instance_id, struct error *err) MUST_USE;
void ports_free(struct ports *p);
#endif
