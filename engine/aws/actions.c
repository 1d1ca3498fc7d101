#include "aws/actions.h"

static const struct action ACTIONS[ACTION_COUNT] = {
	[ACTION_DESCRIBE_INSTANCES] = { .name = "DescribeInstances" },
	[ACTION_DESCRIBE_INSTANCE_STATUS] = { .name = "DescribeInstanceStatus" },
	[ACTION_DESCRIBE_INSTANCE_ATTRIBUTE] = { .name = "DescribeInstanceAttribute" },
	[ACTION_DESCRIBE_INSTANCE_CREDITS] = { .name = "DescribeInstanceCreditSpecifications" },
	[ACTION_DESCRIBE_IMAGES] = { .name = "DescribeImages" },
	[ACTION_DESCRIBE_VOLUMES] = { .name = "DescribeVolumes" },
	[ACTION_DESCRIBE_SNAPSHOTS] = { .name = "DescribeSnapshots" },
	[ACTION_DESCRIBE_ADDRESSES] = { .name = "DescribeAddresses" },
	[ACTION_GET_CONSOLE_OUTPUT] = { .name = "GetConsoleOutput" },
	[ACTION_GET_LAUNCH_TEMPLATE_DATA] = { .name = "GetLaunchTemplateData" },
	[ACTION_RUN_INSTANCES] = { .name = "RunInstances",
		.class = ACTION_LAUNCHES,
		.mutates = true,
		.has_token = true },
	[ACTION_START_INSTANCES] = { .name = "StartInstances", .class = ACTION_LAUNCHES, .mutates = true },
	[ACTION_STOP_INSTANCES] = { .name = "StopInstances", .class = ACTION_CHANGES, .mutates = true },
	[ACTION_TERMINATE_INSTANCES] = { .name = "TerminateInstances",
		.class = ACTION_BULK,
		.mutates = true },
	[ACTION_MODIFY_INSTANCE_ATTRIBUTE] = { .name = "ModifyInstanceAttribute",
		.class = ACTION_CHANGES,
		.mutates = true },
	[ACTION_CREATE_TAGS] = { .name = "CreateTags", .class = ACTION_TAGS, .mutates = true },
	[ACTION_CREATE_SNAPSHOT] = { .name = "CreateSnapshot", .class = ACTION_BULK, .mutates = true },
	[ACTION_DELETE_SNAPSHOT] = { .name = "DeleteSnapshot", .class = ACTION_BULK, .mutates = true },
	[ACTION_ATTACH_VOLUME] = { .name = "AttachVolume", .class = ACTION_CHANGES, .mutates = true },
	[ACTION_DETACH_VOLUME] = { .name = "DetachVolume", .class = ACTION_CHANGES, .mutates = true },
	[ACTION_ASSOCIATE_ADDRESS] = { .name = "AssociateAddress", .class = ACTION_CHANGES, .mutates = true },
};

const struct action *action_get(enum action_id id)
{
	return &ACTIONS[id];
}
