/* probe.h: does a TCP port answer? One connection attempt on the loop, closed at once. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include <uv.h>

#include "base/error.h"

struct probe;

/* err is NULL if the connection was accepted. */
typedef void probe_done(void *ctx, const struct error *err);

/* address is numeric. done is called exactly once, later, unless cancelled. */
struct probe *probe_tcp(
	uv_loop_t *loop, const char *address, int port, int limit_ms, probe_done *done, void *ctx);
void probe_cancel(struct probe *p);
#endif
