#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/probe.h"
#include "support/sshd.h"

struct outcome {
	int answers;
	struct error err;
};

static void on_done(void *ctx, const struct error *err)
{
	struct outcome *o = ctx;

	o->answers++;
	if (err)
		error_copy(&o->err, err);
}

static struct outcome probe_within(const char *address, int port, int limit_ms)
{
	struct outcome o = { .err = ERROR_INIT };
	uv_loop_t loop;

	uv_loop_init(&loop);
	probe_tcp(&loop, address, port, limit_ms, on_done, &o);
	assert_int_equal(o.answers, 0); /* never from within */
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(o.answers, 1);
	return o;
}

/* Time enough for an answer on any machine. */
static struct outcome probe(const char *address, int port)
{
	return probe_within(address, port, 20 * 1000);
}

static int listen_on(struct sockaddr_in *a, int backlog)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)a, len), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &len), 0);
	return fd;
}

static void a_port_that_accepts_passes(void **state)
{
	struct sockaddr_in a;
	int fd = listen_on(&a, 8);

	(void)state;
	assert_int_equal(probe("127.0.0.1", ntohs(a.sin_port)).err.kind, ERROR_NONE);
	close(fd);
}

static void a_closed_port_is_refused(void **state)
{
	struct outcome o = probe("127.0.0.1", test_free_port());

	(void)state;
	assert_int_equal(o.err.kind, ERROR_REMOTE);
	assert_non_null(strstr(o.err.message, "Connection refused"));
	error_release(&o.err);
}

/* A full backlog: the kernel answers further connections with silence. */
static void a_port_that_does_not_answer_is_a_timeout(void **state)
{
	struct sockaddr_in a;
	int fd = listen_on(&a, 0), full[4];
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(full[i], (struct sockaddr *)&a, sizeof(a));
	}
	o = probe_within("127.0.0.1", ntohs(a.sin_port), 300);
	assert_int_equal(o.err.kind, ERROR_TIMEOUT);
	error_release(&o.err);
	for (size_t i = 0; i < 4; i++)
		close(full[i]);
	close(fd);
}

static void a_name_is_not_an_address(void **state)
{
	struct outcome o = probe("localhost", 80);

	(void)state;
	assert_int_equal(o.err.kind, ERROR_USAGE);
	error_release(&o.err);
	o = probe("127.0.0.1", 70000);
	assert_int_equal(o.err.kind, ERROR_USAGE);
	error_release(&o.err);
}

static void a_cancelled_probe_is_not_answered(void **state)
{
	struct outcome o = { .err = ERROR_INIT };
	uv_loop_t loop;

	(void)state;
	uv_loop_init(&loop);
	probe_cancel(probe_tcp(&loop, "127.0.0.1", 1, 300, on_done, &o));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(o.answers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_accepts_passes),
		cmocka_unit_test(a_closed_port_is_refused),
		cmocka_unit_test(a_port_that_does_not_answer_is_a_timeout),
		cmocka_unit_test(a_name_is_not_an_address),
		cmocka_unit_test(a_cancelled_probe_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
