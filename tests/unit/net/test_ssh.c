/* Against a real sshd: what the engine relies on when it acts on machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ssh.h"
#include "net/ssh_key.h"
#include "support/cell.h"
#include "support/sshd.h"

enum { ANSWERS_MAX = 8 };

struct answer {
	bool failed;
	struct error err;
	struct ssh_result result; /* with out and errors below */
	char *out, *errors, signal[32];
};

struct fixture {
	struct test_sshd sshd;
	uv_loop_t loop;
	struct ssh_target target;
	struct ssh_session *session;
	bool opened;
	struct error open_err;
	struct answer answers[ANSWERS_MAX];
	size_t answered;
	uv_timer_t pause;
	char key[128], known_hosts[128];
};

static struct fixture *at(void **state)
{
	return *state;
}

static void on_opened(void *ctx, struct ssh_session *s, const struct error *err)
{
	struct fixture *f = ctx;

	(void)s;
	assert_false(f->opened);
	f->opened = true;
	if (err)
		error_copy(&f->open_err, err);
}

static void on_done(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct fixture *f = ctx;
	struct answer *a = &f->answers[f->answered++];

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

static void open_session(struct fixture *f)
{
	f->session = ssh_open(&f->loop, &f->target, on_opened, f);
	assert_false(f->opened);
	while (!f->opened)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void run_line(struct fixture *f, const char *line, const char *input, int limit_ms)
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

static struct answer *await(struct fixture *f, size_t count)
{
	while (f->answered < count)
		uv_run(&f->loop, UV_RUN_ONCE);
	return &f->answers[count - 1];
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' does not contain '%s'", text, part);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	test_sshd_prepare(&f->sshd);
	test_sshd_start(&f->sshd, "");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	test_sshd_stop(&f->sshd);
	free(f);
	return 0;
}

static int begin(void **state)
{
	struct fixture *f = *state;

	uv_loop_init(&f->loop);
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

static int end(void **state)
{
	struct fixture *f = *state;

	if (f->session)
		ssh_close(f->session);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0); /* no handle is left */
	for (size_t i = 0; i < f->answered; i++) {
		error_release(&f->answers[i].err);
		free(f->answers[i].out);
		free(f->answers[i].errors);
	}
	error_release(&f->open_err);
	*f = (struct fixture){ .sshd = f->sshd };
	return 0;
}

static void an_ed25519_key_logs_in(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_NONE);
	run_line(f, "echo hello; echo oops >&2; exit 3", NULL, 5000);
	await(f, 1);
	assert_false(f->answers[0].failed);
	assert_string_equal(f->answers[0].out, "hello\n");
	assert_string_equal(f->answers[0].errors, "oops\n");
	assert_int_equal(f->answers[0].result.exit_code, 3);
}

/* Formats are ssh-keygen's: its own, and the two PEM forms. */
static void every_ecdsa_key_that_passes_the_check_logs_in(void **state)
{
	static const char *const FORMATS[] = { "RFC4716", "PEM", "PKCS8" };
	struct fixture *f = at(state);

	snprintf(f->key, sizeof(f->key), "%s/user_ecdsa", f->sshd.folder);
	for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++) {
		auto_error err = ERROR_INIT;

		cell_run("ssh-keygen -q -p -N '' -P '' -m %s -f %s >/dev/null", FORMATS[i], f->key);
		assert_true(ssh_key_check(f->key, &err));
		open_session(f);
		assert_int_equal(f->open_err.kind, ERROR_NONE);
		ssh_close(f->session);
		f->opened = false;
	}
	f->session = NULL;
}

static void an_agents_key_logs_in_past_its_rsa_keys(void **state)
{
	struct fixture *f = at(state);
	int agent = cell_start((const char *[]){ "/usr/bin/ssh-agent", "-D", "-a", "/run/agent", NULL });

	cell_run("until [ -S /run/agent ]; do sleep 0.02; done; cd %s; "
	         "SSH_AUTH_SOCK=/run/agent ssh-add -q user_rsa stranger_ed25519 user_ecdsa",
	        f->sshd.folder);
	f->target.key_file = NULL;
	f->target.agent = true;
	f->target.agent_socket = "/run/agent";
	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_NONE);
	cell_end(agent);
}

static void a_refused_user_is_named_with_the_key(void **state)
{
	struct fixture *f = at(state);

	f->target.user = "nobody";
	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_int_equal(f->open_err.happened, HAPPENED_NO);
	assert_contains(f->open_err.message, "refused user nobody with key /run/test-sshd/user_ed25519");
	assert_non_null(f->open_err.hint);
}

static void an_rsa_key_is_refused_before_connecting(void **state)
{
	struct fixture *f = at(state);

	snprintf(f->key, sizeof(f->key), "%s/user_rsa", f->sshd.folder);
	f->target.port = 1;
	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "RSA");
	assert_contains(f->open_err.hint, "ssh-keygen -t ed25519");
}

