/* ready.c: the plan's checks, on green's own address. */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_passed(&r->world.green_verdict, step_run_seen(r, &step_ready)->since_ms);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)r;
	(void)now;
	guest_effect_check(out, 0, true, false);
}

const struct step step_ready = {
	.name = "ready",
	.summary = "Check that green is ready",
	.needs = FACT_STARTED,
	.gives = FACT_READY,
	.limit_s = 120,
	.typical_ms = 200,
	.in_window = true,
	.proved = proved,
	.act = act,
};
