/*
 * namespace_clone.h: a child in namespaces of its own.
 *
 * The child is a copy of this process that never execs: it becomes the guest's PID 1. It has only
 * the descriptors below, default signal dispositions, every signal blocked, and dies with its
 * parent. As other threads may have held locks when it was cloned, it may call nothing that
 * allocates: false with errno is the convention of all namespace_ functions.
 */
#ifndef SANDBOX_NAMESPACE_CLONE_H
#define SANDBOX_NAMESPACE_CLONE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"

/* The child's descriptors; 0 is /dev/null, 1 and 2 the console. */
enum child_fd { CHILD_SCRIPT = 3, CHILD_USER_DATA, CHILD_PARENT, CHILD_FD_END };

/* What the parent hands on. */
struct child_files {
	int console; /* write end of a pipe */
	int script;  /* the boot script */
	int user_data;
	int parent; /* our end of a socket pair; the child reads end of file when the parent dies */
};

/* Returns twice, as fork does: 0 in the child, which then calls namespace_settle(). -1 with errno. */
pid_t namespace_clone(int *ret_pidfd) MUST_USE;

/*
 * For the child: fork() would run the handlers of libraries, and libuv's closes descriptors by
 * numbers that are ours by now.
 */
pid_t namespace_fork(void) MUST_USE;

/* The same for a child of the sandbox that execs at once, watched by *ret_pidfd. */
pid_t namespace_fork_watched(int *ret_pidfd) MUST_USE;

/* In the child, first of all. */
bool namespace_settle(const struct child_files *files) MUST_USE;

/*
 * Makes from[i] the descriptor i, for each i below count (8 at most), and closes all others; where
 * from[i] is -1, so will i be.
 */
bool namespace_keep(const int *from, int count) MUST_USE;

/*
 * Opens a file below `folder` (a descriptor) that a guest may have arranged: links are followed
 * inside the folder only. -1 with errno.
 */
int namespace_open_inside(int folder, const char *path, int flags) MUST_USE;
#endif
