/*
 * ssh_memory.h: the memory of a libssh2 session. libssh2 1.10 keeps 54 KiB for each, most of it
 * buffers for the largest packet there may be, and writes zeros over all of it. Two sessions per
 * rebuild would be most of what the engine holds; only the pages that are used shall count.
 */
#ifndef NET_SSH_MEMORY_H
#define NET_SSH_MEMORY_H

#include <libssh2.h>

/* One large block per session, in pages of its own; all else comes from malloc. */
struct ssh_memory {
	void *block;
	size_t len;
};

/*
 * A session whose abstract pointer is m, which must be zeroed, outlive it, and be the first member
 * of what the session's callbacks want to reach.
 */
LIBSSH2_SESSION *ssh_memory_session(struct ssh_memory *m);
#endif
