#include "run/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "run/fleet_parts.h"

/* ---- rebuilds of its machines ---- */

uint32_t fleet_added(struct fleet *f, const char *blue_id)
{
	struct place *p;

	if (f->round.beginning == FLEET_NO_MACHINE)
		return FLEET_NO_MACHINE;
	p = &f->places[f->round.beginning];
	f->open_machines += !p->open++;
	p->blue = arena_copy(&f->arena, blue_id);
	return f->round.beginning;
}

static void close_one(struct fleet *f, struct place *p)
{
	f->open_machines -= !--p->open;
}

void fleet_dropped(struct fleet *f, uint32_t machine)
{
	close_one(f, &f->places[machine]);
}

void fleet_recorded(struct fleet *f, uint32_t number, const char *rebuild)
{
	struct place *p = &f->places[number];

	text_copy(p->rebuild, sizeof(p->rebuild), rebuild);
	fleet_set_row(f, number, rollout_row(f->rollout, number));
}

/* ---- gates ---- */

static void gate_opened(void *self)
{
	struct fleet *f = self;
	auto_error err = ERROR_INIT;

	rollout_promote(f->rollout, f->asked + 1);
	/* Whoever shares it with us, or takes it up after us, finds the gate open. */
	if (f->ledger && !rollout_ledger_promote(f->ledger, (int64_t)f->asked + 1, &err))
		fleet_tell(f, "%s", err.message); /* the command is asked again then */
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
	return command && fleet_is_speaker(f) ? gate_ask(&f->gate, f->options.loop, command, now.mono_ms)
					      : INT64_MAX;
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

void fleet_turn(struct fleet *f, const struct run_traffic *t, struct moment now)
{
	f->round.pause_ms = 0;
	fleet_hear(f, t, now);
	fleet_begin_rounds(f, t, now);
	fleet_await_members(f, now);
	fleet_write_rows(f, now.wall_ms);
	fleet_tell_phase(f);
	f->wake_ms = f->round.pause_ms ? now.mono_ms + f->round.pause_ms : next_turn_ms(f, now);
	f->wake_ms = clock_earlier(f->wake_ms, fleet_patrol_wake_ms(f));
	f->wake_ms = clock_earlier(f->wake_ms, fleet_patience_ends_ms(f));
	if (f->ledger)
		f->wake_ms = clock_earlier(f->wake_ms, now.mono_ms + FLEET_LISTEN_MS);
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
	struct fleet *f = alloc_zeroed(1, sizeof(*f));

	f->options = *o;
	f->ledger = o->ledger;
	f->plan = *o->plan;
	f->round.beginning = FLEET_NO_MACHINE;
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
	patrol_free(f->patrol);
	arena_release(&f->arena);
	free(f);
}

void fleet_on_change(struct fleet *f, void (*changed)(void *self), void *self)
{
	f->changed = changed;
	f->changed_self = self;
	locking_on_change(f->locking, changed, self);
}

void fleet_halt(struct fleet *f)
{
	f->stopped = true;
	gate_leave(&f->gate);
	if (f->rollout)
		rollout_stop(f->rollout, true);
}

void fleet_stop(struct fleet *f)
{
	f->leaves = true;
	fleet_halt(f);
}

/* ---- ending ---- */

/* Nobody answered there, or it does not run: what was tried did not even begin. */
static bool was_unreachable(const struct rebuild *r)
{
	return r->trouble_blue.kind == ERROR_TIMEOUT || r->trouble_blue.kind == ERROR_REMOTE ||
	       (r->world.blue.asked_ms && r->world.blue.state != INSTANCE_RUNNING);
}

static enum machine_end end_of(const struct fleet *f, const struct place *p, const struct rebuild *r)
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
		return p->withdrawn ? END_WITHDRAWN : END_ROLLED_BACK;
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

void fleet_ended(struct fleet *f, uint32_t machine, const struct rebuild *r, struct moment now)
{
	struct place *p = &f->places[machine];
	enum machine_end end = p->dropped ? fleet_end_of_dropped(f, machine) : end_of(f, p, r);

	if (end == END_UNCHANGED && f->taken_up && p->rebuild[0])
		end = END_REBUILT; /* by who left it to us */
	if (worse(p->end, end) == end && r->cause[0])
		p->cause = arena_copy(&f->arena, r->cause);
	p->end = worse(p->end, end);
	close_one(f, p);
	if (!p->open && p->end == END_LOCKED_OUT)
		fleet_add_trouble(f, machine, locking_trouble(f->locking, machine));
	fleet_end_locks(f, machine, r);
	fleet_follow_end(f, machine, r);
	fleet_settle_after(f, r);
	if (!p->open)
		fleet_end_machine(f, machine, p->end, now);
}

void fleet_withdrawn(struct fleet *f, uint32_t machine)
{
	f->places[machine].withdrawn = true;
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
	if (locking_is_busy(f->locking))
		return false;
	if (f->leaves)
		return !f->open_machines;
	if (rollout_count(f->rollout, MACHINE_UNDER_WAY) || f->parked.count)
		return false;
	if (f->is_away && !f->stopped) /* its end is to be written down */
		return false;
	return f->turn.phase == ROLLOUT_OVER || f->turn.phase == ROLLOUT_HALTED ||
	       (f->turn.phase == ROLLOUT_BLOCKED && !f->block.waits);
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

bool fleet_goes_back(const struct fleet *f)
{
	return f->options.goes_back;
}

const struct muster *fleet_muster(const struct fleet *f)
{
	return &f->muster;
}

const struct rollout *fleet_rollout(const struct fleet *f)
{
	return f->rollout;
}
