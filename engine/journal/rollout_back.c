/*
 * rollout_back.c: a rollout that puts another one back, and what it means for that one: it is given up when
 * the other begins, and reverted when the other is done. Each is one transaction: whoever dies in between
 * leaves no rollout that two drive, and none that nobody would end.
 */
#include "journal/rollout_rows.h"

static const char *put_back_by(const char *id, struct arena *a)
{
	return arena_printf(a, "put back by %s", id);
}

static bool return_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct rollout_return *r = arg;
	auto_arena a = ARENA_INIT;
	const struct rollout_change given_up = { .id = r->record->parent,
		.version = r->parent_version,
		.state = ROLLOUT_IS_ABORTED,
		.cause = put_back_by(r->record->id, &a),
		.now_ms = r->record->created_ms };

	return rollout_change_within(j, &given_up, err) &&
	       rollout_create_within(j, &(struct rollout_creation){ r->record, r->machines, r->count }, err);
}

bool rollout_record_return(struct journal *j, const struct rollout_return *r, struct error *err)
{
	struct rollout_return copy = *r;

	return database_transaction(j, return_in_transaction, &copy, err);
}

bool rollout_revert_parent(struct journal *j, const struct rollout_change *c, struct error *err)
{
	auto_statement *s = NULL;
	auto_arena a = ARENA_INIT;

	if (!database_prepare(j,
		    "UPDATE rollout SET state = ?1, cause = ?2, updated_ms = ?3, version = version + 1"
		    " WHERE id = (SELECT parent FROM rollout WHERE id = ?4)",
		    &s, err))
		return false;
	statement_bind_text(s, 1, rollout_state_name(ROLLOUT_IS_REVERTED));
	statement_bind_text(s, 2, put_back_by(c->id, &a));
	statement_bind_int(s, 3, c->now_ms);
	statement_bind_text(s, 4, c->id);
	return statement_run(s, err);
}
