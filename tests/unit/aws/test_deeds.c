/* The bodies that effects become, byte for byte. Spelling and order follow botocore's serializer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "aws/deeds.h"
#include "aws/launch.h"
#include "aws/parameters.h"

static void assert_body(const struct effect *e, const char *expected)
{
	const struct deed *d = deed_find(e->kind);
	auto_text form;

	assert_non_null(d);
	parameters_begin(&form, action_get(d->action));
	d->write(e, &form);
	assert_string_equal(form.bytes, expected);
}

static void a_volume_is_kept_by_an_explicit_false(void **state)
{
	(void)state;
	assert_body(
		&(struct effect){
			.kind = EFFECT_KEEP_VOLUME, .instance_id = "i-1", .device = "/dev/sdf", .on = true },
		"Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-1"
		"&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fsdf&BlockDeviceMapping.1.Ebs.DeleteOnTermination="
		"false");
}

static void protection_is_switched_both_ways(void **state)
{
	(void)state;
	assert_body(&(struct effect){ .kind = EFFECT_PROTECT_INSTANCE, .instance_id = "i-1", .on = true },
		"Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-1&DisableApiTermination."
		"Value=true");
	assert_body(&(struct effect){ .kind = EFFECT_PROTECT_INSTANCE, .instance_id = "i-1" },
		"Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-1&DisableApiTermination."
		"Value=false");
}

static void our_tags_go_first_and_are_not_displaced(void **state)
{
	static const struct tag TAGS[] = { { "changeover:rebuild", "forged" }, { "Note", "" },
		{ "Note", "twice" } };

	(void)state;
	assert_body(
		&(struct effect){
			.kind = EFFECT_TAG,
			.instance_id = "i-1",
			.volume_id = "vol-1",
			.rebuild = "r1",
			.role = "blue",
			.tags = TAGS,
			.tag_count = 3,
		},
		"Action=CreateTags&Version=2016-11-15&ResourceId.1=i-1&ResourceId.2=vol-1"
		"&Tag.1.Key=changeover%3Arebuild&Tag.1.Value=r1&Tag.2.Key=changeover%3Arole&Tag.2.Value=blue"
		"&Tag.3.Key=Note&Tag.3.Value=");
}

static void a_snapshot_carries_its_token_as_a_tag(void **state)
{
	(void)state;
	assert_body(
		&(struct effect){
			.kind = EFFECT_CREATE_SNAPSHOT,
			.volume_id = "vol-1",
			.rebuild = "r1",
			.role = "point",
			.token = "r1-point-1",
		},
		"Action=CreateSnapshot&Version=2016-11-15&VolumeId=vol-1"
		"&Description=changeover%20r1%3A%20point%20of%20vol-1&TagSpecification.1.ResourceType="
		"snapshot"
		"&TagSpecification.1.Tag.1.Key=changeover%3Arebuild&TagSpecification.1.Tag.1.Value=r1"
		"&TagSpecification.1.Tag.2.Key=changeover%3Arole&TagSpecification.1.Tag.2.Value=point"
		"&TagSpecification.1.Tag.3.Key=changeover%3Atoken&TagSpecification.1.Tag.3.Value=r1-point-1");
}

static void volumes_and_addresses_name_both_ends(void **state)
{
	const struct effect e = { .volume_id = "vol-1",
		.instance_id = "i-1",
		.device = "/dev/sdf",
		.allocation_id = "eipalloc-1" };
	struct effect attach = e, detach = e, associate = e;

	(void)state;
	attach.kind = EFFECT_ATTACH_VOLUME;
	detach.kind = EFFECT_DETACH_VOLUME;
	associate.kind = EFFECT_ASSOCIATE_ADDRESS;
	assert_body(&attach,
		"Action=AttachVolume&Version=2016-11-15&VolumeId=vol-1&InstanceId=i-1&Device=%2Fdev%2Fsdf");
	assert_body(&detach,
		"Action=DetachVolume&Version=2016-11-15&VolumeId=vol-1&InstanceId=i-1"); /* no Force */
	assert_body(&associate,
		"Action=AssociateAddress&Version=2016-11-15&AllocationId=eipalloc-1&InstanceId=i-1"
		"&AllowReassociation=true");
}

