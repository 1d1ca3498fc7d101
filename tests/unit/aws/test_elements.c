/* EC2's replies, as its API reference shows them, read as the cloud's vocabulary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "aws/elements.h"
#include "base/file.h"

static struct arena arena;

static int release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const struct xml_element *parsed(const char *xml)
{
	const struct xml_element *root = NULL;
	auto_error err = ERROR_INIT;

	if (!xml_read(xml, strlen(xml), &arena, &root, &err))
		fail_msg("%s", err.message);
	return root;
}

/* An <item> of DescribeInstances. */
static const struct xml_element *sample_instance(void)
{
	auto_error err = ERROR_INIT;
	auto_text xml;

	text_init(&xml, 16 * 1024);
	if (!file_read(TESTS_DIR "/unit/aws/instance.xml", &xml, &err))
		fail_msg("%s", err.message);
	return parsed(xml.bytes);
}

static void an_instance_shows_all_that_the_world_keeps(void **state)
{
	struct instance i;

	(void)state;
	element_instance(sample_instance(), 42, &i);
	assert_int_equal(i.asked_ms, 42);
	assert_string_equal(i.id, "i-0123456789abcdef0");
	assert_int_equal(i.state, INSTANCE_RUNNING);
	assert_string_equal(i.image_id, "ami-0123456789abcdef0");
	assert_string_equal(i.zone, "eu-west-1a");
	assert_string_equal(i.root_device, "/dev/xvda");
	assert_string_equal(i.private_ip, "10.0.0.5");
	assert_string_equal(i.public_ip, "192.0.2.7");
	assert_string_equal(i.client_token, "r1-launch-1");
	assert_int_equal(i.launched_ms, INT64_C(1795309323000));
	assert_string_equal(i.name, "app & db");
	assert_string_equal(i.rebuild, "r1");
	assert_string_equal(i.role, "green");
	assert_int_equal(i.device_count, 2);
	assert_string_equal(i.devices[1].volume_id, "vol-data");
	assert_true(i.devices[0].delete_on_termination);
	assert_false(i.devices[1].delete_on_termination);
}

static void a_launch_that_failed_later_says_why(void **state)
{
	struct instance i;

	(void)state;
	element_instance(
		parsed("<item><instanceId>i-1</instanceId><instanceState><name>terminated</name>"
		       "</instanceState><stateReason><code>Server.InsufficientInstanceCapacity</code>"
		       "<message>Server.InsufficientInstanceCapacity: none left</message></stateReason>"
		       "</item>"),
		1, &i);
	assert_int_equal(i.state, INSTANCE_TERMINATED);
	assert_string_equal(i.reason, "Server.InsufficientInstanceCapacity: none left");
}

static void a_blueprint_leaves_out_tags_that_are_not_the_operators(void **state)
{
	struct blueprint b;

	(void)state;
	element_blueprint(sample_instance(), &arena, &b);
	assert_string_equal(b.instance_type, "t3.small");
	assert_string_equal(b.architecture, "x86_64");
	assert_int_equal(b.group_count, 2);
	assert_string_equal(b.group_ids[1], "sg-2");
	assert_string_equal(b.profile_arn, "arn:aws:iam::123456789012:instance-profile/app");
	assert_string_equal(b.http_tokens, "required");
	assert_int_equal(b.http_hop_limit, 2);
	assert_true(b.ebs_optimized);
	assert_false(b.monitoring);
	assert_null(b.placement_group);
	assert_int_equal(b.tag_count, 2);
	assert_string_equal(b.tags[0].key, "Name");
	assert_string_equal(b.tags[1].value, "");
	assert_true(b.root_delete_on_termination);
	assert_false(b.public_ip); /* the account owns it: an Elastic IP */
}

static void a_public_address_of_the_launch_is_amazons(void **state)
{
	struct blueprint b;

	(void)state;
	element_blueprint(parsed("<item><networkInterfaceSet><item><association><ipOwnerId>amazon"
				 "</ipOwnerId></association></item></networkInterfaceSet></item>"),
		&arena, &b);
	assert_true(b.public_ip);
	assert_null(b.subnet_id);
}

