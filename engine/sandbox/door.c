#include "sandbox/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"

enum { BACKLOG = 64, PIECE = 64 * 1024, SIDES = 2 };

struct passage;

/* One end of a passage: what is read here is written at the other one, piece by piece. */
struct side {
	uv_tcp_t tcp;
	uv_write_t write; /* to this side */
	uv_shutdown_t shutdown;
	struct passage *passage;
	struct side *other;
	bool ended;             /* nothing more comes from here */
	char piece[PIECE];      /* read here, until it is written there */
	size_t held_from, held; /* the part of it that is held back while the passage hangs */
};

/* One connection: the client's side and sshd's. */
struct passage {
	struct passage *next, **link;
	struct side sides[SIDES];
	uv_connect_t connect;
	uv_timer_t timer; /* until it goes on after hanging */
	struct door_orders orders;
	int64_t passed; /* bytes, both ways */
	bool over;      /* its orders were carried out: nothing is passed on */
	bool closing;
	int open_handles;
};

struct door {
	uv_tcp_t listener;
	struct door_options options;
	struct passage *passages;
};

static void on_closed(uv_handle_t *h)
{
	struct passage *p = h->data;

	if (--p->open_handles == 0)
		free(p);
}

/* Both ends get a reset where that is possible: it is not while one is being shut down. */
static void passage_end(struct passage *p)
{
	if (p->closing)
		return;
	p->closing = true;
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	for (int i = 0; i < SIDES; i++)
		if (uv_tcp_close_reset(&p->sides[i].tcp, on_closed))
			uv_close((uv_handle_t *)&p->sides[i].tcp, on_closed);
	uv_close((uv_handle_t *)&p->timer, on_closed);
}

