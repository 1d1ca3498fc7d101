/*
 * fake_ec2.h: a scripted HTTP server on the test's own loop. Each request takes the first script line
 * for its action that is not used up; requests are kept, so that a test can count and read them.
 */
#ifndef TESTS_FAKE_EC2_H
#define TESTS_FAKE_EC2_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum fake_manner {
	FAKE_ANSWER,
	FAKE_DROP,  /* the connection is closed without a reply */
	FAKE_CUT,   /* the reply ends before its announced length */
	FAKE_STALL, /* nothing ever comes */
};

struct fake_line {
	const char *action;
	int status;
	const char *body;
	enum fake_manner manner;
	const char *headers; /* further header lines with CR LF, or NULL */
	bool always;         /* never used up */
};

enum { FAKE_REQUESTS_MAX = 128, FAKE_REQUEST_SIZE = 32 * 1024 };

struct fake {
	uv_tcp_t listener;
	struct fake_line *script;
	size_t script_len;
	bool used[FAKE_REQUESTS_MAX];
	char *requests[FAKE_REQUESTS_MAX]; /* heads and bodies as they came */
	size_t request_count, connection_count;
	char url[64];
};

struct fake_peer {
	uv_tcp_t tcp;
	struct fake *fake;
	char bytes[FAKE_REQUEST_SIZE];
	size_t len;
	uv_write_t write;
	char *reply;
	bool close_after;
};

static inline void fake_peer_gone(uv_handle_t *h)
{
	struct fake_peer *p = h->data;

	free(p->reply);
	free(p);
}

static inline void fake_peer_close(struct fake_peer *p)
{
	if (!uv_is_closing((uv_handle_t *)&p->tcp))
		uv_close((uv_handle_t *)&p->tcp, fake_peer_gone);
}

static inline void fake_written(uv_write_t *w, int status)
{
	struct fake_peer *p = w->data;

	free(p->reply);
	p->reply = NULL;
	if (status || p->close_after)
		fake_peer_close(p);
}

static inline const struct fake_line *fake_choose(struct fake *f, const char *body)
{
	for (size_t i = 0; i < f->script_len; i++) {
		size_t len = strlen(f->script[i].action);

		if (f->used[i] || strncmp(body, "Action=", 7) != 0 ||
			strncmp(body + 7, f->script[i].action, len) != 0 || body[7 + len] != '&')
			continue;
		f->used[i] = !f->script[i].always;
		return &f->script[i];
	}
	return NULL;
}

static inline void fake_answer(struct fake_peer *p, const char *body)
{
	static const struct fake_line UNEXPECTED = { .status = 400, .body = "<unexpected/>" };
	const struct fake_line *line = fake_choose(p->fake, body);
	size_t announced;

	if (!line)
		line = &UNEXPECTED;
	if (line->manner == FAKE_STALL)
		return;
	if (line->manner == FAKE_DROP) {
		fake_peer_close(p);
		return;
	}
	announced = strlen(line->body) + (line->manner == FAKE_CUT ? 100 : 0);
	p->close_after = line->manner == FAKE_CUT;
	if (asprintf(&p->reply, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", line->status, announced,
		    line->headers ? line->headers : "", line->body) < 0)
		abort();
	p->write.data = p;
	uv_write(&p->write, (uv_stream_t *)&p->tcp, &(uv_buf_t){ .base = p->reply, .len = strlen(p->reply) },
		1, fake_written);
}

static inline void fake_request_complete(struct fake_peer *p)
{
	struct fake *f = p->fake;
	char *body = strstr(p->bytes, "\r\n\r\n") + 4;

	if (f->request_count == FAKE_REQUESTS_MAX)
		abort();
	f->requests[f->request_count++] = strdup(p->bytes);
	p->len = 0;
	fake_answer(p, body);
}

static inline void fake_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct fake_peer *p = s->data;
	const char *end, *length;

	(void)buf;
	if (n < 0) {
		fake_peer_close(p);
		return;
	}
	p->len += (size_t)n;
	p->bytes[p->len] = '\0';
	end = strstr(p->bytes, "\r\n\r\n");
	length = strstr(p->bytes, "Content-Length: ");
	if (end && length && p->len >= (size_t)(end + 4 - p->bytes) + strtoul(length + 16, NULL, 10))
		fake_request_complete(p);
}

static inline void fake_room(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct fake_peer *p = h->data;

	(void)suggested;
	*ret = uv_buf_init(p->bytes + p->len, (unsigned)(sizeof(p->bytes) - p->len - 1));
}

static inline void fake_connected(uv_stream_t *listener, int status)
{
	struct fake *f = listener->data;
	struct fake_peer *p = calloc(1, sizeof(*p));

	if (status || !p)
		abort();
	p->fake = f;
	uv_tcp_init(listener->loop, &p->tcp);
	p->tcp.data = p;
	uv_accept(listener, (uv_stream_t *)&p->tcp);
	f->connection_count++;
	uv_read_start((uv_stream_t *)&p->tcp, fake_room, fake_read);
}

static inline void fake_open(struct fake *f, uv_loop_t *loop, struct fake_line *script, size_t script_len)
{
	struct sockaddr_in any, bound;
	int len = sizeof(bound);

	*f = (struct fake){ .script = script, .script_len = script_len };
	uv_ip4_addr("127.0.0.1", 0, &any);
	uv_tcp_init(loop, &f->listener);
	f->listener.data = f;
	if (uv_tcp_bind(&f->listener, (struct sockaddr *)&any, 0) ||
		uv_listen((uv_stream_t *)&f->listener, 16, fake_connected))
		abort();
	uv_tcp_getsockname(&f->listener, (struct sockaddr *)&bound, &len);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", ntohs(bound.sin_port));
}

/* The body of the n-th request, counted from 0. */
static inline const char *fake_body(const struct fake *f, size_t n)
{
	return n < f->request_count ? strstr(f->requests[n], "\r\n\r\n") + 4 : "";
}

static inline size_t fake_count(const struct fake *f, const char *action)
{
	size_t count = 0, len = strlen(action);

	for (size_t i = 0; i < f->request_count; i++)
		count += !strncmp(fake_body(f, i) + 7, action, len) && fake_body(f, i)[7 + len] == '&';
	return count;
}

static inline void fake_release(struct fake *f)
{
	for (size_t i = 0; i < f->request_count; i++)
		free(f->requests[i]);
}
#endif
