/* Against a real sshd: commands on a session, and what becomes of them when it breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ssh_fixture.h"
#include "support/cell.h"

static void all_of_stdin_arrives_and_ends(void **state)
{
	struct ssh_fixture *f = *state;
	size_t len = 5 * 1000 * 1000;
	char *input = malloc(len + 1);

	memset(input, 'x', len);
	input[len] = '\0';
	fixture_open(f);
	fixture_run(f, "wc -c", input, 10000);
	assert_string_equal(fixture_await(f, 1)->out, "5000000\n");
	free(input);
}

static void input_that_is_not_read_does_no_harm(void **state)
{
	struct ssh_fixture *f = *state;
	size_t len = 5 * 1000 * 1000;
	char *input = malloc(len + 1);

	memset(input, 'x', len);
	input[len] = '\0';
	fixture_open(f);
	fixture_run(f, "exit 7", input, 10000);
	assert_int_equal(fixture_await(f, 1)->result.exit_code, 7);
	fixture_run(f, "echo next", NULL, 5000);
	assert_string_equal(fixture_await(f, 2)->out, "next\n");
	free(input);
}

static void large_output_on_both_streams_is_read_and_capped(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f,
		"head -c 20000000 /dev/zero | tr '\\0' o & head -c 20000000 /dev/zero | tr '\\0' e >&2; wait",
		NULL, 20000);
	fixture_await(f, 1);
	assert_int_equal(f->answers[0].result.exit_code, 0);
	assert_true(f->answers[0].result.cut);
	assert_int_equal(strlen(f->answers[0].out), 64 * 1024);
	assert_int_equal(strlen(f->answers[0].errors), 64 * 1024);
}

static void commands_run_one_after_the_other(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f, "sleep 0.2; date +%s%N", NULL, 5000);
	fixture_run(f, "date +%s%N", NULL, 5000);
	fixture_await(f, 2);
	assert_true(strtoll(f->answers[0].out, NULL, 10) < strtoll(f->answers[1].out, NULL, 10));
}

static void a_signal_is_told(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f, "kill -9 $$", NULL, 5000);
	assert_int_equal(fixture_await(f, 1)->result.exit_code, -1);
	assert_string_equal(f->answers[0].signal, "KILL");
}

static void a_command_past_its_deadline_is_a_timeout_and_the_session_goes_on(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f, "sleep 30", NULL, 1500); /* enough to begin it on a busy machine */
	fixture_await(f, 1);
	assert_int_equal(f->answers[0].err.kind, ERROR_TIMEOUT);
	assert_int_equal(f->answers[0].err.happened, HAPPENED_UNKNOWN);
	fixture_run(f, "echo next", NULL, 5000);
	assert_false(fixture_await(f, 2)->failed);
	assert_string_equal(f->answers[1].out, "next\n");
}

/* Logged in; the server's process for this connection opens no channel. */
static void on_opened_stop_server(void *ctx, struct ssh_session *s, const struct error *err)
{
	struct ssh_fixture *f = ctx;

	fixture_opened(ctx, s, err);
	cell_run("kill -STOP $(cat /proc/%d/task/%d/children)", f->sshd.pid, f->sshd.pid);
}

static void a_command_that_could_not_begin_in_time_did_not_happen(void **state)
{
	struct ssh_fixture *f = *state;

	f->session = ssh_open(&f->loop, &f->target, on_opened_stop_server, f);
	fixture_run(f, "echo never", NULL, 200);
	fixture_run(f, "echo never", NULL, 200);
	fixture_await(f, 2);
	cell_run("kill -CONT $(cat /proc/%d/task/%d/children)", f->sshd.pid, f->sshd.pid);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(f->answers[i].err.kind, ERROR_TIMEOUT);
		assert_int_equal(f->answers[i].err.happened, HAPPENED_NO);
	}
	assert_true(ssh_is_broken(f->session));
}

static void a_session_that_breaks_leaves_only_the_running_command_unknown(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f, "echo begun; kill -9 $PPID; sleep 5", NULL, 5000);
	fixture_run(f, "echo never", NULL, 5000);
	fixture_await(f, 2);
	assert_int_equal(f->answers[0].err.happened, HAPPENED_UNKNOWN);
	assert_int_equal(f->answers[1].err.happened, HAPPENED_NO);
	assert_true(ssh_is_broken(f->session));
	fixture_run(f, "echo never", NULL, 5000);
	assert_int_equal(f->answered, 2); /* not from within */
	assert_int_equal(fixture_await(f, 3)->err.happened, HAPPENED_NO);
}

static void on_pause_over(uv_timer_t *pause)
{
	uv_close((uv_handle_t *)pause, NULL);
}

static void an_idle_session_answers_the_servers_keepalives(void **state)
{
	struct ssh_fixture *f = *state;
	struct test_sshd other = f->sshd;

	other.port = test_free_port();
	test_sshd_start(&other, "ClientAliveInterval 1\nClientAliveCountMax 2");
	f->target.port = other.port;
	fixture_open(f);
	uv_timer_init(&f->loop, &f->pause);
	uv_timer_start(&f->pause, on_pause_over, 3500, 0);
	while (!uv_is_closing((uv_handle_t *)&f->pause))
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_false(ssh_is_broken(f->session));
	fixture_run(f, "echo alive", NULL, 5000);
	assert_string_equal(fixture_await(f, 1)->out, "alive\n");
	test_sshd_stop(&other);
}

static void on_done_close(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct ssh_fixture *f = ctx;

	(void)result;
	(void)err;
	f->answered++;
	ssh_close(f->session);
	f->session = NULL;
}

static void closing_from_an_answer_drops_the_rest(void **state)
{
	struct ssh_fixture *f = *state;
	const struct ssh_command c = { .line = "true", .limit_ms = 5000, .output_cap = 100 };

	fixture_open(f);
	ssh_run(f->session, &c, on_done_close, f);
	ssh_run(f->session, &c, on_done_close, f);
	while (f->session)
		uv_run(&f->loop, UV_RUN_ONCE);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->answered, 1);
	f->answered = 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(all_of_stdin_arrives_and_ends),
		TEST(input_that_is_not_read_does_no_harm),
		TEST(large_output_on_both_streams_is_read_and_capped),
		TEST(commands_run_one_after_the_other),
		TEST(a_signal_is_told),
		TEST(a_command_past_its_deadline_is_a_timeout_and_the_session_goes_on),
		TEST(a_command_that_could_not_begin_in_time_did_not_happen),
		TEST(a_session_that_breaks_leaves_only_the_running_command_unknown),
		TEST(an_idle_session_answers_the_servers_keepalives),
		TEST(closing_from_an_answer_drops_the_rest),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