static void instances_are_stopped_started_and_terminated_one_at_a_time(void **state)
{
	(void)state;
	assert_body(&(struct effect){ .kind = EFFECT_STOP_INSTANCE, .instance_id = "i-1" },
		"Action=StopInstances&Version=2016-11-15&InstanceId.1=i-1");
	assert_body(&(struct effect){ .kind = EFFECT_START_INSTANCE, .instance_id = "i-1" },
		"Action=StartInstances&Version=2016-11-15&InstanceId.1=i-1");
	assert_body(&(struct effect){ .kind = EFFECT_TERMINATE_INSTANCE, .instance_id = "i-1" },
		"Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1");
	assert_body(&(struct effect){ .kind = EFFECT_DELETE_SNAPSHOT, .snapshot_id = "snap-1" },
		"Action=DeleteSnapshot&Version=2016-11-15&SnapshotId=snap-1");
}

static const char *const GROUPS[] = { "sg-1", "sg-2" };
static const struct tag BLUE_TAGS[] = { { "Name", "app" } };

static struct blueprint blue(void)
{
	return (struct blueprint){
		.instance_type = "t3.small",
		.zone = "eu-west-1a",
		.subnet_id = "subnet-1",
		.group_ids = GROUPS,
		.group_count = 2,
		.key_name = "k",
		.profile_arn = "arn:p",
		.http_tokens = "required",
		.http_endpoint = "enabled",
		.http_hop_limit = 2,
		.ebs_optimized = true,
		.monitoring = true,
		.cpu_credits = "unlimited",
		.shutdown_behavior = "stop",
		.tenancy = "default",
		.termination_protected = true,
		.user_data = "QUJD",
		.tags = BLUE_TAGS,
		.tag_count = 1,
		.root_device = "/dev/sda1",
		.root_size_gib = 20,
		.root_type = "gp3",
		.root_iops = 3000,
		.root_throughput = 125,
		.root_encrypted = true,
		.root_delete_on_termination = true,
		.root_kms_key = "key-1",
	};
}

static const struct image IMAGE = {
	.id = "ami-2",
	.root_device = "/dev/xvda",
	.data_devices = { "/dev/sdb", "/dev/sdc" },
	.data_device_count = 2,
};

static struct effect launch_effect(const struct launch_order *order)
{
	return (struct effect){ .kind = EFFECT_LAUNCH,
		.token = "r1-launch-1",
		.rebuild = "r1",
		.role = "green",
		.launch = order };
}

#define GREEN_TAGS(n)                                                                                        \
	"&TagSpecification." n ".Tag.1.Key=changeover%3Arebuild&TagSpecification." n ".Tag.1.Value=r1"       \
	"&TagSpecification." n ".Tag.2.Key=changeover%3Arole&TagSpecification." n ".Tag.2.Value=green"       \
	"&TagSpecification." n ".Tag.3.Key=Name&TagSpecification." n ".Tag.3.Value=app"

