/*
 * actions.h: the EC2 actions that we call (API 2016-11-15), and what decides how each may be sent.
 * The IAM action of each is "ec2:" and its name.
 */
#ifndef AWS_ACTIONS_H
#define AWS_ACTIONS_H

#include <stdbool.h>

enum action_id {
	ACTION_DESCRIBE_INSTANCES,
	ACTION_DESCRIBE_INSTANCE_STATUS,
	ACTION_DESCRIBE_INSTANCE_ATTRIBUTE,
	ACTION_DESCRIBE_INSTANCE_CREDITS,
	ACTION_DESCRIBE_IMAGES,
	ACTION_DESCRIBE_VOLUMES,
	ACTION_DESCRIBE_SNAPSHOTS,
	ACTION_DESCRIBE_ADDRESSES,
	ACTION_GET_CONSOLE_OUTPUT,
	ACTION_GET_LAUNCH_TEMPLATE_DATA,
	ACTION_RUN_INSTANCES,
	ACTION_START_INSTANCES,
	ACTION_STOP_INSTANCES,
	ACTION_TERMINATE_INSTANCES,
	ACTION_MODIFY_INSTANCE_ATTRIBUTE,
	ACTION_CREATE_TAGS,
	ACTION_CREATE_SNAPSHOT,
	ACTION_DELETE_SNAPSHOT,
	ACTION_ATTACH_VOLUME,
	ACTION_DETACH_VOLUME,
	ACTION_ASSOCIATE_ADDRESS,
	ACTION_COUNT,
};

/* What EC2 counts alike: the kinds of its token buckets (buckets.h). Each action has a bucket of its own. */
enum action_class { ACTION_READS, ACTION_CHANGES, ACTION_LAUNCHES, ACTION_BULK, ACTION_TAGS };

struct action {
	const char *name;
	enum action_class class;
	bool mutates;   /* own connection; sent again only when it surely did not happen, or ... */
	bool has_token; /* ... when its ClientToken makes a second sending harmless */
};

/* The row of the action. */
const struct action *action_get(enum action_id id);
#endif
