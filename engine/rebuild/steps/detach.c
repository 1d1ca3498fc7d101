/* detach.c: take the data volumes off blue, once nothing there can write to them. */
#include "rebuild/steps/steps.h"

#include <stdio.h>

#include "rebuild/seen.h"
#include "rebuild/steps/volumes.h"

/* EC2 takes 1 to 4 s, 2 s as a rule (aws-ebs-csi-driver, pkg/cloud): looked at closely from then on. */
static const struct pace PACE = { 1800, 120 };
/* Green is logged in to again while EC2 detaches: mount must not wait for that. */
static const struct pace OPEN_AHEAD = { 0, 60 * 1000 };

/* So long after our own call EC2 may show how it was before. Nothing says how long that can be: many seconds. */
enum { BELIEVED_MS = 20 * 1000 };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_each_left(r);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	volumes_detach(r, false, now, out);
}

static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	volumes_look_at_holder(r, false, now, out);
	if (out->run->acted_ms || volumes_are_leaving(r))
		volumes_look(r, PACE, out);
	if (volumes_are_leaving(r))
		step_look_guest(out, true, OPEN_AHEAD);
}

/*
 * What EC2 shows may be older than our own call: "attached to blue" then means that it is just leaving, and must not
 * be mounted there. Only a call that was refused leaves it where it is.
 */
static bool may_be_leaving(const struct rebuild *r, struct moment now)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].left_ms && now.mono_ms < r->volumes[i].left_ms + BELIEVED_MS)
			return true;
	return false;
}

static bool undone(const struct rebuild *r, struct moment now)
{
	return seen_all_attached(r, false) && !may_be_leaving(r, now);
}

static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	volumes_attach(r, false, out);
}

static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	volumes_look(r, (struct pace){ 0, 300 }, out);
	if (out->run->failures) /* is blue there to take it? (steps/retire.c) */
		step_look(out, QUERY_INSTANCE, r->world.blue.id, (struct pace){ 0, 3000 });
}

static const char *stuck(struct rebuild *r)
{
	const struct volume *v = seen_foreign_volume(r);

	if (!v)
		return NULL;
	snprintf(r->finding, sizeof(r->finding),
		"somebody attached volume %s to %s, which is neither blue nor green", v->id, v->instance_id);
	return r->finding;
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	return stuck(r);
}

static const char *waits_for(const struct rebuild *r)
{
	return volumes_are_leaving(r) ? "the volume is being detached" : NULL;
}

const struct step step_detach = {
	.name = "detach",
	.summary = "Detach the data volume from blue",
	.needs = FACT_QUIET | FACT_POINT,
	.gives = FACT_FREE,
	.limit_s = 180,
	.typical_ms = 2000,
	.in_window = true,
	.waits_for = waits_for,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
	.undone = undone,
	.stuck = stuck,
	.undo = undo,
	.look_back = look_back,
};
