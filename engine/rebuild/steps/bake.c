/* bake.c: keep checking green for the agreed time, ready to go back. */
#include "rebuild/steps/steps.h"

#include <stdio.h>

#include "rebuild/steps/guest_effect.h"

/* One lost packet is no reason to go back; this many rounds of checks in a row are. */
enum { BREACHES = 3 };

static bool proved(const struct rebuild *r, struct moment now)
{
	return now.mono_ms >= step_run_seen(r, &step_bake)->since_ms + r->plan->bake_ms;
}

static const struct verdict *verdict(const struct rebuild *r)
{
	return r->world.address_count ? &r->world.switch_verdict : &r->world.green_verdict;
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	if (r->breaches < BREACHES)
		return NULL;
	snprintf(r->finding, sizeof(r->finding), "green no longer passes: %s", verdict(r)->failing);
	return r->finding;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	guest_effect_check(out, 0, true, r->world.address_count > 0);
}

static const char *waits_for(const struct rebuild *r)
{
	return r->breaches ? "a check failed" : NULL;
}

const struct step step_bake = {
	.name = "bake",
	.summary = "Watch green for the agreed time, ready to go back",
	.needs = FACT_CONFIRMED,
	.gives = FACT_BAKED,
	.typical_ms = 0,
	.waits_for = waits_for,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
};
