/* retire.c: stop blue. It is kept, stopped, for the agreed time. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/seen.h"

static const struct pace PACE = { 12000, 5000 };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_stopped(&r->world.blue);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_STOP_INSTANCE, 0);

	(void)now;
	if (e)
		memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->acted_ms)
		step_look(out, QUERY_INSTANCE, r->world.blue.id, PACE);
}

static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	return r->world.blue.state == INSTANCE_RUNNING;
}

static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	struct effect *e =
		r->world.blue.state == INSTANCE_STOPPED ? step_effect(out, EFFECT_START_INSTANCE, 0) : NULL;

	(void)now;
	if (e)
		memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 3000 });
}

static const char *waits_for(const struct rebuild *r)
{
	return r->world.blue.state == INSTANCE_STOPPED ? NULL : "blue is not stopped yet";
}

const struct step step_retire = {
	.name = "retire",
	.summary = "Stop blue",
	.needs = FACT_BAKED,
	.gives = FACT_RETIRED,
	.limit_s = 1200,
	.typical_ms = 60 * 1000,
	.parks = true,
	.waits_for = waits_for,
	.proved = proved,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
