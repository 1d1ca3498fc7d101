#include "net/ssh.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "net/ssh_key.h"
#include "net/ssh_session.h"

/* In the order in which they are passed; the last one lasts as long as the session. */
static const struct ssh_stage STAGES[] = {
	{ ssh_connect, ssh_connect_timed_out },
	{ ssh_handshake, ssh_handshake_timed_out },
	{ ssh_trust, ssh_handshake_timed_out },
	{ ssh_login, ssh_login_timed_out },
	{ ssh_serve, NULL },
};

enum { STAGE_CONNECT = 0, STAGE_SERVE = ARRAY_SIZE(STAGES) - 1 };

static const struct {
	int code;
	enum error_kind kind;
	const char *text;
} LIBSSH2_WORDS[] = {
	{ LIBSSH2_ERROR_BANNER_RECV, ERROR_REMOTE, "the other side is no SSH server or hung up at once" },
	{ LIBSSH2_ERROR_SOCKET_DISCONNECT, ERROR_REMOTE, "the machine closed the connection" },
	{ LIBSSH2_ERROR_SOCKET_RECV, ERROR_REMOTE, "the connection broke" },
	{ LIBSSH2_ERROR_SOCKET_SEND, ERROR_REMOTE, "the connection broke" },
	{ LIBSSH2_ERROR_SOCKET_TIMEOUT, ERROR_TIMEOUT, "the machine stopped answering" },
	{ LIBSSH2_ERROR_TIMEOUT, ERROR_TIMEOUT, "the machine stopped answering" },
	{ LIBSSH2_ERROR_FILE, ERROR_LOCAL, "libssh2 cannot use the key file" },
	{ LIBSSH2_ERROR_KEX_FAILURE, ERROR_DENIED, "no common algorithm" },
};

bool ssh_explain(const struct ssh_session *s, struct error *err, const char *doing)
{
	int code = libssh2_session_last_errno(s->ssh);
	char *words = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(LIBSSH2_WORDS); i++)
		if (LIBSSH2_WORDS[i].code == code)
			return error_set(err, LIBSSH2_WORDS[i].kind, "%s: %s: %s", s->peer.text, doing,
				LIBSSH2_WORDS[i].text);
	libssh2_session_last_error(s->ssh, &words, NULL, 0);
	return error_set(err, ERROR_REMOTE, "%s: %s: libssh2 says: %s (%d)", s->peer.text, doing,
		words ? words : "", code);
}

static void on_closed(uv_handle_t *h)
{
	struct ssh_session *s = h->data;

	if (--s->handles > 0)
		return;
	text_release(&s->trusted);
	text_release(&s->revoked);
	text_release(&s->first_bytes);
	error_release(&s->failure);
	arena_release(&s->arena);
	free(s);
}

void ssh_break(struct ssh_session *s, const struct error *err)
{
	ssh_opened *opened = s->opened;

	assert(!s->broken);
	s->broken = true;
	error_copy(&s->failure, err);
	uv_timer_stop(&s->limit);
	ssh_disconnect(s);
	s->opened = NULL;
	if (opened)
		opened(s->ctx, s, &s->failure);
	if (!s->closing)
		ssh_fail_commands(s);
}

static void on_ready(uv_poll_t *poll, int status, int events);

/* Waits for what libssh2 waits for. Never for more: unread input would make the loop spin. */
static void watch(struct ssh_session *s)
{
	int events = UV_WRITABLE, blocked;

	if (!s->polled) {
		if (uv_poll_init_socket(s->loop, &s->poll, s->fd) < 0)
			abort(); /* only for a descriptor that the kernel cannot poll */
		s->poll.data = s;
		s->handles++;
		s->polled = true;
	}
	if (s->stage != STAGE_CONNECT) {
		blocked = libssh2_session_block_directions(s->ssh);
		events = blocked & LIBSSH2_SESSION_BLOCK_OUTBOUND ? UV_WRITABLE : 0;
		if (!events || blocked & LIBSSH2_SESSION_BLOCK_INBOUND)
			events |= UV_READABLE;
	}
	uv_poll_start(&s->poll, events, on_ready);
}

