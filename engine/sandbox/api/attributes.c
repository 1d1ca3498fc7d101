/* attributes.c: single attributes of an instance, and those that a launch template would take over from it. */
#include <string.h>

#include "base/encode.h"
#include "sandbox/api/actions.h"
#include "sandbox/api/instance_item.h"
#include "sandbox/model/places.h"

static void write_text(struct request *r, const char *name, const char *value)
{
	reply_nested(r, name, "value", value);
}

static void write_bool(struct request *r, const char *name, bool value)
{
	write_text(r, name, value ? "true" : "false");
}

static void write_type(struct request *r, const char *name, const struct model_instance *i)
{
	write_text(r, name, i->type->name);
}

static void write_user_data(struct request *r, const char *name, const struct model_instance *i)
{
	write_text(r, name, i->settings.user_data);
}

static void write_termination(struct request *r, const char *name, const struct model_instance *i)
{
	write_bool(r, name, i->settings.termination_protected);
}

static void write_stop(struct request *r, const char *name, const struct model_instance *i)
{
	write_bool(r, name, i->settings.stop_protected);
}

static void write_behavior(struct request *r, const char *name, const struct model_instance *i)
{
	write_text(r, name, i->settings.shutdown_behavior);
}

static void write_root(struct request *r, const char *name, const struct model_instance *i)
{
	write_text(r, name, i->image->root_device);
}

static void write_devices(struct request *r, const char *name, const struct model_instance *i)
{
	(void)name;
	instance_devices(r, i);
}

static void write_groups(struct request *r, const char *name, const struct model_instance *i)
{
	(void)i;
	reply_groups(r, name);
}

static void write_ebs_optimized(struct request *r, const char *name, const struct model_instance *i)
{
	write_bool(r, name, i->settings.ebs_optimized);
}

static void write_true(struct request *r, const char *name, const struct model_instance *i)
{
	(void)i;
	write_bool(r, name, true);
}

static void write_simple(struct request *r, const char *name, const struct model_instance *i)
{
	(void)i;
	write_text(r, name, "simple"); /* enhanced networking: every Nitro instance has it */
}

static const struct {
	const char *name;
	void (*write)(struct request *r, const char *name, const struct model_instance *i);
} ATTRIBUTES[] = {
	{ "blockDeviceMapping", write_devices },
	{ "disableApiStop", write_stop },
	{ "disableApiTermination", write_termination },
	{ "ebsOptimized", write_ebs_optimized },
	{ "enaSupport", write_true },
	{ "groupSet", write_groups },
	{ "instanceInitiatedShutdownBehavior", write_behavior },
	{ "instanceType", write_type },
	{ "rootDeviceName", write_root },
	{ "sourceDestCheck", write_true },
	{ "sriovNetSupport", write_simple },
	{ "userData", write_user_data },
};

static bool describe_attribute(struct request *r, struct error *err)
{
	const struct model_instance *i = model_find_instance(r->model, request_text(r, "InstanceId"), err);
	const char *name = request_text(r, "Attribute");

	if (!i)
		return false;
	for (size_t a = 0; a < ARRAY_SIZE(ATTRIBUTES); a++) {
		if (strcmp(ATTRIBUTES[a].name, name) != 0)
			continue;
		reply_text(r, "instanceId", i->id);
		ATTRIBUTES[a].write(r, name, i);
		return true;
	}
	return model_refuse(err, "InvalidParameterValue",
		"Value (%s) for parameter attribute is invalid. Unknown attribute.", name);
}

/* What is not set is left out. */
static bool get_template_data(struct request *r, struct error *err)
{
	const struct model_instance *i = model_find_instance(r->model, request_text(r, "InstanceId"), err);

	if (!i)
		return false;
	reply_open(r, "launchTemplateData");
	reply_text(r, "imageId", i->image->id);
	reply_text(r, "instanceType", i->type->name);
	reply_bool(r, "ebsOptimized", i->settings.ebs_optimized);
	reply_bool(r, "disableApiStop", i->settings.stop_protected);
	reply_bool(r, "disableApiTermination", i->settings.termination_protected);
	reply_text(r, "instanceInitiatedShutdownBehavior", i->settings.shutdown_behavior);
	reply_text(r, "userData", i->settings.user_data);
	reply_close(r, "launchTemplateData");
	return true;
}

