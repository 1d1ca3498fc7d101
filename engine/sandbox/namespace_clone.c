#include "sandbox/namespace_clone.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEPT_MAX = 8 };

static pid_t clone_with(uint64_t flags, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = flags | (ret_pidfd ? CLONE_PIDFD : 0),
		.pidfd = (uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t namespace_clone(int *ret_pidfd)
{
	return clone_with(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET, ret_pidfd);
}

pid_t namespace_fork(void)
{
	return clone_with(0, NULL);
}

pid_t namespace_fork_watched(int *ret_pidfd)
{
	return clone_with(0, ret_pidfd);
}

/* The event loop's handlers would write to the parent's loop. */
static bool reset_signals(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t all;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		if (sigaction(signal_number, &usual, NULL) < 0 && errno != EINVAL)
			return false;
	sigfillset(&all);
	return !sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Two rounds, as a number that is wanted may be taken by a descriptor that is wanted elsewhere. */
bool namespace_keep(const int *from, int count)
{
	int aside[KEPT_MAX];

	assert(count <= KEPT_MAX);
	for (int i = 0; i < count; i++) {
		aside[i] = from[i] < 0 ? -1 : fcntl(from[i], F_DUPFD, count);
		if (aside[i] < 0 && from[i] >= 0)
			return false;
	}
	for (int i = 0; i < count; i++) {
		if (aside[i] < 0)
			close(i);
		else if (dup2(aside[i], i) < 0)
			return false;
	}
	return !close_range((unsigned)count, ~0U, 0);
}

static bool keep_files(const struct child_files *files)
{
	const int null = open("/dev/null", O_RDWR);
	const int from[CHILD_FD_END] = {
		[STDIN_FILENO] = null,
		[STDOUT_FILENO] = files->console,
		[STDERR_FILENO] = files->console,
		[CHILD_SCRIPT] = files->script,
		[CHILD_USER_DATA] = files->user_data,
		[CHILD_PARENT] = files->parent,
	};

	return null >= 0 && namespace_keep(from, CHILD_FD_END);
}

bool namespace_settle(const struct child_files *files)
{
	/* A parent that is gone already shows as end of file on CHILD_PARENT, as soon as we read there. */
	return !prctl(PR_SET_PDEATHSIG, SIGKILL) && !prctl(PR_SET_NAME, "init") && reset_signals() &&
	       keep_files(files) && !fcntl(CHILD_PARENT, F_SETFD, FD_CLOEXEC);
}

int namespace_open_inside(int folder, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}
