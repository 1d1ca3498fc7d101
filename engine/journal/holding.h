/*
 * holding.h: the locks that machines ask for before they go away: which there are, how many slots each
 * has, who holds them, and what happened to them.
 *
 * Several processes may work on them, each with a copy in its memory: a lock service, and the commands of an
 * operator. Calling order: holding_look() tells the state's number; if it is not that of the copy,
 * holding_read() gives a new one; decisions are made on the copy; holding_save() writes what came of them, if
 * the number still is the same, all or nothing. So nobody decides on what is outdated, and two who decide at the
 * same moment do not both succeed. It needs no more of a database than that an UPDATE tells how many rows
 * it found.
 *
 * What is saved in a journal in a file stands in a log beside it first (holding_log.h), and comes into the
 * tables when it is settled: all of it, or a slice. All that is asked here knows both; who reads the tables in
 * another way sees them as they were when that was done last. None of it may be used within journal_together():
 * the log has commits of its own.
 *
 * Times are wall-clock milliseconds.
 */
#ifndef JOURNAL_HOLDING_H
#define JOURNAL_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct journal;

/* What tells one state of all locks from another, and the last id that was given to a lock or an event. */
struct holding_state {
	int64_t number;
	int64_t last_id;
};

struct holding_lock {
	int64_t id;
	const char *name; /* no two have the same */
	int64_t slots;    /* how many may hold it at a time */
	bool enabled;     /* nobody gets a disabled one, and nobody gives it back */
	int64_t created_ms, updated_ms;
};

struct holding {
	const char *lock; /* its name */
	const char *holder;
	const char *via; /* by which protocol it asked, for people */
	int64_t since_ms;
};

enum holding_change_kind {
	HOLDING_LOCK_CREATED,
	HOLDING_LOCK_RESIZED,
	HOLDING_LOCK_ENABLED,
	HOLDING_LOCK_DISABLED,
	HOLDING_LOCK_DELETED, /* with its events; it has no holders */
	HOLDING_TAKEN,
	HOLDING_GIVEN_BACK,
	HOLDING_RELEASED, /* by an operator */
	HOLDING_CHANGE_COUNT,
};

/* One thing that happened. It becomes an event, too, but for deleted locks. */
struct holding_change {
	enum holding_change_kind kind;
	struct holding_lock lock; /* as it is afterwards; its updated_ms is the time of the event */
	int64_t event_id;         /* from the same series as the ids of locks */
	const char *holder,
		*via; /* whose slot, and how it was asked for; of a new lock: who was the first to ask */
};

struct holding_event {
	int64_t id, at_ms;
	enum holding_change_kind kind;
	const char *holder; /* "" if none */
	const char *via;
};

bool holding_look(struct journal *j, struct holding_state *ret, struct error *err) MUST_USE;

struct holding_sink {
	void (*lock)(void *self, const struct holding_lock *l); /* by name */
	void (*holder)(void *self, const struct holding *h); /* by lock, the longest first; after all locks */
	void (*change)(void *self, const struct holding_change *c); /* in their order; after all holders */
	void *self;
};

/* Shows everything; texts are valid during the call. */
bool holding_read(struct journal *j, const struct holding_sink *to, struct error *err) MUST_USE;

/*
 * Writes changes, all or nothing, if the state's number still is `from`; *ret_outdated says that it is not,
 * and that nothing was written. When it returns true otherwise, they are on the disk and the number is
 * to.number. After an error it is not known whether they are: holding_look() tells.
 */
struct holding_batch {
	int64_t from;
	struct holding_state to;
	const struct holding_change *changes;
	size_t count;
};
bool holding_save(
	struct journal *j, const struct holding_batch *b, bool *ret_outdated, struct error *err) MUST_USE;

/*
 * Brings all that is only in the log into the tables, and removes the log. Cheap if there is nothing. The journal
 * must be open for writing. What is saved in a full log settles it first, all at once: some 50 ms, in which
 * nobody else can save.
 */
bool holding_settle(struct journal *j, struct error *err) MUST_USE;

/*
 * Only the oldest HOLDING_SLICE bytes: one transaction, of some milliseconds where a sync is fast. So those who cannot
 * be away for longer keep the rest small, and have little left to do when the log is full.
 */
enum { HOLDING_SLICE = 32 * 1024 };
bool holding_settle_slice(struct journal *j, struct error *err) MUST_USE;

/* Bytes that are only in the log, as far as this process knows. */
size_t holding_left(const struct journal *j);

struct holding_event_sink {
	void (*event)(void *self, const struct holding_event *e);
	void *self;
	int64_t most; /* events */
};

/* Shows the newest events of a lock, newest first; texts are valid during the call. Settles first. */
bool holding_events(
	struct journal *j, int64_t lock, const struct holding_event_sink *to, struct error *err) MUST_USE;

/* Forgets events from before that time, the oldest first, and not all at once: whether there may be more. */
enum { HOLDING_PRUNED_AT_ONCE = 500 };
bool holding_prune(struct journal *j, int64_t before_ms, bool *ret_more, struct error *err) MUST_USE;

/* "taken"; names are stored. Parsing: false if there is none of that name. */
const char *holding_change_name(enum holding_change_kind kind);
bool holding_change_parse(const char *name, enum holding_change_kind *ret) MUST_USE;
#endif
