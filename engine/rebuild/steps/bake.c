/* bake.c: keep checking green for the agreed time, ready to go back. */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"

/* The time has passed, and green passes: blue is not stopped on the word of a check made before. */
static bool proved(const struct rebuild *r, struct moment now)
{
	int64_t since_ms = step_run_seen(r, &step_bake)->since_ms;

	return now.mono_ms >= since_ms + r->plan->bake_ms && seen_passed(seen_verdict(r), since_ms);
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_breach(r);
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
