/* launch.c: green, launched as blue was, from the new image. */
#include "rebuild/steps/steps.h"

#include <stdio.h>
#include <string.h>

#include "cloud/tags.h"
#include "rebuild/marks.h"
#include "rebuild/order.h"
#include "rebuild/seen.h"

/* EC2 may not show an instance at once that it has launched: only then is its absence believed. */
enum { BELIEVED_ABSENT_MS = 20 * 1000 };

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return r->world.green.id[0] != '\0';
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	int64_t since_ms = step_run_seen(r, &step_launch)->since_ms;
	struct effect *e;

	if (r->launch_begun_before && now.mono_ms < since_ms + BELIEVED_ABSENT_MS)
		return; /* an earlier process may have launched one that EC2 does not show yet */
	e = step_effect(out, EFFECT_LAUNCH, 0);
	if (!e)
		return;
	if (!r->launch.like)
		order_launch(r);
	e->role = ROLE_GREEN;
	e->tag_count = marks_green(r, &e->tags);
	e->launch = &r->launch;
}

/* A launch whose answer was lost is found again by its token. */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (r->launch_unknown && !r->flight_count)
		step_look(out, QUERY_LAUNCHED, r->launch_token, (struct pace){ 0, 3000 });
	else if (r->launch_begun_before)
		step_look(out, QUERY_OF_REBUILD, r->id, (struct pace){ 0, 3000 });
}

/* Looked for then or later, and not there: we may have been stopped (SIGSTOP) all that time. */
static bool is_seen_absent(const struct rebuild *r, int64_t since_ms)
{
	if (r->launch_unknown)
		return seen_answered_since(r, QUERY_LAUNCHED, r->launch_token, since_ms);
	return seen_answered_since(r, QUERY_OF_REBUILD, r->id, since_ms);
}

static bool undone(const struct rebuild *r, struct moment now)
{
	const struct instance *green = &r->world.green;
	int64_t since_ms = step_run_seen(r, &step_launch)->since_ms;

	(void)now;
	if (green->id[0])
		return green->state == INSTANCE_SHUTTING_DOWN || green->state == INSTANCE_TERMINATED;
	if (!r->launch_unknown && !r->launch_begun_before)
		return true;
	return since_ms && is_seen_absent(r, since_ms + BELIEVED_ABSENT_MS);
}

static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	struct effect *e = r->world.green.id[0] ? step_effect(out, EFFECT_TERMINATE_INSTANCE, 0) : NULL;

	(void)now;
	if (e)
		memcpy(e->instance_id, r->world.green.id, sizeof(e->instance_id));
}

static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (!r->world.green.id[0] && r->launch_unknown)
		step_look(out, QUERY_LAUNCHED, r->launch_token, (struct pace){ 0, 3000 });
	else if (!r->world.green.id[0])
		step_look(out, QUERY_OF_REBUILD, r->id, (struct pace){ 0, 3000 });
	else if (out->run->acted_ms)
		step_look(out, QUERY_INSTANCE, r->world.green.id, (struct pace){ 0, 2000 });
}

const struct step step_launch = {
	.name = "launch",
	.summary = "Launch green from the new image, as blue was launched",
	.needs = FACT_PROTECTED,
	.gives = FACT_LAUNCHED,
	.limit_s = 300,
	.typical_ms = 2000,
	.proved = proved,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
