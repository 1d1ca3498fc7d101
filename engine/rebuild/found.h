/*
 * found.h: how blue was before it was protected, written into tags: whoever goes on with a rebuild,
 * on any machine and without the journal, can put blue back exactly as it was.
 *
 *	on blue        "protected eipalloc-1 ..."   termination protection, and the addresses to switch
 *	on volume N    "/dev/sdf deleted on termination", with the role data.N
 */
#ifndef REBUILD_FOUND_H
#define REBUILD_FOUND_H

#include "rebuild/rebuild.h"

/* Fills r->found and each volume's found from what preflight saw: the values of the tags to come. */
void found_write(struct rebuild *r);

/* The other way round, for a rebuild that is gone on with: tags to r->was_protected, device and the like. */
void found_read(struct rebuild *r);

/* Follows the addresses that blue's tag names. False if blue carries no such tag. */
bool found_follow_addresses(struct rebuild *r);
#endif
