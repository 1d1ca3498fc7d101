/*
 * session.h: the part of a virtual machine that sshd starts in place of a shell: takes the command that
 * the client asked for to the sandbox's page (api/guest_page.h) and what comes back to the client.
 * Blocking, one command and done.
 */
#ifndef SANDBOX_VIRTUAL_SESSION_H
#define SANDBOX_VIRTUAL_SESSION_H

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"

struct virtual_session {
	int port; /* of the sandbox's pages, on 127.0.0.1 */
	const char *instance_id;
	const char *line; /* the command; NULL: a login without one, which is refused */
	FILE *in, *out, *errors;
	const struct clock *clock;
};

/* *ret_exit is the command's. Fails if the sandbox does not answer, or has no such machine. */
bool virtual_session_run(const struct virtual_session *s, int *ret_exit, struct error *err) MUST_USE;
#endif
