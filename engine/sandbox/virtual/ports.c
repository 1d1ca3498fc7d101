#include "sandbox/virtual/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/index.h"
#include "sandbox/model/model.h"

enum { BACKLOG = 128, KEY_SIZE = 32 };

struct port {
	uv_poll_t poll;
	struct ports *all;
	char key[KEY_SIZE]; /* address:number */
	char instance_id[MODEL_ID_SIZE];
	int number, fd;
};

struct ports {
	uv_loop_t *loop;
	struct index open; /* struct port, by key */
	ports_accepted *accepted;
	void *ctx;
	int spare; /* closed for a moment when there are no descriptors left; -1: there is none */
};

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

struct ports *ports_new(uv_loop_t *loop, ports_accepted *accepted, void *ctx)
{
	struct ports *p = alloc_zeroed(1, sizeof(*p));

	*p = (struct ports){ .loop = loop, .accepted = accepted, .ctx = ctx, .spare = open_spare() };
	index_init(&p->open);
	return p;
}

/* A connection that nobody takes would wake us again and again: it is taken all the same, and closed. */
static void turn_away(struct ports *all, int listening)
{
	if (all->spare >= 0)
		close(all->spare);
	close(accept4(listening, NULL, NULL, SOCK_CLOEXEC));
	all->spare = open_spare();
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct port *p = poll->data;
	int fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)status, (void)events;
	if (fd >= 0)
		p->all->accepted(p->all->ctx, p->instance_id, p->number, fd);
	else if (errno == EMFILE || errno == ENFILE)
		turn_away(p->all, p->fd);
}

static bool listen_at(const char *address, int number, int *ret, struct error *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && inet_pton(AF_INET, address, &at.sin_addr) == 1 &&
		!bind(fd, (struct sockaddr *)&at, sizeof(at)) && !listen(fd, BACKLOG)) {
		*ret = fd;
		return true;
	}
	error_set_errno(err, ERROR_LOCAL, errno, "could not listen on %s:%d", address, number);
	if (fd >= 0)
		close(fd);
	return false;
}

static void free_port(uv_handle_t *poll)
{
	free(poll->data);
}

/* Polling stops before the descriptor closes: its number may be another socket's at once. */
static void close_port(struct port *p)
{
	index_remove(&p->all->open, p->key);
	uv_poll_stop(&p->poll);
	shutdown(p->fd, SHUT_RDWR); /* a child that is about to exec may hold it open a moment longer */
	close(p->fd);
	uv_close((uv_handle_t *)&p->poll, free_port);
}

static bool open_port(struct ports *all, const char *key, const char *address, int number, struct error *err)
{
	struct port *p;
	int fd;

	if (!listen_at(address, number, &fd, err))
		return false;
	p = alloc_zeroed(1, sizeof(*p));
	*p = (struct port){ .all = all, .number = number, .fd = fd };
	text_copy(p->key, sizeof(p->key), key);
	if (uv_poll_init(all->loop, &p->poll, fd) || uv_poll_start(&p->poll, UV_READABLE, on_connection))
		abort(); /* only without memory, or for a descriptor that is none */
	p->poll.data = p;
	index_add(&all->open, p->key, p);
	return true;
}

bool ports_set(struct ports *all, const char *address, int number, const char *instance_id, struct error *err)
{
	char key[KEY_SIZE];
	struct port *p;

	snprintf(key, sizeof(key), "%s:%d", address, number);
	p = index_find(&all->open, key);
	if (!instance_id) {
		if (p)
			close_port(p);
		return true;
	}
	if (!p && !open_port(all, key, address, number, err))
		return false;
	p = index_find(&all->open, key);
	text_copy(p->instance_id, sizeof(p->instance_id), instance_id);
	return true;
}

void ports_free(struct ports *all)
{
	struct port *p;

	if (!all)
		return;
	for (uint64_t at = 0; (p = index_next(&all->open, &at));)
		close_port(p);
	index_release(&all->open);
	if (all->spare >= 0)
		close(all->spare);
	free(all);
}
