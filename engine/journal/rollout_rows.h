/* rollout_rows.h: what rollout_record.c, rollout_machine.c, rollout_order.c and rollout_back.c share. */
#ifndef JOURNAL_ROLLOUT_ROWS_H
#define JOURNAL_ROLLOUT_ROWS_H

#include "journal/database.h"
#include "journal/rollout_record.h"

/* Of rollouts that are not over: rollout_state_is_final() is false, and so it is for a later version's words. */
#define ROLLOUT_OPEN_STATES "state NOT IN ('done', 'aborted', 'reverted')"

/* A journal that is only read may be of a version that knew none. */
bool rollout_has_tables(const struct journal *j);

/* Both inside a transaction; the version is the one that the rows have from then on. */
bool rollout_machine_add(
	struct journal *j, const char *rollout, const struct machine_record *m, struct error *err) MUST_USE;
bool rollout_machine_update(struct journal *j, const char *rollout, int64_t version,
	const struct machine_record *m, struct error *err) MUST_USE;

/* What rollout_record_create() and rollout_record_change() do, inside a transaction of the caller's. */
struct rollout_creation {
	const struct rollout_record *record;
	const struct machine_record *machines;
	size_t count;
};

bool rollout_create_within(struct journal *j, const struct rollout_creation *c, struct error *err) MUST_USE;
bool rollout_change_within(struct journal *j, const struct rollout_change *c, struct error *err) MUST_USE;

/* ERROR_CONFLICT with the code ROLLOUT_MOVED; gives false. */
bool rollout_refuse_moved(const char *id, struct error *err);

/* The rollout is done: if it put another one back, that one is reverted. Inside a transaction. */
bool rollout_revert_parent(struct journal *j, const struct rollout_change *c, struct error *err) MUST_USE;

/* As stored; and back, ROLLOUT_WISH_NONE for other words. */
const char *rollout_wish_name(enum rollout_wish w);
enum rollout_wish rollout_wish_parse(const char *name);
#endif
