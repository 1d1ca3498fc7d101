/*
 * rollout_ledger.h: what of a rollout goes into the journal, so that whoever takes it up after us goes on
 * from there, and whoever shares it with us knows what we do.
 *
 * Calling order: rollout_ledger_new(); rollout_ledger_take_up(); if there was none to take up,
 * rollout_ledger_begin(). Then changes are committed, what others have changed is read, and what operators
 * say is heard, until rollout_ledger_leave() succeeds; rollout_ledger_free() in any case.
 */
#ifndef RUN_ROLLOUT_LEDGER_H
#define RUN_ROLLOUT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "journal/journal.h"
#include "journal/rollout_record.h"
#include "journal/seat.h"
#include "plan/plan.h"

struct rollout_ledger;

struct rollout_ledger_options {
	struct journal *journal;
	const struct clock *clock;
	const struct entropy *entropy;
	const struct plan *plan;
	const char *user, *version; /* who holds the lease, for people */
	const char *id;             /* a rollout of the journal's: this one and no other; NULL: the plan's */
	bool shared;                /* with other workers; otherwise it is driven by one alone */
};

/* Everything in o is borrowed. */
struct rollout_ledger *rollout_ledger_new(const struct rollout_ledger_options *o);

/* Gives the seat back if that was not done, whatever was said meanwhile. NULL is allowed. */
void rollout_ledger_free(struct rollout_ledger *l);

/*
 * Looks for a rollout of the plan that is not over, and takes a seat of it. One of another version of the
 * plan is given up if nothing of it is under way. ERROR_CONFLICT: it is driven by somebody (LEASE_HELD), is
 * of another version of the plan and not at rest or to be put back, or is the one that was named and over by now.
 */
bool rollout_ledger_take_up(struct rollout_ledger *l, bool *found, struct error *err) MUST_USE;

/* The machines of the one that was taken up, by their numbers. */
const struct machine_record *rollout_ledger_machines(const struct rollout_ledger *l, size_t *ret_count);

/* Makes a new one that goes forward, durably. As rollout_record_create(). */
bool rollout_ledger_begin(struct rollout_ledger *l, const struct machine_record *machines, size_t count,
	struct error *err) MUST_USE;

/* How the rollout stands. */
struct rollout_standing {
	enum rollout_state state;
	const char *cause;
	bool is_cause_new; /* it is written even if nothing else has changed */
	int64_t expected_ms;
	const struct machine_record *machines; /* those whose rows change */
	size_t count;
};

/*
 * Writes it, durably; nothing if no machine, state or cause has changed. ERROR_CONFLICT: a row was changed, or
 * an operator has spoken, since we read them (ROLLOUT_MOVED), or our seat is not ours any more (LEASE_LOST).
 */
bool rollout_ledger_commit(
	struct rollout_ledger *l, const struct rollout_standing *s, struct error *err) MUST_USE;

/* Shows the rows that were changed since we read or wrote them, by us too if nobody could tell; and hears. */
bool rollout_ledger_refresh(
	struct rollout_ledger *l, machine_sink *show, void *self, struct error *err) MUST_USE;

/*
 * Whether rows were changed or operators have spoken since we read them; renews the seat. False too if the seat is not
 * ours any more (LEASE_LOST).
 */
bool rollout_ledger_hear(struct rollout_ledger *l, bool *ret_moved, struct error *err) MUST_USE;

/* What operators had said when we heard last. */
struct rollout_order rollout_ledger_order(const struct rollout_ledger *l);

/* Says it in their place: gates are open; so much is known; it goes on. */
bool rollout_ledger_promote(struct rollout_ledger *l, int64_t gates, struct error *err) MUST_USE;
bool rollout_ledger_acknowledge(
	struct rollout_ledger *l, struct rollout_known known, struct error *err) MUST_USE;
bool rollout_ledger_go_on(struct rollout_ledger *l, struct rollout_known known, struct error *err) MUST_USE;

/* Gives the seat back. ERROR_CONFLICT with ROLLOUT_MOVED if there is something to be read or heard before. */
bool rollout_ledger_leave(struct rollout_ledger *l, struct error *err) MUST_USE;

/* ---- those who share it ---- */

/* Nobody drove it when it was taken up: of several who come at once, that is so for one. */
bool rollout_ledger_came_first(const struct rollout_ledger *l);

/* Ours, for rows of machines that we begin. */
int64_t rollout_ledger_seat(const struct rollout_ledger *l);

/* Who drives it; seats of the dead are taken away from them. */
bool rollout_ledger_look(struct rollout_ledger *l, struct seats *ret, struct error *err) MUST_USE;

/* As last read or written; one that is over stays so. */
enum rollout_state rollout_ledger_state(const struct rollout_ledger *l);

/* Why it halted or was given up, or who holds it up, as last read; "" if that is not so. */
const char *rollout_ledger_cause(const struct rollout_ledger *l);

/* "ro-..."; "" before it was taken up or begun. */
const char *rollout_ledger_id(const struct rollout_ledger *l);
#endif
