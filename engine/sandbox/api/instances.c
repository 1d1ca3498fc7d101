/* instances.c: describing instances, and starting, stopping and terminating them. */
#include <string.h>

#include "base/encode.h"
#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/api/instance_filters.h"
#include "sandbox/api/instance_item.h"
#include "sandbox/model/places.h"

enum { CONSOLE_MAX = 64 * 1024 }; /* EC2 keeps the last 64 KB */

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_instance(m, id, err);
}

static bool is_shown(const struct model *m, const void *item)
{
	return model_is_visible(m, item);
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_instance *)item)->tags;
}

static const struct describe INSTANCES = {
	.ids = "InstanceId",
	.filters = instance_filters,
	.filter_count = INSTANCE_FILTERS,
	.items = model_instances,
	.find = find,
	.shown = is_shown,
	.tags = tags_of,
};

/* Instances launched together stand together in the index: neighbours share their reservation. */
static bool describe_instances(struct request *r, struct error *err)
{
	const char *open = NULL;
	struct described found;

	if (!describe_select(r, &INSTANCES, &found, err))
		return false;
	reply_open(r, "reservationSet");
	for (size_t n = 0; n < found.count; n++) {
		const struct model_instance *i = found.items[n];
		bool same = open && !strcmp(open, i->reservation_id);

		if (open && !same)
			text_add(r->reply, "</instancesSet></item>");
		if (!same) {
			reply_open(r, "item");
			instance_reservation_head(r, i->reservation_id);
			reply_open(r, "instancesSet");
		}
		reply_open(r, "item");
		instance_item(r, i);
		reply_close(r, "item");
		open = i->reservation_id;
	}
	if (open)
		text_add(r->reply, "</instancesSet></item>");
	reply_close(r, "reservationSet");
	describe_next_token(r, &found);
	return true;
}

static bool change(struct request *r, enum model_change_kind kind, struct error *err)
{
	struct request_list ids = request_list(r, "InstanceId");
	struct model_change *changes = arena_array(r->arena, ids.count, sizeof(*changes));
	struct model_change_request q = { .kind = kind, .ids = ids.items, .count = ids.count };
	bool skip_shutdown = false;

	if (!request_bool(r, "Force", &q.force, err) ||
		!request_bool(r, "SkipOsShutdown", &skip_shutdown, err))
		return false;
	q.force |= skip_shutdown;
	if (!model_change_instances(r->model, &q, r->dry_run, changes, err))
		return false;
	reply_open(r, "instancesSet");
	for (size_t n = 0; n < ids.count; n++) {
		reply_open(r, "item");
		reply_text(r, "instanceId", changes[n].instance->id);
		instance_state(r, "currentState", changes[n].instance->state);
		instance_state(r, "previousState", changes[n].previous);
		reply_close(r, "item");
	}
	reply_close(r, "instancesSet");
	return true;
}

static bool start(struct request *r, struct error *err)
{
	return change(r, MODEL_START, err);
}

static bool stop(struct request *r, struct error *err)
{
	bool hibernate = false;

	if (!request_bool(r, "Hibernate", &hibernate, err))
		return false;
	if (hibernate)
		return model_refuse(err, "UnsupportedHibernationConfiguration",
			"The sandbox's instances do not hibernate");
	return change(r, MODEL_STOP, err);
}

static bool terminate(struct request *r, struct error *err)
{
	return change(r, MODEL_TERMINATE, err);
}

/* Without Latest, EC2 shows the console late: nothing until the delay after booting has passed. */
static bool is_readable(const struct request *r, const struct model_instance *i, bool latest)
{
	return i->booted_ms && (latest || model_now(r->model) >= i->console_ms);
}

static bool get_console_output(struct request *r, struct error *err)
{
	const struct model_instance *i = model_find_instance(r->model, request_text(r, "InstanceId"), err);
	auto_text console = { .bytes = NULL }, encoded = { .bytes = NULL };
	bool latest = false;

	if (!i || !request_bool(r, "Latest", &latest, err))
		return false;
	text_init(&console, CONSOLE_MAX);
	text_init(&encoded, CONSOLE_MAX * 2);
	if (is_readable(r, i, latest))
		r->machines->console(r->machines->ctx, i->id, &console);
	base64_encode(console.bytes, console.len, &encoded);
	reply_text(r, "instanceId", i->id);
	reply_time(r, "timestamp", model_now(r->model));
	reply_text(r, "output", encoded.bytes);
	return true;
}

static bool has_credits(const struct model *m, const void *item)
{
	return is_shown(m, item) && ((const struct model_instance *)item)->type->burstable;
}

/* t3 and later are unlimited unless the launch says otherwise (EC2 user guide, burstable instances). */
static void write_credits(struct request *r, const void *item)
{
	const struct model_instance *i = item;

	reply_text(r, "instanceId", i->id);
	reply_text(r, "cpuCredits", i->settings.cpu_credits ? i->settings.cpu_credits : "unlimited");
}

static const void *find_burstable(const struct model *m, const char *id, struct error *err)
{
	const struct model_instance *i = model_find_instance(m, id, err);

	if (i && !i->type->burstable) {
		model_refuse(err, "InvalidInstanceType", "The instance type '%s' has no CPU credits",
			i->type->name);
		return NULL;
	}
	return i;
}

static bool describe_credits(struct request *r, struct error *err)
{
	const struct describe credits = {
		.set = "instanceCreditSpecificationSet",
		.ids = "InstanceId",
		.filters = instance_filters,
		.filter_count = INSTANCE_FILTERS,
		.items = model_instances,
		.find = find_burstable,
		.shown = has_credits,
		.write = write_credits,
	};

	return describe_reply(r, &credits, err);
}

#define PAGED "Filter.N.Name Filter.N.Value.N MaxResults NextToken"

static const struct action ROWS[] = {
	{
		.name = "DescribeInstances",
		.summary = "instances, a terminated one for another hour",
		.params = "InstanceId.N " PAGED,
		.throttle = THROTTLE_READ,
		.handle = describe_instances,
	},
	{
		.name = "DescribeInstanceCreditSpecifications",
		.summary = "standard or unlimited, for types with CPU credits",
		.params = "InstanceId.N " PAGED,
		.throttle = THROTTLE_READ,
		.handle = describe_credits,
	},
	{
		.name = "StartInstances",
		.summary = "start stopped instances",
		.params = "InstanceId.N!",
		.mutates = true,
		.throttle = THROTTLE_LAUNCH,
		.resources = THROTTLE_LAUNCH_RESOURCES,
		.handle = start,
	},
	{
		.name = "StopInstances",
		.summary = "stop running instances",
		.params = "InstanceId.N! Force SkipOsShutdown Hibernate",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.resources = THROTTLE_END_RESOURCES,
		.handle = stop,
	},
	{
		.name = "TerminateInstances",
		.summary = "end instances for good",
		.params = "InstanceId.N! Force SkipOsShutdown",
		.mutates = true,
		.throttle = THROTTLE_BULK,
		.resources = THROTTLE_END_RESOURCES,
		.handle = terminate,
	},
	{
		.name = "GetConsoleOutput",
		.summary = "what an instance printed, the newest 64 KiB; late unless Latest is set",
		.params = "InstanceId! Latest",
		.throttle = THROTTLE_READ,
		.handle = get_console_output,
	},
};

const struct action_set actions_instances = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
