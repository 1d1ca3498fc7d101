/*
 * ssh_session.h: what the parts of the SSH client share: ssh.c drives the stages, ssh_connect.c,
 * ssh_trust.c and ssh_login.c open the session, ssh_command.c uses it. For net/ssh_*.c only.
 *
 * Every stage works the same way: it goes as far as it can without waiting, and says whether it is
 * done, waits for the socket, or failed with err set. It is asked again when the socket is ready.
 */
#ifndef NET_SSH_SESSION_H
#define NET_SSH_SESSION_H

#include <libssh2.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/peer.h"
#include "net/ssh.h"
#include "net/ssh_memory.h"

enum ssh_progress { SSH_WAITS, SSH_DONE, SSH_FAILED };

struct ssh_stage {
	enum ssh_progress (*advance)(struct ssh_session *s, struct error *err);
	/* Records that limit_ms passed in this stage; NULL where commands have limits of their own. */
	void (*timed_out)(const struct ssh_session *s, struct error *err);
};

struct ssh_login {
	bool key_refused; /* the key file was tried */
	LIBSSH2_AGENT *agent;
	bool agent_listed, trying; /* trying: identity is with the server */
	struct libssh2_agent_publickey *identity;
	int agent_tried, agent_rsa; /* RSA keys of the agent are not tried */
};

enum ssh_channel_state {
	CHANNEL_OPENING,
	CHANNEL_SPARE, /* open, waiting for a command: saves it a round trip */
	CHANNEL_STARTING,
	CHANNEL_RUNNING,
	CHANNEL_ENDING, /* all output is here; the exit code comes with the close */
	CHANNEL_FREEING,
};

struct ssh_job;

struct ssh_commands {
	struct ssh_job *first, *last; /* first is under way, if the channel is past SPARE */
	LIBSSH2_CHANNEL *channel;
	enum ssh_channel_state state;
};

struct ssh_session {
	struct ssh_memory memory; /* first: libssh2's callbacks come by it */
	uv_loop_t *loop;
	struct arena arena; /* owns target's texts */
	struct ssh_target target;
	struct peer peer;
	ssh_opened *opened;
	void *ctx;

	size_t stage; /* index into ssh.c's table */
	int fd;       /* -1: none */
	LIBSSH2_SESSION *ssh;
	struct text trusted, revoked; /* host keys, "type base64\n" */
	struct text first_bytes;      /* what the server sent before anything was encrypted */
	struct ssh_login login;
	struct ssh_commands commands;

	uv_poll_t poll; /* initialised once fd is */
	bool polled;
	uv_timer_t wake;  /* advance soon, from the loop */
	uv_timer_t limit; /* of opening, or of the command under way */
	int handles;      /* open ones; the last to close frees the session */
	bool broken, closing;
	struct error failure; /* why it broke */
};

/* ssh_connect.c */
enum ssh_progress ssh_connect(struct ssh_session *s, struct error *err);
void ssh_connect_timed_out(const struct ssh_session *s, struct error *err);
enum ssh_progress ssh_handshake(struct ssh_session *s, struct error *err);
void ssh_handshake_timed_out(const struct ssh_session *s, struct error *err);
void ssh_disconnect(struct ssh_session *s);

/* ssh_trust.c */
bool ssh_load_trusted(struct ssh_session *s, struct error *err) MUST_USE;
enum ssh_progress ssh_trust(struct ssh_session *s, struct error *err);

/* ssh_login.c */
enum ssh_progress ssh_login(struct ssh_session *s, struct error *err);
void ssh_login_timed_out(const struct ssh_session *s, struct error *err);
void ssh_login_release(struct ssh_login *l);

/* ssh_command.c: never done, it serves commands until the session breaks. */
enum ssh_progress ssh_serve(struct ssh_session *s, struct error *err);
void ssh_command_timed_out(struct ssh_session *s);
/* Answers every command of a broken session; the one under way with happened UNKNOWN. */
void ssh_fail_commands(struct ssh_session *s);
void ssh_drop_commands(struct ssh_session *s);

/* ssh.c */
/* Records libssh2's last failure, seen while `doing`. Always returns false. */
bool ssh_explain(const struct ssh_session *s, struct error *err, const char *doing);
/* Ends the connection for err's reason; answers `opened` or the commands. */
void ssh_break(struct ssh_session *s, const struct error *err);
/* Advances soon, from the loop. */
void ssh_wake(struct ssh_session *s);
/* Starts the limit of what is under way. */
void ssh_limit(struct ssh_session *s, int limit_ms);
#endif
