/* point.c: the recovery point of the quiet volume. The call returns at once; completion is not awaited. */
#include "rebuild/steps/steps.h"

#include "rebuild/steps/snapshots.h"

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++)
		if (!snapshots_find(r, &step_point, i))
			return false;
	return true;
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	snapshots_create(r, &step_point, "point", out);
}

/* Only after a lost answer: did the snapshot come to be? */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	for (size_t i = 0; i < r->volume_count; i++)
		if (out->run->failures)
			step_look(out, QUERY_SNAPSHOTS, r->volumes[i].id, (struct pace){ 0, 500 });
}

const struct step step_point = {
	.name = "point",
	.summary = "Take the recovery point of the quiet data",
	.needs = FACT_QUIET,
	.gives = FACT_POINT,
	.limit_s = 60,
	.typical_ms = 300,
	.in_window = true,
	.proved = proved,
	.act = act,
	.look = look,
};
