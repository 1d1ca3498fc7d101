#include "sandbox/machinery_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

struct watch {
	uv_poll_t poll;
	pid_t pid;
	int pidfd;
	watch_ended *ended;
	void *ctx;
};

static void free_watch(uv_handle_t *poll)
{
	free(poll->data);
}

/* Polling stops before the descriptor closes: its number may be another file's at once. */
static void dispose(struct watch *w)
{
	uv_poll_stop(&w->poll);
	close(w->pidfd);
	uv_close((uv_handle_t *)&w->poll, free_watch);
}

static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void on_end(uv_poll_t *poll, int uv_status, int events)
{
	struct watch *w = poll->data;
	watch_ended *ended = w->ended;
	void *ctx = w->ctx;
	int status = reap(w->pid);

	(void)uv_status;
	(void)events;
	dispose(w);
	ended(ctx, status);
}

struct watch *watch_new(uv_loop_t *loop, pid_t pid, int pidfd, watch_ended *ended, void *ctx)
{
	struct watch *w = alloc_zeroed(1, sizeof(*w));

	*w = (struct watch){ .pid = pid, .pidfd = pidfd, .ended = ended, .ctx = ctx };
	if (uv_poll_init(loop, &w->poll, pidfd) || uv_poll_start(&w->poll, UV_READABLE, on_end))
		abort(); /* only without memory, or for a descriptor that is none */
	w->poll.data = w;
	return w;
}

pid_t watch_pid(const struct watch *w)
{
	return w->pid;
}

void watch_signal(const struct watch *w, int signal_number)
{
	kill(w->pid, signal_number); /* not reaped yet: the number is still the child's */
}

void watch_wait(const struct watch *w)
{
	struct pollfd ended = { .fd = w->pidfd, .events = POLLIN };

	while (poll(&ended, 1, -1) < 0 && errno == EINTR)
		;
}

void watch_kill(struct watch *w)
{
	watch_signal(w, SIGKILL);
	reap(w->pid);
	dispose(w);
}
