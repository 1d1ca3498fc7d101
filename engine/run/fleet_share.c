/* fleet_share.c: what operators say of a fleet's rollout, and what others who share it do. */
#include "run/fleet_parts.h"

/* ---- machines that nobody drives any more ---- */

static bool is_orphan(const struct fleet *f, uint32_t number)
{
	const struct place *p = &f->places[number];

	if (p->open || rollout_row(f->rollout, number).state != MACHINE_UNDER_WAY)
		return false;
	return p->seat == rollout_ledger_seat(f->ledger) || !seats_has_alive(&f->share.seats, p->seat);
}

static void adopt_orphans(struct fleet *f, struct moment now)
{
	f->share.adopts = false;
	for (uint32_t i = 0; i < f->muster.count; i++)
		if (is_orphan(f, i))
			fleet_choose(f, i, now);
}

static void retry_parked(struct fleet *f, struct moment now)
{
	while (f->parked.count && rollout_has_room(f->rollout)) {
		uint32_t number = f->parked.list[--f->parked.count];

		if (rollout_row(f->rollout, number).state == MACHINE_PARKED)
			fleet_choose(f, number, now);
	}
}

void fleet_adopt(struct fleet *f, struct moment now)
{
	if (!f->ledger || f->leaves)
		return;
	if (f->share.adopts)
		adopt_orphans(f, now);
	retry_parked(f, now);
}

bool fleet_is_speaker(const struct fleet *f)
{
	return !f->ledger || f->share.seats.first == rollout_ledger_seat(f->ledger) || !f->share.seats.alive;
}

/* ---- what others have changed ---- */

/* What is ours we know better than its row. */
static bool take_row(void *self, const struct machine_record *m)
{
	struct fleet *f = self;
	const struct place *p = &f->places[m->number];

	if (m->seat != rollout_ledger_seat(f->ledger) || !(p->open || p->is_unwritten))
		fleet_take_row(f, m);
	return true;
}

bool fleet_look_round(struct fleet *f, struct error *err)
{
	return rollout_ledger_look(f->ledger, &f->share.seats, err);
}

/* That machines do not serve is seen by one sooner than by another: what it halts for stops all. */
void fleet_halt_with_others(struct fleet *f)
{
	if (rollout_ledger_state(f->ledger) != ROLLOUT_IS_HALTED || rollout_halt(f->rollout) != HALT_NONE)
		return;
	f->share.halted = arena_copy(&f->arena, rollout_ledger_cause(f->ledger));
	fleet_tell(f, "another one halts the rollout: %s", f->share.halted);
	fleet_halt(f);
}

/* An operator resumed it. How many machines do not serve is known to whoever looks after them, not to the journal. */
static bool go_on(struct fleet *f, struct error *err)
{
	const struct rollout_order o = rollout_ledger_order(f->ledger);
	const struct rollout_known known = { o.known_failures, (int64_t)rollout_not_serving(f->rollout) };

	if (f->share.halted) {
		f->share.halted = NULL;
		f->stopped = false;
		rollout_stop(f->rollout, false);
	}
	if (known.not_serving <= o.known_not_serving)
		return true;
	rollout_acknowledge(f->rollout, (size_t)known.failures, (size_t)known.not_serving);
	return rollout_ledger_acknowledge(f->ledger, known, err);
}

static bool heed_state(struct fleet *f, enum rollout_state before, struct error *err)
{
	enum rollout_state now = rollout_ledger_state(f->ledger);

	if (now == ROLLOUT_IS_RUNNING && before == ROLLOUT_IS_HALTED && !f->leaves)
		return go_on(f, err);
	if (f->stopped)
		return true;
	if (rollout_state_is_final(now) && now != ROLLOUT_IS_DONE) {
		fleet_tell(f, "rollout %s was given up", rollout_ledger_id(f->ledger));
		fleet_halt(f);
	} else if (before == ROLLOUT_IS_RUNNING) {
		fleet_halt_with_others(f);
	}
	return true;
}

bool fleet_refresh(struct fleet *f, struct error *err)
{
	enum rollout_state before = rollout_ledger_state(f->ledger);

	if (!rollout_ledger_refresh(f->ledger, take_row, f, err) || !fleet_look_round(f, err))
		return false;
	fleet_heed(f);
	return heed_state(f, before, err);
}

bool fleet_leave(struct fleet *f)
{
	auto_error err = ERROR_INIT;

	/* Where the journal does not answer nobody is heard. */
	if (!f->ledger || rollout_ledger_leave(f->ledger, &err) || !error_is(&err, ROLLOUT_MOVED))
		return true;
	error_release(&err);
	return !fleet_refresh(f, &err);
}

/* ---- once a second ---- */

static bool hear(struct fleet *f, struct error *err)
{
	bool moved;

	if (!rollout_ledger_hear(f->ledger, &moved, err) ||
		!(moved ? fleet_refresh(f, err) : fleet_look_round(f, err)))
		return false;
	/* What is under way and not with us is with somebody else, or with nobody. */
	f->share.adopts = f->share.adopts || rollout_count(f->rollout, MACHINE_UNDER_WAY) > f->open_machines;
	return true;
}

void fleet_hear(struct fleet *f, const struct run_traffic *t, struct moment now)
{
	auto_error err = ERROR_INIT;

	if (!f->ledger || now.mono_ms < f->share.heard_ms + FLEET_LISTEN_MS)
		return;
	f->share.heard_ms = now.mono_ms;
	if (!hear(f, &err) && error_is(&err, LEASE_LOST) && !f->leaves) {
		fleet_tell(f, "%s", err.message);
		fleet_stop(f); /* somebody else has it now */
	}
	if (t->split && f->share.seats.alive && f->share.seats.alive != f->share.parts)
		t->split(t->self, (unsigned)(f->share.parts = f->share.seats.alive));
}