/* EC2 takes an absent DeleteOnTermination for true. */
static bool read_mapping(const struct request *r, struct model_modification *c, struct error *err)
{
	c->device = request_text(r, "BlockDeviceMapping.1.DeviceName");
	c->on = true;
	if (request_has(r, "BlockDeviceMapping.2."))
		return model_refuse(
			err, "InvalidParameterCombination", "Only one device may be modified at a time");
	if (!c->device)
		return model_refuse(
			err, "MissingParameter", "The request must contain the parameter deviceName");
	return request_bool(r, "BlockDeviceMapping.1.Ebs.DeleteOnTermination", &c->on, err);
}

static bool read_termination(const struct request *r, struct model_modification *c, struct error *err)
{
	return request_bool(r, "DisableApiTermination.Value", &c->on, err);
}

static bool read_stop(const struct request *r, struct model_modification *c, struct error *err)
{
	return request_bool(r, "DisableApiStop.Value", &c->on, err);
}

static bool read_behavior(const struct request *r, struct model_modification *c, struct error *err)
{
	static const char *const BEHAVIORS[] = { "stop", "terminate", NULL };

	return request_choice(r, "InstanceInitiatedShutdownBehavior.Value", BEHAVIORS, &c->text, err);
}

static bool read_user_data(const struct request *r, struct model_modification *c, struct error *err)
{
	auto_text decoded = { .bytes = NULL };

	c->text = request_text(r, "UserData.Value");
	text_init(&decoded, strlen(c->text));
	if (base64_decode(c->text, strlen(c->text), &decoded))
		return true;
	return model_refuse(err, "InvalidParameterValue", "Invalid BASE64 encoding of user data");
}

static bool read_groups(const struct request *r, struct model_modification *c, struct error *err)
{
	struct request_list groups = request_list(r, "GroupId");

	(void)c;
	for (size_t i = 0; i < groups.count; i++)
		if (!model_check_group(groups.items[i], err))
			return false;
	return true;
}

static const struct {
	const char *param; /* its presence names the attribute */
	enum model_attribute attribute;
	bool (*read)(const struct request *r, struct model_modification *c, struct error *err);
} MODIFICATIONS[] = {
	{ "BlockDeviceMapping.", MODEL_DELETE_ON_TERMINATION, read_mapping },
	{ "DisableApiTermination.Value", MODEL_TERMINATION_PROTECTION, read_termination },
	{ "DisableApiStop.Value", MODEL_STOP_PROTECTION, read_stop },
	{ "InstanceInitiatedShutdownBehavior.Value", MODEL_SHUTDOWN_BEHAVIOR, read_behavior },
	{ "UserData.Value", MODEL_USER_DATA, read_user_data },
	{ "GroupId.", MODEL_GROUPS, read_groups },
};

/* One attribute per call, as on EC2. */
static bool modify_attribute(struct request *r, struct error *err)
{
	struct model_modification change = { .device = NULL };
	size_t chosen = 0, count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(MODIFICATIONS); i++) {
		if (!request_has(r, MODIFICATIONS[i].param))
			continue;
		chosen = i;
		count++;
	}
	if (!count)
		return model_refuse(err, "InvalidParameterCombination", "No attributes specified.");
	if (count > 1)
		return model_refuse(
			err, "InvalidParameterCombination", "Fields for multiple attribute types specified");
	change.attribute = MODIFICATIONS[chosen].attribute;
	if (!MODIFICATIONS[chosen].read(r, &change, err))
		return false;
	if (!model_modify_instance(r->model, request_text(r, "InstanceId"), &change, r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeInstanceAttribute",
		.summary = "one attribute of an instance",
		.params = "InstanceId! Attribute!",
		.throttle = THROTTLE_READ,
		.handle = describe_attribute,
	},
	{
		.name = "GetLaunchTemplateData",
		.summary = "how an instance was launched, as far as launch templates know",
		.params = "InstanceId!",
		.throttle = THROTTLE_READ,
		.handle = get_template_data,
	},
	{
		.name = "ModifyInstanceAttribute",
		.summary = "change one attribute of an instance",
		.params = "InstanceId! BlockDeviceMapping.N.DeviceName "
			  "BlockDeviceMapping.N.Ebs.DeleteOnTermination DisableApiTermination.Value "
			  "DisableApiStop.Value InstanceInitiatedShutdownBehavior.Value UserData.Value "
			  "GroupId.N",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = modify_attribute,
	},
};

const struct action_set actions_attributes = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
