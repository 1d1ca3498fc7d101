/* fleet_rows.c: a fleet's machines in the journal. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "run/fleet_parts.h"

struct machine_record fleet_record_of(const struct fleet *f, uint32_t number)
{
	const struct place *p = &f->places[number];
	struct machine_row row = rollout_row(f->rollout, number);

	return (struct machine_record){ .number = number,
		.machine = p->machine->id,
		.group = p->machine->group_name,
		.zone = p->machine->zone_name,
		.state = machine_state_name(row.state),
		.rebuild = p->rebuild,
		.cause = p->cause,
		.tries = row.tries,
		.due_ms = row.due_ms,
		.took_ms = row.took_ms,
		.began_ms = p->begun_ms,
		.ended_ms = p->ended_ms,
		.seat = p->seat };
}

static void note_row(struct fleet *f, uint32_t number)
{
	struct place *p = &f->places[number];

	/* with its beginning all rows are written */
	if (!f->ledger || !*rollout_ledger_id(f->ledger) || p->is_unwritten)
		return;
	p->is_unwritten = true;
	f->unwritten.list[f->unwritten.count++] = number;
}

void fleet_set_row(struct fleet *f, uint32_t number, struct machine_row row)
{
	rollout_set(f->rollout, number, row);
	note_row(f, number);
}

/* It was noted last, or is not the only one of the round that goes. */
void fleet_forget_unwritten(struct fleet *f, const struct chosen *c)
{
	size_t kept = 0;

	f->places[c->number].is_unwritten = c->was_unwritten;
	for (size_t i = 0; i < f->unwritten.count; i++)
		if (f->places[f->unwritten.list[i]].is_unwritten)
			f->unwritten.list[kept++] = f->unwritten.list[i];
	f->unwritten.count = kept;
}

/* By how it stands now: what others have done, or operators said, may be newer than the turn. */
static enum rollout_state state_of(const struct fleet *f)
{
	if (f->turn.phase == ROLLOUT_OVER) /* done with, unless it is to be put back from here */
		return f->wish == ROLLOUT_WISH_REVERT ? ROLLOUT_IS_HALTED : ROLLOUT_IS_DONE;
	if (rollout_halt(f->rollout) == HALT_NONE)
		return ROLLOUT_IS_RUNNING;
	if (f->wish == ROLLOUT_WISH_KEEP)
		return rollout_count(f->rollout, MACHINE_UNDER_WAY) ? ROLLOUT_IS_HALTED : ROLLOUT_IS_ABORTED;
	if (f->stopped && f->wish == ROLLOUT_WISH_NONE) /* we leave, or go with the others */
		return rollout_ledger_state(f->ledger);
	return ROLLOUT_IS_HALTED;
}

static bool commit(struct fleet *f, int64_t wall_ms, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct machine_record *rows = arena_array(&a, f->unwritten.count, sizeof(*rows));
	char reason[ROLLOUT_REASON_SIZE];
	const struct rollout_standing s = { .state = state_of(f),
		.cause = *f->block.words ? f->block.words : fleet_reason(f, reason),
		.is_cause_new = f->block.is_new,
		.expected_ms = f->block.waits ? 0 : rollout_expected_end_ms(f->rollout, wall_ms),
		.machines = rows,
		.count = f->unwritten.count };

	for (size_t i = 0; i < f->unwritten.count; i++)
		rows[i] = fleet_record_of(f, f->unwritten.list[i]);
	if (!rollout_ledger_commit(f->ledger, &s, err))
		return false;
	f->block.is_new = false;
	while (f->unwritten.count)
		f->places[f->unwritten.list[--f->unwritten.count]].is_unwritten = false;
	return true;
}

/* As often as others were faster. */
static bool commit_on_newest(struct fleet *f, int64_t wall_ms, struct error *err)
{
	while (!commit(f, wall_ms, err)) {
		if (!error_is(err, ROLLOUT_MOVED))
			return false;
		error_release(err);
		fleet_call_round_back(f);
		if (!fleet_refresh(f, err))
			return false;
	}
	return true;
}

bool fleet_write_rows(struct fleet *f, int64_t wall_ms)
{
	auto_error err = ERROR_INIT;

	if (!f->ledger)
		return true;
	f->is_away = !commit_on_newest(f, wall_ms, &err) && error_is(&err, JOURNAL_AWAY);
	if (!err.kind)
		return true;
	if (f->is_away) /* what is unwritten is written when it is back */
		return false;
	if (!f->leaves)
		fleet_tell(f, "%s: nothing more is begun", err.message);
	fleet_stop(f);
	return false;
}