static void next_stage(struct ssh_session *s)
{
	ssh_opened *opened = s->opened;

	if (++s->stage != STAGE_SERVE)
		return;
	uv_timer_stop(&s->limit);
	s->opened = NULL;
	opened(s->ctx, s, NULL);
}

static void advance(struct ssh_session *s)
{
	auto_error err = ERROR_INIT;
	enum ssh_progress progress = SSH_DONE;

	if (s->broken) {
		ssh_fail_commands(s);
		return;
	}
	while (progress == SSH_DONE && !s->closing) {
		progress = STAGES[s->stage].advance(s, &err);
		if (progress == SSH_DONE)
			next_stage(s);
	}
	if (s->closing)
		return;
	if (progress == SSH_FAILED)
		ssh_break(s, &err);
	else
		watch(s);
}

/* An error shows itself again, with its reason, in what the stage does next. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	advance(poll->data);
}

static void on_wake(uv_timer_t *timer)
{
	advance(timer->data);
}

void ssh_wake(struct ssh_session *s)
{
	if (s->stage == STAGE_SERVE || s->broken) /* before that the commands wait for the stages */
		uv_timer_start(&s->wake, on_wake, 0, 0);
}

static void on_limit(uv_timer_t *timer)
{
	struct ssh_session *s = timer->data;
	auto_error err = ERROR_INIT;

	if (s->stage == STAGE_SERVE) {
		ssh_command_timed_out(s);
		return;
	}
	STAGES[s->stage].timed_out(s, &err);
	ssh_break(s, &err);
}

void ssh_limit(struct ssh_session *s, int limit_ms)
{
	uv_timer_start(&s->limit, on_limit, (uint64_t)limit_ms, 0);
}

/* The first thing that happens in the loop: a key that cannot work need not be tried. */
static void on_start(uv_timer_t *timer)
{
	struct ssh_session *s = timer->data;
	auto_error err = ERROR_INIT;

	ssh_limit(s, s->target.limit_ms);
	if (s->target.key_file && !ssh_key_check(s->target.key_file, &err))
		ssh_break(s, &err);
	else
		advance(s);
}

static void copy_target(struct ssh_session *s, const struct ssh_target *t)
{
	struct ssh_target *own = &s->target;

	*own = *t;
	own->address = arena_copy(&s->arena, t->address);
	own->user = arena_copy(&s->arena, t->user);
	own->key_file = arena_copy(&s->arena, t->key_file);
	own->agent_socket = arena_copy(&s->arena, t->agent_socket);
	own->host_keys = arena_copy(&s->arena, t->host_keys);
	own->known_hosts_file = arena_copy(&s->arena, t->known_hosts_file);
	own->known_host_name = arena_copy(&s->arena, t->known_host_name);
}

struct ssh_session *ssh_open(uv_loop_t *loop, const struct ssh_target *t, ssh_opened *opened, void *ctx)
{
	struct ssh_session *s = alloc_zeroed(1, sizeof(*s));

	s->loop = loop;
	s->opened = opened;
	s->ctx = ctx;
	s->fd = -1;
	copy_target(s, t);
	uv_timer_init(loop, &s->wake);
	uv_timer_init(loop, &s->limit);
	s->wake.data = s->limit.data = s;
	s->handles = 2;
	uv_timer_start(&s->wake, on_start, 0, 0);
	return s;
}

bool ssh_is_broken(const struct ssh_session *s)
{
	return s->broken;
}

void ssh_close(struct ssh_session *s)
{
	s->closing = true;
	ssh_disconnect(s);
	ssh_drop_commands(s);
	if (s->polled)
		uv_close((uv_handle_t *)&s->poll, on_closed);
	uv_close((uv_handle_t *)&s->wake, on_closed);
	uv_close((uv_handle_t *)&s->limit, on_closed);
}
