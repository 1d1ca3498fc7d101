/*
 * laws.h: the rules, asserted by counting anew what stands in the rows and what machines really did.
 *
 * begun-once, in-flight, per-group, canary-first, wave-after-wave, gates, window, nothing-after-a-halt,
 * nothing-while-held, pauses, in-order: of each machine that begins, in the moment in which a change is
 * taken. begins-something, halts-as-agreed, phase: of each turn in which nothing begins. in-flight,
 * per-group: at all times. let-go: of a machine that had waited for a lock. one-driver: of whoever drives a
 * machine (nature.c, too). has-a-cause, rebuilt-once, accounted-for: of what has ended; rebuilt-once means
 * put back, too, on the way back. returns-once, returns-undriven: of a rollout that is given up to be put
 * back. reverted: of one that was to be. comes-to-an-end: of the whole.
 */
#ifndef ROLLOUTS_LAWS_H
#define ROLLOUTS_LAWS_H

#include "story.h"

/* The change is about to be taken. */
void laws_taken(struct story *s, const struct change *c);

/* The rollout is about to be given up, and put back. */
void laws_return(struct story *s);

/* The worker has decided that nothing begins, or no more than what the change has. */
void laws_turn(struct story *s, const struct worker *w, const struct change *c);

/* A machine that had waited for a lock is let go, or withdrawn. */
void laws_let_go(struct story *s, const struct change *c, uint32_t machine, bool goes);

/* After every event. */
void laws_check(struct story *s);

/* The rollout has come to its end. */
void laws_end(struct story *s);
#endif
