/* quiesce.c: stop the writers on blue, flush, unmount, and prove it. From here on clients wait. */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"
#include "rebuild/steps/volumes.h"

enum { PART_QUIESCE = 0, PART_MOUNT = 0, PART_START = 1, PART_CHECK = 2 };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (seen_none_attached(r, false))
		return true;
	return seen_quiet(r, false) && r->world.blue_guest.service == SERVICE_STOPPED;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)r;
	(void)now;
	guest_effect(out, EFFECT_QUIESCE, PART_QUIESCE, false);
}

/* What it was told to unmount may have left blue since it was looked at. */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->failures)
		volumes_look(r, (struct pace){ 0, 500 }, out);
}

static int64_t since(const struct rebuild *r)
{
	return step_run_seen(r, &step_quiesce)->since_ms;
}

static bool serves_again(const struct rebuild *r)
{
	return seen_all_mounted(r, false) && seen_passed(&r->world.blue_verdict, since(r));
}

/* Never quiesced: blue has not been touched and is left alone. */
static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	return !r->blue_quiesced || serves_again(r);
}

/*
 * Unless it is known to have stopped, the service may still run, or run again: asked first, since not
 * every start command bears being given twice.
 */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	struct step_run *run = step_run_of(r, &step_quiesce);
	bool may_run = r->world.blue_guest.service != SERVICE_STOPPED;
	bool ask_first = may_run && r->world.blue_verdict.asked_ms < since(r);

	(void)now;
	if (!seen_all_mounted(r, false)) {
		run->acked = 0; /* it may have been mounted before, and then have been stopped by somebody */
		guest_effect(out, EFFECT_MOUNT, PART_MOUNT, false);
	} else if (run->acked & 1U << PART_START || ask_first)
		guest_effect_check(out, PART_CHECK, false, false);
	else
		guest_effect(out, EFFECT_START_SERVICE, PART_START, false);
}

/* A blue that does not answer may have been stopped meanwhile (steps/retire.c). */
static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (!out->run->failures && !r->breaches)
		return;
	step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 3000 });
	step_look_guest(out, false, (struct pace){ 1000, 3000 });
}

const struct step step_quiesce = {
	.name = "quiesce",
	.summary = "Stop the service on blue, flush and unmount its data",
	.needs = FACT_BACKED_UP | FACT_BOOTED,
	.gives = FACT_QUIET,
	.limit_s = 300,
	.typical_ms = 1000,
	.in_window = true,
	.proved = proved,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
