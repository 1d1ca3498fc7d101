#include "support/cell.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void require(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	fprintf(stderr, "this test needs root, for a mount namespace of its own\n");
	exit(1);
}

static void add_users(void)
{
	cell_run("cp /etc/passwd /run/passwd && for user in sshd tester guest; do "
		 "echo $user:x:0:0:$user:/run/$user:/bin/sh; mkdir /run/$user; done >>/run/passwd");
	require(mount("/run/passwd", "/etc/passwd", NULL, MS_BIND, NULL), "mount /etc/passwd");
}

void cell_enter(void)
{
	static const char *const PRIVATE[] = { "/run", "/tmp", "/dev/disk" };

	require(unshare(CLONE_NEWNS), "unshare");
	require(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount /");
	mkdir("/dev/disk", 0755);
	for (size_t i = 0; i < sizeof(PRIVATE) / sizeof(PRIVATE[0]); i++)
		require(mount("tmpfs", PRIVATE[i], "tmpfs", 0, "mode=755"), PRIVATE[i]);
	add_users();
}

void cell_run(const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (system(line) == 0)
		return;
	fprintf(stderr, "failed: %s\n", line);
	exit(1);
}

int cell_start(const char *const *argv)
{
	pid_t pid = fork();

	require(pid < 0, "fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(argv[0], (char *const *)argv);
	perror(argv[0]);
	_exit(127);
}

void cell_end(int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
