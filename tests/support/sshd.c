#include "support/sshd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/cell.h"

static const char *find_sshd(char path[512])
{
	const char *given = getenv("CHANGEOVER_TEST_SSHD"), *cache = getenv("XDG_CACHE_HOME"),
		   *home = getenv("HOME");

	if (given)
		return given;
	if (!access("/usr/sbin/sshd", X_OK))
		return "/usr/sbin/sshd";
	snprintf(path, 512, "%s%s/changeover/sshd/sshd", cache ? cache : home, cache ? "" : "/.cache");
	if (!access(path, X_OK))
		return path;
	fprintf(stderr, "no sshd for this test: run scripts/fetch-sshd, or set CHANGEOVER_TEST_SSHD\n");
	exit(1);
}

int test_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, len) || getsockname(fd, (struct sockaddr *)&a, &len))
		abort();
	close(fd);
	return ntohs(a.sin_port);
}

static void read_host_keys(struct test_sshd *s)
{
	char path[128];
	FILE *f;

	cell_run("cd %s && cut -d' ' -f1,2 host_ed25519.pub host_ecdsa.pub >host_keys", s->folder);
	snprintf(path, sizeof(path), "%s/host_keys", s->folder);
	f = fopen(path, "r");
	s->host_keys[fread(s->host_keys, 1, sizeof(s->host_keys) - 1, f)] = '\0';
	fclose(f);
}

void test_sshd_prepare(struct test_sshd *s)
{
	snprintf(s->folder, sizeof(s->folder), "/run/test-sshd");
	cell_run(
		"mkdir -p %s && cd %s && for key in host_ed25519 host_ecdsa host_rsa user_ed25519 user_ecdsa "
		"user_rsa stranger_ed25519; do ssh-keygen -q -N '' -t ${key#*_} -f $key; done; "
		"cat user_*.pub >authorized_keys; mkdir -p /run/sshd",
		s->folder, s->folder);
	read_host_keys(s);
	s->port = test_free_port();
}

static void write_config(const struct test_sshd *s, const char *config)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/config", s->folder);
	f = fopen(path, "w");
	fprintf(f, "%s\n", config);
	fprintf(f, "Port %d\nListenAddress 127.0.0.1\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n",
		s->port);
	fprintf(f, "AuthorizedKeysFile %s/authorized_keys\nAllowUsers tester guest\nPidFile none\n",
		s->folder);
	if (!strstr(config, "HostKey "))
		fprintf(f, "HostKey %s/host_ed25519\nHostKey %s/host_ecdsa\n", s->folder, s->folder);
	fclose(f);
}

static void wait_listening(const struct test_sshd *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	a.sin_port = htons((uint16_t)s->port);
	for (int i = 0; i < 500; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0),
		    failed = connect(fd, (struct sockaddr *)&a, sizeof(a));

		close(fd);
		if (!failed)
			return;
		usleep(10 * 1000);
	}
	fprintf(stderr, "sshd does not listen\n");
	exit(1);
}

void test_sshd_start(struct test_sshd *s, const char *config)
{
	char path[512], config_path[128], log_path[128];

	write_config(s, config);
	snprintf(config_path, sizeof(config_path), "%s/config", s->folder);
	snprintf(log_path, sizeof(log_path), "%s/log", s->folder);
	s->pid = cell_start(
		(const char *[]){ find_sshd(path), "-D", "-E", log_path, "-f", config_path, NULL });
	wait_listening(s);
}

void test_sshd_stop(struct test_sshd *s)
{
	/* Its connections are processes of their own, whose parent it is. */
	cell_run(
		"for pid in $(cat /proc/%d/task/*/children); do kill -9 $pid 2>/dev/null || :; done", s->pid);
	cell_end(s->pid);
}

/*
 * libssh2 1.10 leaks two numbers per ECDSA login, and its half of a key exchange that is broken off.
 * AddressSanitizer's runtime asks for these by name; without it nobody calls them.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libssh2_userauth_publickey_fromfile_ex\nleak:libssh2_session_handshake\n";
}

/* Its quick unwinder would lose the way in libraries without frame pointers. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}
