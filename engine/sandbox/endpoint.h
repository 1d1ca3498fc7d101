/*
 * endpoint.h: where the API is spoken: HTTP on a loopback socket (net/http_server.h), with late replies.
 *
 * Calling order: endpoint_listen() opens the socket in whatever network namespace the process is in
 * at that moment; endpoint_open() serves it from the loop; endpoint_close() ends all connections,
 * after which the loop must run until nothing is left on it.
 *
 * A reply that is to be late suspends its connection; others go on meanwhile.
 */
#ifndef SANDBOX_ENDPOINT_H
#define SANDBOX_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "sandbox/api/api.h"
#include "sandbox/api/signature.h"

struct endpoint;

/* Answers r in *ret, whose body is empty and initialised. */
typedef void endpoint_answer(void *ctx, const struct signed_request *r, struct api_reply *ret);

/* port 0: any free one. *ret_port is the one it got. The caller owns the descriptor. */
bool endpoint_listen(int port, int *ret_fd, int *ret_port, struct error *err) MUST_USE;

struct endpoint_options {
	int fd; /* a socket of endpoint_listen(); taken over, also when opening fails */
	endpoint_answer *answer;
	void *ctx; /* for answer */
};

bool endpoint_open(
	uv_loop_t *loop, const struct endpoint_options *o, struct endpoint **ret, struct error *err) MUST_USE;
void endpoint_close(struct endpoint *e);
#endif
