#include "run/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "journal/lease.h"
#include "run/fleet_parts.h"

enum { LISTEN_MS = 1000 };

/* ---- beginning ---- */

uint32_t fleet_added(struct fleet *f, const char *blue_id)
{
	if (f->beginning != FLEET_NO_MACHINE) {
		f->places[f->beginning].open++;
		f->places[f->beginning].blue = arena_copy(&f->arena, blue_id);
	}
	return f->beginning;
}

void fleet_recorded(struct fleet *f, uint32_t number, const char *rebuild)
{
	struct place *p = &f->places[number];

	text_copy(p->rebuild, sizeof(p->rebuild), rebuild);
	fleet_set_row(f, number, rollout_row(f->rollout, number));
}

static void end_machine(struct fleet *f, uint32_t number, enum machine_end end, int64_t wall_ms)
{
	struct machine_row row = rollout_ended(f->rollout, number, end, wall_ms);
	struct place *p = &f->places[number];

	if (end == END_REBUILT)
		row.took_ms = wall_ms - p->begun_ms;
	if (end == END_WITHDRAWN)
		p->rebuild[0] = '\0';
	p->ended_ms = wall_ms;
	fleet_set_row(f, number, row);
}

static void add_trouble(struct fleet *f, uint32_t number, const struct error *err)
{
	struct fleet_trouble *t = &f->troubles[f->trouble_count++];

	*t = (struct fleet_trouble){ .machine = f->places[number].machine->id };
	error_copy(&t->err, err);
	f->places[number].cause = t->err.message;
}

/* What cannot be begun with has failed before anything was changed. */
static void refuse(struct fleet *f, uint32_t number, const struct error *err, int64_t wall_ms)
{
	add_trouble(f, number, err);
	end_machine(f, number, END_REFUSED, wall_ms);
}

/* It did not begin, and nothing speaks against it. */
static void call_back(struct fleet *f, uint32_t number)
{
	struct machine_row row = rollout_row(f->rollout, number);

	row.state = MACHINE_WAITING;
	fleet_set_row(f, number, row);
}

static void begin(struct fleet *f, uint32_t number, int64_t wall_ms)
{
	struct place *p = &f->places[number];
	auto_error err = ERROR_INIT;
	bool begun;

	p->end = END_UNCHANGED;
	f->beginning = number;
	begun = f->options.begin(f->options.self, p->machine->id, &err);
	f->beginning = FLEET_NO_MACHINE;
	if (!begun && !p->open && error_is(&err, JOURNAL_AWAY))
		call_back(f, number);
	else if (!begun)
		refuse(f, number, &err, wall_ms);
	else if (!p->open) /* nothing of it is left to do */
		end_machine(f, number, f->taken_up && p->rebuild[0] ? END_REBUILT : END_UNCHANGED, wall_ms);
	else
		fleet_ask_for_locks(f, number);
}

/* False with pause_ms set if one more could go but for the cloud's limits: it is put back into its line. */
static bool is_admitted(struct fleet *f, const struct run_traffic *t, uint32_t number)
{
	if (t->admit && !f->options.unlimited)
		f->pause_ms = t->admit(t->self);
	if (f->pause_ms)
		rollout_set(f->rollout, number, rollout_row(f->rollout, number));
	return !f->pause_ms;
}

/* All that may go now, in one round: the journal takes them at once. */
static void choose_round(struct fleet *f, const struct run_traffic *t, int64_t wall_ms)
{
	while ((f->turn = rollout_next(f->rollout, wall_ms)).phase == ROLLOUT_BEGIN &&
		is_admitted(f, t, f->turn.machine)) {
		struct machine_row row = rollout_row(f->rollout, f->turn.machine);

		row.state = MACHINE_UNDER_WAY;
		f->places[f->turn.machine].begun_ms = wall_ms;
		f->places[f->turn.machine].cause = NULL;
		fleet_set_row(f, f->turn.machine, row);
		f->round[f->round_count++] = f->turn.machine;
	}
}

static void call_round_back(struct fleet *f)
{
	while (f->round_count)
		call_back(f, f->round[--f->round_count]);
}

/* Ends of this turn let others begin. */
static void begin_rounds(struct fleet *f, const struct run_traffic *t, int64_t wall_ms)
{
	while (!f->is_away || fleet_write_rows(f, wall_ms)) {
		choose_round(f, t, wall_ms);
		if (!f->round_count)
			return;
		if (!fleet_write_rows(f, wall_ms)) {
			call_round_back(f);
			return;
		}
		for (size_t i = 0; i < f->round_count; i++)
			begin(f, f->round[i], wall_ms);
		f->round_count = 0;
	}
}

