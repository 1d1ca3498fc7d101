/* ssh_fixture.h: an SSH session to a real sshd, and what it answered. */
#ifndef TESTS_NET_SSH_FIXTURE_H
#define TESTS_NET_SSH_FIXTURE_H

#include <uv.h>

#include "net/ssh.h"
#include "support/sshd.h"

enum { ANSWERS_MAX = 8 };

struct ssh_answer {
	bool failed;
	struct error err;
	struct ssh_result result; /* with out and errors below */
	char *out, *errors, signal[32];
};

struct ssh_fixture {
	struct test_sshd sshd;
	uv_loop_t loop;
	struct ssh_target target;
	struct ssh_session *session;
	bool opened;
	struct error open_err;
	struct ssh_answer answers[ANSWERS_MAX];
	size_t answered;
	uv_timer_t pause, patience;
	char key[128], known_hosts[128];
};

/* Around the group: the server. Around each test: a loop, and a target that works as it is. */
int fixture_start_server(void **state);
int fixture_stop_server(void **state);
int fixture_begin(void **state);
int fixture_end(void **state);

/* Opens the session and waits until that has succeeded, or failed with open_err. */
void fixture_open(struct ssh_fixture *f);
void fixture_opened(void *ctx, struct ssh_session *s, const struct error *err);

void fixture_run(struct ssh_fixture *f, const char *line, const char *input, int limit_ms);

/* Waits until `count` commands have been answered, and returns the last of these. */
struct ssh_answer *fixture_await(struct ssh_fixture *f, size_t count);

void assert_contains(const char *text, const char *part);
#endif
