/*
 * logins.h: SSH to virtual machines: for each connection a real sshd, started as inetd would, with the
 * machine's own host key and authorized keys. What a session is to run goes to `changeover sandbox
 * session` instead of a shell, and from there to the machine's state (session.h).
 *
 * Calling order: logins_open(), which gives this process mounts of its own: in them there is the user
 * that logs in, and the folder that sshd wants below /run; logins_begin() for each connection;
 * logins_close() ends all of them. They end with this process, too.
 */
#ifndef SANDBOX_VIRTUAL_LOGINS_H
#define SANDBOX_VIRTUAL_LOGINS_H

#include <uv.h>

#include "base/error.h"

struct logins;

struct logins_options {
	const char *sshd;   /* the program */
	const char *folder; /* for its files; absolute */
	const char *user;
	int port; /* of the sandbox's own pages, on 127.0.0.1 */
};

bool logins_open(
	uv_loop_t *loop, const struct logins_options *o, struct logins **ret, struct error *err) MUST_USE;

/* Where the machine's host key is to be. The caller frees it. */
char *logins_key_path(const struct logins *l, const char *instance_id);

/* Who may log in there: one authorized_keys line, or NULL. */
bool logins_admit(
	const struct logins *l, const char *instance_id, const char *public_key, struct error *err) MUST_USE;
void logins_forget(const struct logins *l, const char *instance_id);

/* Takes over fd. A connection for which no sshd can be started is closed. */
void logins_begin(struct logins *l, const char *instance_id, int fd);
void logins_close(struct logins *l);
#endif
