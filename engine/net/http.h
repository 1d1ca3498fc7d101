/*
 * http.h: HTTP(S) requests on the loop, by libcurl's multi interface.
 *
 * Calling order: http_client_open() once per loop; http_send() any number of times, each answered
 * exactly once, later, from the loop, unless it is cancelled; http_client_close() drops what is
 * under way without answering.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"

struct http_client;
struct http_call;

struct http_options {
	const char *ca_file; /* trusted certificates, PEM; NULL: the system's */
	const char *user_agent;
};

/* By whom the server is vouched for, and who we are to it. NULL: the client's authorities; no certificate. */
struct http_client_tls {
	const char *ca_file;           /* PEM */
	const char *certificate, *key; /* PEM; both or none */
};

struct http_header {
	const char *name, *value;
};

struct http_request {
	const char *method, *url;
	const struct http_header
		*headers; /* sent exactly as given; curl adds none but Host, Content-Length */
	size_t header_count;
	const void *body;
	size_t body_len;
	/*
	 * Open a connection of its own and do not keep it: for every mutation. curl 7.88 sends a POST
	 * again by itself when a re-used connection dies before a reply (pitfalls, measured).
	 */
	bool fresh;
	int connect_limit_ms, limit_ms; /* limit_ms: the whole call */
	size_t reply_cap;               /* a larger reply is an error */
	struct http_client_tls tls;
};

struct http_reply {
	int status;
	const char *body; /* NUL-terminated; borrowed during the call */
	size_t body_len;
	const char *date;       /* the Date header, or "" */
	const char *request_id; /* x-amzn-requestid, or "" */
};

/*
 * Either reply or err is NULL. err->happened: NO when nothing can have reached the server's
 * application (no connection, name not found, TLS refused), UNKNOWN once the request was sent.
 */
typedef void http_done(void *ctx, const struct http_reply *reply, const struct error *err);

bool http_client_open(
	uv_loop_t *loop, const struct http_options *o, struct http_client **ret, struct error *err) MUST_USE;
void http_client_close(struct http_client *c);

/* Copies everything in r. */
struct http_call *http_send(struct http_client *c, const struct http_request *r, http_done *done, void *ctx);

/* Drops a call; done is not called. */
void http_cancel(struct http_call *call);
#endif
