/*
 * holding_log.h: changes of locks that are on the disk, and not yet in the tables: a file beside a journal of
 * SQLite's, named JOURNAL-locks. A batch costs it one write and one sync, where a transaction costs SQLite
 * five; why that is worth a file of its own says docs/decisions/0014.
 *
 * Calling order: holding_log_new(); holding_log_enter(), what is to be done, holding_log_leave(), any number
 * of times. Whoever has entered to append or to settle is alone with the file, over all processes.
 *
 * - Batches are only added, until all of them are in the tables; then the file is removed, and the next batch
 *   begins another one. So who has seen it up to some place need not look at that part again.
 * - Behind the last batch are zeros. One there that is not whole was never acknowledged: its writer died. The
 *   next one is written over it.
 * - What another process left there is synced before anything is decided on it.
 * - Batches that are in the tables already, because not all were settled, or because who settled them died
 *   before the file was removed, are known by their numbers and passed over.
 */
#ifndef JOURNAL_HOLDING_LOG_H
#define JOURNAL_HOLDING_LOG_H

#include "base/arena.h"
#include "base/error.h"
#include "journal/holding.h"
#include "journal/journal.h"

struct holding_log;

/* Bytes of batches; with so many it should be settled. With more it works on, but syncs take longer. */
enum { HOLDING_LOG_FULL = 1024 * 1024 };

enum holding_log_use {
	HOLDING_LOG_READ,   /* together with others */
	HOLDING_LOG_SETTLE, /* alone */
	HOLDING_LOG_APPEND, /* alone; the file is made if it is missing */
};

/* For the journal in that file, by the access that one has to it. Nothing is opened yet. */
struct holding_log *holding_log_new(const char *journal, enum journal_access access);

/* NULL is allowed. */
void holding_log_free(struct holding_log *l);

/*
 * Waits until nobody is in the way, and takes in what is new in the file. ERROR_CONFLICT if that takes more
 * than ten seconds, ERROR_LOCAL if the file cannot be used. Only after true it is to be left again.
 */
bool holding_log_enter(struct holding_log *l, enum holding_log_use use, struct error *err) MUST_USE;
void holding_log_leave(struct holding_log *l);

/* The state that the last batch leads to; number 0: there is none. And how many bytes all of them have. */
struct holding_state holding_log_last(const struct holding_log *l);
size_t holding_log_size(const struct holding_log *l);

/*
 * Shows the batches that lead on from the state with the number `after`, in their order. It ends with what `show`
 * fails with, or ERROR_LOCAL if the file does not lead on from there.
 */
struct holding_log_reader {
	int64_t after;
	size_t most;         /* no more batches once they have so many bytes; SIZE_MAX: all */
	struct arena *arena; /* what is shown lives there; borrowed */
	bool (*show)(void *self, const struct holding_batch *b, struct error *err);
	void *self;
};
bool holding_log_read(struct holding_log *l, const struct holding_log_reader *r, struct error *err) MUST_USE;

/*
 * What was read last, up to the state with that number, is in the tables now. The log remembers the place: from
 * there it is read on without the part before it, and what comes after it is left.
 */
void holding_log_note_settled(struct holding_log *l, int64_t number);

/* Bytes of batches that are not in the tables, as far as this process knows. */
size_t holding_log_left(const struct holding_log *l);

/* Adds a batch; true: it is on the disk. Otherwise it is taken back if that can be done. */
bool holding_log_append(struct holding_log *l, const struct holding_batch *b, struct error *err) MUST_USE;

/* All that it has is in the tables: removes the file. That it fails does no harm. */
void holding_log_remove(struct holding_log *l);
#endif
