#include "run/gate.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static void exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct gate *g = process->data;

	g->asked = false;
	uv_close((uv_handle_t *)process, NULL);
	if (g->left)
		return;
	if (status == 0 && !signal_number)
		g->opened(g->self);
	else
		g->refused(g->self);
}

/*
 * A command that cannot even be started has not succeeded. It leads a session of its own, so that it can be
 * ended with all that it started.
 */
static void start(struct gate *g, uv_loop_t *loop, const char *command)
{
	char shell[] = "/bin/sh", option[] = "-c", *text = alloc_text(command);
	char *arguments[] = { shell, option, text, NULL };
	uv_stdio_container_t streams[] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_INHERIT_FD, .data.fd = 2 },
		{ .flags = UV_INHERIT_FD, .data.fd = 2 },
	};
	const uv_process_options_t o = { .exit_cb = exited,
		.file = shell,
		.args = arguments,
		.flags = UV_PROCESS_DETACHED,
		.stdio = streams,
		.stdio_count = 3 };

	g->process.data = g;
	g->asked = uv_spawn(loop, &g->process, &o) == 0;
	if (!g->asked) {
		uv_close((uv_handle_t *)&g->process, NULL);
		g->refused(g->self);
	}
	free(text);
}

int64_t gate_ask(struct gate *g, uv_loop_t *loop, const char *command, int64_t mono_ms)
{
	if (g->asked)
		return INT64_MAX;
	if (g->asked_ms && mono_ms < g->asked_ms + GATE_PAUSE_MS)
		return g->asked_ms + GATE_PAUSE_MS;
	g->asked_ms = mono_ms;
	start(g, loop, command);
	return mono_ms + GATE_PAUSE_MS;
}

void gate_leave(struct gate *g)
{
	g->left = true;
	if (g->asked)
		uv_kill(-uv_process_get_pid(&g->process), SIGTERM);
}
