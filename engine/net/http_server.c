#include "net/http_server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/client_certificate.h"

enum {
	CONNECTIONS_MAX = 4096,
	CONNECTION_MEMORY = 64 * 1024, /* request line and headers together */
	IDLE_S = 120,
	PADDING_AT_ONCE = 64 * 1024,
	ROUNDS_MAX = 16, /* then others have their turn on the loop */
};

/* TLS 1.2 and later; what is weaker nobody needs who has certificates. */
static const char PRIORITIES[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* One request, from its first line until its reply is sent. */
struct http_exchange {
	struct http_exchange *next, *previous;
	struct http_server *server;
	struct MHD_Connection *connection;
	char *target; /* owned; as on the wire */
	struct text body;
	struct http_answer answer;
	bool begun;    /* the headers were seen */
	bool shown;    /* on_request was called, or need not be */
	bool answered; /* the answer is there */
	bool suspended;
};

/* What is known of a connection, from its first request on. */
struct caller {
	bool is_known; /* whether the rest is filled in */
	char client[HTTP_CLIENT_SIZE];
};

struct http_server {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;     /* of the daemon's own epoll descriptor */
	uv_timer_t timeout; /* when the daemon wants to run without an event */
	int open_handles;   /* of these two: the server is freed with the last */
	struct http_exchange *exchanges;
	struct http_server_options options;
	bool has_clients; /* certificates are asked for */
	bool resumed;     /* since the daemon last ran */
	bool running, closing;
};

/* True if the daemon wants to run at once, and else when at the latest: 0 is never. */
static bool is_busy(struct http_server *s, uint64_t *ret_wait_ms)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	bool waits = MHD_get_timeout(s->daemon, &wait_ms) == MHD_YES;

	*ret_wait_ms = waits ? wait_ms : 0;
	return waits && !wait_ms;
}

/*
 * Lets the daemon work until it has seen all that has arrived: it takes several rounds for a request, and what
 * is done together for a turn's requests had better be done for all of them.
 */
static void run(struct http_server *s)
{
	uint64_t wait_ms;
	int rounds = 0;

	s->running = true;
	do {
		MHD_run(s->daemon);
	} while (is_busy(s, &wait_ms) && ++rounds < ROUNDS_MAX);
	if (s->options.on_rest)
		s->options.on_rest(s->options.ctx);
	s->running = false;
	if (is_busy(s, &wait_ms) || s->resumed || wait_ms)
		uv_timer_start(&s->timeout, s->timeout.timer_cb, s->resumed ? 0 : wait_ms, 0);
	else
		uv_timer_stop(&s->timeout);
	s->resumed = false;
}

static void on_timeout(uv_timer_t *t)
{
	run(t->data);
}

static void on_poll(uv_poll_t *p, int status, int events)
{
	(void)status, (void)events;
	run(p->data);
}

/* The first thing that is heard of a request: its line. What this returns goes along with it. */
static void *on_request_line(void *ctx, const char *target, struct MHD_Connection *connection)
{
	struct http_server *s = ctx;
	struct http_exchange *x = alloc_zeroed(1, sizeof(*x));

	x->target = alloc_text(target);
	x->server = s;
	x->connection = connection;
	text_init(&x->body, s->options.body_max);
	text_init(&x->answer.body, s->options.answer_max);
	x->answer.status = MHD_HTTP_OK;
	x->answer.content_type = "text/plain";
	x->next = s->exchanges;
	if (x->next)
		x->next->previous = x;
	s->exchanges = x;
	return x;
}

static void on_completed(
	void *ctx, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
	struct http_server *s = ctx;
	struct http_exchange *x = *request;

	(void)connection, (void)how;
	if (!x)
		return;
	if (x->next)
		x->next->previous = x->previous;
	if (x->previous)
		x->previous->next = x->next;
	else
		s->exchanges = x->next;
	free(x->target);
	text_release(&x->body);
	text_release(&x->answer.body);
	free(x);
}

static void on_connection(
	void *ctx, struct MHD_Connection *connection, void **caller, enum MHD_ConnectionNotificationCode what)
{
	(void)ctx, (void)connection;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		free(*caller);
		*caller = NULL;
	} else {
		*caller = alloc_zeroed(1, sizeof(struct caller));
	}
}

/* Verified once for each connection, with its first request: before the handshake nothing is known. */
static const char *client_of(struct http_exchange *x)
{
	const union MHD_ConnectionInfo *info;
	struct caller *c;

	if (!x->server->has_clients)
		return NULL;
	info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	c = info->socket_context;
	info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (!c->is_known && !client_certificate_name(info->tls_session, c->client, sizeof(c->client)))
		c->client[0] = '\0';
	c->is_known = true;
	return c->client[0] ? c->client : NULL;
}

static void refuse_size(struct http_exchange *x)
{
	x->answer.status = MHD_HTTP_CONTENT_TOO_LARGE;
	text_addf(&x->answer.body, "the request's body is larger than %zu bytes\n", x->body.limit);
	x->answered = true;
}

static void show_request(struct http_exchange *x, const char *method)
{
	char *query = strchr(x->target, '?');
	struct http_question q = {
		.method = method,
		.path = x->target,
		.query = query ? query + 1 : "",
		.body = x->body.bytes,
		.body_len = x->body.len,
	};

	x->shown = true;
	if (x->body.cut) {
		refuse_size(x);
		return;
	}
	if (query)
		*query = '\0';
	q.client = client_of(x);
	x->server->options.on_request(x->server->options.ctx, x, &q);
}

