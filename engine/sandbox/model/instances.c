#include "sandbox/model/instances.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sandbox/model/inside.h"

struct state_row {
	const char *name;
	int code;
};

static const struct state_row STATES[MODEL_INSTANCE_STATE_COUNT] = {
	[MODEL_PENDING] = { "pending", 0 },
	[MODEL_RUNNING] = { "running", 16 },
	[MODEL_SHUTTING_DOWN] = { "shutting-down", 32 },
	[MODEL_TERMINATED] = { "terminated", 48 },
	[MODEL_STOPPING] = { "stopping", 64 },
	[MODEL_STOPPED] = { "stopped", 80 },
};

const char *model_instance_state_name(enum model_instance_state s)
{
	return STATES[s].name;
}

int model_instance_state_code(enum model_instance_state s)
{
	return STATES[s].code;
}

char *model_interface_id(const struct model_instance *i, char *ret)
{
	snprintf(ret, MODEL_ID_SIZE, "eni-%s", i->id + strlen("i-"));
	return ret;
}

struct model_instance *inside_instance(const struct model *m, const char *id)
{
	return index_find(&m->instances, id);
}

bool model_is_visible(const struct model *m, const struct model_instance *i)
{
	return m->now_ms >= i->visible_ms;
}

const struct model_instance *model_find_instance(const struct model *m, const char *id, struct error *err)
{
	const struct model_instance *i = inside_instance(m, id);

	if (i && model_is_visible(m, i))
		return i;
	if (inside_is_id(id, "i-"))
		model_refuse(err, "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id);
	else
		model_refuse(err, "InvalidInstanceID.Malformed", "Invalid id: \"%s\"", id);
	return NULL;
}

const struct index *model_instances(const struct model *m)
{
	return &m->instances;
}

/* What a call does to an instance in each state. */
enum reaction { REFUSED, NOTHING_TO_DO, BEGINS };

static const struct {
	const char *verb; /* "started": EC2's message says what cannot be done */
	enum reaction reaction[MODEL_INSTANCE_STATE_COUNT];
} CHANGES[] = {
	[MODEL_START] = {
		.verb = "started",
		.reaction = {
			[MODEL_PENDING] = NOTHING_TO_DO,
			[MODEL_RUNNING] = NOTHING_TO_DO,
			[MODEL_STOPPED] = BEGINS,
		},
	},
	[MODEL_STOP] = {
		.verb = "stopped",
		.reaction = {
			[MODEL_RUNNING] = BEGINS,
			[MODEL_STOPPING] = NOTHING_TO_DO,
			[MODEL_STOPPED] = NOTHING_TO_DO,
		},
	},
	[MODEL_TERMINATE] = {
		.verb = "terminated",
		.reaction = {
			[MODEL_PENDING] = BEGINS,
			[MODEL_RUNNING] = BEGINS,
			[MODEL_STOPPING] = BEGINS,
			[MODEL_STOPPED] = BEGINS,
			[MODEL_SHUTTING_DOWN] = NOTHING_TO_DO,
			[MODEL_TERMINATED] = NOTHING_TO_DO,
		},
	},
};

static bool check_change(
	const struct model *m, enum model_change_kind kind, const char *id, struct error *err)
{
	const struct model_instance *i = model_find_instance(m, id, err);

	if (!i)
		return false;
	if (CHANGES[kind].reaction[i->state] == REFUSED)
		return model_refuse(err, "IncorrectInstanceState",
			"The instance '%s' is not in a state from which it can be %s.", id,
			CHANGES[kind].verb);
	if (kind == MODEL_STOP && i->settings.stop_protected)
		return model_refuse(err, "OperationNotPermitted",
			"The instance '%s' may not be stopped. Modify its 'disableApiStop' instance "
			"attribute and try again.",
			id);
	return true;
}

static void change(
	struct model *m, const struct model_change_request *r, const char *id, struct model_change *ret)
{
	struct model_instance *i = inside_instance(m, id);

	*ret = (struct model_change){ .instance = i, .previous = i->state };
	if (CHANGES[r->kind].reaction[i->state] == BEGINS)
		lifecycle_begin(m, i, r->kind, r->force);
}

/* The first that may not be terminated, or NULL; ret says which zones hold such instances. */
static const char *find_protected(
	const struct model *m, const struct model_change_request *r, bool ret[MODEL_ZONE_COUNT])
{
	const char *first = NULL;

	for (size_t n = 0; r->kind == MODEL_TERMINATE && n < r->count; n++) {
		const struct model_instance *i = inside_instance(m, r->ids[n]);

		if (!i->settings.termination_protected)
			continue;
		ret[i->zone] = true;
		if (!first)
			first = r->ids[n];
	}
	return first;
}

static bool refuse_protected(const char *id, struct error *err)
{
	return model_refuse(err, "OperationNotPermitted",
		"The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance "
		"attribute and try again.",
		id);
}

bool model_change_instances(struct model *m, const struct model_change_request *r, bool dry_run,
	struct model_change *ret, struct error *err)
{
	bool spared[MODEL_ZONE_COUNT] = { false };
	const char *kept;

	for (size_t n = 0; n < r->count; n++)
		if (!check_change(m, r->kind, r->ids[n], err))
			return false;
	kept = find_protected(m, r, spared);
	if (kept && dry_run)
		return refuse_protected(kept, err);
	if (!model_commits(dry_run, err))
		return false;
	for (size_t n = 0; n < r->count; n++)
		if (!spared[inside_instance(m, r->ids[n])->zone])
			change(m, r, r->ids[n], &ret[n]);
	return kept ? refuse_protected(kept, err) : true;
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = alloc_text(with);
}

static bool check_modification(
	const struct model_instance *i, const struct model_modification *c, struct error *err)
{
	if (c->attribute == MODEL_USER_DATA && i->state != MODEL_STOPPED)
		return model_refuse(err, "IncorrectInstanceState",
			"The instance '%s' is not in the 'stopped' state.", i->id);
	if (c->attribute == MODEL_DELETE_ON_TERMINATION && !attachment_find_device(i, c->device))
		return model_refuse(err, "InvalidInstanceAttributeValue",
			"No device is currently mapped at %s", c->device);
	return true;
}

static void modify(struct model_instance *i, const struct model_modification *c)
{
	switch (c->attribute) {
	case MODEL_TERMINATION_PROTECTION:
		i->settings.termination_protected = c->on;
		break;
	case MODEL_STOP_PROTECTION:
		i->settings.stop_protected = c->on;
		break;
	case MODEL_DELETE_ON_TERMINATION:
		attachment_find_device(i, c->device)->attachment.delete_on_termination = c->on;
		break;
	case MODEL_USER_DATA:
		replace(&i->settings.user_data, c->text);
		break;
	case MODEL_SHUTDOWN_BEHAVIOR:
		i->settings.shutdown_behavior = c->text;
		break;
	case MODEL_GROUPS:
		break;
	}
}

bool model_modify_instance(
	struct model *m, const char *id, const struct model_modification *c, bool dry_run, struct error *err)
{
	const struct model_instance *i = model_find_instance(m, id, err);

	if (!i || !check_modification(i, c, err) || !model_commits(dry_run, err))
		return false;
	modify(inside_instance(m, id), c);
	return true;
}
