#include "rollout/stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plan/share.h"

enum { NAME_SIZE = 32 };

static size_t gate_after(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->rollout.gate_count; i++)
		if (!strcmp(plan->rollout.gates[i].after, name))
			return i;
	return STAGE_NO_GATE;
}

static void add(struct stages *s, struct stage stage)
{
	s->list = alloc_room(s->list, &s->size, s->count + 1, sizeof(*s->list));
	s->list[s->count++] = stage;
}

/* The zones that end before the limit and after the stage before it are stages without a gate. */
static void add_wave(struct stages *s, struct stage wave, size_t from, struct zone_ends zones)
{
	for (size_t i = 0; i < zones.count; i++)
		if (zones.ends[i] > from && zones.ends[i] < wave.limit)
			add(s, (struct stage){
				       .wave = wave.wave, .limit = zones.ends[i], .gate = STAGE_NO_GATE });
	add(s, wave);
}

static bool refuse(size_t i, size_t limit, size_t before, struct error *err)
{
	error_set(err, ERROR_PLAN,
		"wave %zu of the plan reaches %zu machines, and the one before it %zu already", i + 1, limit,
		before);
	return error_hint(err, "each wave says up to how many of all machines it reaches: [1, 10%, 100%]");
}

static bool refuse_end(size_t limit, size_t machines, struct error *err)
{
	error_set(err, ERROR_PLAN, "the last wave of the plan reaches %zu of %zu machines", limit, machines);
	return error_hint(err, "end the waves with 100%");
}

/* A small fleet makes of two shares the same number: then there is nothing between them. */
static bool is_empty(struct plan_share s, size_t limit, size_t before, size_t machines)
{
	return limit == before && (s.percent || before == machines);
}

static bool add_waves(
	struct stages *s, const struct plan *plan, size_t machines, struct zone_ends zones, struct error *err)
{
	size_t before = 0;

	for (size_t i = 0; i < plan->rollout.wave_count; i++) {
		struct plan_share share = plan->rollout.waves[i];
		size_t limit = share_at_least(share, machines);
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "wave %zu", i + 1);
		if (limit <= before && !is_empty(share, limit, before, machines))
			return refuse(i, limit, before, err);
		add_wave(s, (struct stage){ .wave = i + 1, .limit = limit, .gate = gate_after(plan, name) },
			before, zones);
		before = limit;
	}
	return before == machines || refuse_end(before, machines, err);
}

bool stages_make(
	struct stages *s, const struct plan *plan, size_t machines, struct zone_ends zones, struct error *err)
{
	const struct stage all = { .wave = 1, .limit = machines, .gate = STAGE_NO_GATE };

	*s = (struct stages){ .list = NULL };
	if (plan->rollout.canary.amount)
		add(s, (struct stage){
			       .canary = true, .limit = machines, .gate = gate_after(plan, "canary") });
	if (plan->rollout.wave_count)
		return add_waves(s, plan, machines, zones, err);
	add_wave(s, all, 0, zones);
	return true;
}

void stages_release(struct stages *s)
{
	free(s->list);
	*s = (struct stages){ .list = NULL };
}
