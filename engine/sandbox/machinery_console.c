#include "sandbox/machinery_console.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"

enum { CONSOLE_SIZE = 64 * 1024 }; /* what GetConsoleOutput gives */

struct console {
	uv_loop_t *loop;
	struct reader *reader; /* of the latest boot, or NULL */
	size_t written;        /* since the beginning; the newest byte is at (written - 1) % CONSOLE_SIZE */
	char ring[CONSOLE_SIZE];
};

/* Outlives its console until the loop has let go of it. */
struct reader {
	uv_poll_t poll;
	int fd;
	struct console *console;
};

static void free_reader(uv_handle_t *poll)
{
	free(poll->data);
}

static void disconnect(struct console *c)
{
	struct reader *r = c->reader;

	if (!r)
		return;
	c->reader = NULL;
	uv_poll_stop(&r->poll);
	close(r->fd);
	uv_close((uv_handle_t *)&r->poll, free_reader);
}

static void keep(struct console *c, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		c->ring[c->written++ % CONSOLE_SIZE] = bytes[i];
}

/* Once per readiness, so that a chatty guest does not hold up the loop. */
static void on_output(uv_poll_t *poll, int status, int events)
{
	struct reader *r = poll->data;
	char bytes[4096];
	ssize_t n = read(r->fd, bytes, sizeof(bytes));

	(void)status;
	(void)events;
	if (n > 0)
		keep(r->console, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		disconnect(r->console);
}

struct console *console_new(uv_loop_t *loop)
{
	struct console *c = alloc_zeroed(1, sizeof(*c));

	c->loop = loop;
	return c;
}

void console_free(struct console *c)
{
	disconnect(c);
	free(c);
}

static void start_reading(struct console *c, int fd)
{
	struct reader *r = alloc_zeroed(1, sizeof(*r));

	*r = (struct reader){ .fd = fd, .console = c };
	if (uv_poll_init(c->loop, &r->poll, fd) || uv_poll_start(&r->poll, UV_READABLE, on_output))
		abort(); /* only without memory, or for a descriptor that is none */
	r->poll.data = r;
	c->reader = r;
}

bool console_connect(struct console *c, int *ret_writer, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return error_set_errno(err, ERROR_LOCAL, errno, "could not make a pipe for the console");
	disconnect(c);
	start_reading(c, ends[0]);
	*ret_writer = ends[1];
	return true;
}

void console_read(const struct console *c, struct text *ret)
{
	size_t start = c->written % CONSOLE_SIZE;

	if (c->written > CONSOLE_SIZE)
		text_add_bytes(ret, c->ring + start, CONSOLE_SIZE - start);
	text_add_bytes(ret, c->ring, start);
}
