#include "net/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/peer.h"

struct probe {
	uv_tcp_t tcp;
	uv_timer_t timer; /* first the start, then the limit */
	uv_connect_t connect;
	int handles; /* not yet closed; the last one to close frees the probe */
	struct peer peer;
	bool valid; /* if not, failure says why: answered from the loop */
	struct error failure;
	int limit_ms;
	probe_done *done; /* NULL once answered or cancelled */
	void *ctx;
};

static void on_closed(uv_handle_t *h)
{
	struct probe *p = h->data;

	if (--p->handles > 0)
		return;
	error_release(&p->failure);
	free(p);
}

static void finish(struct probe *p, const struct error *err)
{
	probe_done *done = p->done;

	if (!done)
		return;
	p->done = NULL;
	uv_close((uv_handle_t *)&p->tcp, on_closed);
	uv_close((uv_handle_t *)&p->timer, on_closed);
	done(p->ctx, err);
}

static void finish_unreachable(struct probe *p, int errnum)
{
	auto_error err = ERROR_INIT;

	peer_unreachable(&p->peer, errnum, &err);
	finish(p, &err);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct probe *p = connect->data;

	if (status == UV_ECANCELED) /* the limit passed, or cancelled */
		return;
	if (status < 0)
		finish_unreachable(p, -status);
	else
		finish(p, NULL);
}

static void on_limit(uv_timer_t *timer)
{
	finish_unreachable(timer->data, ETIMEDOUT);
}

static void on_start(uv_timer_t *timer)
{
	struct probe *p = timer->data;
	int code;

	if (!p->valid) {
		finish(p, &p->failure);
		return;
	}
	uv_timer_start(timer, on_limit, (uint64_t)p->limit_ms, 0);
	code = uv_tcp_connect(&p->connect, &p->tcp, &p->peer.address.any, on_connected);
	if (code < 0)
		finish_unreachable(p, -code);
}

struct probe *probe_tcp(
	uv_loop_t *loop, const char *address, int port, int limit_ms, probe_done *done, void *ctx)
{
	struct probe *p = alloc_zeroed(1, sizeof(*p));

	p->done = done;
	p->ctx = ctx;
	p->handles = 2;
	uv_tcp_init(loop, &p->tcp);
	uv_timer_init(loop, &p->timer);
	p->tcp.data = p->timer.data = p->connect.data = p;
	p->limit_ms = limit_ms;
	p->valid = peer_parse(address, port, &p->peer, &p->failure);
	uv_timer_start(&p->timer, on_start, 0, 0);
	return p;
}

void probe_cancel(struct probe *p)
{
	p->done = NULL;
	uv_close((uv_handle_t *)&p->tcp, on_closed);
	uv_close((uv_handle_t *)&p->timer, on_closed);
}
