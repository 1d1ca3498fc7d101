/*
 * group.h: turns of many rebuilds that the journal takes in one transaction. A commit waits for the disk several
 * times, whatever is in it, and nothing else goes on meanwhile: one for each rebuild would make clients wait.
 *
 * Calling order: group_add() until it is full, or no more are to be taken; group_record(); then member_act() for each of
 * turns; the next group begins with count = 0.
 */
#ifndef RUN_GROUP_H
#define RUN_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "run/member.h"

enum { GROUP_MAX = 32 }; /* a decision is some 20 KiB */

struct group {
	struct member_turn turns[GROUP_MAX];
	size_t count;
};

/* Decides what the member does next. True if the group is full now. */
bool group_add(struct group *g, struct member *m, const struct member_world *w);

/* All of it, or, if the journal does not take that, each by itself. */
void group_record(struct group *g, const struct member_world *w);

/*
 * Keeps the leases of those members: as soon as one is to be renewed, all that are half as old. Those that were lost end
 * their rebuilds.
 */
void group_renew(struct member *const *members, size_t count, const struct member_world *w);
#endif
