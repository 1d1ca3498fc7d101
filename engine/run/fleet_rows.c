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
		.ended_ms = p->ended_ms };
}

static void note_row(struct fleet *f, uint32_t number)
{
	struct machine_record m;

	if (!f->ledger)
		return;
	m = fleet_record_of(f, number);
	rollout_ledger_note(f->ledger, &m);
}

void fleet_set_row(struct fleet *f, uint32_t number, struct machine_row row)
{
	rollout_set(f->rollout, number, row);
	note_row(f, number);
}

static enum rollout_state state_of(const struct fleet *f)
{
	if (f->turn.phase == ROLLOUT_OVER)
		return ROLLOUT_IS_DONE;
	if (f->turn.phase != ROLLOUT_HALTED)
		return ROLLOUT_IS_RUNNING;
	if (f->wish == ROLLOUT_WISH_KEEP)
		return fleet_is_over(f) ? ROLLOUT_IS_ABORTED : ROLLOUT_IS_HALTED;
	return f->stopped && f->wish == ROLLOUT_WISH_NONE ? ROLLOUT_IS_RUNNING : ROLLOUT_IS_HALTED;
}

/* Who cannot write down what is under way begins nothing: another one could begin the same. */
bool fleet_write_rows(struct fleet *f, int64_t wall_ms)
{
	auto_error err = ERROR_INIT;
	char reason[ROLLOUT_REASON_SIZE];
	const struct rollout_standing s = { state_of(f), rollout_reason(f->rollout, reason),
		rollout_expected_end_ms(f->rollout, wall_ms) };

	f->is_away = f->ledger && !rollout_ledger_commit(f->ledger, s, &err) && error_is(&err, JOURNAL_AWAY);
	if (!err.kind)
		return true;
	if (f->is_away) /* what was noted is written when it is back */
		return false;
	if (!f->stopped)
		fleet_tell(f, "%s: nothing more is begun", err.message);
	fleet_stop(f);
	return false;
}
