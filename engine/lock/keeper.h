/*
 * keeper.h: takes locks of other services on the loop, keeps them, and gives them back: the provider of
 * cloud/locks.h.
 *
 * Calling order: keeper_open(); keeper_locks() once; keeper_close(), which drops what is under way
 * and gives nothing back.
 *
 * A machine's locks are taken one after another. Each is asked for again after growing pauses until its wait has
 * passed. In FDLM all machines of this process are one holder, and ids of FleetLock may be shared by a plan's
 * choice: such a lock is given back when the last of its machines is done with it.
 */
#ifndef LOCK_KEEPER_H
#define LOCK_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "cloud/locks.h"

struct keeper;

struct keeper_options {
	const char *home; /* what ~/ in the names of files stands for; NULL: it stays */
	const char *user_agent;
	int64_t first_pause_ms; /* before a lock is asked for again, twice as long each time; 0: 1 s */
};

bool keeper_open(
	uv_loop_t *loop, const struct keeper_options *o, struct keeper **ret, struct error *err) MUST_USE;

/* The provider; the sink is told. */
struct locks keeper_locks(struct keeper *k, struct lock_sink sink);

void keeper_close(struct keeper *k);
#endif
