/*
 * ledger.h: what of a rebuild goes into the journal, and when.
 *
 * The record is made with the first intent: a rebuild that was refused, or that had nothing to do,
 * leaves none. What was told before that is told only.
 */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "cloud/provider.h"
#include "journal/event.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "rebuild/rebuild.h"

struct ledger {
	struct journal *journal; /* NULL: events are told, not recorded */
	const struct clock *clock;
	void (*tell)(void *self, const struct event *e);
	void *tell_self;
	bool recorded; /* the rebuild has its record and its lease */
	bool is_lost;  /* somebody else has the lease: the record is theirs to write */
	struct lease lease;
	struct arena arena;   /* texts of the events below */
	struct event *events; /* owned: noted and not committed */
	size_t count, size;
	size_t told; /* of the events: those that were told already, and wait for a store that is away */
	size_t lost; /* events that the journal would not take */
	int64_t created_ms; /* wall clock; the record's */
};

void ledger_init(struct ledger *l, struct journal *j, const struct clock *clock);

/* Notes for the next commit. Texts are copied. */
void ledger_news(struct ledger *l, const struct rebuild *r, const struct news *n);
void ledger_intent(struct ledger *l, const struct rebuild *r, const struct effect *e);
void ledger_outcome(struct ledger *l, const struct rebuild *r, const struct answer *a, const char *step);

/*
 * Makes the record and takes the lease, if that is not done yet. user and version describe the holder.
 */
bool ledger_open(struct ledger *l, const struct rebuild *r, const char *user, const char *version,
	struct error *err) MUST_USE;

/* Takes the lease of a rebuild that has its record already. ERROR_CONFLICT with LEASE_HELD: somebody drives it. */
bool ledger_adopt(struct ledger *l, const struct rebuild *r, const char *user, const char *version,
	struct error *err) MUST_USE;

/* It turned out to be one that was begun under another journal; until now it was told of under that id. */
void ledger_adopted(struct ledger *l, const struct rebuild *r, const char *told_as);

/* What a record says of a rebuild, but for its times; texts are borrowed from the rebuild or in the arena. */
struct record ledger_record(const struct rebuild *r, struct arena *a);

/* What a record says of a rebuild on that course. */
enum record_state ledger_state(const struct rebuild *r);

/* Everything noted becomes durable, then is told. When this fails nothing noted may be acted on. */
bool ledger_commit(struct ledger *l, struct error *err) MUST_USE;

/*
 * The two halves of that, for many ledgers that are written in one transaction (journal_together()): what was noted is
 * written; and, once that was committed, told. Had it not been, ledger_go_back() makes of what was noted,
 * opened, written and renewed since the mark what it was then.
 */
struct ledger_mark {
	size_t count;
	bool recorded;
	struct lease lease;
	int64_t created_ms;
};

struct ledger_mark ledger_mark(const struct ledger *l);
bool ledger_write(struct ledger *l, struct error *err) MUST_USE;
void ledger_written(struct ledger *l);
void ledger_go_back(struct ledger *l, const struct ledger_mark *m);

/* Forgets the intents that were not told: their effects will not be done. What else was noted stays. */
void ledger_drop_intents(struct ledger *l);

/* Tells what was noted although the journal did not take it. */
void ledger_tell_anyway(struct ledger *l);

/* Likewise, and keeps it for the next commit: the store is away (JOURNAL_AWAY) and will be back. */
void ledger_keep(struct ledger *l);

/* Whether a lease that was not renewed for so long is to be renewed. */
bool ledger_is_old(const struct ledger *l, int64_t age_ms);

/* Keeps the lease alive, of a rebuild that has its record. */
bool ledger_renew(struct ledger *l, struct error *err) MUST_USE;

/*
 * Whether the lease is still ours, asked by reading alone: a full disk lets us read, and we may have been
 * stopped (SIGSTOP) since we last renewed it. Fails with LEASE_LOST if it is not.
 */
bool ledger_is_ours(const struct ledger *l, struct error *err) MUST_USE;

/* Writes where the rebuild stands into its record; when it is over, gives the lease back. */
bool ledger_update(struct ledger *l, const struct rebuild *r, struct error *err) MUST_USE;

void ledger_release(struct ledger *l);
#endif
