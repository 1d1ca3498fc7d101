#include "run/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "rollout/selection.h"
#include "run/gate.h"

enum { NOTE_SIZE = 256 };

/* A machine and how its rebuilds stand. */
struct place {
	const char *id; /* the machine that is begun with (rollout/selection.h, `first`) */
	unsigned open;  /* rebuilds that are under way */
	enum machine_end end;
	int64_t begun_ms; /* wall clock */
};

struct fleet {
	struct fleet_options options;
	struct plan plan; /* the options' plan, with its limits or without */
	struct selector selector;
	struct query question;
	struct arena arena;
	struct rollout *rollout;
	struct place *places;
	uint32_t beginning; /* FLEET_NO_MACHINE: none */
	struct rollout_turn turn;
	struct gate gate;
	size_t asked;    /* which of the plan's gates the command is about */
	int64_t wake_ms; /* monotonic */
	void (*changed)(void *self);
	void *changed_self;
	struct fleet_trouble *troubles;
	size_t trouble_count;
	char noted[NOTE_SIZE];
	bool stopped;
};

/* ---- which machines ---- */

/* A plan that names its machines and goes by nothing that only a list shows. */
static bool names_all(const struct plan *p)
{
	return p->machines.instance_count && !p->machines.group_by && !p->rollout.order_by &&
	       !p->rollout.zone_by_zone;
}

static const struct tag *tags_of(struct fleet *f)
{
	const struct plan *p = &f->plan;
	struct tag *tags = arena_array(&f->arena, p->machines.tag_count, sizeof(*tags));

	for (size_t i = 0; i < p->machines.tag_count; i++)
		tags[i] = (struct tag){ p->machines.tags[i].key, p->machines.tags[i].value };
	return tags;
}

const struct query *fleet_question(struct fleet *f)
{
	const struct plan *p = &f->plan;

	if (names_all(p))
		return NULL;
	f->selector = (struct selector){
		.ids = p->machines.instances,
		.id_count = p->machines.instance_count,
		.tags = tags_of(f),
		.tag_count = p->machines.tag_count,
		.group_by = p->machines.group_by,
		.order_by = p->rollout.order_by,
	};
	f->question =
		(struct query){ .kind = QUERY_FLEET, .subject = FLEET_NO_MACHINE, .selector = &f->selector };
	return &f->question;
}

static void make_room(struct fleet *f, size_t machines)
{
	f->places = arena_array(&f->arena, machines, sizeof(*f->places));
	f->troubles = arena_array(&f->arena, machines, sizeof(*f->troubles));
}

static void add(struct fleet *f, size_t number, const char *id, uint32_t group, uint32_t zone)
{
	f->places[number] = (struct place){ .id = arena_copy(&f->arena, id) };
	rollout_add(f->rollout, group, zone);
}

static void add_named(struct fleet *f)
{
	const struct plan *p = &f->plan;

	make_room(f, p->machines.instance_count);
	for (size_t i = 0; i < p->machines.instance_count; i++)
		add(f, i, p->machines.instances[i], ROLLOUT_NO_GROUP, 0);
}

static bool add_selected(struct fleet *f, const struct answer *answer, struct error *err)
{
	const struct sighting *seen = answer->sightings;
	auto_arena a = ARENA_INIT;
	struct selection s;

	if (!selection_make(&f->plan, seen->fleet.machines, seen->fleet.count, &a, &s, err))
		return false;
	make_room(f, s.count);
	for (size_t i = 0; i < s.count; i++)
		add(f, i, s.machines[i].first->id, s.machines[i].group, s.machines[i].zone);
	return true;
}

bool fleet_listed(struct fleet *f, const struct answer *a, struct error *err)
{
	if (a && a->err->kind) {
		error_copy(err, a->err);
		return error_wrap(err, "could not list the machines of the plan");
	}
	f->rollout = rollout_new(&(struct rollout_options){ &f->plan, f->options.typical_ms });
	if (!a)
		add_named(f);
	else if (!add_selected(f, a, err))
		return false;
	if (rollout_size(f->rollout) == 1)
		f->plan.rollout.tries = 1; /* whoever asks for one machine wants to know at once */
	rollout_stop(f->rollout, f->stopped);
	return rollout_prepare(f->rollout, err);
}

/* ---- beginning ---- */

uint32_t fleet_added(struct fleet *f)
{
	if (f->beginning != FLEET_NO_MACHINE)
		f->places[f->beginning].open++;
	return f->beginning;
}

static void end_machine(struct fleet *f, uint32_t number, enum machine_end end, int64_t wall_ms)
{
	struct machine_row row = rollout_ended(f->rollout, number, end, wall_ms);

	if (end == END_REBUILT)
		row.took_ms = wall_ms - f->places[number].begun_ms;
	rollout_set(f->rollout, number, row);
}

/* What cannot be begun with has failed before anything was changed. */
static void refuse(struct fleet *f, uint32_t number, struct error *err, int64_t wall_ms)
{
	struct fleet_trouble *t = &f->troubles[f->trouble_count++];

	*t = (struct fleet_trouble){ .machine = f->places[number].id };
	error_move(&t->err, err);
	end_machine(f, number, END_REFUSED, wall_ms);
}

