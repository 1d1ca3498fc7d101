#include "aws/launch.h"

#include <string.h>

#include "aws/parameters.h"
#include "aws/tagging.h"
#include "wire/form.h"

bool launch_has_credits(const char *instance_type)
{
	static const char *const FAMILIES[] = { "t2.", "t3.", "t3a.", "t4g." };

	for (size_t i = 0; i < ARRAY_SIZE(FAMILIES); i++)
		if (instance_type && text_starts_with(instance_type, FAMILIES[i]))
			return true;
	return false;
}

/* Asking for a public address needs the interface form, which must then hold subnet and groups too. */
static void write_network(const struct blueprint *b, struct text *form)
{
	const char *prefix = b->public_ip ? "NetworkInterface.1." : "";

	if (b->public_ip) {
		parameters_add(form, "0", "NetworkInterface.1.DeviceIndex");
		parameters_add_bool(form, true, "NetworkInterface.1.AssociatePublicIpAddress");
	}
	parameters_add(form, b->subnet_id, "%sSubnetId", prefix);
	for (size_t i = 0; i < b->group_count; i++)
		parameters_add(form, b->group_ids[i], "%sSecurityGroupId.%zu", prefix, i + 1);
}

static void write_place(const struct blueprint *b, struct text *form)
{
	parameters_add(form, b->zone, "Placement.AvailabilityZone");
	parameters_add(form, b->tenancy, "Placement.Tenancy");
	parameters_add(form, b->placement_group, "Placement.GroupName");
}

static void write_metadata_options(const struct blueprint *b, struct text *form)
{
	parameters_add(form, b->http_tokens, "MetadataOptions.HttpTokens");
	parameters_add_number(form, b->http_hop_limit, "MetadataOptions.HttpPutResponseHopLimit");
	parameters_add(form, b->http_endpoint, "MetadataOptions.HttpEndpoint");
	parameters_add(form, b->instance_metadata_tags, "MetadataOptions.InstanceMetadataTags");
}

/* What an instance is, apart from where it stands and what it stores. */
static void write_nature(const struct blueprint *b, struct text *form)
{
	parameters_add(form, b->key_name, "KeyName");
	parameters_add(form, b->user_data, "UserData");
	parameters_add(form, b->profile_arn, "IamInstanceProfile.Arn");
	if (b->ebs_optimized)
		parameters_add_bool(form, true, "EbsOptimized");
	if (b->monitoring)
		parameters_add_bool(form, true, "Monitoring.Enabled");
	parameters_add(form, b->shutdown_behavior, "InstanceInitiatedShutdownBehavior");
	if (launch_has_credits(b->instance_type))
		parameters_add(form, b->cpu_credits, "CreditSpecification.CpuCredits");
}

/* DescribeVolumes shows IOPS for types that do not take them: gp2's follow from its size. */
static bool takes_iops(const char *type)
{
	return type && (!strcmp(type, "gp3") || !strcmp(type, "io1") || !strcmp(type, "io2"));
}

/*
 * The name must be the new image's root device: under any other, EC2 makes an extra volume.
 * Encrypted=false is not written, since it is refused for an image that is encrypted itself.
 */
static void write_root(const struct blueprint *b, const struct image *image, struct text *form)
{
	parameters_add(form, image->root_device, "BlockDeviceMapping.1.DeviceName");
	parameters_add_bool(
		form, b->root_delete_on_termination, "BlockDeviceMapping.1.Ebs.DeleteOnTermination");
	parameters_add_number(form, b->root_size_gib, "BlockDeviceMapping.1.Ebs.VolumeSize");
	parameters_add(form, b->root_type, "BlockDeviceMapping.1.Ebs.VolumeType");
	if (takes_iops(b->root_type))
		parameters_add_number(form, b->root_iops, "BlockDeviceMapping.1.Ebs.Iops");
	if (b->root_type && !strcmp(b->root_type, "gp3"))
		parameters_add_number(form, b->root_throughput, "BlockDeviceMapping.1.Ebs.Throughput");
	if (!b->root_encrypted)
		return;
	parameters_add_bool(form, true, "BlockDeviceMapping.1.Ebs.Encrypted");
	parameters_add(form, b->root_kms_key, "BlockDeviceMapping.1.Ebs.KmsKeyId");
}

/* Green gets blue's data volume: fresh ones from the image's own mapping would only be in its way. */
static void write_suppressed(const struct image *image, struct text *form)
{
	for (size_t i = 0; i < image->data_device_count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "BlockDeviceMapping.%zu.NoDevice", i + 2);
		parameters_add(form, image->data_devices[i], "BlockDeviceMapping.%zu.DeviceName", i + 2);
		form_add(form, name, "");
	}
}

void launch_write(const struct effect *e, struct text *form)
{
	const struct blueprint *b = e->launch->like;
	struct tagging tagging = { .count = 0 };

	parameters_add(form, e->launch->image->id, "ImageId");
	parameters_add(form, b->instance_type, "InstanceType");
	parameters_add_number(form, 1, "MinCount");
	parameters_add_number(form, 1, "MaxCount");
	parameters_add(form, e->token, "ClientToken");
	write_network(b, form);
	write_place(b, form);
	write_nature(b, form);
	write_metadata_options(b, form);
	write_root(b, e->launch->image, form);
	write_suppressed(e->launch->image, form);
	tagging_add_own(&tagging, e, false);
	tagging_add(&tagging, e->tags, e->tag_count);
	tagging_add(&tagging, b->tags, b->tag_count);
	tagging_write_specification(&tagging, 1, "instance", form);
	tagging_write_specification(&tagging, 2, "volume", form);
}
