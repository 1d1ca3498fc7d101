/* fleet_open.c: which machines a fleet has, and what is known of them from before. */
#include <string.h>

#include "base/text.h"
#include "run/fleet_parts.h"
#include "run/lineage.h"

/* A list shows all machines at once: which they are, or at least which need no look of their own. */
static bool wants_list(const struct fleet *f)
{
	if (f->taken_up)
		return false;
	return !muster_names_all(&f->plan) ||
	       ((f->ledger || f->options.lists) && f->plan.machines.instance_count > 1);
}

static bool names_by_list(const struct fleet *f)
{
	return f->plan.machines.instance_count && !muster_names_all(&f->plan) && f->options.journal;
}

/* A plan goes on naming machines that were replaced since: those that have their places now are listed. */
static bool follow_names(struct fleet *f, struct error *err)
{
	size_t count = f->plan.machines.instance_count;
	const char **ids = arena_array(&f->arena, count, sizeof(*ids));
	struct lineage l;

	for (size_t i = 0; i < count; i++) {
		if (!lineage_find(f->options.journal, f->plan.machines.instances[i], &f->arena, &l, err))
			return false;
		ids[i] = l.current;
	}
	f->plan.machines.instances = ids;
	return true;
}

bool fleet_ask(struct fleet *f, const struct query **ret, struct error *err)
{
	*ret = NULL;
	if (f->ledger && !rollout_ledger_take_up(f->ledger, &f->taken_up, err))
		return false;
	if (!wants_list(f))
		return true;
	if (names_by_list(f) && !follow_names(f, err))
		return false;
	f->question = muster_question(&f->plan, &f->arena);
	f->question.subject = FLEET_NO_MACHINE;
	*ret = &f->question;
	return true;
}

static bool goes_by_names(const struct fleet *f)
{
	return muster_names_all(&f->plan) || (f->options.unlimited && f->plan.machines.instance_count);
}

static bool muster(struct fleet *f, const struct answer *a, struct error *err)
{
	const struct machine_record *rows;
	size_t count;

	if (a && a->err->kind) {
		error_copy(err, a->err);
		return error_wrap(err, "could not list the machines of the plan");
	}
	if (a && !goes_by_names(f))
		return muster_listed(&f->plan, a, &f->arena, &f->muster, err);
	if (a) {
		muster_found(&f->plan, a, &f->arena, &f->muster);
	} else if (f->taken_up) {
		rows = rollout_ledger_machines(f->ledger, &count);
		muster_recorded(&f->plan, rows, count, &f->arena, &f->muster);
	} else {
		muster_named(&f->plan, &f->arena, &f->muster);
	}
	return true;
}

static void add_machines(struct fleet *f)
{
	size_t count = f->muster.count;

	f->places = arena_array(&f->arena, count, sizeof(*f->places));
	f->troubles = arena_array(&f->arena, count, sizeof(*f->troubles));
	locking_prepare(f->locking, count);
	f->round.list = arena_array(&f->arena, count, sizeof(*f->round.list));
	f->unwritten.list = arena_array(&f->arena, count, sizeof(*f->unwritten.list));
	f->parked.list = arena_array(&f->arena, count, sizeof(*f->parked.list));
	for (size_t i = 0; i < count; i++) {
		const struct mustered *m = &f->muster.machines[i];

		f->places[i] = (struct place){ .machine = m, .blue = m->id, .told = SIGHT_SERVES };
		rollout_add(f->rollout, m->group, m->zone);
	}
}

void fleet_take_row(struct fleet *f, const struct machine_record *m)
{
	struct place *p = &f->places[m->number];

	p->begun_ms = m->began_ms;
	p->ended_ms = m->ended_ms;
	p->seat = m->seat;
	p->is_waited_for = false;
	p->cause = *m->cause ? arena_copy(&f->arena, m->cause) : NULL;
	text_copy(p->rebuild, sizeof(p->rebuild), m->rebuild);
	rollout_set(f->rollout, (uint32_t)m->number,
		(struct machine_row){ .state = machine_state_parse(m->state),
			.tries = (int)m->tries,
			.due_ms = m->due_ms,
			.took_ms = m->took_ms });
}

void fleet_heed(struct fleet *f)
{
	const struct rollout_order o = rollout_ledger_order(f->ledger);

	rollout_promote(f->rollout, (size_t)o.promoted);
	rollout_hold(f->rollout, o.paused);
	rollout_acknowledge(f->rollout, (size_t)o.known_failures, (size_t)o.known_not_serving);
	f->wish = o.wish;
	if (f->wish != ROLLOUT_WISH_NONE)
		fleet_halt(f);
}

struct rollout_known fleet_known(const struct fleet *f)
{
	return (struct rollout_known){ (int64_t)rollout_failures(f->rollout),
		(int64_t)rollout_not_serving(f->rollout) };
}

/* Whoever comes first to a rollout that nobody drives tries again what has parked. */
static void note_parked(struct fleet *f)
{
	for (size_t i = f->muster.count; i--;)
		if (rollout_row(f->rollout, (uint32_t)i).state == MACHINE_PARKED)
			f->parked.list[f->parked.count++] = (uint32_t)i;
}

/* What was under way when it was left is gone on with before anything else. */
static bool take_up(struct fleet *f, struct error *err)
{
	size_t count;
	const struct machine_record *rows = rollout_ledger_machines(f->ledger, &count);

	for (size_t i = 0; i < count; i++)
		fleet_take_row(f, &rows[i]);
	/* Whoever says that it goes on knows what has failed so far. */
	if (f->options.goes_on && !rollout_ledger_go_on(f->ledger, fleet_known(f), err))
		return false;
	if (!fleet_refresh(f, err))
		return false;
	f->share.adopts = true;
	if (seats_has_others(&f->share.seats))
		fleet_halt_with_others(f);
	if (rollout_ledger_came_first(f->ledger) && f->wish == ROLLOUT_WISH_NONE)
		note_parked(f);
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
	bool is_one = f->muster.count == 1 && !f->options.only_recorded;

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
	if (!rollout_prepare(f->rollout, err))
		return false;
	if (f->plan.image.id)
		fleet_settle(f, f->plan.image.id);
	if (!open_record(f, err))
		return false;
	fleet_open_patrol(f);
	if (f->options.only_recorded)
		fleet_stop(f);
	return true;
}