static void green_is_launched_as_blue_was_on_the_new_images_root_device(void **state)
{
	const struct blueprint like = blue();
	const struct launch_order order = { .like = &like, .image = &IMAGE };
	const struct effect e = launch_effect(&order);

	(void)state;
	assert_body(&e,
		"Action=RunInstances&Version=2016-11-15&ImageId=ami-2&InstanceType=t3.small&MinCount=1&"
		"MaxCount=1"
		"&ClientToken=r1-launch-1&SubnetId=subnet-1&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2"
		"&Placement.AvailabilityZone=eu-west-1a&Placement.Tenancy=default&KeyName=k&UserData=QUJD"
		"&IamInstanceProfile.Arn=arn%3Ap&EbsOptimized=true&Monitoring.Enabled=true"
		"&InstanceInitiatedShutdownBehavior=stop&CreditSpecification.CpuCredits=unlimited"
		"&MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=2"
		"&MetadataOptions.HttpEndpoint=enabled&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda"
		"&BlockDeviceMapping.1.Ebs.DeleteOnTermination=true&BlockDeviceMapping.1.Ebs.VolumeSize=20"
		"&BlockDeviceMapping.1.Ebs.VolumeType=gp3&BlockDeviceMapping.1.Ebs.Iops=3000"
		"&BlockDeviceMapping.1.Ebs.Throughput=125&BlockDeviceMapping.1.Ebs.Encrypted=true"
		"&BlockDeviceMapping.1.Ebs.KmsKeyId=key-1"
		"&BlockDeviceMapping.2.DeviceName=%2Fdev%2Fsdb&BlockDeviceMapping.2.NoDevice="
		"&BlockDeviceMapping.3.DeviceName=%2Fdev%2Fsdc&BlockDeviceMapping.3.NoDevice="
		"&TagSpecification.1.ResourceType=instance" GREEN_TAGS(
			"1") "&TagSpecification.2.ResourceType=volume" GREEN_TAGS("2"));
}

static void assert_launch_has(const struct blueprint *like, const char *present, const char *absent)
{
	const struct launch_order order = { .like = like, .image = &IMAGE };
	const struct effect e = launch_effect(&order);
	auto_text form;

	text_init(&form, PARAMETERS_MAX);
	launch_write(&e, &form);
	if (present && !strstr(form.bytes, present))
		fail_msg("%s is not in %s", present, form.bytes);
	if (absent && strstr(form.bytes, absent))
		fail_msg("%s is in %s", absent, form.bytes);
}

static void a_public_address_needs_the_interface_form(void **state)
{
	struct blueprint like = blue();

	(void)state;
	like.public_ip = true;
	assert_launch_has(&like,
		"&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.AssociatePublicIpAddress=true"
		"&NetworkInterface.1.SubnetId=subnet-1&NetworkInterface.1.SecurityGroupId.1=sg-1"
		"&NetworkInterface.1.SecurityGroupId.2=sg-2",
		"&SubnetId=");
}

static void what_the_type_does_not_take_is_left_out(void **state)
{
	struct blueprint like = blue();

	(void)state;
	like.instance_type = "m5.large";
	like.root_type = "gp2"; /* shows 100 IOPS, takes none */
	like.root_encrypted = false;
	assert_launch_has(&like, NULL, "CpuCredits");
	assert_launch_has(&like, NULL, "Iops");
	assert_launch_has(&like, NULL, "Throughput");
	assert_launch_has(&like, NULL, "Encrypted");
	assert_launch_has(&like, NULL, "KmsKeyId");
	assert_launch_has(&like, NULL, "DisableApiTermination");
}

static void every_cloud_effect_has_its_action_and_no_guest_effect_has(void **state)
{
	(void)state;
	for (int k = 1; k < EFFECT_KIND_COUNT; k++)
		assert_true(effect_is_guest((enum effect_kind)k) == !deed_find((enum effect_kind)k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_volume_is_kept_by_an_explicit_false),
		cmocka_unit_test(protection_is_switched_both_ways),
		cmocka_unit_test(our_tags_go_first_and_are_not_displaced),
		cmocka_unit_test(a_snapshot_carries_its_token_as_a_tag),
		cmocka_unit_test(volumes_and_addresses_name_both_ends),
		cmocka_unit_test(instances_are_stopped_started_and_terminated_one_at_a_time),
		cmocka_unit_test(green_is_launched_as_blue_was_on_the_new_images_root_device),
		cmocka_unit_test(a_public_address_needs_the_interface_form),
		cmocka_unit_test(what_the_type_does_not_take_is_left_out),
		cmocka_unit_test(every_cloud_effect_has_its_action_and_no_guest_effect_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