/* Who takes the rollout up after us finds the gate open. */
static void say_promoted(struct fleet *f)
{
	auto_error err = ERROR_INIT;
	struct rollout_order o;

	if (!rollout_ledger_hear(f->ledger, &o, &err))
		return; /* it is asked again then */
	o.promoted = (int64_t)f->asked + 1 > o.promoted ? (int64_t)f->asked + 1 : o.promoted;
	(void)!rollout_ledger_say(f->ledger, o, &err);
}

static void gate_opened(void *self)
{
	struct fleet *f = self;

	rollout_promote(f->rollout, f->asked + 1);
	if (f->ledger)
		say_promoted(f);
	f->gate.asked_ms = 0;
	f->changed(f->changed_self);
}

static void gate_refused(void *self)
{
	struct fleet *f = self;

	fleet_tell(f, "the gate after %s stays shut: its command failed; it is asked again",
		f->plan.rollout.gates[f->asked].after);
}

static int64_t ask_gate(struct fleet *f, size_t number, struct moment now)
{
	const char *command = f->plan.rollout.gates[number].command;

	f->asked = number;
	return command ? gate_ask(&f->gate, f->options.loop, command, now.mono_ms) : INT64_MAX;
}

/* When there is something to do again, whoever else may call before. */
static int64_t next_turn_ms(struct fleet *f, struct moment now)
{
	const struct rollout_turn *t = &f->turn;

	if (t->phase == ROLLOUT_GATE)
		return ask_gate(f, t->gate, now);
	if (t->wake_ms == INT64_MAX)
		return INT64_MAX;
	return now.mono_ms + (t->wake_ms > now.wall_ms ? t->wake_ms - now.wall_ms : 0);
}

/* What operators say in the journal; if somebody else has the rollout now, it is not ours to go on with. */
static void hear(struct fleet *f, struct moment now)
{
	auto_error err = ERROR_INIT;
	struct rollout_order o;

	if (!f->ledger || now.mono_ms < f->heard_ms + LISTEN_MS)
		return;
	f->heard_ms = now.mono_ms;
	if (rollout_ledger_hear(f->ledger, &o, &err)) {
		fleet_heed(f, &o);
	} else if (error_is(&err, LEASE_LOST) && !f->stopped) {
		fleet_tell(f, "%s", err.message);
		fleet_stop(f);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void fleet_turn(struct fleet *f, const struct run_traffic *t, struct moment now)
{
	f->pause_ms = 0;
	hear(f, now);
	begin_rounds(f, t, now.wall_ms);
	fleet_write_rows(f, now.wall_ms);
	fleet_tell_phase(f);
	f->wake_ms = f->pause_ms ? now.mono_ms + f->pause_ms : next_turn_ms(f, now);
	if (f->ledger)
		f->wake_ms = earlier(f->wake_ms, now.mono_ms + LISTEN_MS);
}

/* ---- a fleet ---- */

/* Everything at once, and nothing halts it. Locks, and groups that they are named after, are no such limits. */
static void lift_limits(struct plan *p)
{
	const struct plan_share all = { 100, true };
	const struct plan_lock *locks = p->rollout.locks;
	size_t lock_count = p->rollout.lock_count;

	memset(&p->rollout, 0, sizeof(p->rollout));
	p->rollout.in_flight = p->rollout.per_group = p->rollout.failure_rate = all;
	p->rollout.tries = 1;
	p->rollout.locks = locks;
	p->rollout.lock_count = lock_count;
	if (!lock_names_use_group(p))
		p->machines.group_by = NULL;
}

/* Newest first, as few away at once as on the way there; there is nothing to wait for or to try out. */
static void turn_round(struct plan *p)
{
	p->rollout.canary.amount = 0;
	p->rollout.wave_count = p->rollout.gate_count = 0;
	p->rollout.window.from = NULL;
	p->rollout.zone_by_zone = false;
}

struct fleet *fleet_new(const struct fleet_options *o)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->options = *o;
	f->ledger = o->ledger;
	f->plan = *o->plan;
	f->beginning = FLEET_NO_MACHINE;
	f->gate.opened = gate_opened;
	f->gate.refused = gate_refused;
	f->gate.self = f;
	f->locking = locking_new(&f->plan, o->note, o->self);
	if (o->unlimited)
		lift_limits(&f->plan);
	if (o->goes_back)
		turn_round(&f->plan);
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->trouble_count; i++)
		error_release(&f->troubles[i].err);
	rollout_free(f->rollout);
	locking_free(f->locking);
	arena_release(&f->arena);
	free(f);
}

