/*
 * service.h: a lock service on the test's own loop that answers as it is told: the n-th request gets the n-th
 * reply, the last reply serves for all that follow. A reply is "STATUS BODY"; NULL hangs up without one.
 */
#ifndef TESTS_LOCK_SERVICE_H
#define TESTS_LOCK_SERVICE_H

#include <stddef.h>
#include <uv.h>

enum { SERVICE_REQUESTS_MAX = 32 };

struct service {
	uv_tcp_t listener;
	char url[64];
	const char *const *replies;
	size_t reply_count;
	char requests[SERVICE_REQUESTS_MAX][128]; /* "PUT /api/dlmlocks/web/lock" */
	size_t count;
	int held_back; /* answers this many requests only once service_answer() is called */
	void *waiting; /* the connection of the request that is held back */
};

void service_start(struct service *s, uv_loop_t *loop, const char *const *replies, size_t count);
void service_answer(struct service *s);
void service_stop(struct service *s);
#endif
