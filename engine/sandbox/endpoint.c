#include "sandbox/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BACKLOG = 512,
	CONNECTIONS_MAX = 4096,
	CONNECTION_MEMORY = 64 * 1024, /* request line and headers together */
	IDLE_S = 120,
	HEADERS_MAX = 64,
	REPLY_MAX = 64 * 1024 * 1024,
	PADDING_AT_ONCE = 64 * 1024,
};

/* One request, from its first line until its reply is sent. */
struct exchange {
	struct exchange *next, *previous;
	struct endpoint *endpoint;
	struct MHD_Connection *connection;
	char *uri; /* owned; as on the wire */
	struct text body;
	struct api_reply reply;
	uv_timer_t timer; /* until a late reply is due */
	bool begun;       /* the headers were seen */
	bool answered;    /* reply is there */
	bool suspended;
};

struct endpoint {
	struct MHD_Daemon *daemon;
	uv_loop_t *loop;
	uv_poll_t poll;     /* of the daemon's own epoll descriptor */
	uv_timer_t timeout; /* when the daemon wants to run without an event */
	int open_handles;   /* of these two: the endpoint is freed with the last */
	struct exchange *exchanges;
	endpoint_answer *answer;
	void *ctx;
	bool closing;
};

bool endpoint_listen(int port, int *ret_fd, int *ret_port, struct error *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, BACKLOG) ||
		getsockname(fd, (struct sockaddr *)&address, &len)) {
		error_set_errno(err, ERROR_LOCAL, errno, "could not listen on 127.0.0.1:%d", port);
		close(fd);
		return error_hint(err,
			"another program may hold the port: choose one with --port, or 0 for a free one");
	}
	*ret_fd = fd;
	*ret_port = ntohs(address.sin_port);
	return true;
}

/* Lets the daemon work, and asks when it wants to be called next at the latest. */
static void run(struct endpoint *e)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(e->daemon);
	if (MHD_get_timeout(e->daemon, &wait_ms) != MHD_YES) {
		uv_timer_stop(&e->timeout);
		return;
	}
	uv_timer_start(&e->timeout, e->timeout.timer_cb, wait_ms, 0);
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

static void free_exchange(uv_handle_t *timer)
{
	struct exchange *x = timer->data;

	free(x->uri);
	text_release(&x->body);
	text_release(&x->reply.body);
	free(x);
}

/* The first thing that is heard of a request: its line. What this returns goes along with it. */
static void *on_request_line(void *ctx, const char *uri, struct MHD_Connection *connection)
{
	struct endpoint *e = ctx;
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x || !(x->uri = strdup(uri)))
		abort();
	x->endpoint = e;
	x->connection = connection;
	text_init(&x->body, API_BODY_MAX);
	text_init(&x->reply.body, REPLY_MAX);
	uv_timer_init(e->loop, &x->timer);
	x->timer.data = x;
	x->next = e->exchanges;
	if (x->next)
		x->next->previous = x;
	e->exchanges = x;
	return x;
}

static void on_completed(
	void *ctx, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
	struct endpoint *e = ctx;
	struct exchange *x = *request;

	(void)connection, (void)how;
	if (!x)
		return;
	if (x->next)
		x->next->previous = x->previous;
	if (x->previous)
		x->previous->next = x->next;
	else
		e->exchanges = x->next;
	uv_close((uv_handle_t *)&x->timer, free_exchange);
}

struct header_list {
	struct signed_header headers[HEADERS_MAX];
	size_t count;
};

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_list *l = ctx;

	(void)kind;
	if (l->count < HEADERS_MAX)
		l->headers[l->count++] = (struct signed_header){ .name = name, .value = value ? value : "" };
	return MHD_YES;
}

static void refuse_size(struct api_reply *ret)
{
	ret->status = MHD_HTTP_CONTENT_TOO_LARGE;
	ret->content_type = "text/plain";
	text_addf(&ret->body, "the request's body is larger than %d bytes\n", API_BODY_MAX);
}

static void answer(struct exchange *x, const char *method)
{
	struct header_list headers = { .count = 0 };
	char *query = strchr(x->uri, '?');
	struct signed_request r = {
		.method = method,
		.path = x->uri,
		.query = query ? query + 1 : "",
		.body = x->body.bytes,
		.body_len = x->body.len,
	};

	x->answered = true;
	if (x->body.cut) {
		refuse_size(&x->reply);
		return;
	}
	if (query)
		*query = '\0';
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, add_header, &headers);
	r.headers = headers.headers;
	r.header_count = headers.count;
	x->endpoint->answer(x->endpoint->ctx, &r, &x->reply);
}