static void give_room(uv_handle_t *h, size_t size, uv_buf_t *ret)
{
	struct side *s = (struct side *)h;

	(void)size;
	*ret = uv_buf_init(s->piece, PIECE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *piece);
static void on_hung_long_enough(uv_timer_t *t);

static void start_reading(struct side *s)
{
	if (!s->ended && !s->passage->over)
		uv_read_start((uv_stream_t *)&s->tcp, give_room, on_read);
}

/* Its bytes have passed. */
static void carry_out_orders(struct passage *p)
{
	if (p->orders.drop) {
		passage_end(p);
		return;
	}
	p->over = true;
	for (int i = 0; i < SIDES; i++)
		uv_read_stop((uv_stream_t *)&p->sides[i].tcp);
	if (p->orders.hang_ms)
		uv_timer_start(&p->timer, on_hung_long_enough, (uint64_t)p->orders.hang_ms, 0);
}

static bool has_orders(const struct passage *p)
{
	return (p->orders.drop || p->orders.hang) && !p->over;
}

static void on_written(uv_write_t *w, int status)
{
	struct side *s = w->data;

	if (s->passage->closing)
		return;
	if (status < 0)
		passage_end(s->passage);
	else if (has_orders(s->passage) && s->passage->passed >= s->passage->orders.bytes)
		carry_out_orders(s->passage);
	else
		start_reading(s->other);
}

static void write_piece(struct side *from, size_t start, size_t len)
{
	const uv_buf_t piece = uv_buf_init(from->piece + start, (unsigned)len);

	from->passage->passed += (int64_t)len;
	if (uv_write(&from->other->write, (uv_stream_t *)&from->other->tcp, &piece, 1, on_written))
		passage_end(from->passage);
}

/* How much of len may still pass before the orders are carried out. */
static size_t allowed(const struct passage *p, size_t len)
{
	int64_t left = p->orders.bytes - p->passed;

	if (!has_orders(p) || (int64_t)len <= left)
		return len;
	return left > 0 ? (size_t)left : 0;
}

static void pass_on(struct side *from, size_t len)
{
	size_t may = allowed(from->passage, len);

	uv_read_stop((uv_stream_t *)&from->tcp);
	from->held_from = may;
	from->held = len - may;
	write_piece(from, 0, may);
}

static void on_hung_long_enough(uv_timer_t *t)
{
	struct passage *p = t->data;

	p->over = false;
	p->orders = (struct door_orders){ .bytes = 0 };
	for (int i = 0; i < SIDES && !p->closing; i++) {
		struct side *s = &p->sides[i];
		size_t held = s->held;

		s->held = 0;
		if (held)
			write_piece(s, s->held_from, held);
		else
			start_reading(s);
	}
}

static void on_shut_down(uv_shutdown_t *r, int status)
{
	(void)r, (void)status;
}

/* Half a connection may end before the other, as a command's input does. */
static void end_side(struct side *s)
{
	uv_read_stop((uv_stream_t *)&s->tcp);
	s->ended = true;
	if (s->other->ended || uv_shutdown(&s->other->shutdown, (uv_stream_t *)&s->other->tcp, on_shut_down))
		passage_end(s->passage);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *piece)
{
	struct side *s = (struct side *)stream;

	(void)piece;
	if (n > 0)
		pass_on(s, (size_t)n);
	else if (n == UV_EOF)
		end_side(s);
	else if (n < 0)
		passage_end(s->passage);
}

static void on_connected(uv_connect_t *c, int status)
{
	struct passage *p = c->data;

	if (p->closing)
		return;
	if (status < 0) { /* sshd is not there */
		passage_end(p);
		return;
	}
	if (has_orders(p) && !p->orders.bytes) {
		carry_out_orders(p);
		return;
	}
	for (int i = 0; i < SIDES; i++)
		start_reading(&p->sides[i]);
}

static bool connect_to_sshd(struct door *d, struct passage *p)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(DOOR_SSHD_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	uv_tcp_t *tcp = &p->sides[1].tcp;
	int fd = d->options.open_socket(d->options.ctx);

	if (fd < 0)
		return false;
	if (uv_tcp_open(tcp, fd)) {
		close(fd);
		return false;
	}
	return !uv_tcp_connect(&p->connect, tcp, (struct sockaddr *)&address, on_connected);
}

static struct passage *passage_new(struct door *d)
{
	struct passage *p = alloc_zeroed(1, sizeof(*p));

	for (int i = 0; i < SIDES; i++) {
		struct side *s = &p->sides[i];

		s->passage = p;
		s->other = &p->sides[SIDES - 1 - i];
		s->write.data = s;
		uv_tcp_init(d->listener.loop, &s->tcp);
		s->tcp.data = p;
	}
	uv_timer_init(d->listener.loop, &p->timer);
	p->timer.data = p;
	p->connect.data = p;
	p->open_handles = SIDES + 1;
	p->next = d->passages;
	p->link = &d->passages;
	if (p->next)
		p->next->link = &p->next;
	d->passages = p;
	return p;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct door *d = listener->data;
	struct passage *p;

	if (status < 0)
		return;
	p = passage_new(d);
	if (uv_accept(listener, (uv_stream_t *)&p->sides[0].tcp) || !connect_to_sshd(d, p)) {
		passage_end(p);
		return;
	}
	uv_tcp_nodelay(&p->sides[0].tcp, 1);
	uv_tcp_nodelay(&p->sides[1].tcp, 1);
	d->options.ask(d->options.ctx, &p->orders);
}

static bool listen_at_door(int fd, struct error *err)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(DOOR_PORT) };
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not listen on its port %d", DOOR_PORT);
	return true;
}

static void free_door(uv_handle_t *h)
{
	free(h->data);
}

bool door_open(uv_loop_t *loop, const struct door_options *o, struct door **ret, struct error *err)
{
	int fd = o->open_socket(o->ctx);
	struct door *d;

	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a socket in its network");
	if (!listen_at_door(fd, err)) {
		close(fd);
		return false;
	}
	d = alloc_zeroed(1, sizeof(*d));
	d->options = *o;
	uv_tcp_init(loop, &d->listener);
	d->listener.data = d;
	if (uv_tcp_open(&d->listener, fd) || uv_listen((uv_stream_t *)&d->listener, BACKLOG, on_connection)) {
		uv_close((uv_handle_t *)&d->listener, free_door);
		return error_set(err, ERROR_LOCAL, "could not listen on its port %d", DOOR_PORT);
	}
	*ret = d;
	return true;
}

void door_close(struct door *d)
{
	if (!d)
		return;
	while (d->passages)
		passage_end(d->passages);
	uv_close((uv_handle_t *)&d->listener, free_door);
}
