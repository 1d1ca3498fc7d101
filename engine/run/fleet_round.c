/* fleet_round.c: a fleet's machines are begun with, a round at a time. */
#include <string.h>

#include "run/fleet_parts.h"

/* ---- a round ---- */

void fleet_note_beginning(struct place *p, struct moment now)
{
	p->begun_ms = now.wall_ms;
	p->begun_mono_ms = now.mono_ms;
}

void fleet_choose(struct fleet *f, uint32_t number, struct moment now)
{
	struct place *p = &f->places[number];
	struct machine_row row = rollout_row(f->rollout, number);

	f->round.list[f->round.count++] =
		(struct chosen){ number, row, p->seat, p->begun_ms, p->cause, p->is_unwritten };
	if (p->is_waited_for) /* it is ours, and the journal knows */
		return;
	p->seat = f->ledger ? rollout_ledger_seat(f->ledger) : 0;
	if (row.state != MACHINE_UNDER_WAY && row.state != MACHINE_PARKED)
		fleet_note_beginning(p, now);
	p->cause = NULL;
	row.state = MACHINE_UNDER_WAY;
	fleet_set_row(f, number, row);
}

static void call_back(struct fleet *f, const struct chosen *c)
{
	struct place *p = &f->places[c->number];

	p->seat = c->seat;
	p->begun_ms = c->begun_ms;
	p->cause = c->cause;
	if (c->row.state == MACHINE_PARKED)
		f->parked.list[f->parked.count++] = c->number;
	rollout_set(f->rollout, c->number, c->row);
	fleet_forget_unwritten(f, c);
}

void fleet_call_round_back(struct fleet *f)
{
	f->share.adopts = true; /* those of the round among them */
	while (f->round.count)
		call_back(f, &f->round.list[--f->round.count]);
}

/*
 * False if one more could go but for the cloud's limits (pause_ms says for how long), or is not to go before
 * others were looked at: it is put back into its line.
 */
static bool is_admitted(struct fleet *f, const struct run_traffic *t, uint32_t number)
{
	bool is_blind = fleet_is_blind(f);

	if (!is_blind && t->admit && !f->options.unlimited)
		f->round.pause_ms = t->admit(t->self);
	if (is_blind || f->round.pause_ms)
		rollout_set(f->rollout, number, rollout_row(f->rollout, number));
	return !is_blind && !f->round.pause_ms;
}

/* All that may go now: the journal takes them at once. */
static void choose_round(struct fleet *f, const struct run_traffic *t, struct moment now)
{
	fleet_adopt(f, now);
	while ((f->turn = rollout_next(f->rollout, now.wall_ms)).phase == ROLLOUT_BEGIN &&
		is_admitted(f, t, f->turn.machine))
		fleet_choose(f, f->turn.machine, now);
}

/* ---- one machine ---- */

void fleet_end_machine(struct fleet *f, uint32_t number, enum machine_end end, struct moment now)
{
	struct machine_row row = rollout_ended(f->rollout, number, end, now.wall_ms);
	struct place *p = &f->places[number];

	if (end == END_REBUILT)
		row.took_ms = p->begun_mono_ms ? now.mono_ms - p->begun_mono_ms : now.wall_ms - p->begun_ms;
	if (end == END_WITHDRAWN)
		p->rebuild[0] = '\0';
	p->ended_ms = now.wall_ms;
	fleet_set_row(f, number, row);
}

void fleet_add_trouble(struct fleet *f, uint32_t number, const struct error *err)
{
	struct fleet_trouble *t = &f->troubles[f->trouble_count++];

	*t = (struct fleet_trouble){ .machine = f->places[number].machine->id };
	error_copy(&t->err, err);
	f->places[number].cause = t->err.message;
}

/*
 * Whoever had it before us may be taken for alive a little longer, or somebody goes on with this one by hand.
 */
static void wait_for(struct fleet *f, struct place *p, const struct error *err)
{
	if (!p->is_waited_for)
		fleet_tell(f, "%s", err->message);
	p->is_waited_for = true;
}

/*
 * Nothing of it was begun: it is tried again where that may help, or has failed before anything was changed.
 * What goes back was begun in any case, by somebody who may have died a moment ago.
 */
static void not_begun(struct fleet *f, const struct chosen *c, const struct error *err, struct moment now)
{
	bool was_begun = c->row.state == MACHINE_UNDER_WAY || c->row.state == MACHINE_PARKED;
	struct place *p = &f->places[c->number];

	if ((was_begun || f->options.goes_back) && error_is(err, LEASE_HELD)) {
		wait_for(f, p, err); /* under way, and ours: it is adopted again */
	} else if (!error_is(err, JOURNAL_AWAY)) {
		fleet_add_trouble(f, c->number, err);
		fleet_end_machine(f, c->number, END_REFUSED, now);
	} else if (!was_begun) {
		fleet_set_row(f, c->number, c->row);
	}
}

static void begin(struct fleet *f, const struct chosen *c, struct moment now)
{
	struct place *p = &f->places[c->number];
	auto_error err = ERROR_INIT;
	bool begun;

	p->end = END_UNCHANGED;
	p->withdrawn = false;
	f->round.beginning = c->number;
	begun = f->options.begin(f->options.self, p->machine->id, &err);
	f->round.beginning = FLEET_NO_MACHINE;
	p->is_waited_for = p->is_waited_for && !begun;
	if (begun && p->open)
		fleet_ask_for_locks(f, c->number);
	else if (begun) /* nothing of it is left to do */
		fleet_end_machine(
			f, c->number, f->taken_up && p->rebuild[0] ? END_REBUILT : END_UNCHANGED, now);
	else
		not_begun(f, c, &err, now);
}

/* Ends of this turn let others begin. */
void fleet_begin_rounds(struct fleet *f, const struct run_traffic *t, struct moment now)
{
	while (!f->is_away || fleet_write_rows(f, now.wall_ms)) {
		choose_round(f, t, now);
		if (!f->round.count)
			return;
		if (!fleet_write_rows(f, now.wall_ms)) {
			fleet_call_round_back(f);
			return;
		}
		for (size_t i = 0; i < f->round.count; i++)
			begin(f, &f->round.list[i], now);
		f->round.count = 0;
	}
}
