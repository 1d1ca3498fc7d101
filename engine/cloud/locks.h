/*
 * locks.h: locks of other services, as the loop asks for them. Machines that update themselves take the same
 * locks, so that both together keep to one limit.
 *
 * Calling order: ask() for a machine; taken() is told of it once, later, never from inside ask(). Then, or
 * before, either give_back(), after which given_back() is told once it is done, or keep(), after which nothing
 * is told.
 *
 * Taking what one has already succeeds in all protocols: so a rebuild that is gone on with takes its locks
 * again, and nothing has to be remembered.
 */
#ifndef CLOUD_LOCKS_H
#define CLOUD_LOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum lock_protocol { LOCK_FDLM, LOCK_FLEETLOCK };

struct lock_want {
	enum lock_protocol protocol;
	const char *url;
	const char *name; /* FDLM: the lock; FleetLock: the group */
	const char *id;   /* FleetLock: who holds the slot; NULL for FDLM: whom the certificate names */
	const char *ca, *certificate, *key; /* PEM files; NULL: the system's authorities, no certificate */
	int64_t wait_ms;
};

/* The code of the error of a lock that was not to be had. */
#define LOCK_HELD "LockHeld"

/* Who is told. Texts and errors are borrowed for the call. */
struct lock_sink {
	void *self;
	/* All are taken (kind ERROR_NONE), or it was given up: LOCK_HELD. */
	void (*taken)(void *self, uint32_t subject, const struct error *err);
	/* "waits for lock web on https://...: held by web3", or to give it back: whenever that changes. */
	void (*waits)(void *self, uint32_t subject, const char *text);
	/* What could not be given back is named by err; it is not tried again. */
	void (*given_back)(void *self, uint32_t subject, const struct error *err);
};

struct locks {
	void *self;
	/* One after another, in that order. The wants are copied. */
	void (*ask)(void *self, uint32_t subject, const struct lock_want *wants, size_t count);
	/* What is taken, or may be. The subject may ask again at once. */
	void (*give_back)(void *self, uint32_t subject);
	/* Nothing more is asked for, and what is taken stays so. */
	void (*keep)(void *self, uint32_t subject);
};
#endif
