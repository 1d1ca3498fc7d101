/* terminate.c: give blue up, after it was kept for the agreed time, if green still passes its checks. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"

enum { PART_UNPROTECT, PART_TERMINATE, PART_CHECK };

static int64_t not_before_ms(const struct rebuild *r)
{
	return r->confirmed_wall_ms + r->plan->keep_ms;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return r->world.blue.state == INSTANCE_TERMINATED || (r->blue_missing && seen_blue_gone(r));
}

/* A green that was replaced itself since cannot be asked: what took its place passed its checks. */
static bool is_green_well(const struct rebuild *r)
{
	return r->green_replaced || seen_passed(seen_verdict(r), step_run_seen(r, &step_terminate)->since_ms);
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	return is_green_well(r) ? NULL : seen_breach(r);
}

/* Protection that was there before us is taken off too: the plan says that blue goes. */
static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	bool open = step_run_seen(r, &step_terminate)->acked & 1U << PART_UNPROTECT;
	struct effect *e;

	(void)now;
	if (!is_green_well(r)) {
		guest_effect_check(out, PART_CHECK, true, r->world.address_count > 0);
		return;
	}
	e = open ? step_effect(out, EFFECT_TERMINATE_INSTANCE, PART_TERMINATE)
		 : step_effect(out, EFFECT_PROTECT_INSTANCE, PART_UNPROTECT);
	if (!e)
		return;
	e->on = false;
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->acked & 1U << PART_TERMINATE)
		step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 6000, 5000 });
}

static const char *waits_for(const struct rebuild *r)
{
	(void)r;
	return "blue is not terminated yet";
}

const struct step step_terminate = {
	.name = "terminate",
	.summary = "Terminate blue, after it was kept for the agreed time",
	.needs = FACT_RETIRED,
	.gives = FACT_TERMINATED,
	.limit_s = 1800,
	.typical_ms = 60 * 1000,
	.parks = true,
	.not_before_ms = not_before_ms,
	.waits_for = waits_for,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
};
