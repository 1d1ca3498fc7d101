/* confirm.c: the plan's checks again, from outside, through the switched address. Then clients no longer wait. */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/addresses.h"
#include "rebuild/steps/guest_effect.h"

enum { ROUNDS_BEFORE_LOOK = 5 };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return !r->world.address_count ||
	       seen_passed(&r->world.switch_verdict, step_run_seen(r, &step_confirm)->since_ms);
}

/* It was confirmed before, and clients were served since: a green that fails now is as in bake. */
static const char *hopeless(struct rebuild *r, struct moment now)
{
	const char *foreign = seen_describe_foreign_address(r);

	(void)now;
	if (foreign)
		return foreign;
	return r->resumed && r->confirmed_wall_ms ? seen_breach(r) : NULL;
}

/* What fails through the address, and did not fail without it: does it still point to green? */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (r->breaches >= ROUNDS_BEFORE_LOOK)
		addresses_look(r, (struct pace){ 0, 5000 }, out);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)r;
	(void)now;
	guest_effect_check(out, 0, true, true);
}

const struct step step_confirm = {
	.name = "confirm",
	.summary = "Check green through the switched address",
	.needs = FACT_SWITCHED,
	.gives = FACT_CONFIRMED,
	.limit_s = 180,
	.typical_ms = 1100,
	.in_window = true,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
};