/* The body, then the padding: nothing has to be kept of that. */
static ssize_t read_padded(void *ctx, uint64_t at, char *ret, size_t size)
{
	const struct exchange *x = ctx;
	size_t left = at < x->reply.body.len ? x->reply.body.len - (size_t)at : 0;

	if (size > PADDING_AT_ONCE)
		size = PADDING_AT_ONCE;
	if (!left) {
		memset(ret, ' ', size);
		return (ssize_t)size;
	}
	if (size > left)
		size = left;
	memcpy(ret, x->reply.body.bytes + at, size);
	return (ssize_t)size;
}

/* The exchange outlives the response. */
static struct MHD_Response *make_response(struct exchange *x)
{
	struct text *body = &x->reply.body;

	if (!x->reply.padding)
		return MHD_create_response_from_buffer(body->len, body->bytes, MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_callback(
		body->len + (uint64_t)x->reply.padding, PADDING_AT_ONCE, read_padded, x, NULL);
}

/*
 * Dissolving the association makes the kernel send a reset (connect(2), tcp_disconnect()). Closing
 * would not: libmicrohttpd shuts the socket down before, and that is an orderly end.
 */
static enum MHD_Result reset(struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (info)
		(void)!connect(info->connect_fd, &nobody, sizeof(nobody));
	return MHD_NO;
}

/* libmicrohttpd would add its own, from the system's clock. */
static void add_date(struct MHD_Response *response, int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[64];

	if (wall_ms && gmtime_r(&at, &parts) &&
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts))
		MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, text);
}

static enum MHD_Result send_reply(struct exchange *x)
{
	struct MHD_Response *response;
	enum MHD_Result queued;

	if (x->reply.reset)
		return reset(x);
	response = make_response(x);
	if (!response)
		return MHD_NO;
	add_date(response, x->reply.date_ms);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->reply.content_type);
	MHD_add_response_header(response, "x-amzn-requestid", x->reply.request_id);
	queued = MHD_queue_response(x->connection, (unsigned)x->reply.status, response);
	MHD_destroy_response(response);
	return queued;
}

static void resume(struct exchange *x)
{
	x->suspended = false;
	MHD_resume_connection(x->connection);
}

static void on_due(uv_timer_t *t)
{
	struct exchange *x = t->data;

	resume(x);
	run(x->endpoint);
}

static enum MHD_Result on_complete_request(struct exchange *x, const char *method)
{
	if (!x->answered) {
		answer(x, method);
		if (x->reply.delay_ms > 0) {
			x->suspended = true;
			MHD_suspend_connection(x->connection);
			uv_update_time(x->endpoint->loop);
			uv_timer_start(&x->timer, on_due, (uint64_t)x->reply.delay_ms, 0);
			return MHD_YES;
		}
	}
	return send_reply(x);
}

/* libmicrohttpd calls this with the headers, then with each piece of the body, then with nothing. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **request)
{
	struct endpoint *e = ctx;
	struct exchange *x = *request;

	(void)connection, (void)url, (void)version;
	if (e->closing)
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
	return on_complete_request(x, method);
}

static struct MHD_Daemon *start_daemon(struct endpoint *e, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, e,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, e,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, e, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
}

bool endpoint_open(
	uv_loop_t *loop, const struct endpoint_options *o, struct endpoint **ret, struct error *err)
{
	struct endpoint *e = calloc(1, sizeof(*e));
	const union MHD_DaemonInfo *info;

	if (!e)
		abort();
	e->loop = loop;
	e->answer = o->answer;
	e->ctx = o->ctx;
	e->daemon = start_daemon(e, o->fd);
	if (!e->daemon) {
		close(o->fd);
		free(e);
		return error_set(err, ERROR_LOCAL, "could not start the HTTP server");
	}
	info = MHD_get_daemon_info(e->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uv_timer_init(loop, &e->timeout);
	uv_poll_init(loop, &e->poll, info->epoll_fd);
	e->timeout.data = e;
	e->poll.data = e;
	e->open_handles = 2;
	uv_timer_start(&e->timeout, on_timeout, 0, 0);
	uv_poll_start(&e->poll, UV_READABLE, on_poll);
	*ret = e;
	return true;
}

static void on_handle_closed(uv_handle_t *h)
{
	struct endpoint *e = h->data;

	if (--e->open_handles == 0)
		free(e);
}

/* The daemon must not be stopped while connections are suspended, nor polled once it is stopped. */
void endpoint_close(struct endpoint *e)
{
	struct exchange *next;

	if (!e)
		return;
	e->closing = true;
	for (struct exchange *x = e->exchanges; x; x = next) {
		next = x->next;
		uv_timer_stop(&x->timer);
		if (x->suspended)
			resume(x);
	}
	MHD_run(e->daemon);
	uv_poll_stop(&e->poll);
	MHD_stop_daemon(e->daemon);
	uv_close((uv_handle_t *)&e->poll, on_handle_closed);
	uv_close((uv_handle_t *)&e->timeout, on_handle_closed);
}
