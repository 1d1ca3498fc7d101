/*
 * guests.h: the provider that acts on machines over SSH: probes, quiesce, mount, start, checks.
 *
 * One session per machine, opened when first needed and kept (nine tenths of what the peers spend
 * is logging in again), opened again when it broke.
 */
#ifndef GUEST_GUESTS_H
#define GUEST_GUESTS_H

#include <stdbool.h>
#include <uv.h>

#include "base/clock.h"
#include "base/error.h"
#include "cloud/provider.h"

struct guests;

struct guests_options {
	struct guest_access access; /* texts borrowed for the life of the provider */
	char *const *environment;   /* HOME, SSH_AUTH_SOCK */
	const char *scripts_dir;    /* the operator's own guest scripts; NULL: the embedded ones */
	const struct clock *clock;
};

/* Fails early on what no connection could mend: key file missing, encrypted, or RSA with libssh2 1.10. */
bool guests_open(uv_loop_t *loop, const struct guests_options *o, struct sink sink, struct guests **ret,
	struct error *err) MUST_USE;
struct provider guests_provider(struct guests *g);

/* Ends the session to an instance that is going away. */
void guests_forget(struct guests *g, const char *instance_id);
void guests_close(struct guests *g);
#endif
