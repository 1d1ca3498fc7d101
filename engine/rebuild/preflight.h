/*
 * preflight.h: what must be known and right before anything is changed. The step of that name
 * (steps/preflight.c) asks; here is what the answers mean and what is refused.
 */
#ifndef REBUILD_PREFLIGHT_H
#define REBUILD_PREFLIGHT_H

#include "rebuild/rebuild.h"

/* Takes in what answers say besides sightings: which volume a selector found, which addresses there are. */
void preflight_absorb(struct rebuild *r, const struct answer *a);

/* The next volume is the one that the plan's selector finds: no rebuild's tags say which it was. */
bool preflight_wants_volume(const struct rebuild *r);

/* Everything that has been asked for has been answered. Says nothing about whether it is right. */
bool preflight_is_complete(const struct rebuild *r);

/* An earlier process's rebuild has been surveyed: there is something left to go on with. */
bool preflight_can_go_on(const struct rebuild *r);

/*
 * All reasons known so far why this rebuild cannot be begun, "; " between them, in ret; its kind in
 * *ret_kind. False if there is none.
 */
bool preflight_refusal(const struct rebuild *r, char *ret, size_t size, enum error_kind *ret_kind);

/* Blue is gone, and so is what is known to have taken its place: what took the place of the last one? */
bool preflight_wants_successor(const struct rebuild *r);

/* Blue, or what took its place, is on the wanted image already. */
bool preflight_is_rebuilt(const struct rebuild *r);
#endif
