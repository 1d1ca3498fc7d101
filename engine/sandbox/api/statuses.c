/*
 * statuses.c: the status checks of instances. A machine of the sandbox passes all of them or none: while it starts
 * they are initializing, and one that a fault has killed is impaired until it is started again.
 */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/api/instance_filters.h"
#include "sandbox/api/instance_item.h"
#include "sandbox/model/places.h"

static const char *status_of(const struct model *m, const struct model_instance *i)
{
	if (i->state != MODEL_RUNNING)
		return "not-applicable";
	if (i->dead)
		return "impaired";
	return model_now(m) >= i->checks_ok_ms ? "ok" : "initializing";
}

/* The words of InstanceStatusDetails differ from those of the summary (EC2 API reference). */
static const char *detail_of(const char *status)
{
	if (!strcmp(status, "ok"))
		return "passed";
	return !strcmp(status, "impaired") ? "failed" : status;
}

static bool by_status(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, status_of(r->model, item));
}

static bool by_reachability(const struct request *r, const void *item, const char *pattern)
{
	return filter_matches(pattern, detail_of(status_of(r->model, item)));
}

/* Neither tags nor ids are among them (EC2 API reference, DescribeInstanceStatus). */
static const struct filter FILTERS[] = {
	{ "attached-ebs-status.status", by_status },
	{ "availability-zone", instance_by_zone },
	{ "instance-state-code", instance_by_state_code },
	{ "instance-state-name", instance_by_state },
	{ "instance-status.reachability", by_reachability },
	{ "instance-status.status", by_status },
	{ "system-status.reachability", by_reachability },
	{ "system-status.status", by_status },
};

static void write_check(struct request *r, const char *element, const char *status)
{
	reply_open(r, element);
	reply_text(r, "status", status);
	reply_open(r, "details");
	reply_open(r, "item");
	reply_text(r, "name", "reachability");
	reply_text(r, "status", detail_of(status));
	reply_close(r, "item");
	reply_close(r, "details");
	reply_close(r, element);
}

static void write_status(struct request *r, const struct model_instance *i)
{
	const char *status = status_of(r->model, i);

	reply_text(r, "instanceId", i->id);
	reply_text(r, "availabilityZone", model_zone_name(r->model, i->zone));
	instance_state(r, "instanceState", i->state);
	write_check(r, "systemStatus", status);
	write_check(r, "instanceStatus", status);
	reply_nested(r, "attachedEbsStatus", "status", status);
}

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_instance(m, id, err);
}

static bool is_shown(const struct model *m, const void *item)
{
	return model_is_visible(m, item);
}

static bool has_checks(const struct model *m, const void *item)
{
	return is_shown(m, item) && ((const struct model_instance *)item)->state == MODEL_RUNNING;
}

/* Only running ones unless all are asked for: a pending id gives an empty set, not an error. */
static bool describe_status(struct request *r, struct error *err)
{
	struct describe statuses = {
		.ids = "InstanceId",
		.filters = FILTERS,
		.filter_count = ARRAY_SIZE(FILTERS),
		.items = model_instances,
		.find = find,
	};
	struct described found;
	bool all = false;

	if (!request_bool(r, "IncludeAllInstances", &all, err))
		return false;
	statuses.shown = all ? is_shown : has_checks;
	if (!describe_select(r, &statuses, &found, err))
		return false;
	reply_open(r, "instanceStatusSet");
	for (size_t n = 0; n < found.count; n++) {
		if (!statuses.shown(r->model, found.items[n]))
			continue;
		reply_open(r, "item");
		write_status(r, found.items[n]);
		reply_close(r, "item");
	}
	reply_close(r, "instanceStatusSet");
	describe_next_token(r, &found);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeInstanceStatus",
		.summary = "status checks of running instances, or of all",
		.params = "InstanceId.N IncludeAllInstances Filter.N.Name Filter.N.Value.N MaxResults "
			  "NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_status,
	},
};

const struct action_set actions_statuses = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
