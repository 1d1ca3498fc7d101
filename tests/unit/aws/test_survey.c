/* How blue was launched: what is asked for it, and what is believed of the answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

#define BLUE                                                                                                 \
	"<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>"  \
	"<instanceType>t3.small</instanceType><rootDeviceName>/dev/sda1</"                                   \
	"rootDeviceName><blockDeviceMapping>"                                                                \
	"<item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-root</volumeId></ebs></item>"            \
	"<item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-data</volumeId></ebs></item>"             \
	"</blockDeviceMapping></item></instancesSet></item></reservationSet></DescribeInstancesResponse>"

#define ROOT_VOLUME                                                                                          \
	{                                                                                                    \
		.action = "DescribeVolumes", .status = 200,                                                  \
		.body = VOLUMES("<item><volumeId>vol-root</volumeId><size>20</size><volumeType>gp3"          \
				"</volumeType></item>") "</DescribeVolumesResponse>",                        \
		.always = true                                                                               \
	}
#define CREDITS                                                                                              \
	{                                                                                                    \
		.action = "DescribeInstanceCreditSpecifications", .status = 200,                             \
		.body = "<DescribeInstanceCreditSpecificationsResponse><instanceCreditSpecificationSet>"     \
			"<item><instanceId>i-1</instanceId><cpuCredits>unlimited</cpuCredits></item>"        \
			"</instanceCreditSpecificationSet></DescribeInstanceCreditSpecificationsResponse>",  \
		.always = true                                                                               \
	}
#define ATTRIBUTES                                                                                           \
	{                                                                                                    \
		.action = "DescribeInstanceAttribute", .status = 200,                                        \
		.body = "<DescribeInstanceAttributeResponse><instanceId>i-1</instanceId><userData><value>"   \
			"QUJD</value></userData><disableApiTermination><value>true</value>"                  \
			"</disableApiTermination><instanceInitiatedShutdownBehavior><value>stop</value>"     \
			"</instanceInitiatedShutdownBehavior></DescribeInstanceAttributeResponse>",          \
		.always = true                                                                               \
	}
#define TEMPLATE_DATA(USER_DATA)                                                                             \
	{                                                                                                    \
		.action = "GetLaunchTemplateData", .status = 200,                                            \
		.body = "<GetLaunchTemplateDataResponse><launchTemplateData>" USER_DATA                      \
			"<disableApiTermination>true</disableApiTermination>"                                \
			"<instanceInitiatedShutdownBehavior>stop</instanceInitiatedShutdownBehavior>"        \
			"</launchTemplateData></GetLaunchTemplateDataResponse>"                              \
	}

static void a_blueprint_is_put_together_from_four_calls(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = BLUE, .always = true },
		ROOT_VOLUME,
		CREDITS,
		TEMPLATE_DATA("<userData>QUJD</userData>"),
	};
	const struct query queries[] = {
		query_of(QUERY_BLUEPRINT, 1, "i-1"),
		query_of(QUERY_BLUEPRINT, 2, "i-gone"),
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, ARRAY_SIZE(script));
	bench_observe(&b, queries, 2);
	assert_int_equal(b.fake.request_count, 4);
	assert_int_equal(b.answers[0].err.kind, ERROR_NONE);
	assert_int_equal(b.answers[0].first.kind, SIGHTING_INSTANCE);
	assert_string_equal(b.answers[0].first.instance.id, "i-1");
	assert_int_equal(b.answers[0].second.kind, SIGHTING_BLUEPRINT);
	assert_int_equal(b.answers[0].second.blueprint.root_size_gib, 20);
	assert_true(b.answers[0].second.blueprint.termination_protected);
	assert_int_equal(b.answers[1].err.kind, ERROR_MISSING);
	bench_close(&b);
}

static size_t count_requests(const struct bench *b, const char *action)
{
	size_t count = 0;

	for (size_t i = 0; i < b->fake.request_count; i++)
		count += strstr(b->fake.requests[i], action) != NULL;
	return count;
}

static void without_launch_template_data_attributes_are_asked_for_one_by_one(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = BLUE, .always = true },
		ROOT_VOLUME,
		CREDITS,
		ATTRIBUTES,
		{ .action = "GetLaunchTemplateData",
			.status = 403,
			.body = ERROR_REPLY("UnauthorizedOperation", "no") },
	};
	const struct query q = query_of(QUERY_BLUEPRINT, 1, "i-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, ARRAY_SIZE(script));
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].err.kind, ERROR_NONE);
	assert_true(b.answers[0].second.blueprint.termination_protected);
	assert_int_equal(count_requests(&b, "Action=DescribeInstanceAttribute"), 3);
	bench_observe(&b, &q, 1);
	assert_int_equal(count_requests(&b, "Action=DescribeInstanceAttribute"), 6);
	assert_int_equal(count_requests(&b, "Action=GetLaunchTemplateData"), 1); /* not asked in vain again */
	bench_close(&b);
}

static void absent_user_data_is_believed_once_some_was_shown(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = BLUE, .always = true },
		ROOT_VOLUME,
		CREDITS,
		ATTRIBUTES,
		TEMPLATE_DATA(""),
		TEMPLATE_DATA("<userData>QUJD</userData>"),
		TEMPLATE_DATA(""),
	};
	static const size_t ASKED[] = { 1, 1, 1 }; /* for userData, so far */
	const struct query q = query_of(QUERY_BLUEPRINT, 1, "i-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, ARRAY_SIZE(script));
	for (size_t i = 0; i < ARRAY_SIZE(ASKED); i++) {
		bench_observe(&b, &q, 1);
		assert_int_equal(count_requests(&b, "Action=DescribeInstanceAttribute"), ASKED[i]);
	}
	assert_int_equal(count_requests(&b, "Attribute=userData"), 1);
	assert_int_equal(count_requests(&b, "Action=GetLaunchTemplateData"), 3);
	bench_close(&b);
}

static void a_blueprint_with_a_hole_is_an_error(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = BLUE },
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES("") "</DescribeVolumesResponse>" },
		{ .action = "DescribeInstanceCreditSpecifications",
			.status = 400,
			.body = ERROR_REPLY("UnauthorizedOperation", "no") },
		{ .action = "DescribeInstanceAttribute",
			.status = 200,
			.body = "<DescribeInstanceAttributeResponse/>",
			.always = true },
	};
	const struct query q = query_of(QUERY_BLUEPRINT, 1, "i-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, ARRAY_SIZE(script));
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].err.kind, ERROR_DENIED);
	assert_non_null(strstr(b.answers[0].err.message, "ec2:DescribeInstanceCreditSpecifications"));
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blueprint_is_put_together_from_four_calls),
		cmocka_unit_test(without_launch_template_data_attributes_are_asked_for_one_by_one),
		cmocka_unit_test(absent_user_data_is_believed_once_some_was_shown),
		cmocka_unit_test(a_blueprint_with_a_hole_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
