#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ssh_fixture.h"

void fixture_opened(void *ctx, struct ssh_session *s, const struct error *err)
{
	struct ssh_fixture *f = ctx;

	(void)s;
	assert_false(f->opened);
	f->opened = true;
	uv_stop(&f->loop);
	if (err)
		error_copy(&f->open_err, err);
}

static void on_done(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct ssh_fixture *f = ctx;
	struct ssh_answer *a = &f->answers[f->answered++];

	uv_stop(&f->loop);
	assert_true((result == NULL) != (err == NULL));
	a->failed = err != NULL;
	if (err) {
		error_copy(&a->err, err);
		return;
	}
	a->result = *result;
	a->out = strndup(result->out, result->out_len);
	a->errors = strndup(result->errors, result->errors_len);
	snprintf(a->signal, sizeof(a->signal), "%s", result->signal);
}

enum { PATIENCE_MS = 30 * 1000 };

static void on_patience_over(uv_timer_t *patience)
{
	(void)patience;
	fail_msg("the session neither answers nor gives up");
}

/*
 * A turn of the loop, which has a limit for all of them: the session's own ones may be what is wrong. What has been
 * waited for may come by a timer, after which the turn would still wait for the socket: uv_stop() ends it.
 */
static void turn(struct ssh_fixture *f)
{
	if (!uv_is_active((uv_handle_t *)&f->patience))
		uv_timer_start(&f->patience, on_patience_over, PATIENCE_MS, 0);
	if (!uv_loop_alive(&f->loop))
		fail_msg("the session waits for nothing, and has not answered");
	uv_run(&f->loop, UV_RUN_ONCE);
}

void fixture_open(struct ssh_fixture *f)
{
	f->session = ssh_open(&f->loop, &f->target, fixture_opened, f);
	assert_false(f->opened);
	while (!f->opened)
		turn(f);
}

void fixture_run(struct ssh_fixture *f, const char *line, const char *input, int limit_ms)
{
	const struct ssh_command c = {
		.line = line,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.limit_ms = limit_ms,
		.output_cap = 64 * 1024,
	};

	ssh_run(f->session, &c, on_done, f);
}

struct ssh_answer *fixture_await(struct ssh_fixture *f, size_t count)
{
	while (f->answered < count)
		turn(f);
	return &f->answers[count - 1];
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' does not contain '%s'", text, part);
}

int fixture_start_server(void **state)
{
	struct ssh_fixture *f = calloc(1, sizeof(*f));

	test_sshd_prepare(&f->sshd);
	test_sshd_start(&f->sshd, "");
	*state = f;
	return 0;
}

int fixture_stop_server(void **state)
{
	struct ssh_fixture *f = *state;

	test_sshd_stop(&f->sshd);
	free(f);
	return 0;
}

int fixture_begin(void **state)
{
	struct ssh_fixture *f = *state;

	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->patience);
	uv_unref((uv_handle_t *)&f->patience);
	snprintf(f->key, sizeof(f->key), "%s/user_ed25519", f->sshd.folder);
	f->target = (struct ssh_target){
		.address = "127.0.0.1",
		.port = f->sshd.port,
		.user = "tester",
		.key_file = f->key,
		.host_keys = f->sshd.host_keys,
		.limit_ms = 5000,
	};
	return 0;
}

int fixture_end(void **state)
{
	struct ssh_fixture *f = *state;

	if (f->session)
		ssh_close(f->session);
	uv_close((uv_handle_t *)&f->patience, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0); /* no handle is left */
	for (size_t i = 0; i < f->answered; i++) {
		error_release(&f->answers[i].err);
		free(f->answers[i].out);
		free(f->answers[i].errors);
	}
	error_release(&f->open_err);
	*f = (struct ssh_fixture){ .sshd = f->sshd };
	return 0;
}
