#include "report/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/standing_turn.h"

/* ---- machines ---- */

static struct standing_machine *room_for_one(struct standing *s)
{
	s->machines = alloc_room(s->machines, &s->size, s->count + 1, sizeof(*s->machines));
	return &s->machines[s->count++];
}

bool standing_take(void *standing, const struct machine_record *m)
{
	struct standing *s = standing;
	bool known = m->number >= 0 && m->number < (int64_t)s->count;
	struct standing_machine *mine = known ? &s->machines[m->number] : room_for_one(s);
	struct machine_record row = *m;
	enum machine_state state = machine_state_parse(m->state);

	row.machine = known ? mine->row.machine : arena_copy(&s->arena, m->machine);
	row.zone = known ? mine->row.zone : arena_copy(&s->arena, m->zone);
	row.group = known ? mine->row.group : arena_copy(&s->arena, m->group);
	row.stage = known ? mine->row.stage : arena_copy(&s->arena, m->stage);
	row.state = machine_state_name(state);
	row.rebuild = arena_copy(&s->arena, m->rebuild);
	row.cause = arena_copy(&s->arena, m->cause);
	*mine = (struct standing_machine){ row, state };
	return true;
}

/* ---- figures ---- */

static struct standing_stage *stage_of(struct standing *s, const char *name)
{
	for (size_t i = s->stage_count; i-- > 0;)
		if (!strcmp(s->stages[i].name, name))
			return &s->stages[i];
	s->stages = arena_room(&s->arena, s->stages, &s->stage_size, s->stage_count + 1, sizeof(*s->stages));
	s->stages[s->stage_count] = (struct standing_stage){ .name = name, .tally.back = s->tally.back };
	return &s->stages[s->stage_count++];
}

static void count_one(struct tally *t, enum machine_state s)
{
	t->machines++;
	t->counts[s]++;
}

static void count(struct standing *s)
{
	s->stage_count = 0;
	s->tally = (struct tally){ .back = s->record.kind == ROLLOUT_GOES_BACK };
	for (size_t i = 0; i < s->count; i++) {
		const struct standing_machine *m = &s->machines[i];

		count_one(&s->tally, m->state);
		count_one(&stage_of(s, m->row.stage)->tally, m->state);
	}
	if (s->record.state == ROLLOUT_IS_HALTED)
		s->tally.halted = s->record.cause;
}

int64_t standing_failures(const struct standing *s)
{
	int64_t count = 0;

	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		if (tally_kind((enum machine_state)i) == TALLY_FAILED)
			count += s->tally.counts[i];
	return count;
}

bool standing_shows(enum machine_state s)
{
	return tally_kind(s) == TALLY_FAILED || tally_kind(s) == TALLY_OPEN;
}

/* ---- what it waits for ---- */

/* What the rows alone say; the first that is so counts. */
static enum standing_phase phase_of(const struct standing *s)
{
	const struct rollout_record *r = &s->record;

	if (rollout_state_is_final(r->state))
		return STANDING_OVER;
	if (r->wish != ROLLOUT_WISH_NONE && *s->driver)
		return STANDING_ENDS;
	if (r->state == ROLLOUT_IS_HALTED)
		return STANDING_HALTED;
	if (r->paused)
		return STANDING_PAUSED;
	return *s->driver ? STANDING_GOES_ON : STANDING_LEFT;
}

static void ask_rollout(struct standing *s, const struct plan *plan)
{
	struct rollout_turn t;

	if (s->phase == STANDING_OVER || !standing_turn(s, plan, &t))
		return;
	if (t.phase == ROLLOUT_GATE)
		s->gate = &plan->rollout.gates[t.gate];
	if (t.phase == ROLLOUT_CLOSED)
		s->opens_ms = t.wake_ms;
	if (s->phase == STANDING_GOES_ON && s->gate)
		s->phase = STANDING_AT_GATE;
	else if (s->phase == STANDING_GOES_ON && s->opens_ms)
		s->phase = STANDING_CLOSED;
}

void standing_sum(struct standing *s, const struct rollout_record *r, const struct standing_view *v)
{
	s->record = *r;
	s->driver = v->driver;
	s->now_ms = v->now_ms;
	s->gate = NULL;
	s->opens_ms = 0;
	count(s);
	s->phase = phase_of(s);
	if (v->plan && r->kind == ROLLOUT_GOES_FORWARD)
		ask_rollout(s, v->plan);
}

bool standing_is_at_rest(const struct standing *s)
{
	switch (s->phase) {
	case STANDING_OVER:
	case STANDING_LEFT:
		return true;
	case STANDING_HALTED:
	case STANDING_PAUSED: /* what is under way goes on, as long as somebody drives it */
		return !*s->driver || !s->tally.counts[MACHINE_UNDER_WAY];
	case STANDING_ENDS:
	case STANDING_AT_GATE:
	case STANDING_CLOSED:
	case STANDING_GOES_ON:
	case STANDING_PHASE_COUNT:
		break;
	}
	return false;
}

void standing_init(struct standing *s)
{
	*s = (struct standing){ .driver = "" };
}

void standing_release(struct standing *s)
{
	free(s->machines);
	arena_release(&s->arena);
	standing_init(s);
}
