/*
 * http_server.h: HTTP(S) requests that reach us, by libmicrohttpd on the libuv loop, in one thread.
 *
 * Calling order: http_listen() opens a socket in whatever network namespace the process is in at that
 * moment; http_server_open() serves it from the loop. Each whole request is shown once, by on_request; it is
 * answered by http_exchange_reply(), at once or later: until then its connection waits and others go on.
 * When all requests of one turn of the loop have been shown, on_rest is called, so that work for many can be
 * done together. http_server_close() drops what is not answered; the loop must run after it until nothing
 * is left on it.
 *
 * Client certificates: with client_ca set, connections are asked for one. Nobody is turned away for want of
 * it: whoever answers looks at http_question.client, which only a certificate that was verified fills in.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"
#include "net/peer.h"

struct http_server;
struct http_exchange;

enum { HTTP_ANSWER_HEADERS = 4, HTTP_CLIENT_SIZE = 256 };

/* A request; everything is borrowed until its reply. */
struct http_question {
	const char *method;
	const char *path, *query; /* as on the wire; query without ?, "" if there is none */
	const void *body;         /* NUL-terminated */
	size_t body_len;
	const char *client; /* common name of the verified client certificate; NULL: none */
};

/* A reply, filled in by whoever answers. */
struct http_answer {
	int status;
	const char *content_type; /* static text */
	struct text body;
	struct {
		const char *name;
		char value[128];
	} headers[HTTP_ANSWER_HEADERS]; /* unused ones have no name */
	uint64_t padding;               /* so many spaces after the body */
	bool reset;                     /* no reply: the connection is reset */
};

typedef void http_on_request(void *ctx, struct http_exchange *x, const struct http_question *q);
typedef void http_on_rest(void *ctx);

/* PEM texts. */
struct http_server_tls {
	const char *certificate, *key;
	const char *client_ca; /* NULL: clients are not asked for certificates */
};

struct http_server_options {
	int fd; /* a socket of http_listen(); taken over, also when opening fails */
	http_on_request *on_request;
	http_on_rest *on_rest; /* NULL: not needed */
	void *ctx;             /* for both */
	size_t body_max;       /* a larger body is answered with 413, and not shown */
	size_t answer_max;
	const struct http_server_tls *tls; /* NULL: plain HTTP; not needed after opening */
};

/*
 * Listens on a numeric address; port 0 is any free one. *ret_address is the one that it got. The caller owns
 * the descriptor.
 */
bool http_listen(
	const char *address, int port, int *ret_fd, struct peer *ret_address, struct error *err) MUST_USE;

bool http_server_open(uv_loop_t *loop, const struct http_server_options *o, struct http_server **ret,
	struct error *err) MUST_USE;
void http_server_close(struct http_server *s);

/* The value of a request's header, in any case, or NULL; borrowed until its reply. */
const char *http_exchange_header(struct http_exchange *x, const char *name);

/* Calls show with each header of the request, as sent; borrowed until its reply. */
void http_exchange_headers(
	struct http_exchange *x, void (*show)(void *ctx, const char *name, const char *value), void *ctx);

/* The answer to be filled in: status 200, text/plain and an empty body at first. */
struct http_answer *http_exchange_answer(struct http_exchange *x);

/* Sends the answer. Once for each request; the exchange is not the caller's any more. */
void http_exchange_reply(struct http_exchange *x);
#endif
