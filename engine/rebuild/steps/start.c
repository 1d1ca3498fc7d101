/* start.c: start the service on green. */
#include "rebuild/steps/steps.h"

#include "rebuild/steps/guest_effect.h"

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return r->world.green_guest.service == SERVICE_STARTED;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)r;
	(void)now;
	guest_effect(out, EFFECT_START_SERVICE, 0, true);
}

const struct step step_start = {
	.name = "start",
	.summary = "Start the service on green",
	.needs = FACT_MOUNTED,
	.gives = FACT_STARTED,
	.limit_s = 300,
	.typical_ms = 800,
	.in_window = true,
	.proved = proved,
	.act = act,
};
