/* ssh_connect.c: from an address to a connection with agreed algorithms, and its end. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ssh_algorithms.h"
#include "net/ssh_session.h"

enum {
	KEPT_BYTES = 8 * 1024,      /* OpenSSH's version line and offer take about 1.2 KiB */
	SILENCE_MAX_MS = 15 * 1000, /* unanswered for so long, a peer is gone */
	FREE_TRIES = 16,
};

/*
 * A peer that vanished (an instance that was terminated sends nothing more) is noticed by the
 * kernel: data that nobody acknowledges, or keepalives every 5 s after 10 s without traffic.
 */
static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} OPTIONS[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, SILENCE_MAX_MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(OPTIONS); i++)
		setsockopt(
			fd, OPTIONS[i].level, OPTIONS[i].name, &OPTIONS[i].value, sizeof(OPTIONS[i].value));
}

static bool begin_connecting(struct ssh_session *s, struct error *err)
{
	if (!peer_parse(s->target.address, s->target.port, &s->peer, err) || !ssh_load_trusted(s, err))
		return false;
	s->fd = socket(s->peer.address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a socket");
	set_options(s->fd);
	if (connect(s->fd, &s->peer.address.any, s->peer.len) && errno != EINPROGRESS)
		return peer_unreachable(&s->peer, errno, err);
	return true;
}

enum ssh_progress ssh_connect(struct ssh_session *s, struct error *err)
{
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (s->fd < 0)
		return begin_connecting(s, err) ? SSH_WAITS : SSH_FAILED;
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &errnum, &len);
	if (!errnum)
		return SSH_DONE;
	peer_unreachable(&s->peer, errnum, err);
	return SSH_FAILED;
}

void ssh_connect_timed_out(const struct ssh_session *s, struct error *err)
{
	peer_unreachable(&s->peer, ETIMEDOUT, err);
}

/*
 * Reads for libssh2, keeping the first bytes: on a failed handshake they show what the server
 * offered. An agent's socket is read through here too.
 */
static ssize_t on_recv(libssh2_socket_t fd, void *buffer, size_t len, int flags, void **abstract)
{
	struct ssh_session *s = *abstract;
	ssize_t n = recv(fd, buffer, len, flags);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (fd == s->fd && s->first_bytes.bytes)
		text_add_bytes(&s->first_bytes, buffer, (size_t)n);
	return n;
}

/* libssh2 takes callbacks as object pointers, which C cannot cast a function to. */
static void set_recv(LIBSSH2_SESSION *ssh)
{
	ssize_t (*recv_callback)(libssh2_socket_t, void *, size_t, int, void **) = on_recv;
	void *pointer;

	_Static_assert(
		sizeof(pointer) == sizeof(recv_callback), "POSIX: function and object pointers are alike");
	memcpy(&pointer, &recv_callback, sizeof(pointer));
	libssh2_session_callback_set(ssh, LIBSSH2_CALLBACK_RECV, pointer);
}

static bool begin_handshake(struct ssh_session *s, struct error *err)
{
	s->ssh = ssh_memory_session(&s->memory);
	libssh2_session_set_blocking(s->ssh, 0);
	text_init(&s->first_bytes, KEPT_BYTES);
	set_recv(s->ssh);
	return ssh_pin_algorithms(s->ssh, s->trusted.bytes, err);
}

enum ssh_progress ssh_handshake(struct ssh_session *s, struct error *err)
{
	int code;

	if (!s->ssh && !begin_handshake(s, err))
		return SSH_FAILED;
	code = libssh2_session_handshake(s->ssh, s->fd);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	if (!code) {
		text_release(&s->first_bytes);
		return SSH_DONE;
	}
	if (ssh_name_missing_algorithm(s->first_bytes.bytes, s->first_bytes.len, err))
		error_wrap(err, "sshd on %s", s->peer.text);
	else
		ssh_explain(s, err, "the handshake failed");
	return SSH_FAILED;
}

void ssh_handshake_timed_out(const struct ssh_session *s, struct error *err)
{
	if (s->first_bytes.len)
		error_set(err, ERROR_TIMEOUT, "%s did not finish the key exchange within %d ms", s->peer.text,
			s->target.limit_ms);
	else
		error_set(err, ERROR_TIMEOUT, "%s accepted the connection but said nothing within %d ms",
			s->peer.text, s->target.limit_ms);
	error_hint(err, "sshd on the machine may hang, be overloaded (MaxStartups) or still be starting");
}

/* A shut socket lets libssh2 free channels without waiting for the peer. */
static void free_session(LIBSSH2_SESSION *ssh)
{
	for (int i = 0; i < FREE_TRIES && libssh2_session_free(ssh) == LIBSSH2_ERROR_EAGAIN; i++)
		;
}

void ssh_disconnect(struct ssh_session *s)
{
	if (s->polled)
		uv_poll_stop(&s->poll); /* before the descriptor closes and its number is used again */
	ssh_login_release(&s->login);
	if (s->ssh) {
		if (!s->broken)
			libssh2_session_disconnect(s->ssh, "done"); /* if it can be sent at once */
		shutdown(s->fd, SHUT_RDWR);
		free_session(s->ssh);
	}
	if (s->fd >= 0)
		close(s->fd);
	s->ssh = NULL;
	s->fd = -1;
	s->commands.channel = NULL;
}
