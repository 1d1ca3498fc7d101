#include "cli/plan_machine.h"

#include <string.h>

#include "base/clock.h"
#include "rebuild/steps/steps.h"

/* ---- looked at closely ---- */

static void print_header(FILE *out, const struct rebuild *r)
{
	char span[CLOCK_SPAN_SIZE];

	fprintf(out, "%s", r->world.blue.id);
	if (r->world.blue.name[0])
		fprintf(out, " (%s)", r->world.blue.name);
	fprintf(out, " will be rebuilt: %s -> %s", r->world.blue.image_id, r->world.image.id);
	fprintf(out, "\n  clients wait for about %s\n",
		clock_format_span(rebuild_predicted_outage_ms(), span));
}

static void print_things(FILE *out, const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		fprintf(out, "  volume   %s at %s, %s (%d GiB) moves to green\n", r->volumes[i].id,
			r->volumes[i].device, r->volumes[i].plan->mount,
			world_find_volume(&r->world, r->volumes[i].id)->size_gib);
	for (size_t i = 0; i < r->world.address_count; i++)
		fprintf(out, "  address  %s (%s) is switched to green\n", r->world.addresses[i].public_ip,
			r->world.addresses[i].allocation_id);
}

static void print_steps(FILE *out)
{
	char span[CLOCK_SPAN_SIZE];

	for (const struct step *const *s = steps_move; *s; s++)
		if (!(*s)->only_back)
			fprintf(out, "  %s %-10s %8s  %s\n", (*s)->in_window ? "|" : " ", (*s)->name,
				(*s)->typical_ms ? clock_format_span((*s)->typical_ms, span) : "",
				(*s)->summary);
	fputs("  | while these run, clients wait\n", out);
}

enum plan_action plan_action_of(const struct rebuild *r)
{
	if (r->course == COURSE_DONE)
		return PLAN_REBUILD;
	return r->course == COURSE_UNCHANGED ? PLAN_NOTHING : PLAN_REFUSED;
}

void plan_machine_print(FILE *out, const struct rebuild *r)
{
	if (r->course == COURSE_UNCHANGED) {
		fprintf(out, "%s runs %s already: nothing to do\n", r->world.blue.id, r->world.image.id);
		return;
	}
	if (plan_action_of(r) == PLAN_REFUSED)
		return;
	print_header(out, r);
	print_things(out, r);
	print_steps(out);
}

static json_t *things_json(const struct rebuild *r, bool addresses)
{
	json_t *list = json_array();

	for (size_t i = 0; i < (addresses ? r->world.address_count : r->volume_count); i++)
		json_array_append_new(
			list, json_string(addresses ? r->world.addresses[i].public_ip : r->volumes[i].id));
	return list;
}

json_t *plan_steps_json(void)
{
	json_t *list = json_array();

	for (const struct step *const *s = steps_move; *s; s++) {
		json_t *o;

		if ((*s)->only_back)
			continue;
		o = json_object();
		json_object_set_new(o, "step", json_string((*s)->name));
		json_object_set_new(o, "summary", json_string((*s)->summary));
		json_object_set_new(o, "typical_ms", json_integer((*s)->typical_ms));
		json_object_set_new(o, "in_window", json_boolean((*s)->in_window));
		json_array_append_new(list, o);
	}
	return list;
}

static const char *const ACTIONS[] = {
	[PLAN_REBUILD] = "rebuild",
	[PLAN_NOTHING] = "nothing",
	[PLAN_REFUSED] = "refused",
};

/* The members that all machines have. */
static json_t *begin_json(const char *id, enum plan_action action, const char *before, const char *after)
{
	json_t *o = json_object();

	json_object_set_new(o, "blue", json_string(id));
	json_object_set_new(o, "action", json_string(ACTIONS[action]));
	json_object_set_new(o, "image_before", json_string(before));
	json_object_set_new(o, "image_after", json_string(after));
	json_object_set_new(o, "predicted_outage_ms",
		json_integer(action == PLAN_REBUILD ? rebuild_predicted_outage_ms() : 0));
	return o;
}

json_t *plan_machine_json(const struct rebuild *r)
{
	json_t *o =
		begin_json(r->world.blue.id, plan_action_of(r), r->world.blue.image_id, r->world.image.id);

	if (r->cause[0])
		json_object_set_new(o, "cause", json_string(r->cause));
	json_object_set_new(o, "volumes", things_json(r, false));
	json_object_set_new(o, "addresses", things_json(r, true));
	json_object_set_new(o, "looked_at", json_string("closely"));
	return o;
}

/* ---- as a list shows them ---- */

enum plan_action plan_action_listed(const struct appearance *seen, const char *image_id)
{
	if (seen->state != INSTANCE_RUNNING)
		return PLAN_REFUSED;
	return strcmp(seen->image_id, image_id) ? PLAN_REBUILD : PLAN_NOTHING;
}

void plan_listed_print(FILE *out, const struct appearance *seen, const char *image_id)
{
	fputs(seen->id, out);
	if (*seen->name)
		fprintf(out, " (%s)", seen->name);
	switch (plan_action_listed(seen, image_id)) {
	case PLAN_REBUILD:
		fprintf(out, " will be rebuilt: %s -> %s\n", seen->image_id, image_id);
		break;
	case PLAN_NOTHING:
		fprintf(out, " runs %s already: nothing to do\n", image_id);
		break;
	case PLAN_REFUSED:
		fprintf(out, " is %s: it cannot be rebuilt\n", instance_state_name(seen->state));
		break;
	}
}

json_t *plan_listed_json(const struct appearance *seen, const char *image_id)
{
	json_t *o = begin_json(seen->id, plan_action_listed(seen, image_id), seen->image_id, image_id);

	json_object_set_new(o, "looked_at", json_string("listed"));
	return o;
}
