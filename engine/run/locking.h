/*
 * locking.h: the plan's outside locks (cloud/locks.h), machine by machine: whether a machine may go, and what
 * becomes of its locks when its rebuild has ended.
 *
 * Calling order: locking_new(); locking_sink() for the provider, which is then set; locking_ask() for a machine
 * that is begun with; what locking_state() says changes as answers come; locking_end() when the machine is done.
 */
#ifndef RUN_LOCKING_H
#define RUN_LOCKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cloud/locks.h"
#include "plan/lock_name.h"
#include "plan/plan.h"

enum locking_state {
	LOCKING_NONE, /* nothing was asked for: it may go */
	LOCKING_WAITS,
	LOCKING_TAKEN,    /* it may go */
	LOCKING_GIVEN_UP, /* a lock was not to be had; locking_trouble() says why */
};

struct locking;

/* note is told "i-1 waits for lock web on https://...: held by web3", and the like. The plan is borrowed. */
struct locking *locking_new(const struct plan *plan, void (*note)(void *self, const char *text), void *self);
void locking_free(struct locking *l);

/* Who is told when the state of a machine has changed, or the last lock was given back. */
void locking_on_change(struct locking *l, void (*changed)(void *self), void *self);

struct lock_sink locking_sink(struct locking *l);
void locking_set_provider(struct locking *l, struct locks provider);

/* Room for so many machines, none of which has asked. */
void locking_prepare(struct locking *l, size_t machines);

/* Asks for the machine's locks; nothing if the plan has none. The machine's texts are copied. */
void locking_ask(struct locking *l, uint32_t machine, const struct lock_machine *m);

enum locking_state locking_state(const struct locking *l, uint32_t machine);

/* Why they were given up; empty otherwise. */
const struct error *locking_trouble(const struct locking *l, uint32_t machine);

/*
 * The machine is done with, or will not go. Its locks are given back or kept; that they are kept is told. From
 * then on it has asked for nothing.
 */
void locking_end(struct locking *l, uint32_t machine, bool keep);

/* Something is still being given back. */
bool locking_is_busy(const struct locking *l);
#endif
