/*
 * rollout_ledger.h: what of a rollout goes into the journal, so that whoever takes it up after us goes on from there.
 *
 * Calling order: rollout_ledger_new(); rollout_ledger_take_up(); if there was none to take up,
 * rollout_ledger_begin(). Then rows are noted and committed, and what operators say is heard, until
 * rollout_ledger_free().
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
#include "plan/plan.h"

struct rollout_ledger;

struct rollout_ledger_options {
	struct journal *journal;
	const struct clock *clock;
	const struct entropy *entropy;
	const struct plan *plan;
	const char *user, *version; /* who holds the lease, for people */
	const char *puts_back;      /* the rollout whose rebuilt machines go back; NULL: it goes forward */
};

/* Everything in o is borrowed. */
struct rollout_ledger *rollout_ledger_new(const struct rollout_ledger_options *o);

/* Gives the lease back. NULL is allowed. */
void rollout_ledger_free(struct rollout_ledger *l);

/*
 * Looks for a rollout of the plan that is not over, and takes its lease. One of another version of the plan is given
 * up if nothing of it is under way. ERROR_CONFLICT: it is driven by somebody (LEASE_HELD), or is of another version
 * of the plan and not at rest.
 */
bool rollout_ledger_take_up(struct rollout_ledger *l, bool *found, struct error *err) MUST_USE;

/* The machines of the one that was taken up, by their numbers. */
const struct machine_record *rollout_ledger_machines(const struct rollout_ledger *l, size_t *ret_count);

/* Makes a new one, durably. As rollout_record_create(). */
bool rollout_ledger_begin(struct rollout_ledger *l, const struct machine_record *machines, size_t count,
	struct error *err) MUST_USE;

/* This is so of the machine from now on; written with the next commit. Texts are copied. */
void rollout_ledger_note(struct rollout_ledger *l, const struct machine_record *m);

/* How the rollout stands. */
struct rollout_standing {
	enum rollout_state state;
	const char *cause;
	int64_t expected_ms;
};

/* Writes what was noted, durably; nothing if neither a machine nor the state has changed. */
bool rollout_ledger_commit(struct rollout_ledger *l, struct rollout_standing s, struct error *err) MUST_USE;

/* What was noted since the last commit is not so after all. */
void rollout_ledger_drop(struct rollout_ledger *l);

/* What operators have said; renews the lease. False too if the lease is not ours any more (LEASE_LOST). */
bool rollout_ledger_hear(struct rollout_ledger *l, struct rollout_order *ret, struct error *err) MUST_USE;

/* Says it in their place: what was acknowledged, that it goes on. */
bool rollout_ledger_say(struct rollout_ledger *l, struct rollout_order o, struct error *err) MUST_USE;

/* "ro-..."; "" before it was taken up or begun. */
const char *rollout_ledger_id(const struct rollout_ledger *l);
#endif
