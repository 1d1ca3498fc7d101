/* Against a real sshd: logging in, and saying why it cannot be done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ssh_key.h"
#include "ssh_fixture.h"
#include "support/cell.h"

static void an_ed25519_key_logs_in(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	assert_int_equal(f->open_err.kind, ERROR_NONE);
	fixture_run(f, "echo hello; echo oops >&2; exit 3", NULL, 5000);
	fixture_await(f, 1);
	assert_false(f->answers[0].failed);
	assert_string_equal(f->answers[0].out, "hello\n");
	assert_string_equal(f->answers[0].errors, "oops\n");
	assert_int_equal(f->answers[0].result.exit_code, 3);
}

/* Formats are ssh-keygen's: its own, and the two PEM forms. */
static void every_ecdsa_key_that_passes_the_check_logs_in(void **state)
{
	static const char *const FORMATS[] = { "RFC4716", "PEM", "PKCS8" };
	struct ssh_fixture *f = *state;

	snprintf(f->key, sizeof(f->key), "%s/user_ecdsa", f->sshd.folder);
	for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++) {
		auto_error err = ERROR_INIT;

		cell_run("ssh-keygen -q -p -N '' -P '' -m %s -f %s >/dev/null", FORMATS[i], f->key);
		assert_true(ssh_key_check(f->key, &err));
		fixture_open(f);
		assert_int_equal(f->open_err.kind, ERROR_NONE);
		ssh_close(f->session);
		f->opened = false;
	}
	f->session = NULL;
}

/* A server hangs up after a few refusals: keys that cannot work must not use them up. */
static void an_agents_key_logs_in_past_its_rsa_keys(void **state)
{
	struct ssh_fixture *f = *state;
	struct test_sshd strict = f->sshd;
	int agent = cell_start(
		(const char *[]){ "/bin/sh", "-c", "exec ssh-agent -D -a /run/agent >/dev/null", NULL });

	cell_run("until [ -S /run/agent ]; do sleep 0.02; done; cd %s; "
		 "SSH_AUTH_SOCK=/run/agent ssh-add -q user_rsa stranger_ed25519 user_ecdsa",
		f->sshd.folder);
	strict.port = test_free_port();
	test_sshd_start(&strict, "MaxAuthTries 2");
	f->target.port = strict.port;
	f->target.key_file = NULL;
	f->target.agent = true;
	f->target.agent_socket = "/run/agent";
	fixture_open(f);
	test_sshd_stop(&strict);
	cell_end(agent);
	assert_int_equal(f->open_err.kind, ERROR_NONE);
}

static void a_refused_user_is_named_with_the_key(void **state)
{
	struct ssh_fixture *f = *state;

	f->target.user = "nobody";
	fixture_open(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_int_equal(f->open_err.happened, HAPPENED_NO);
	assert_contains(f->open_err.message, "refused user nobody with key /run/test-sshd/user_ed25519");
	assert_non_null(f->open_err.hint);
}

static void an_rsa_key_is_refused_before_connecting(void **state)
{
	struct ssh_fixture *f = *state;

	snprintf(f->key, sizeof(f->key), "%s/user_rsa", f->sshd.folder);
	f->target.port = 1;
	fixture_open(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "RSA");
	assert_contains(f->open_err.hint, "ssh-keygen -t ed25519");
}

static void a_wrong_host_key_is_refused(void **state)
{
	struct ssh_fixture *f = *state;

	f->target.host_keys =
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHm6d9GfWEeNd6L9GWd8qbVlxCXEGmLGLS7VXHPGMQ4H\n";
	fixture_open(f);
	fixture_run(f, "echo never", NULL, 1000);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "SHA256:");
	assert_true(ssh_is_broken(f->session));
	assert_int_equal(fixture_await(f, 1)->err.happened, HAPPENED_NO);
}

static void known_hosts_is_looked_up_as_ssh_does(void **state)
{
	struct ssh_fixture *f = *state;

	snprintf(f->known_hosts, sizeof(f->known_hosts), "%s/known_hosts", f->sshd.folder);
	cell_run("cd %s && sed 's/^/[127.0.0.1]:%d /' host_ecdsa.pub >known_hosts && "
		 "ssh-keygen -q -H -f known_hosts >/dev/null 2>&1",
		f->sshd.folder, f->sshd.port);
	f->target.host_keys = NULL;
	f->target.known_hosts_file = f->known_hosts;
	fixture_open(f);
	assert_int_equal(
		f->open_err.kind, ERROR_NONE); /* the known type was asked for, though not the first choice */
}

static void an_unknown_host_is_refused_with_its_fingerprint(void **state)
{
	struct ssh_fixture *f = *state;

	f->target.host_keys = NULL;
	f->target.known_hosts_file = "/run/none";
	fixture_open(f);
	assert_int_equal(f->open_err.kind, ERROR_DENIED);
	assert_contains(f->open_err.message, "ssh-ed25519 SHA256:");
	assert_contains(f->open_err.hint, "ssh-keyscan");
}

static void a_closed_port_is_reported_as_refused(void **state)
{
	struct ssh_fixture *f = *state;

	f->target.port = test_free_port();
	fixture_open(f);
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
	struct ssh_fixture *f = *state;
	int fd = listen_silently(&f->target.port);
	uint64_t before = uv_hrtime();

	f->target.limit_ms = 200;
	fixture_open(f);
	close(fd);
	assert_int_equal(f->open_err.kind, ERROR_TIMEOUT);
	assert_contains(f->open_err.message, "said nothing within 200 ms");
	assert_in_range((uv_hrtime() - before) / 1000000, 195, 10 * 1000); /* on a busy machine, too */
}

static void a_server_without_a_common_algorithm_is_named(void **state, const char *config, const char *words)
{
	struct ssh_fixture *f = *state;
	struct test_sshd other = f->sshd;

	other.port = test_free_port();
	test_sshd_start(&other, config);
	f->target.port = other.port;
	fixture_open(f);
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

static void closing_while_it_opens_answers_nothing(void **state)
{
	struct ssh_fixture *f = *state;

	f->session = ssh_open(&f->loop, &f->target, fixture_opened, f);
	for (int i = 0; i < 3; i++)
		uv_run(&f->loop, UV_RUN_ONCE);
	ssh_close(f->session);
	f->session = NULL;
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_false(f->opened);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
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
		TEST(closing_while_it_opens_answers_nothing),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