static void begin(struct fleet *f, uint32_t number, int64_t wall_ms)
{
	struct machine_row row = rollout_row(f->rollout, number);
	struct place *p = &f->places[number];
	auto_error err = ERROR_INIT;
	bool begun;

	row.state = MACHINE_UNDER_WAY;
	rollout_set(f->rollout, number, row);
	*p = (struct place){ .id = p->id, .begun_ms = wall_ms, .end = END_UNCHANGED };
	f->beginning = number;
	begun = f->options.begin(f->options.self, p->id, &err);
	f->beginning = FLEET_NO_MACHINE;
	if (!begun)
		refuse(f, number, &err, wall_ms);
	else if (!p->open) /* nothing of it is left to do */
		end_machine(f, number, END_UNCHANGED, wall_ms);
}

/* ---- what it waits for ---- */

static void write_note(struct fleet *f, char ret[NOTE_SIZE])
{
	char reason[ROLLOUT_REASON_SIZE], when[CLOCK_TEXT_SIZE];

	ret[0] = '\0';
	switch (f->turn.phase) {
	case ROLLOUT_HALTED:
		snprintf(ret, NOTE_SIZE, "the rollout halts: %s", rollout_reason(f->rollout, reason));
		break;
	case ROLLOUT_CLOSED:
		snprintf(ret, NOTE_SIZE, "the rollout waits for its window, which opens at %s",
			clock_format(f->turn.wake_ms, when));
		break;
	case ROLLOUT_GATE:
		snprintf(ret, NOTE_SIZE, "the rollout waits at its gate after %s",
			f->plan.rollout.gates[f->turn.gate].after);
		break;
	case ROLLOUT_BLOCKED:
		snprintf(ret, NOTE_SIZE, "%zu machines are left: their groups have too many members away",
			rollout_count(f->rollout, MACHINE_WAITING));
		break;
	case ROLLOUT_BEGIN:
	case ROLLOUT_FULL:
	case ROLLOUT_PAUSED:
	case ROLLOUT_OVER:
		break;
	}
}

static void tell(struct fleet *f)
{
	char note[NOTE_SIZE];

	write_note(f, note);
	if (note[0] && strcmp(note, f->noted) != 0 && !f->stopped && rollout_size(f->rollout) > 1)
		f->options.note(f->options.self, note);
	text_copy(f->noted, sizeof(f->noted), note);
}

static void gate_opened(void *self)
{
	struct fleet *f = self;

	rollout_promote(f->rollout, f->asked + 1);
	f->gate.asked_ms = 0;
	f->changed(f->changed_self);
}

static void gate_refused(void *self)
{
	struct fleet *f = self;
	char note[NOTE_SIZE];

	snprintf(note, sizeof(note), "the gate after %s stays shut: its command failed; it is asked again",
		f->plan.rollout.gates[f->asked].after);
	f->options.note(f->options.self, note);
}

static int64_t ask_gate(struct fleet *f, size_t number, struct moment now)
{
	f->asked = number;
	return gate_ask(&f->gate, f->options.loop, f->plan.rollout.gates[number].command, now.mono_ms);
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

void fleet_turn(struct fleet *f, struct moment now)
{
	while ((f->turn = rollout_next(f->rollout, now.wall_ms)).phase == ROLLOUT_BEGIN)
		begin(f, f->turn.machine, now.wall_ms);
	tell(f);
	f->wake_ms = next_turn_ms(f, now);
}

/* ---- a fleet ---- */

/* Everything at once, and nothing halts it. */
static void lift_limits(struct plan *p)
{
	const struct plan_share all = { 100, true };

	memset(&p->rollout, 0, sizeof(p->rollout));
	p->rollout.in_flight = p->rollout.per_group = p->rollout.failure_rate = all;
	p->rollout.tries = 1;
	p->machines.group_by = NULL;
}

struct fleet *fleet_new(const struct fleet_options *o)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->options = *o;
	f->plan = *o->plan;
	f->beginning = FLEET_NO_MACHINE;
	f->gate.opened = gate_opened;
	f->gate.refused = gate_refused;
	f->gate.self = f;
	if (o->unlimited)
		lift_limits(&f->plan);
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->trouble_count; i++)
		error_release(&f->troubles[i].err);
	rollout_free(f->rollout);
	arena_release(&f->arena);
	free(f);
}

void fleet_on_change(struct fleet *f, void (*changed)(void *self), void *self)
{
	f->changed = changed;
	f->changed_self = self;
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
		[END_REFUSED] = 4,
		[END_ROLLED_BACK] = 5,
		[END_PARKED] = 6,
	};

	return RANKS[a] > RANKS[b] ? a : b;
}

void fleet_ended(struct fleet *f, uint32_t machine, const struct rebuild *r, int64_t wall_ms)
{
	struct place *p = &f->places[machine];

	p->end = worse(p->end, end_of(f, r));
	if (!--p->open)
		end_machine(f, machine, p->end, wall_ms);
}

bool fleet_has_halted(const struct fleet *f)
{
	return f->turn.phase == ROLLOUT_HALTED;
}

/* Machines under way keep it going in any phase. */
bool fleet_is_over(const struct fleet *f)
{
	if (!f->rollout)
		return f->stopped;
	if (rollout_count(f->rollout, MACHINE_UNDER_WAY))
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

const struct rollout *fleet_rollout(const struct fleet *f)
{
	return f->rollout;
}