static void a_wrong_host_key_is_refused(void **state)
{
	struct fixture *f = at(state);

	f->target.host_keys =
	        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHm6d9GfWEeNd6L9GWd8qbVlxCXEGmLGLS7VXHPGMQ4H\n";
	open_session(f);
	run_line(f, "echo never", NULL, 1000);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "SHA256:");
	assert_true(ssh_is_broken(f->session));
	assert_int_equal(await(f, 1)->err.happened, HAPPENED_NO);
}

static void known_hosts_is_looked_up_as_ssh_does(void **state)
{
	struct fixture *f = at(state);

	snprintf(f->known_hosts, sizeof(f->known_hosts), "%s/known_hosts", f->sshd.folder);
	cell_run("cd %s && sed 's/^/[127.0.0.1]:%d /' host_ecdsa.pub >known_hosts && "
	         "ssh-keygen -q -H -f known_hosts >/dev/null 2>&1",
	        f->sshd.folder, f->sshd.port);
	f->target.host_keys = NULL;
	f->target.known_hosts_file = f->known_hosts;
	open_session(f);
	assert_int_equal(
	        f->open_err.kind, ERROR_NONE); /* the known type was asked for, though not the first choice */
}

static void an_unknown_host_is_refused_with_its_fingerprint(void **state)
{
	struct fixture *f = at(state);

	f->target.host_keys = NULL;
	f->target.known_hosts_file = "/run/none";
	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "ssh-ed25519 SHA256:");
	assert_contains(f->open_err.hint, "ssh-keyscan");
}

static void a_closed_port_is_reported_as_refused(void **state)
{
	struct fixture *f = at(state);

	f->target.port = test_free_port();
	open_session(f);
	assert_int_equal(f->open_err.kind, ERROR_REMOTE);
	assert_contains(f->open_err.message, "Connection refused");
}

static int listen_silently(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void a_silent_server_ends_at_the_limit(void **state)
{
	struct fixture *f = at(state);
	int fd = listen_silently(&f->target.port);
	uint64_t before = uv_hrtime();

	f->target.limit_ms = 200;
	open_session(f);
	close(fd);
	assert_int_equal(f->open_err.kind, ERROR_TIMEOUT);
	assert_contains(f->open_err.message, "said nothing within 200 ms");
	assert_in_range((uv_hrtime() - before) / 1000000, 195, 1000);
}

static void a_server_without_a_common_algorithm_is_named(void **state, const char *config, const char *words)
{
	struct fixture *f = at(state);
	struct test_sshd other = f->sshd;

	other.port = test_free_port();
	test_sshd_start(&other, config);
	f->target.port = other.port;
	open_session(f);
	test_sshd_stop(&other);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, words);
	assert_non_null(f->open_err.hint);
}

static void a_server_with_only_chacha_is_named(void **state)
{
	a_server_without_a_common_algorithm_is_named(state, "Ciphers chacha20-poly1305@openssh.com",
	        "no common cipher: it offers chacha20-poly1305@openssh.com");
}

static void a_server_with_only_etm_macs_is_named(void **state)
{
	a_server_without_a_common_algorithm_is_named(
	        state, "MACs hmac-sha2-256-etm@openssh.com", "no common MAC");
}

static void a_server_with_only_an_rsa_host_key_is_named(void **state)
{
	a_server_without_a_common_algorithm_is_named(
	        state, "HostKey /run/test-sshd/host_rsa", "no common host key type: it offers rsa-sha2-512");
}

static void a_server_with_only_post_quantum_exchange_is_named(void **state)
{
	a_server_without_a_common_algorithm_is_named(state,
	        "KexAlgorithms sntrup761x25519-sha512@openssh.com",
	        "no common key exchange: it offers sntrup761x25519");
}

static void all_of_stdin_arrives_and_ends(void **state)
{
	struct fixture *f = at(state);
	size_t len = 5 * 1000 * 1000;
	char *input = malloc(len + 1);

	memset(input, 'x', len);
	input[len] = '\0';
	open_session(f);
	run_line(f, "wc -c", input, 10000);
	assert_string_equal(await(f, 1)->out, "5000000\n");
	free(input);
}

static void input_that_is_not_read_does_no_harm(void **state)
{
	struct fixture *f = at(state);
	size_t len = 5 * 1000 * 1000;
	char *input = malloc(len + 1);

	memset(input, 'x', len);
	input[len] = '\0';
	open_session(f);
	run_line(f, "exit 7", input, 10000);
	assert_int_equal(await(f, 1)->result.exit_code, 7);
	run_line(f, "echo next", NULL, 5000);
	assert_string_equal(await(f, 2)->out, "next\n");
	free(input);
}

static void large_output_on_both_streams_is_read_and_capped(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	run_line(f,
	        "head -c 20000000 /dev/zero | tr '\\0' o & head -c 20000000 /dev/zero | tr '\\0' e >&2; wait",
	        NULL, 20000);
	await(f, 1);
	assert_int_equal(f->answers[0].result.exit_code, 0);
	assert_true(f->answers[0].result.cut);
	assert_int_equal(strlen(f->answers[0].out), 64 * 1024);
	assert_int_equal(strlen(f->answers[0].errors), 64 * 1024);
}