void fleet_on_change(struct fleet *f, void (*changed)(void *self), void *self)
{
	f->changed = changed;
	f->changed_self = self;
	locking_on_change(f->locking, changed, self);
}

void fleet_stop(struct fleet *f)
{
	f->stopped = true;
	gate_leave(&f->gate);
	if (f->rollout)
		rollout_stop(f->rollout, true);
}

/* ---- ending ---- */

/* Nobody answered there, or it does not run: what was tried did not even begin. */
static bool was_unreachable(const struct rebuild *r)
{
	return r->trouble_blue.kind == ERROR_TIMEOUT || r->trouble_blue.kind == ERROR_REMOTE ||
	       (r->world.blue.asked_ms && r->world.blue.state != INSTANCE_RUNNING);
}

static enum machine_end end_of(const struct fleet *f, const struct rebuild *r)
{
	switch (r->course) {
	case COURSE_DONE:
		return r->resume_finished ? END_UNCHANGED : END_REBUILT;
	case COURSE_UNCHANGED:
		return END_UNCHANGED;
	case COURSE_REFUSED:
		return was_unreachable(r) ? END_UNREACHABLE : END_REFUSED;
	case COURSE_ROLLED_BACK:
		if (f->options.goes_back)
			return END_REBUILT;
		return r->rollback_asked && fleet_has_halted(f) ? END_WITHDRAWN : END_ROLLED_BACK;
	case COURSE_PARKED:
		return END_PARKED;
	case COURSE_TAKEN_OVER:
		return END_REFUSED;
	case COURSE_INTERRUPTED: /* this one was aborted, or all of us are to end */
	case COURSE_FORWARD:
	case COURSE_BACK:
		break;
	}
	return f->stopped ? END_WITHDRAWN : END_PARKED;
}

/* Of a machine's rebuilds the worst end counts; most have one. */
static enum machine_end worse(enum machine_end a, enum machine_end b)
{
	static const int RANKS[] = {
		[END_UNCHANGED] = 0,
		[END_REBUILT] = 1,
		[END_WITHDRAWN] = 2,
		[END_UNREACHABLE] = 3,
		[END_LOCKED_OUT] = 4,
		[END_REFUSED] = 5,
		[END_ROLLED_BACK] = 6,
		[END_PARKED] = 7,
	};

	return RANKS[a] > RANKS[b] ? a : b;
}

void fleet_ended(struct fleet *f, uint32_t machine, const struct rebuild *r, int64_t wall_ms)
{
	struct place *p = &f->places[machine];
	enum machine_end end = p->dropped ? fleet_end_of_dropped(f, machine) : end_of(f, r);

	if (end == END_UNCHANGED && f->taken_up && p->rebuild[0])
		end = END_REBUILT; /* by who left it to us */
	if (worse(p->end, end) == end && r->cause[0])
		p->cause = arena_copy(&f->arena, r->cause);
	p->end = worse(p->end, end);
	p->open--;
	if (!p->open && p->end == END_LOCKED_OUT)
		add_trouble(f, machine, locking_trouble(f->locking, machine));
	fleet_end_locks(f, machine, r);
	if (!p->open)
		end_machine(f, machine, p->end, wall_ms);
}

bool fleet_has_halted(const struct fleet *f)
{
	return f->turn.phase == ROLLOUT_HALTED;
}

/* Machines under way keep it going in any phase, and so do locks that are being given back. */
bool fleet_is_over(const struct fleet *f)
{
	if (!f->rollout)
		return f->stopped;
	if (rollout_count(f->rollout, MACHINE_UNDER_WAY) || locking_is_busy(f->locking))
		return false;
	if (f->is_away && !f->stopped) /* its end is to be written down */
		return false;
	return f->turn.phase == ROLLOUT_OVER || f->turn.phase == ROLLOUT_HALTED ||
	       f->turn.phase == ROLLOUT_BLOCKED;
}

int64_t fleet_wake_ms(const struct fleet *f)
{
	return f->wake_ms;
}

const struct fleet_trouble *fleet_troubles(const struct fleet *f, size_t *ret_count)
{
	*ret_count = f->trouble_count;
	return f->troubles;
}

const char *fleet_id(const struct fleet *f)
{
	return f->ledger ? rollout_ledger_id(f->ledger) : "";
}

enum rollout_wish fleet_wish(const struct fleet *f)
{
	return f->wish;
}

const struct rollout *fleet_rollout(const struct fleet *f)
{
	return f->rollout;
}
