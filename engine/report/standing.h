/*
 * standing.h: how a rollout stands, made of its rows in the journal: figures for all of it and for each
 * stage, and what it waits for. Pure; it is told by standing_text(), standing_json() and rollout_report.h.
 *
 * Calling order: standing_init(); standing_take() for each row, and again for rows that have changed
 * since; standing_sum(); standing_release().
 */
#ifndef REPORT_STANDING_H
#define REPORT_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "journal/rollout_record.h"
#include "plan/plan.h"
#include "report/style.h"
#include "report/tally.h"
#include "wire/json.h"

enum standing_phase {
	STANDING_OVER,
	STANDING_HALTED,
	STANDING_PAUSED,
	STANDING_LEFT, /* nobody drives it */
	STANDING_ENDS, /* it is driven to its end, as an operator asked */
	STANDING_AT_GATE,
	STANDING_CLOSED, /* its window is */
	STANDING_GOES_ON,
	STANDING_PHASE_COUNT
};

struct standing_machine {
	struct machine_record row;
	enum machine_state state;
};

struct standing_stage {
	const char *name; /* "canary", "wave 2" */
	struct tally tally;
};

struct standing {
	struct arena arena; /* of the machines' texts and of the stages */
	struct standing_machine *machines;
	size_t count, size;
	/* After standing_sum(): */
	struct rollout_record record; /* its texts are the caller's */
	struct tally tally;
	struct standing_stage *stages; /* in the order of their machines */
	size_t stage_count, stage_size;
	enum standing_phase phase;
	const struct plan_gate *gate; /* which it has come to, in any phase; the plan's. NULL: none */
	int64_t opens_ms;             /* when its window does; 0: it is open, or not known */
	const char *driver;           /* who drives it; "": nobody */
	int64_t now_ms;
};

/* What the rows do not say. */
struct standing_view {
	const struct plan *plan; /* of the rollout, to know its gates and window; NULL: it is not to be had */
	const char *driver;      /* "": nobody */
	int64_t now_ms;          /* wall clock */
};

void standing_init(struct standing *s);
void standing_release(struct standing *s);

/* A machine_sink: takes a row in, in place of an earlier one of that machine. Texts are copied. */
bool standing_take(void *standing, const struct machine_record *m);

/* Counts, and finds out what it waits for. Texts are borrowed. */
void standing_sum(struct standing *s, const struct rollout_record *r, const struct standing_view *v);

/* True if nothing more happens before an operator says so, or at all. */
bool standing_is_at_rest(const struct standing *s);

/* The machines that have not the image, and will not get it from this rollout. */
int64_t standing_failures(const struct standing *s);

/* True for machines that an operator wants to see: the others are as good as new, or as they were. */
bool standing_shows(enum machine_state s);

/* "its gate after canary", "an operator: it is paused"; "" if it waits for nothing. */
void standing_waits(const struct standing *s, struct text *ret);

/* The command that comes next for an operator; "" if there is none. */
void standing_next(const struct standing *s, struct text *ret);

/* A tree: the rollout, its stages, and so many machines at most that failed, wait or are under way. */
void standing_text(const struct standing *s, const struct style *style, size_t machines, struct text *ret);

/* What happened to a machine, or what the rollout waits for from now on; one line without its end. */
void standing_machine_line(const struct standing *s, const struct standing_machine *m,
	const struct style *style, struct text *ret);
void standing_phase_line(const struct standing *s, const struct style *style, struct text *ret);

/* As one object, without format_version; the caller owns it. */
json_t *standing_json(const struct standing *s) MUST_USE;

/* The rollout's row, and one of its machines: members that every document about rollouts shares. */
json_t *rollout_json(const struct rollout_record *r) MUST_USE;
json_t *standing_machine_json(const struct standing_machine *m) MUST_USE;
#endif
