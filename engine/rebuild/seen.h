/*
 * seen.h: what may be concluded from the world, given what was done since it was seen: a sighting
 * that was asked for before the last effect on its object proves nothing.
 */
#ifndef REBUILD_SEEN_H
#define REBUILD_SEEN_H

#include "rebuild/rebuild.h"

/* The i-th data volume, or NULL if what we know of it is stale. */
const struct volume *seen_volume(const struct rebuild *r, size_t i);

/*
 * Blue is terminated, on its way there, or forgotten by the cloud. That the cloud does not know it is
 * believed only if no data volume says that it is attached to it.
 */
bool seen_blue_gone(const struct rebuild *r);

/* The i-th is known not to be attached to that machine. */
bool seen_elsewhere(const struct rebuild *r, size_t i, bool green);

/* Each is about all data volumes of the plan. */
bool seen_all_attached(const struct rebuild *r, bool green);  /* attaching or attached to it */
bool seen_each_left(const struct rebuild *r);                 /* free, or given to green already */
bool seen_none_attached(const struct rebuild *r, bool green); /* none is on it, in any state */
bool seen_all_mounted(const struct rebuild *r, bool green);

/*
 * Nothing on that instance can write to them: its last report shows them unmounted and nothing was
 * begun there since, or it is stopped, or they are not attached to it.
 */
bool seen_quiet(const struct rebuild *r, bool green);

/*
 * Likewise, and not too long ago: a machine that is restarted by somebody mounts its data and serves again. While
 * we were stopped (SIGSTOP) or waited for the cloud, nobody looked.
 */
bool seen_quiet_lately(const struct rebuild *r, bool green, struct moment now);

/* The volume has a snapshot that this rebuild made, and that has not failed. */
bool seen_recovery_point(const struct rebuild *r, const char *volume_id);

/* All of the plan's checks passed in a round that began after since_ms. */
bool seen_passed(const struct verdict *v, int64_t since_ms);

/* What the checks last said of green, through the switched address if there is one. */
const struct verdict *seen_verdict(const struct rebuild *r);

/* Green has failed several rounds of checks in a row: says so in r->finding; NULL if it has not. */
const char *seen_breach(struct rebuild *r);

/* All Elastic IPs point to it, as seen after they were last moved. */
bool seen_addresses_on(const struct rebuild *r, bool green);

/* Somebody else's instance: neither blue nor green. */
bool seen_is_foreign(const struct rebuild *r, const char *instance_id);

/* A data volume that is attached to neither of the two machines; NULL if there is none. */
const struct volume *seen_foreign_volume(const struct rebuild *r);

/* An address that somebody has pointed to neither of the two machines; NULL if there is none. */
const struct address *seen_foreign_address(const struct rebuild *r);

/* Says so in r->finding; NULL if there is none. */
const char *seen_describe_foreign_address(struct rebuild *r);

/* That question was asked and its answer is there. */
bool seen_answered(const struct rebuild *r, enum query_kind kind, const char *id);

/* ... and so it was when asked at that moment or later. */
bool seen_answered_since(const struct rebuild *r, enum query_kind kind, const char *id, int64_t since_ms);

/* Logged in there, and nothing was begun there since. */
bool seen_reachable(const struct rebuild *r, bool green);

const char *seen_id(const struct rebuild *r, bool green);
bool seen_stopped(const struct instance *i);
#endif
