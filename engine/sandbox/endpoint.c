#include "sandbox/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "net/http_server.h"

enum { HEADERS_MAX = 64, REPLY_MAX = 64 * 1024 * 1024 };

/* A reply that is due later. */
struct late {
	struct late *next, *previous;
	struct endpoint *endpoint;
	struct http_exchange *exchange;
	uv_timer_t timer;
};

struct endpoint {
	uv_loop_t *loop;
	struct http_server *server;
	struct late *late;
	endpoint_answer *answer;
	void *ctx;
};

bool endpoint_listen(int port, int *ret_fd, int *ret_port, struct error *err)
{
	struct peer address;

	if (!http_listen("127.0.0.1", port, ret_fd, &address, err))
		return error_hint(err,
			"another program may hold the port: choose one with --port, or 0 for a free one");
	*ret_port = ntohs(address.address.v4.sin_port);
	return true;
}

static void free_late(uv_handle_t *timer)
{
	free(timer->data);
}

/* Takes it out of its endpoint; its memory goes with its timer. */
static void close_late(struct late *l)
{
	if (l->next)
		l->next->previous = l->previous;
	if (l->previous)
		l->previous->next = l->next;
	else
		l->endpoint->late = l->next;
	uv_close((uv_handle_t *)&l->timer, free_late);
}

static void on_due(uv_timer_t *t)
{
	struct late *l = t->data;

	http_exchange_reply(l->exchange);
	close_late(l);
}

static void reply_later(struct endpoint *e, struct http_exchange *x, int64_t delay_ms)
{
	struct late *l = alloc_zeroed(1, sizeof(*l));

	l->endpoint = e;
	l->exchange = x;
	l->next = e->late;
	if (l->next)
		l->next->previous = l;
	e->late = l;
	uv_timer_init(e->loop, &l->timer);
	l->timer.data = l;
	uv_update_time(e->loop);
	uv_timer_start(&l->timer, on_due, (uint64_t)delay_ms, 0);
}

struct header_list {
	struct signed_header headers[HEADERS_MAX];
	size_t count;
};

static void add_header(void *ctx, const char *name, const char *value)
{
	struct header_list *l = ctx;

	if (l->count < HEADERS_MAX)
		l->headers[l->count++] = (struct signed_header){ .name = name, .value = value };
}

/* The server would add its own, from the system's clock. */
static bool write_date(int64_t wall_ms, char *ret, size_t size)
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm parts;

	return wall_ms && gmtime_r(&at, &parts) && strftime(ret, size, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

static void take_over(struct http_answer *to, const struct api_reply *from)
{
	to->status = from->status;
	to->content_type = from->content_type;
	to->body = from->body;
	to->padding = (uint64_t)from->padding;
	to->reset = from->reset;
	to->headers[0].name = "x-amzn-requestid";
	text_copy(to->headers[0].value, sizeof(to->headers[0].value), from->request_id);
	if (write_date(from->date_ms, to->headers[1].value, sizeof(to->headers[1].value)))
		to->headers[1].name = "Date";
}

static void on_request(void *ctx, struct http_exchange *x, const struct http_question *q)
{
	struct endpoint *e = ctx;
	struct http_answer *answer = http_exchange_answer(x);
	struct api_reply reply = { .body = answer->body };
	struct header_list headers = { .count = 0 };

	http_exchange_headers(x, add_header, &headers);
	e->answer(e->ctx,
		&(struct signed_request){ .method = q->method,
			.path = q->path,
			.query = q->query,
			.headers = headers.headers,
			.header_count = headers.count,
			.body = q->body,
			.body_len = q->body_len },
		&reply);
	take_over(answer, &reply);
	if (reply.delay_ms > 0)
		reply_later(e, x, reply.delay_ms);
	else
		http_exchange_reply(x);
}

bool endpoint_open(
	uv_loop_t *loop, const struct endpoint_options *o, struct endpoint **ret, struct error *err)
{
	struct endpoint *e = alloc_zeroed(1, sizeof(*e));
	const struct http_server_options server = {
		.fd = o->fd,
		.on_request = on_request,
		.ctx = e,
		.body_max = API_BODY_MAX,
		.answer_max = REPLY_MAX,
	};

	e->loop = loop;
	e->answer = o->answer;
	e->ctx = o->ctx;
	if (!http_server_open(loop, &server, &e->server, err)) {
		free(e);
		return false;
	}
	*ret = e;
	return true;
}

void endpoint_close(struct endpoint *e)
{
	struct late *next;

	if (!e)
		return;
	for (struct late *l = e->late; l; l = next) {
		next = l->next;
		close_late(l);
	}
	http_server_close(e->server);
	free(e);
}
