/* A gate opens when its command succeeds, and not before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "run/gate.h"

struct watch {
	struct gate gate;
	uv_loop_t loop;
	int opened, refused;
};

static void opened(void *self)
{
	struct watch *w = self;

	w->opened++;
}

static void refused(void *self)
{
	struct watch *w = self;

	w->refused++;
}

static void watch_init(struct watch *w)
{
	*w = (struct watch){ .gate = { .opened = opened, .refused = refused, .self = w } };
	assert_int_equal(uv_loop_init(&w->loop), 0);
}

static void ask_and_wait(struct watch *w, const char *command, int64_t mono_ms)
{
	gate_ask(&w->gate, &w->loop, command, mono_ms);
	uv_run(&w->loop, UV_RUN_DEFAULT);
}

static void it_opens_when_its_command_succeeds(void **state)
{
	struct watch w;

	(void)state;
	watch_init(&w);
	ask_and_wait(&w, "exit 0", 1000);
	assert_int_equal(w.opened, 1);
	assert_int_equal(w.refused, 0);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void it_stays_shut_when_the_command_fails_or_is_killed(void **state)
{
	struct watch w;

	(void)state;
	watch_init(&w);
	ask_and_wait(&w, "exit 3", 1000);
	ask_and_wait(&w, "kill -9 $$", 1000 + GATE_PAUSE_MS);
	ask_and_wait(&w, "no-such-command-anywhere 2> /dev/null", 1000 + 2 * GATE_PAUSE_MS);
	assert_int_equal(w.refused, 3);
	assert_int_equal(w.opened, 0);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void it_is_not_asked_all_the_time(void **state)
{
	struct watch w;

	(void)state;
	watch_init(&w);
	ask_and_wait(&w, "exit 1", 1000);
	assert_int_equal(gate_ask(&w.gate, &w.loop, "exit 0", 2000), 1000 + GATE_PAUSE_MS);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(w.opened, 0);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

/* The pipe is handed down to whatever the command starts: it ends with the last of them. */
static void one_that_nobody_waits_for_is_ended_with_all_that_it_started(void **state)
{
	struct watch w;
	int line[2];
	char c;

	(void)state;
	watch_init(&w);
	assert_int_equal(pipe(line), 0);
	gate_ask(&w.gate, &w.loop, "(sleep 60; :) & sleep 60; :", 1000);
	close(line[1]);
	gate_leave(&w.gate);
	assert_int_equal(read(line[0], &c, 1), 0);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(w.refused + w.opened, 0);
	assert_int_equal(uv_loop_close(&w.loop), 0);
	close(line[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_when_its_command_succeeds),
		cmocka_unit_test(it_stays_shut_when_the_command_fails_or_is_killed),
		cmocka_unit_test(it_is_not_asked_all_the_time),
		cmocka_unit_test(one_that_nobody_waits_for_is_ended_with_all_that_it_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
