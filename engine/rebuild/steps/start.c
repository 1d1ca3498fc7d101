/* start.c: start the service on green. */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"

enum { PART_START, PART_CHECK, PART_MOUNT };

static int64_t since(const struct rebuild *r)
{
	return step_run_seen(r, &step_start)->since_ms;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	if (r->world.green_guest.service == SERVICE_STARTED)
		return true;
	return seen_passed(&r->world.green_verdict, since(r)); /* asked only with the data mounted (act) */
}

/*
 * An earlier process may have started it already, or a start of which nobody knows how it went; and not
 * every start command bears being given twice.
 */
static bool must_ask_first(const struct rebuild *r)
{
	const struct step_run *run = step_run_seen(r, &step_start);
	int64_t asked_ms = r->world.green_verdict.asked_ms;

	return (r->resumed && asked_ms < run->since_ms) || asked_ms < run->fresh_ms;
}

/*
 * A service that starts without its data loses what it acknowledges: after a start of which nobody knows how
 * it went, green may have been stopped and started by somebody. Mounting says how it is, and does it if need be.
 */
static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	struct step_run *run = step_run_of(r, &step_start);
	bool unsure = run->fresh_ms && !seen_all_mounted(r, true);

	(void)now;
	if (r->flight_count)
		return; /* what it finds decides what is done next */
	if (unsure) {
		run->acked = 0;
		guest_effect(out, EFFECT_MOUNT, PART_MOUNT, true);
	} else if (must_ask_first(r)) {
		guest_effect_check(out, PART_CHECK, true, false);
	} else {
		guest_effect(out, EFFECT_START_SERVICE, PART_START, true);
	}
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
