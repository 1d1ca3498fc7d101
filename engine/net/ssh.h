/*
 * ssh.h: one SSH session to one machine, non-blocking, by libssh2 on the loop.
 *
 * Calling order: ssh_open(); ssh_run() at any time after it: commands wait for the session to open
 * and then run one after the other; ssh_close() at any time, also from a callback: nothing is
 * called back afterwards. A session that cannot be opened, or breaks, answers the command under way
 * with an error (happened UNKNOWN: it may have run) and all others with happened NO; it stays
 * broken: close it and open a new one.
 *
 * A channel for the next command is always open already, so a command costs two round trips: one
 * to start it, one for its input and output. (OpenSSH takes no input before the command runs.)
 *
 * Algorithms are pinned: curve25519 and ECDH exchange, AES-CTR, HMAC-SHA2, Ed25519 and ECDSA host
 * keys. libssh2 1.10 cannot use RSA user keys with today's sshd, which is said before connecting.
 */
#ifndef NET_SSH_H
#define NET_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

struct ssh_session;

struct ssh_target {
	const char *address; /* IPv4 or IPv6, numeric */
	int port;
	const char *user;
	const char *key_file;     /* private key, OpenSSH or PEM; NULL: agent only */
	bool agent;               /* try SSH_AUTH_SOCK's keys too */
	const char *agent_socket; /* NULL: the agent is not used */
	/* Whom we trust: one of these two. */
	const char *host_keys; /* "type base64\n..." lines: exactly these keys */
	const char *known_hosts_file;
	const char *known_host_name; /* the name to look up there; NULL: address */
	int limit_ms;                /* connect, handshake and login together */
};

struct ssh_command {
	const char *line;  /* run by the user's shell */
	const char *input; /* its stdin, all of it; NULL: none */
	size_t input_len;
	int limit_ms;      /* then the channel is closed and the answer is a TIMEOUT */
	size_t output_cap; /* of stdout and stderr each; the rest is dropped, `cut` is set */
};

struct ssh_result {
	int exit_code;            /* -1 if it was killed by a signal */
	const char *signal;       /* "KILL", or "" */
	const char *out, *errors; /* NUL-terminated; borrowed during the call */
	size_t out_len, errors_len;
	bool cut;
};

typedef void ssh_opened(void *ctx, struct ssh_session *s, const struct error *err);
typedef void ssh_done(void *ctx, const struct ssh_result *result, const struct error *err);

/* Copies everything in t. opened is called exactly once, later, unless closed before. */
struct ssh_session *ssh_open(uv_loop_t *loop, const struct ssh_target *t, ssh_opened *opened, void *ctx);

/* Copies everything in c. done is called exactly once, later, unless the session is closed before. */
void ssh_run(struct ssh_session *s, const struct ssh_command *c, ssh_done *done, void *ctx);

/* True once the connection is of no more use. */
bool ssh_is_broken(const struct ssh_session *s);

void ssh_close(struct ssh_session *s);
#endif