static void a_root_volume_completes_the_blueprint(void **state)
{
	struct blueprint b = { .root_size_gib = 0 };

	(void)state;
	element_root_volume(parsed("<item><volumeId>v</volumeId><size>20</size><volumeType>gp3"
				   "</volumeType><iops>3000</iops><throughput>125</throughput><encrypted>true"
				   "</encrypted><kmsKeyId>arn:k</kmsKeyId></item>"),
		&arena, &b);
	assert_int_equal(b.root_size_gib, 20);
	assert_string_equal(b.root_type, "gp3");
	assert_int_equal(b.root_iops, 3000);
	assert_int_equal(b.root_throughput, 125);
	assert_true(b.root_encrypted);
	assert_string_equal(b.root_kms_key, "arn:k");
}

#define VOLUME(attachments)                                                                                  \
	"<item><volumeId>vol-1</volumeId><size>100</size><snapshotId/><availabilityZone>eu-west-1a"          \
	"</availabilityZone><status>in-use</status><createTime>2026-01-01T00:00:00.000Z</createTime>"        \
	"<attachmentSet>" attachments "</attachmentSet><volumeType>gp3</volumeType></item>"
#define ATTACHMENT(instance, status)                                                                         \
	"<item><volumeId>vol-1</volumeId><instanceId>" instance "</instanceId><device>/dev/sdf</device>"     \
	"<status>" status "</status><deleteOnTermination>false</deleteOnTermination></item>"

static void a_volume_shows_its_attachment_not_only_its_own_state(void **state)
{
	struct volume v;

	(void)state;
	element_volume(parsed(VOLUME(ATTACHMENT("i-1", "attaching"))), 5, &v);
	assert_int_equal(v.state, VOLUME_IN_USE);
	assert_int_equal(v.attachment, ATTACHMENT_ATTACHING);
	assert_string_equal(v.instance_id, "i-1");
	assert_string_equal(v.device, "/dev/sdf");
	assert_string_equal(v.zone, "eu-west-1a");
	assert_int_equal(v.size_gib, 100);
	assert_int_equal(v.attachment_count, 1);
	element_volume(parsed(VOLUME(ATTACHMENT("i-1", "busy"))), 5, &v);
	assert_int_equal(v.attachment, ATTACHMENT_BUSY);
	element_volume(parsed(VOLUME("")), 5, &v);
	assert_int_equal(v.attachment, ATTACHMENT_NONE);
	assert_string_equal(v.instance_id, "");
}

static void a_second_holder_is_counted_and_a_former_one_is_not(void **state)
{
	struct volume v;

	(void)state;
	element_volume(parsed(VOLUME(ATTACHMENT("i-1", "attached") ATTACHMENT("i-2", "attached"))), 5, &v);
	assert_int_equal(v.attachment_count, 2);
	assert_string_equal(v.instance_id, "i-1");
	element_volume(parsed(VOLUME(ATTACHMENT("i-1", "detached") ATTACHMENT("i-2", "attached"))), 5, &v);
	assert_int_equal(v.attachment_count, 1);
	assert_string_equal(v.instance_id, "i-2");
}

static void a_snapshot_is_recognised_by_our_tags(void **state)
{
	struct snapshot s;

	(void)state;
	element_snapshot(
		parsed("<item><snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId><status>pending"
		       "</status><startTime>2026-11-22T12:00:00.000Z</startTime><progress>45%</progress>"
		       "<tagSet><item><key>changeover:token</key><value>r1-point-1</value></item><item>"
		       "<key>changeover:rebuild</key><value>r1</value></item></tagSet></item>"),
		5, &s);
	assert_int_equal(s.state, SNAPSHOT_PENDING);
	assert_int_equal(s.progress, 45);
	assert_true(s.started_ms == INT64_C(1795348800000));
	assert_string_equal(s.token, "r1-point-1");
	assert_string_equal(s.rebuild, "r1");
}