static void commands_run_one_after_the_other(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	run_line(f, "sleep 0.2; date +%s%N", NULL, 5000);
	run_line(f, "date +%s%N", NULL, 5000);
	await(f, 2);
	assert_true(strtoll(f->answers[0].out, NULL, 10) < strtoll(f->answers[1].out, NULL, 10));
}

static void a_signal_is_told(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	run_line(f, "kill -9 $$", NULL, 5000);
	assert_int_equal(await(f, 1)->result.exit_code, -1);
	assert_string_equal(f->answers[0].signal, "KILL");
}

static void a_command_past_its_deadline_is_a_timeout_and_the_session_goes_on(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	run_line(f, "sleep 3", NULL, 200);
	await(f, 1);
	assert_int_equal(f->answers[0].err.kind, ERROR_TIMEOUT);
	assert_int_equal(f->answers[0].err.happened, HAPPENED_UNKNOWN);
	run_line(f, "echo next", NULL, 5000);
	assert_string_equal(await(f, 2)->out, "next\n");
}

static void a_session_that_breaks_leaves_only_the_running_command_unknown(void **state)
{
	struct fixture *f = at(state);

	open_session(f);
	run_line(f, "echo begun; kill -9 $PPID; sleep 5", NULL, 5000);
	run_line(f, "echo never", NULL, 5000);
	await(f, 2);
	assert_int_equal(f->answers[0].err.happened, HAPPENED_UNKNOWN);
	assert_int_equal(f->answers[1].err.happened, HAPPENED_NO);
	assert_true(ssh_is_broken(f->session));
	run_line(f, "echo never", NULL, 5000);
	assert_int_equal(f->answered, 2); /* not from within */
	assert_int_equal(await(f, 3)->err.happened, HAPPENED_NO);
}

static void on_pause_over(uv_timer_t *pause)
{
	uv_close((uv_handle_t *)pause, NULL);
}

static void an_idle_session_answers_the_servers_keepalives(void **state)
{
	struct fixture *f = at(state);
	struct test_sshd other = f->sshd;

	other.port = test_free_port();
	test_sshd_start(&other, "ClientAliveInterval 1\nClientAliveCountMax 1");
	f->target.port = other.port;
	open_session(f);
	uv_timer_init(&f->loop, &f->pause);
	uv_timer_start(&f->pause, on_pause_over, 3500, 0);
	while (!uv_is_closing((uv_handle_t *)&f->pause))
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_false(ssh_is_broken(f->session));
	run_line(f, "echo alive", NULL, 5000);
	assert_string_equal(await(f, 1)->out, "alive\n");
	test_sshd_stop(&other);
}

static void on_done_close(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct fixture *f = ctx;

	(void)result;
	(void)err;
	f->answered++;
	ssh_close(f->session);
	f->session = NULL;
}

static void closing_from_an_answer_drops_the_rest(void **state)
{
	struct fixture *f = at(state);
	const struct ssh_command c = { .line = "true", .limit_ms = 5000, .output_cap = 100 };

	open_session(f);
	ssh_run(f->session, &c, on_done_close, f);
	ssh_run(f->session, &c, on_done_close, f);
	while (f->session)
		uv_run(&f->loop, UV_RUN_ONCE);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->answered, 1);
	f->answered = 0;
}

static void closing_while_it_opens_answers_nothing(void **state)
{
	struct fixture *f = at(state);

	f->session = ssh_open(&f->loop, &f->target, on_opened, f);
	for (int i = 0; i < 3; i++)
		uv_run(&f->loop, UV_RUN_ONCE);
	ssh_close(f->session);
	f->session = NULL;
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_false(f->opened);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_ed25519_key_logs_in),
		TEST(every_ecdsa_key_that_passes_the_check_logs_in),
		TEST(an_agents_key_logs_in_past_its_rsa_keys),
		TEST(a_refused_user_is_named_with_the_key),
		TEST(an_rsa_key_is_refused_before_connecting),
		TEST(a_wrong_host_key_is_refused),
		TEST(known_hosts_is_looked_up_as_ssh_does),
		TEST(an_unknown_host_is_refused_with_its_fingerprint),
		TEST(a_closed_port_is_reported_as_refused),
		TEST(a_silent_server_ends_at_the_limit),
		TEST(a_server_with_only_chacha_is_named),
		TEST(a_server_with_only_etm_macs_is_named),
		TEST(a_server_with_only_an_rsa_host_key_is_named),
		TEST(a_server_with_only_post_quantum_exchange_is_named),
		TEST(all_of_stdin_arrives_and_ends),
		TEST(input_that_is_not_read_does_no_harm),
		TEST(large_output_on_both_streams_is_read_and_capped),
		TEST(commands_run_one_after_the_other),
		TEST(a_signal_is_told),
		TEST(a_command_past_its_deadline_is_a_timeout_and_the_session_goes_on),
		TEST(a_session_that_breaks_leaves_only_the_running_command_unknown),
		TEST(an_idle_session_answers_the_servers_keepalives),
		TEST(closing_from_an_answer_drops_the_rest),
		TEST(closing_while_it_opens_answers_nothing),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
