/* record.h: one row per rebuild: which plan, which machines, and where it stands. */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct journal;
struct lease;

enum record_state {
	RECORD_PLANNED,
	RECORD_RUNNING,
	RECORD_DONE,
	RECORD_ROLLED_BACK, /* blue serves again */
	RECORD_PARKED,      /* an operator is needed, or it was interrupted: the same command goes on */
	RECORD_FAILED,      /* before anything was touched, or beyond what the engine can mend */
	RECORD_STATE_COUNT,
};

/* Absent texts are NULL or "" when written, and "" when read. */
struct record {
	const char *id; /* rb-... */
	const char *plan_name, *plan_path, *plan_digest;
	const char *blue, *green; /* instance ids */
	const char *image_from, *image_to;
	const char *volumes, *addresses; /* JSON, as the caller wrote it; never looked into here */
	const char *cause;               /* why it is parked, rolled back or failed */
	enum record_state state;
	int64_t created_ms, updated_ms; /* wall clock */
};

/*
 * Adds r, durably. ERROR_CONFLICT if a rebuild of that id exists (but not if it is r: an earlier try of ours whose
 * answer was lost); with the code LEASE_HELD if another one of the same blue has not come to its end: two that
 * began at the same moment.
 */
bool record_create(struct journal *j, const struct record *r, struct error *err) MUST_USE;

/*
 * Replaces everything but created_ms of the rebuild with r's id, durably; green and images stay if r does
 * not know them any more. ERROR_MISSING if there is none;
 * ERROR_CONFLICT with the code LEASE_LOST if epoch is not that of its lease any more (0: not asked).
 */
bool record_update(struct journal *j, const struct record *r, int64_t epoch, struct error *err) MUST_USE;

/* The same for a rebuild that is over, and gives its lease back, both or neither; what was asked meanwhile is forgotten. */
bool record_close(
	struct journal *j, const struct record *r, const struct lease *lease, struct error *err) MUST_USE;

/* Each finds at most one; *found says whether. Texts are in the arena. */
bool record_find(struct journal *j, const char *id, struct arena *a, struct record *ret, bool *found,
	struct error *err) MUST_USE;

/* The newest rebuild of this blue instance. */
bool record_find_by_blue(struct journal *j, const char *blue, struct arena *a, struct record *ret,
	bool *found, struct error *err) MUST_USE;

/* At most limit rebuilds, newest first; *ret and its texts are in the arena. */
bool record_list(struct journal *j, size_t limit, struct arena *a, struct record **ret, size_t *count,
	struct error *err) MUST_USE;

/* Likewise all that are not final, however many. */
bool record_list_open(
	struct journal *j, struct arena *a, struct record **ret, size_t *count, struct error *err) MUST_USE;

/* "rolled-back"; and back, RECORD_FAILED for other words: an operator looks at it then. */
const char *record_state_name(enum record_state s);
enum record_state record_state_parse(const char *name);

/* True if nothing more will happen to it by itself. */
bool record_state_is_final(enum record_state s);
#endif
