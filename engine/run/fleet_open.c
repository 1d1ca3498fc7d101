/* fleet_open.c: which machines a fleet has, and what is known of them from before. */
#include <string.h>

#include "base/text.h"
#include "run/fleet_parts.h"

bool fleet_ask(struct fleet *f, const struct query **ret, struct error *err)
{
	*ret = NULL;
	if (f->ledger && !rollout_ledger_take_up(f->ledger, &f->taken_up, err))
		return false;
	if (f->taken_up || f->options.machine_count || !muster_question(&f->plan, &f->arena, &f->question))
		return true;
	f->question.subject = FLEET_NO_MACHINE;
	*ret = &f->question;
	return true;
}

static bool muster(struct fleet *f, const struct answer *a, struct error *err)
{
	const struct machine_record *rows = f->options.machines;
	size_t count = f->options.machine_count;

	if (a && a->err->kind) {
		error_copy(err, a->err);
		return error_wrap(err, "could not list the machines of the plan");
	}
	if (a && !(f->options.unlimited && f->plan.machines.instance_count))
		return muster_listed(&f->plan, a, &f->arena, &f->muster, err);
	if (f->taken_up)
		rows = rollout_ledger_machines(f->ledger, &count);
	if (a)
		muster_found(&f->plan, a, &f->arena, &f->muster);
	else if (count)
		muster_recorded(&f->plan, rows, count, &f->arena, &f->muster);
	else
		muster_named(&f->plan, &f->arena, &f->muster);
	return true;
}

static void add_machines(struct fleet *f)
{
	size_t count = f->muster.count;

	f->places = arena_array(&f->arena, count, sizeof(*f->places));
	f->troubles = arena_array(&f->arena, count, sizeof(*f->troubles));
	locking_prepare(f->locking, count);
	f->round = arena_array(&f->arena, count, sizeof(*f->round));
	for (size_t i = 0; i < count; i++) {
		const struct mustered *m = &f->muster.machines[i];

		f->places[i] = (struct place){ .machine = m, .blue = m->id };
		rollout_add(f->rollout, m->group, m->zone);
	}
}

/* What was under way when it was left, or parked, is gone on with before anything else. */
static void take_up_row(struct fleet *f, uint32_t number, const struct machine_record *m)
{
	struct place *p = &f->places[number];
	struct machine_row row = { .state = machine_state_parse(m->state),
		.tries = (int)m->tries,
		.due_ms = m->due_ms,
		.took_ms = m->took_ms };

	p->begun_ms = m->began_ms;
	p->ended_ms = m->ended_ms;
	p->cause = *m->cause ? m->cause : NULL;
	text_copy(p->rebuild, sizeof(p->rebuild), m->rebuild);
	if (row.state == MACHINE_PARKED)
		row.state = MACHINE_UNDER_WAY;
	if (row.state == MACHINE_UNDER_WAY)
		f->round[f->round_count++] = number;
	rollout_set(f->rollout, number, row);
}

void fleet_heed(struct fleet *f, const struct rollout_order *o)
{
	rollout_promote(f->rollout, (size_t)o->promoted);
	rollout_hold(f->rollout, o->paused);
	rollout_acknowledge(f->rollout, (size_t)o->known_failures, (size_t)o->known_not_serving);
	f->wish = o->wish;
	if (f->wish != ROLLOUT_WISH_NONE)
		fleet_stop(f);
}

/* Whoever says that it goes on knows what has failed so far. */
static bool acknowledge(struct fleet *f, struct rollout_order *o, struct error *err)
{
	o->paused = false;
	o->wish = ROLLOUT_WISH_NONE;
	o->known_failures = (int64_t)rollout_failures(f->rollout);
	o->known_not_serving = (int64_t)rollout_not_serving(f->rollout);
	return rollout_ledger_say(f->ledger, *o, err);
}

static bool take_up(struct fleet *f, struct error *err)
{
	size_t count;
	const struct machine_record *rows = rollout_ledger_machines(f->ledger, &count);
	struct rollout_order o;

	for (size_t i = 0; i < count; i++)
		take_up_row(f, (uint32_t)i, &rows[i]);
	if (!rollout_ledger_hear(f->ledger, &o, err) || (f->options.goes_on && !acknowledge(f, &o, err)))
		return false;
	fleet_heed(f, &o);
	fleet_tell(f, "going on with rollout %s", rollout_ledger_id(f->ledger));
	return true;
}

static const char *stage_of(const struct fleet *f, uint32_t number, struct arena *a)
{
	size_t wave = rollout_wave_of(f->rollout, number);

	return wave ? arena_printf(a, "wave %zu", wave) : "canary";
}

static bool begin_record(struct fleet *f, struct error *err)
{
	size_t count = f->muster.count;
	auto_arena a = ARENA_INIT;
	struct machine_record *rows = arena_array(&a, count, sizeof(*rows));

	for (size_t i = 0; i < count; i++) {
		rows[i] = fleet_record_of(f, (uint32_t)i);
		rows[i].stage = stage_of(f, (uint32_t)i, &a);
	}
	if (!rollout_ledger_begin(f->ledger, rows, count, err))
		return false;
	fleet_tell(f, "rollout %s of %zu machines", rollout_ledger_id(f->ledger), count);
	return true;
}

/* A plan of one machine is no rollout to anybody. */
static bool open_record(struct fleet *f, struct error *err)
{
	bool is_one = f->muster.count == 1 && !f->options.machine_count && !f->options.only_recorded;

	if (f->ledger && !f->taken_up && is_one)
		f->ledger = NULL;
	if (!f->ledger)
		return true;
	return f->taken_up ? take_up(f, err) : begin_record(f, err);
}

bool fleet_listed(struct fleet *f, const struct answer *a, struct error *err)
{
	if (!muster(f, a, err))
		return false;
	f->rollout = rollout_new(&(struct rollout_options){ &f->plan, f->options.typical_ms });
	add_machines(f);
	if (!fleet_check_locks(f, err))
		return false;
	if (f->muster.count == 1)
		f->plan.rollout.tries = 1; /* whoever asks for one machine wants to know at once */
	rollout_stop(f->rollout, f->stopped);
	if (!rollout_prepare(f->rollout, err) || !open_record(f, err))
		return false;
	if (f->options.only_recorded)
		fleet_stop(f);
	return true;
}
