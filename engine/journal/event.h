/*
 * event.h: the history of rebuilds, appended to and never changed.
 *
 * An effect stands between two events: EVENT_INTENT, durable before the effect is begun, and
 * EVENT_OUTCOME, after its answer. An intent without an outcome means: it may have happened, look.
 */
#ifndef JOURNAL_EVENT_H
#define JOURNAL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct journal;

enum event_kind {
	EVENT_NONE,            /* a word of another version */
	EVENT_REBUILD_STARTED, /* detail: what is replaced by what */
	EVENT_RESUMED, /* an earlier run ended before the rebuild did; token: the id it was told of under till now */
	EVENT_OBSERVED, /* detail: what was found when it was gone on with */
	EVENT_STEP_STARTED,
	EVENT_INTENT,      /* effect, token, epoch: about to be done */
	EVENT_OUTCOME,     /* effect, token: error NONE if it succeeded; took_ms, request_id */
	EVENT_STEP_PROVED, /* the world shows that the step is done */
	EVENT_RETRYING,    /* detail: what failed, and that it is tried again */
	EVENT_WAITING,     /* detail: what for */
	EVENT_TURNED_BACK, /* detail: why; from here on steps are undone */
	EVENT_STEP_UNDONE,
	EVENT_WINDOW_OPENED, /* clients wait from here ... */
	EVENT_WINDOW_CLOSED, /* ... to here; took_ms: how long */
	EVENT_FINISHED,
	EVENT_ROLLED_BACK, /* blue serves again; detail: why */
	EVENT_PARKED,      /* detail: why, and what an operator can do */
	EVENT_FAILED,
	EVENT_NOTE,
	EVENT_KIND_COUNT,
};

/* Absent texts are NULL or "" when written, and "" when read. */
struct event {
	int64_t seq;         /* from 1, over all rebuilds; given by journal_append() */
	int64_t at_ms;       /* wall clock */
	const char *rebuild; /* a record of this id exists */
	enum event_kind kind;
	const char *step;
	const char *effect; /* effect_kind_name() */
	const char *token;
	const char *detail;
	enum error_kind error;        /* of an outcome */
	enum error_happened happened; /* of an outcome */
	const char *request_id;
	int64_t took_ms;
	int64_t epoch; /* of the lease that it was written under; 0: none */
};

/*
 * Appends the events in their order, all or none, and numbers them. When it returns true they are
 * on the disk. One call for several events costs one sync.
 *
 * ERROR_CONFLICT with the code LEASE_LOST (journal/lease.h) if the epoch of one of them is not that of
 * the lease on its rebuild any more: then somebody else drives the rebuild, and nothing must be done or
 * concluded. Outcomes are taken in any case: they have happened. Only intents need an epoch.
 *
 * After a failure the same events, with further ones behind them, may be appended again: the numbers that they
 * have by then tell those that were taken although nobody heard of it (HAPPENED_UNKNOWN). New events have seq 0.
 */
bool journal_append(struct journal *j, struct event *events, size_t count, struct error *err) MUST_USE;

/* Shows one event; its texts are valid during the call. False: no more are wanted. */
typedef bool event_sink(void *self, const struct event *e);

/* Shows the events of a rebuild (NULL: of all) after after_seq, oldest first. */
bool journal_events(struct journal *j, const char *rebuild, int64_t after_seq, event_sink *show, void *self,
	struct error *err) MUST_USE;

/* "step-proved"; and back, EVENT_NONE for other words. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_parse(const char *name);
#endif
