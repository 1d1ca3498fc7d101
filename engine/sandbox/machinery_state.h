/*
 * machinery_state.h: the folder in which a sandbox keeps what it makes, one sandbox at a time:
 *
 *	sandbox.pid          "pid start-time" of its sandbox, locked while that lives; empty otherwise
 *	instances/ID/        upper, work and root: an instance's own layer and where it is mounted
 *	volumes/ID           images
 *	snapshots/ID
 *
 * Nothing in it outlives its sandbox.
 */
#ifndef SANDBOX_MACHINERY_STATE_H
#define SANDBOX_MACHINERY_STATE_H

#include <stdbool.h>

#include "base/error.h"

struct state_folder {
	char *path; /* owned, absolute */
	int lock;   /* the open, locked sandbox.pid */
};

/*
 * Takes the folder, made if it is missing, and clears what a killed predecessor left in it.
 * ERROR_CONFLICT if another sandbox has it.
 */
bool state_open(const char *path, struct state_folder *ret, struct error *err) MUST_USE;

/* Empties the folder and lets go of it. */
void state_close(struct state_folder *s);

enum state_kind { STATE_INSTANCES, STATE_VOLUMES, STATE_SNAPSHOTS };

/* Where the thing with this id is kept. The caller frees it. */
char *state_path(const struct state_folder *s, enum state_kind kind, const char *id) MUST_USE;

/* Makes the folders of an instance, unless they are there. */
bool state_make_instance(const struct state_folder *s, const char *id, struct error *err) MUST_USE;
void state_remove_instance(const struct state_folder *s, const char *id);

/*
 * The /proc folder of the sandbox that has the folder: a descriptor that stands for this very
 * process, whatever happens to its number. ERROR_MISSING if there is none.
 */
bool state_find_owner(const char *path, int *ret_proc, struct error *err) MUST_USE;
#endif
