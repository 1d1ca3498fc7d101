/*
 * Against a real sshd: what arrives between two of libssh2's reads. Whichever stream is read, libssh2 takes all that the
 * socket has; the socket does not show what it has taken for the other stream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <libssh2.h>
#include <string.h>
#include <time.h>

#include "ssh_fixture.h"
#include "support/cell.h"

enum { PAUSE_NS = 300 * 1000 * 1000 };

typedef ssize_t read_channel(LIBSSH2_CHANNEL *channel, int stream, char *bytes, size_t len);

/* The engine calls this one: everything has arrived when the second stream is read. */
ssize_t libssh2_channel_read_ex(LIBSSH2_CHANNEL *channel, int stream, char *bytes, size_t len)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	read_channel *libssh2;

	*(void **)&libssh2 = dlsym(RTLD_NEXT, "libssh2_channel_read_ex");
	if (stream == SSH_EXTENDED_DATA_STDERR)
		nanosleep(&pause, NULL);
	return libssh2(channel, stream, bytes, len);
}

static void what_arrives_between_two_reads_is_not_waited_for(void **state)
{
	struct ssh_fixture *f = *state;

	fixture_open(f);
	fixture_run(f, "sleep 0.45; echo here", NULL, 5000);
	assert_false(fixture_await(f, 1)->failed);
	assert_int_equal(f->answers[0].result.exit_code, 0);
	assert_string_equal(f->answers[0].out, "here\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_arrives_between_two_reads_is_not_waited_for, fixture_begin, fixture_end),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