static void an_image_names_the_data_devices_to_suppress(void **state)
{
	struct image i;

	(void)state;
	element_image(
		parsed("<item><imageId>ami-1</imageId><imageState>available</imageState><architecture>arm64"
		       "</architecture><name>app-2</name><rootDeviceName>/dev/xvda</rootDeviceName>"
		       "<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs/></item><item>"
		       "<deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item>"
		       "<item><deviceName>/dev/sdf</deviceName><ebs><volumeSize>8</volumeSize></ebs>"
		       "</item></blockDeviceMapping></item>"),
		5, &i);
	assert_int_equal(i.state, IMAGE_AVAILABLE);
	assert_string_equal(i.architecture, "arm64");
	assert_int_equal(i.data_device_count, 1);
	assert_string_equal(i.data_devices[0], "/dev/sdf");
	element_image(parsed("<item><imageState>deregistered</imageState></item>"), 5, &i);
	assert_int_equal(i.state, IMAGE_UNUSABLE);
}

static enum instance_health health(const char *xml)
{
	struct status s;

	element_status(parsed(xml), 5, &s);
	return s.health;
}

#define STATUS(system, instance)                                                                             \
	"<item><systemStatus><status>" system "</status></systemStatus>"                                     \
	"<instanceStatus><status>" instance "</status></instanceStatus></item>"

static void health_needs_both_checks(void **state)
{
	(void)state;
	assert_int_equal(health(STATUS("ok", "ok")), HEALTH_OK);
	assert_int_equal(health(STATUS("ok", "initializing")), HEALTH_INITIALIZING);
	assert_int_equal(health(STATUS("ok", "impaired")), HEALTH_IMPAIRED);
	assert_int_equal(health(STATUS("impaired", "initializing")), HEALTH_IMPAIRED);
	assert_int_equal(health(STATUS("not-applicable", "not-applicable")), HEALTH_UNKNOWN);
	assert_int_equal(health(STATUS("ok", "insufficient-data")), HEALTH_UNKNOWN);
}

static void a_reply_to_detach_says_detaching_or_free(void **state)
{
	struct volume v;

	(void)state;
	element_attachment(
		parsed("<DetachVolumeResponse><volumeId>vol-1</volumeId><instanceId>i-1</instanceId>"
		       "<device>/dev/sdf</device><status>detaching</status></DetachVolumeResponse>"),
		5, &v);
	assert_int_equal(v.state, VOLUME_IN_USE);
	assert_int_equal(v.attachment, ATTACHMENT_DETACHING);
	assert_string_equal(v.instance_id, "i-1");
	element_attachment(
		parsed("<DetachVolumeResponse><volumeId>vol-1</volumeId><instanceId>i-1</instanceId>"
		       "<status>detached</status></DetachVolumeResponse>"),
		5, &v);
	assert_int_equal(v.state, VOLUME_AVAILABLE);
	assert_string_equal(v.instance_id, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_instance_shows_all_that_the_world_keeps, release),
		cmocka_unit_test_teardown(a_launch_that_failed_later_says_why, release),
		cmocka_unit_test_teardown(a_blueprint_leaves_out_tags_that_are_not_the_operators, release),
		cmocka_unit_test_teardown(a_public_address_of_the_launch_is_amazons, release),
		cmocka_unit_test_teardown(a_root_volume_completes_the_blueprint, release),
		cmocka_unit_test_teardown(a_volume_shows_its_attachment_not_only_its_own_state, release),
		cmocka_unit_test_teardown(a_second_holder_is_counted_and_a_former_one_is_not, release),
		cmocka_unit_test_teardown(a_snapshot_is_recognised_by_our_tags, release),
		cmocka_unit_test_teardown(an_image_names_the_data_devices_to_suppress, release),
		cmocka_unit_test_teardown(health_needs_both_checks, release),
		cmocka_unit_test_teardown(a_reply_to_detach_says_detaching_or_free, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
