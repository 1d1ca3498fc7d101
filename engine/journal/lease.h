/*
 * lease.h: two engines never both drive one rebuild.
 *
 * Calling order: lease_take() before the first intent; its epoch goes into every intent; renewed
 * every LEASE_RENEW_MS; lease_release() at the end. An engine that was taken for dead and comes
 * back finds its epoch outdated by the next journal_append() of an intent and does nothing more.
 */
#ifndef JOURNAL_LEASE_H
#define JOURNAL_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/holder.h"

struct journal;

#define LEASE_HELD "LeaseHeld" /* error code: somebody else drives this rebuild */
#define LEASE_LOST "LeaseLost" /* error code: somebody else has taken over from us */

enum {
	LEASE_RENEW_MS = 10 * 1000,
	LEASE_LIFE_MS = 60 * 1000, /* a holder on another machine that was not heard of for so long is dead */
	LEASE_TEXT_SIZE = 256,
};

struct lease {
	const char *rebuild; /* borrowed */
	struct holder holder;
	const char *version;          /* of the program that holds it; borrowed */
	int64_t epoch;                /* given by lease_take(); grows with each */
	int64_t since_ms, renewed_ms; /* wall clock */
};

/*
 * Takes the lease on l->rebuild for l->holder at now_ms and fills in epoch and times. It is free if
 * nobody holds it, the holder is this process, has ended on this machine, or was not heard of for
 * LEASE_LIFE_MS. Otherwise ERROR_CONFLICT with the code LEASE_HELD, naming holder, version and since when.
 */
bool lease_take(struct journal *j, struct lease *l, int64_t now_ms, struct error *err) MUST_USE;

/* The same inside a transaction of the caller's. */
bool lease_take_within(struct journal *j, struct lease *l, int64_t now_ms, struct error *err) MUST_USE;

/* Says that the holder lives. ERROR_CONFLICT with the code LEASE_LOST if the lease is not l's any more. */
bool lease_renew(struct journal *j, struct lease *l, int64_t now_ms, struct error *err) MUST_USE;

/* Gives it back; nothing happens if it is not l's any more. The epoch stays, so that it never repeats. */
bool lease_release(struct journal *j, const struct lease *l, struct error *err) MUST_USE;

enum lease_state {
	LEASE_FREE, /* nobody holds it */
	LEASE_HELD_ALIVE,
	LEASE_HELD_DEAD, /* its holder has ended here, or was not heard of for LEASE_LIFE_MS */
};

/* Who holds a lease, as far as this machine can know. */
struct lease_view {
	enum lease_state state;
	bool is_ours;              /* held by this process */
	char who[LEASE_TEXT_SIZE]; /* holder, version and since when, for people; "" if free */
	int64_t epoch;             /* of its last taking */
	int64_t renewed_ms;        /* when the holder was last heard of */
};

bool lease_look(struct journal *j, const char *rebuild, int64_t now_ms, struct lease_view *ret,
	struct error *err) MUST_USE;

/* Shows one lease; both are valid during the call. */
typedef void lease_sink(void *self, const char *name, const struct lease_view *v);

/* Shows the lease of that name and those named NAME/..., as far as they were ever taken, by their names. */
bool lease_each(struct journal *j, const char *name, int64_t now_ms, lease_sink *show, void *self,
	struct error *err) MUST_USE;

/* The same inside a transaction of the caller's (record_close()). */
bool lease_release_within(struct journal *j, const struct lease *l, struct error *err) MUST_USE;

/* Writes who drives the rebuild, and since when, for people; "" if nobody does, or its process has ended. */
bool lease_describe(struct journal *j, const char *rebuild, int64_t now_ms, char ret[LEASE_TEXT_SIZE],
	struct error *err) MUST_USE;

/* For journal_append(), inside its transaction: fails with LEASE_LOST if epoch is not the lease's. */
bool lease_check(struct journal *j, const char *rebuild, int64_t epoch, struct error *err) MUST_USE;
#endif
