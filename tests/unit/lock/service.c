#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
	uv_tcp_t tcp;
	uv_write_t write;
	struct service *service;
	char bytes[8192];
	size_t len;
	size_t number; /* of its request */
	char reply[1024];
};

static void on_closed(uv_handle_t *h)
{
	free(h->data);
}

static void hang_up(struct line *l)
{
	uv_close((uv_handle_t *)&l->tcp, on_closed);
}

static void on_written(uv_write_t *w, int status)
{
	struct line *l = w->data;

	(void)status;
	hang_up(l);
}

static void answer(struct line *l)
{
	struct service *s = l->service;
	const char *reply = s->replies[l->number < s->reply_count ? l->number : s->reply_count - 1];
	uv_buf_t buffer;

	if (!reply) {
		hang_up(l);
		return;
	}
	snprintf(l->reply, sizeof(l->reply), "HTTP/1.1 %.3s X\r\nContent-Length: %zu\r\n\r\n%s", reply,
		strlen(reply + 4), reply + 4);
	buffer = uv_buf_init(l->reply, (unsigned)strlen(l->reply));
	l->write.data = l;
	uv_write(&l->write, (uv_stream_t *)&l->tcp, &buffer, 1, on_written);
}

static void note(struct line *l)
{
	struct service *s = l->service;
	size_t len = strcspn(l->bytes, " ");

	len += 1 + strcspn(l->bytes + len + 1, " ");
	if (s->count == SERVICE_REQUESTS_MAX)
		abort();
	l->number = s->count;
	snprintf(s->requests[s->count++], sizeof(s->requests[0]), "%.*s", (int)len, l->bytes);
}

static void on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *ret)
{
	struct line *l = h->data;

	(void)wanted;
	*ret = uv_buf_init(l->bytes + l->len, (unsigned)(sizeof(l->bytes) - 1 - l->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct line *l = stream->data;

	(void)buffer;
	if (n <= 0) {
		if (n < 0)
			hang_up(l);
		return;
	}
	l->len += (size_t)n;
	l->bytes[l->len] = '\0';
	if (!strstr(l->bytes, "\r\n\r\n"))
		return;
	uv_read_stop(stream);
	note(l);
	if (l->service->held_back && l->service->held_back--)
		l->service->waiting = l;
	else
		answer(l);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct service *s = listener->data;
	struct line *l = calloc(1, sizeof(*l));

	if (status < 0 || !l)
		abort();
	l->service = s;
	uv_tcp_init(listener->loop, &l->tcp);
	l->tcp.data = l;
	uv_accept(listener, (uv_stream_t *)&l->tcp);
	uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read);
}

void service_answer(struct service *s)
{
	answer(s->waiting);
	s->waiting = NULL;
}

void service_start(struct service *s, uv_loop_t *loop, const char *const *replies, size_t count)
{
	struct sockaddr_in a;
	int len = sizeof(a);

	*s = (struct service){ .replies = replies, .reply_count = count };
	uv_tcp_init(loop, &s->listener);
	s->listener.data = s;
	uv_ip4_addr("127.0.0.1", 0, &a);
	if (uv_tcp_bind(&s->listener, (struct sockaddr *)&a, 0) ||
		uv_listen((uv_stream_t *)&s->listener, 8, on_connection) ||
		uv_tcp_getsockname(&s->listener, (struct sockaddr *)&a, &len))
		abort();
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(a.sin_port));
}

void service_stop(struct service *s)
{
	uv_close((uv_handle_t *)&s->listener, NULL);
}
