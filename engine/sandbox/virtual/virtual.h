/*
 * virtual.h: machines of the second kind: the model's orders carried out on state alone (guests.h), so that
 * thousands fit into one sandbox. Each has one service, `app`, and knows a few commands (shell.h) and
 * Changeover's own scripts (script.h); they can be run by the page /_sandbox/guests, without a login.
 *
 * With an sshd, each can also be logged in to, at its private and its public address, by its launch's key,
 * as `admin` who is root there; and while its service runs, port 8080 answers every connection with the
 * machine's id, as HTTP. Nothing listens on any other port.
 *
 * Calling order: virtual_open(), which enters a network of the sandbox's own if there is an sshd (its
 * limits are machinery.h's); virtual_serve() once the port of the sandbox's pages is known;
 * virtual_close(), after which the loop must turn once more.
 */
#ifndef SANDBOX_VIRTUAL_VIRTUAL_H
#define SANDBOX_VIRTUAL_VIRTUAL_H

#include <uv.h>

#include "base/error.h"
#include "sandbox/api/request.h"
#include "sandbox/model/model.h"

enum { VIRTUAL_SSH_PORT = 22, VIRTUAL_SERVICE_PORT = 8080 };

/* Public addresses: thousands, from the range for benchmarks (RFC 2544): 198.18.0.1, in host byte order. */
#define VIRTUAL_PUBLIC_FIRST UINT32_C(0xc6120001)
enum { VIRTUAL_PUBLIC_PREFIX = 15, VIRTUAL_PUBLIC_COUNT = (1 << 17) - 2 };

struct virtual;

/* Told what goes wrong while it runs. */
typedef void virtual_trouble(void *ctx, const struct error *err);

struct virtual_options {
	const char *sshd;      /* the program; NULL: no logins, and no privileges are needed */
	const char *state_dir; /* with an sshd: for its files */
	virtual_trouble *trouble;
	void *ctx; /* for trouble */
};

bool virtual_open(
	uv_loop_t *loop, const struct virtual_options *o, struct virtual **ret, struct error *err) MUST_USE;

/* From here on machines can be logged in to. */
bool virtual_serve(struct virtual *v, int pages_port, struct error *err) MUST_USE;
struct model_orders virtual_orders(struct virtual *v);
struct api_machines virtual_machines(struct virtual *v);
void virtual_close(struct virtual *v);
#endif
