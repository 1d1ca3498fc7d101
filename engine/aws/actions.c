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
	[ACTION_RUN_INSTANCES] = { .name = "RunInstances", .mutates = true, .has_token = true },
	[ACTION_START_INSTANCES] = { .name = "StartInstances", .mutates = true },
	[ACTION_STOP_INSTANCES] = { .name = "StopInstances", .mutates = true },
	[ACTION_TERMINATE_INSTANCES] = { .name = "TerminateInstances", .mutates = true },
	[ACTION_MODIFY_INSTANCE_ATTRIBUTE] = { .name = "ModifyInstanceAttribute", .mutates = true },
	[ACTION_CREATE_TAGS] = { .name = "CreateTags", .mutates = true },
	[ACTION_CREATE_SNAPSHOT] = { .name = "CreateSnapshot", .mutates = true },
	[ACTION_DELETE_SNAPSHOT] = { .name = "DeleteSnapshot", .mutates = true },
	[ACTION_ATTACH_VOLUME] = { .name = "AttachVolume", .mutates = true },
	[ACTION_DETACH_VOLUME] = { .name = "DetachVolume", .mutates = true },
	[ACTION_ASSOCIATE_ADDRESS] = { .name = "AssociateAddress", .mutates = true },
};

const struct action *action_get(enum action_id id)
{
	return &ACTIONS[id];
}
