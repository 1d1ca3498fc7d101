/* mount.c: find the disks on green by volume id, verify that they are the quiet ones, mount them. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/seen.h"
#include "rebuild/steps/guest_effect.h"

enum { PART_QUIESCE, PART_STOP };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_all_mounted(r, true);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)r;
	(void)now;
	guest_effect(out, EFFECT_MOUNT, 0, true);
}

/*
 * A mount that an earlier process began may still wait on green for its disk, and take it after we looked:
 * a quiesce of our own comes behind it.
 */
static bool undone(const struct rebuild *r, struct moment now)
{
	const struct instance *green = &r->world.green;
	bool is_there = green->id[0] && !seen_stopped(green);
	bool is_last = !r->resumed || step_run_seen(r, &step_mount)->acked || !is_there;

	(void)now;
	return seen_quiet(r, true) && (is_last || seen_none_attached(r, true));
}

/* Green keeps its writes if it can still unmount; if it cannot be talked to, it is stopped. */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	struct effect *e;

	(void)now;
	if (!step_run_seen(r, &step_mount)->failures) {
		guest_effect(out, EFFECT_QUIESCE, PART_QUIESCE, true);
		return;
	}
	e = step_effect(out, EFFECT_STOP_INSTANCE, PART_STOP);
	if (e)
		memcpy(e->instance_id, r->world.green.id, sizeof(e->instance_id));
}

/* One that cannot be stopped may be stopped already, or be on its way to that or to its end. */
static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	const struct step_run *run = step_run_seen(r, &step_mount);

	(void)now;
	if (run->acked & 1U << PART_STOP || run->failures > 1)
		step_look(out, QUERY_INSTANCE, r->world.green.id, (struct pace){ 1000, 1000 });
}

const struct step step_mount = {
	.name = "mount",
	.summary = "Wait for the disk on green, verify it, mount it",
	.needs = FACT_ATTACHED,
	.gives = FACT_MOUNTED,
	.limit_s = 300,
	.typical_ms = 2100,
	.in_window = true,
	.proved = proved,
	.act = act,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
