/*
 * retire.c: stop blue. It is kept, stopped, for the agreed time. Undone when it runs, and can be logged
 * in to if anything is to be done there.
 */
#include "rebuild/steps/steps.h"

#include <stdio.h>
#include <string.h>

#include "cloud/tags.h"
#include "rebuild/marks.h"
#include "rebuild/order.h"
#include "rebuild/seen.h"

enum { PART_STOP, PART_MARK };

static const struct pace PACE = { 12000, 5000 }, LOGIN = { 0, 1000 }, CONSOLE = { 0, 5000 };

/* How long blue is kept is known from its tag, should the journal be lost. */
static bool must_be_marked(const struct rebuild *r)
{
	return r->plan->keep_ms && strcmp(r->world.blue.role, ROLE_RETIRED) != 0;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_stopped(&r->world.blue) || seen_blue_gone(r);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	bool marked = step_run_seen(r, &step_retire)->acked & 1U << PART_MARK;
	struct effect *e;

	(void)now;
	if (must_be_marked(r) && !marked) {
		marks_retired(r, PART_MARK, out);
		return;
	}
	e = step_effect(out, EFFECT_STOP_INSTANCE, PART_STOP);
	if (e)
		memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->acked & 1U << PART_STOP)
		step_look(out, QUERY_INSTANCE, r->world.blue.id, PACE);
}

static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (r->world.blue.state != INSTANCE_RUNNING)
		return false;
	return !r->blue_quiesced || seen_reachable(r, false);
}

static const char *stuck(struct rebuild *r)
{
	if (!seen_blue_gone(r))
		return NULL;
	snprintf(r->finding, sizeof(r->finding), "blue %s is terminated: only its image can be gone back to",
		r->world.blue.id);
	return r->finding;
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
	bool wants_keys = r->plan->ssh.host_key == PLAN_HOST_KEY_CONSOLE && !order_host_keys(r, false);

	(void)now;
	if (r->world.blue.state != INSTANCE_RUNNING) {
		step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 3000 });
		return;
	}
	if (wants_keys)
		step_look(out, QUERY_HOST_KEYS, r->world.blue.id, CONSOLE);
	step_look_guest(out, false, LOGIN);
}

static const char *waits_for(const struct rebuild *r)
{
	(void)r;
	return "blue is not stopped yet";
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
	.stuck = stuck,
	.undo = undo,
	.look_back = look_back,
};
