/*
 * sshd.h: a real sshd on a loopback port, inside the test's cell (cell.h), with host keys and
 * authorized keys of its own. The program: $CHANGEOVER_TEST_SSHD, /usr/sbin/sshd, or what
 * scripts/fetch-sshd unpacked; without one the test fails.
 */
#ifndef SUPPORT_SSHD_H
#define SUPPORT_SSHD_H

struct test_sshd {
	char folder[64];      /* keys: user_ed25519, user_ecdsa, user_rsa, stranger */
	char host_keys[2048]; /* "type base64\n" lines */
	int port, pid;
};

/* Makes the keys; users `tester` and `guest` may log in with user_*. */
void test_sshd_prepare(struct test_sshd *s);

/* Starts it with further lines of sshd_config, and waits until it listens. */
void test_sshd_start(struct test_sshd *s, const char *config);

/* Ends the server and all its connections. */
void test_sshd_stop(struct test_sshd *s);

/* A loopback port that nobody uses. */
int test_free_port(void);
#endif
