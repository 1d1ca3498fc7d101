/* snapshots.h: what backup and point have in common. */
#ifndef REBUILD_STEPS_SNAPSHOTS_H
#define REBUILD_STEPS_SNAPSHOTS_H

#include "rebuild/step.h"

/* The snapshot of the i-th volume that the step made, in whatever attempt: one that failed only if there is no other. */
const struct snapshot *snapshots_find(const struct rebuild *r, const struct step *s, size_t i);

/* One CreateSnapshot per volume that has none. role is static. */
void snapshots_create(struct rebuild *r, const struct step *s, const char *role, struct effects *out);
/*
 * One CreateSnapshot per volume all of whose snapshots by this rebuild have failed; it is the step's part
 * first_part + i. True if there is no such volume.
 */
bool snapshots_replace_failed(struct rebuild *r, size_t first_part, const char *role, struct effects *out);
#endif