/* The body, then the padding: nothing has to be kept of that. */
static ssize_t read_padded(void *ctx, uint64_t at, char *ret, size_t size)
{
	const struct http_exchange *x = ctx;
	size_t left = at < x->answer.body.len ? x->answer.body.len - (size_t)at : 0;

	if (size > PADDING_AT_ONCE)
		size = PADDING_AT_ONCE;
	if (!left) {
		memset(ret, ' ', size);
		return (ssize_t)size;
	}
	if (size > left)
		size = left;
	memcpy(ret, x->answer.body.bytes + at, size);
	return (ssize_t)size;
}

/* The exchange outlives the response. */
static struct MHD_Response *make_response(struct http_exchange *x)
{
	struct text *body = &x->answer.body;

	if (!x->answer.padding)
		return MHD_create_response_from_buffer(body->len, body->bytes, MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_callback(
		body->len + x->answer.padding, PADDING_AT_ONCE, read_padded, x, NULL);
}

/*
 * Dissolving the association makes the kernel send a reset (connect(2), tcp_disconnect()). Closing
 * would not: libmicrohttpd shuts the socket down before, and that is an orderly end.
 */
static enum MHD_Result reset(struct http_exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (info)
		(void)!connect(info->connect_fd, &nobody, sizeof(nobody));
	return MHD_NO;
}

static enum MHD_Result send_answer(struct http_exchange *x)
{
	const struct http_answer *a = &x->answer;
	struct MHD_Response *response;
	enum MHD_Result queued;

	if (a->reset)
		return reset(x);
	response = make_response(x);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type);
	for (size_t i = 0; i < HTTP_ANSWER_HEADERS && a->headers[i].name; i++)
		MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
	queued = MHD_queue_response(x->connection, (unsigned)a->status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result on_whole_request(struct http_exchange *x, const char *method)
{
	if (!x->shown)
		show_request(x, method);
	if (x->answered)
		return send_answer(x);
	x->suspended = true;
	MHD_suspend_connection(x->connection);
	return MHD_YES;
}

/* libmicrohttpd calls this with the headers, then with each piece of the body, then with nothing. */
static enum MHD_Result on_part(void *ctx, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **request)
{
	struct http_server *s = ctx;
	struct http_exchange *x = *request;

	(void)connection, (void)url, (void)version;
	if (s->closing)
		return MHD_NO;
	if (!x->begun) {
		x->begun = true;
		return MHD_YES;
	}
	if (*size) {
		text_add_bytes(&x->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	return on_whole_request(x, method);
}

static void resume(struct http_exchange *x)
{
	x->suspended = false;
	MHD_resume_connection(x->connection);
}

const char *http_exchange_header(struct http_exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

struct viewer {
	void (*show)(void *ctx, const char *name, const char *value);
	void *ctx;
};

static enum MHD_Result show_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	const struct viewer *v = ctx;

	(void)kind;
	v->show(v->ctx, name, value ? value : "");
	return MHD_YES;
}

void http_exchange_headers(
	struct http_exchange *x, void (*show)(void *ctx, const char *name, const char *value), void *ctx)
{
	struct viewer v = { show, ctx };

	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, show_header, &v);
}

struct http_answer *http_exchange_answer(struct http_exchange *x)
{
	return &x->answer;
}

void http_exchange_reply(struct http_exchange *x)
{
	struct http_server *s = x->server;

	x->answered = true;
	if (!x->suspended)
		return; /* it goes out when on_request returns */
	resume(x);
	s->resumed = true;
	if (!s->running)
		uv_timer_start(&s->timeout, on_timeout, 0, 0);
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd, const struct http_server_tls *tls)
{
	const struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? (void *)tls->certificate : NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? (void *)tls->key : NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)PRIORITIES },
		{ s->has_clients ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
			s->has_clients ? (void *)tls->client_ca : NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0), 0, NULL,
		NULL, on_part, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_request_line,
		s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
		s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_ARRAY,
		tls ? secure : none, MHD_OPTION_END);
}

static void start_handles(uv_loop_t *loop, struct http_server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	uv_timer_init(loop, &s->timeout);
	uv_poll_init(loop, &s->poll, info->epoll_fd);
	s->timeout.data = s;
	s->poll.data = s;
	s->open_handles = 2;
	uv_timer_start(&s->timeout, on_timeout, 0, 0);
	uv_poll_start(&s->poll, UV_READABLE, on_poll);
}

bool http_server_open(
	uv_loop_t *loop, const struct http_server_options *o, struct http_server **ret, struct error *err)
{
	struct http_server *s = alloc_zeroed(1, sizeof(*s));

	s->options = *o;
	s->options.tls = NULL;
	s->has_clients = o->tls && o->tls->client_ca;
	s->daemon = start_daemon(s, o->fd, o->tls);
	if (!s->daemon) {
		close(o->fd);
		free(s);
		error_set(err, ERROR_LOCAL, "could not start the %s server", o->tls ? "HTTPS" : "HTTP");
		return o->tls ? error_hint(
					err, "its certificate and key must be PEM files, and belong together")
			      : false;
	}
	start_handles(loop, s);
	*ret = s;
	return true;
}

static void on_handle_closed(uv_handle_t *h)
{
	struct http_server *s = h->data;

	if (--s->open_handles == 0)
		free(s);
}

/* The daemon must not be stopped while connections are suspended, nor polled once it is stopped. */
void http_server_close(struct http_server *s)
{
	struct http_exchange *next;

	if (!s)
		return;
	s->closing = true;
	for (struct http_exchange *x = s->exchanges; x; x = next) {
		next = x->next;
		if (x->suspended)
			resume(x);
	}
	MHD_run(s->daemon);
	uv_poll_stop(&s->poll);
	MHD_stop_daemon(s->daemon);
	uv_close((uv_handle_t *)&s->poll, on_handle_closed);
	uv_close((uv_handle_t *)&s->timeout, on_handle_closed);
}
