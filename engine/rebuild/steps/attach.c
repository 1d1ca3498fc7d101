/*
 * attach.c: give the data volumes to green. Proved as soon as the cloud has them on green, attaching
 * or attached: whether the disk is there is for green to say, and mount waits for it inside, which
 * costs no calls and no polling delay (docs/decisions/0002).
 */
#include "rebuild/steps/steps.h"

#include "rebuild/seen.h"
#include "rebuild/steps/snapshots.h"
#include "rebuild/steps/volumes.h"

enum { PART_POINTS = CLOUD_VOLUMES_MAX }; /* before: the volumes */

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_all_attached(r, true);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	volumes_attach(r, true, out);
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->failures)
		volumes_look(r, (struct pace){ 0, 300 }, out);
}

static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	return !r->world.green.id[0] || seen_none_attached(r, true);
}

/* EC2 copies in the background: what was taken before the outage may have failed since. */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	if (snapshots_replace_failed(r, PART_POINTS, "point", out))
		volumes_detach(r, true, now, out);
}

static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	volumes_look_at_holder(r, true, now, out);
	volumes_look(r, (struct pace){ 0, 300 }, out);
	for (size_t i = 0; out->run->failures && i < r->volume_count; i++)
		step_look(out, QUERY_SNAPSHOTS, r->volumes[i].id, (struct pace){ 0, 500 });
}

const struct step step_attach = {
	.name = "attach",
	.summary = "Attach the data volume to green",
	.needs = FACT_FREE,
	.gives = FACT_ATTACHED,
	.limit_s = 120,
	.typical_ms = 100,
	.in_window = true,
	.proved = proved,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
