/* Questions: how few calls they take, and what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

#define VOLUME(id)                                                                                           \
	"<item><volumeId>" id "</volumeId><size>8</size><availabilityZone>eu-west-1a</availabilityZone>"     \
	"<status>available</status></item>"

static void a_read_is_repeated_and_followed_through_its_pages(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeVolumes", .manner = FAKE_DROP },
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES(
				VOLUME("vol-1")) "<nextToken>more</nextToken></DescribeVolumesResponse>" },
		{ .action = "DescribeVolumes", .status = 500, .body = "oops" },
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES(VOLUME("vol-2")) "</DescribeVolumesResponse>" },
	};
	const struct query queries[] = {
		query_of(QUERY_VOLUME, 1, "vol-1"),
		query_of(QUERY_VOLUME, 2, "vol-2"),
		query_of(QUERY_VOLUME, 3, "vol-gone"),
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 4);
	bench_observe(&b, queries, 3);
	assert_int_equal(b.fake.request_count, 4);
	assert_non_null(strstr(fake_body(&b.fake, 3), "&NextToken=more"));
	assert_null(strstr(fake_body(&b.fake, 1), "NextToken"));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b.answers[i].err.kind, ERROR_NONE);
		assert_int_equal(b.answers[i].sighting_count, 1);
		assert_string_equal(b.answers[i].first.volume.id, b.answers[i].id);
		assert_int_equal(b.answers[i].first.volume.state, i < 2 ? VOLUME_AVAILABLE : VOLUME_UNSEEN);
		assert_true(b.answers[i].first.volume.asked_ms > 0);
	}
	bench_close(&b);
}

static void pages_without_end_are_an_error(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES("") "<nextToken>again</nextToken></DescribeVolumesResponse>",
			.always = true },
	};
	const struct query q = query_of(QUERY_VOLUME, 1, "vol-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].err.kind, ERROR_REMOTE);
	bench_close(&b);
}

static struct fake_line shared_script[] = {
	{ .action = "DescribeInstances",
		.status = 200,
		.body = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>"
			"<instanceId>i-1</instanceId><instanceState><name>running</name></instanceState>"
			"</item></instancesSet></item><item><instancesSet><item><instanceId>i-2"
			"</instanceId><instanceState><name>stopped</name></instanceState></item>"
			"</instancesSet></item></reservationSet></DescribeInstancesResponse>" },
	{ .action = "DescribeInstances",
		.status = 200,
		.body = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>"
			"<instanceId>i-3</instanceId><clientToken>r1-launch-1</clientToken></item>"
			"</instancesSet></item></reservationSet></DescribeInstancesResponse>" },
	{ .action = "DescribeVolumes",
		.status = 200,
		.body = VOLUMES(VOLUME("vol-1")) "</DescribeVolumesResponse>" },
	{ .action = "DescribeSnapshots",
		.status = 200,
		.body = "<DescribeSnapshotsResponse><snapshotSet>"
			"<item><snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId></item>"
			"<item><snapshotId>snap-2</snapshotId><volumeId>vol-1</volumeId></item>"
			"</snapshotSet></DescribeSnapshotsResponse>" },
	{ .action = "DescribeAddresses",
		.status = 200,
		.body = "<DescribeAddressesResponse><addressesSet><item><allocationId>eipalloc-1"
			"</allocationId><instanceId>i-1</instanceId></item></addressesSet>"
			"</DescribeAddressesResponse>" },
};

/* Nine questions; i-2 is asked about twice. */
static const struct query SHARED[] = {
	{ .kind = QUERY_INSTANCE, .subject = 1, .id = "i-1" },
	{ .kind = QUERY_VOLUME, .subject = 1, .id = "vol-1" },
	{ .kind = QUERY_INSTANCE, .subject = 2, .id = "i-2" },
	{ .kind = QUERY_SNAPSHOTS, .subject = 1, .id = "vol-1" },
	{ .kind = QUERY_INSTANCE, .subject = 3, .id = "i-2" },
	{ .kind = QUERY_SNAPSHOTS, .subject = 2, .id = "vol-9" },
	{ .kind = QUERY_LAUNCHED, .subject = 1, .id = "r1-launch-1" },
	{ .kind = QUERY_ADDRESS, .subject = 1, .id = "eipalloc-1" },
	{ .kind = QUERY_ADDRESS, .subject = 2, .id = "eipalloc-2" },
};

/* The body that asked for instances by id; the five requests arrive in no particular order. */
static const char *shared_instances_body(const struct fake *f)
{
	for (size_t i = 0; i < f->request_count; i++)
		if (strstr(fake_body(f, i), "Filter.1.Name=instance-id"))
			return fake_body(f, i);
	return "";
}

static void many_questions_share_few_calls(void **state)
{
	struct bench b;
	size_t seen = 0;

	(void)state;
	bench_open(&b, shared_script, 5);
	bench_observe(&b, SHARED, ARRAY_SIZE(SHARED));
	assert_int_equal(b.fake.request_count, 5);
	for (size_t i = 0; i < b.answer_count; i++) {
		const struct kept *k = &b.answers[i];

		if (k->query == QUERY_SNAPSHOTS)
			assert_int_equal(k->sighting_count, strcmp(k->id, "vol-1") ? 0 : 2);
		else if (!strcmp(k->id, "eipalloc-2"))
			assert_int_equal(k->err.kind, ERROR_MISSING);
		else
			assert_int_equal(k->sighting_count, 1);
		seen += k->query == QUERY_INSTANCE && !strcmp(k->first.instance.id, "i-2");
	}
	assert_int_equal(seen, 2); /* asked twice and answered twice, though sent once */
	assert_non_null(
		strstr(shared_instances_body(&b.fake), "&Filter.1.Value.1=i-1&Filter.1.Value.2=i-2&Max"));
	bench_close(&b);
}

static void the_instances_of_a_rebuild_are_found_by_its_tag(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances",
			.status = 200,
			.body = "<DescribeInstancesResponse><reservationSet><item><instancesSet>"
				"<item><instanceId>i-1</instanceId><tagSet>" TAG(
					"changeover:rebuild", "r1") TAG("changeover:found",
					"kept") "</tagSet></item>"
						"<item><instanceId>i-2</instanceId><tagSet>" TAG(
							"changeover:rebuild",
							"r1") "</tagSet></item></instancesSet></item></"
							      "reservationSet></DescribeInstancesResponse>" },
	};
	static const struct query QUERIES[] = {
		{ .kind = QUERY_OF_REBUILD, .subject = 1, .id = "r1" },
		{ .kind = QUERY_OF_REBUILD, .subject = 2, .id = "r2" },
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, QUERIES, 2);
	assert_int_equal(b.answers[0].sighting_count, 2);
	assert_string_equal(b.answers[0].first.instance.found, "kept");
	assert_int_equal(b.answers[1].sighting_count, 0);
	assert_string_equal(fake_body(&b.fake, 0),
		"Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3Achangeover%3Arebuild"
		"&Filter.1.Value.1=r1&Filter.1.Value.2=r2&MaxResults=1000");
	bench_close(&b);
}

static void what_carries_our_tag_is_found_by_its_key_whatever_its_value(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES("<item><volumeId>vol-1</volumeId><tagSet>" TAG(
				"changeover:rebuild", "r1") TAG("changeover:role",
				"data") "</tagSet></item>") "</DescribeVolumesResponse>" },
		{ .action = "DescribeSnapshots",
			.status = 200,
			.body = "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>" },
		{ .action = "DescribeAddresses",
			.status = 200,
			.body = "<DescribeAddressesResponse><addressesSet><item><publicIp>192.0.2.1</"
				"publicIp>"
				"</item></addressesSet></DescribeAddressesResponse>" },
	};
	const struct query queries[] = {
		query_of(QUERY_TAGGED_VOLUMES, 1, "changeover:rebuild"),
		query_of(QUERY_TAGGED_SNAPSHOTS, 2, "changeover:rebuild"),
		query_of(QUERY_ALL_ADDRESSES, 3, ""),
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 3);
	for (size_t i = 0; i < 3; i++)
		bench_observe(&b, &queries[i], 1);
	assert_string_equal(b.answers[0].first.volume.rebuild, "r1");
	assert_string_equal(b.answers[0].first.volume.role, "data");
	assert_string_equal(b.answers[2].first.address.public_ip, "192.0.2.1");
	assert_string_equal(fake_body(&b.fake, 0),
		"Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=tag-key"
		"&Filter.1.Value.1=changeover%3Arebuild&MaxResults=500");
	assert_non_null(strstr(fake_body(&b.fake, 1), "&Owner.1=self&"));
	assert_string_equal(fake_body(&b.fake, 2), "Action=DescribeAddresses&Version=2016-11-15");
	bench_close(&b);
}

static void one_missing_id_does_not_hide_the_others(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstanceStatus",
			.status = 400,
			.body = ERROR_REPLY("InvalidInstanceID.NotFound", "no") },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = "<DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-1"
				"</instanceId><systemStatus><status>ok</status></systemStatus>"
				"<instanceStatus><status>ok</status></instanceStatus></item>"
				"</instanceStatusSet></DescribeInstanceStatusResponse>",
			.always = true },
	};
	const struct query queries[] = {
		query_of(QUERY_STATUS, 1, "i-1"),
		query_of(QUERY_STATUS, 2, "i-2"),
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	bench_observe(&b, queries, 2);
	assert_int_equal(b.fake.request_count, 3);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(b.answers[i].first.status.health,
			b.answers[i].subject == 1 ? HEALTH_OK : HEALTH_UNKNOWN);
	bench_close(&b);
}

static void an_image_that_does_not_exist_is_unseen(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeImages",
			.status = 400,
			.body = ERROR_REPLY("InvalidAMIID.NotFound", "no") },
	};
	const struct query q = query_of(QUERY_IMAGE, 1, "ami-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].err.kind, ERROR_NONE);
	assert_int_equal(b.answers[0].first.image.state, IMAGE_UNSEEN);
	assert_string_equal(b.answers[0].first.image.id, "ami-1");
	bench_close(&b);
}

#define IMAGE(id, month)                                                                                     \
	"<item><imageId>" id "</imageId><creationDate>2026-" month "-01T00:00:00.000Z</creationDate></item>"

static void the_newest_image_is_the_one_made_last(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeImages",
			.status = 200,
			.body = "<DescribeImagesResponse><imagesSet>" IMAGE("ami-1", "01") IMAGE(
				"ami-3", "03") IMAGE("ami-2", "02") "</imagesSet></DescribeImagesResponse>" },
		{ .action = "DescribeImages",
			.status = 200,
			.body = "<DescribeImagesResponse><imagesSet/></DescribeImagesResponse>" },
	};
	struct query q = { .kind = QUERY_NEWEST_IMAGE, .tag = { "self", "app-*" } };
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	bench_observe(&b, &q, 1);
	assert_string_equal(b.answers[0].first.image.id, "ami-3");
	assert_int_equal(b.answers[0].sighting_count, 1);
	assert_string_equal(fake_body(&b.fake, 0),
		"Action=DescribeImages&Version=2016-11-15&Owner.1=self&Filter.1.Name=name&Filter.1.Value.1="
		"app-%2A"
		"&Filter.2.Name=state&Filter.2.Value.1=available");
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[1].err.kind, ERROR_MISSING);
	bench_close(&b);
}

/* "...BEGIN SSH HOST KEY KEYS..." with one ed25519 key, in base64. */
#define CONSOLE                                                                                              \
	"LS0tLS1CRUdJTiBTU0ggSE9TVCBLRVkgS0VZUy0tLS0tDQpzc2gtZWQyNTUxOSBBQUFBIHJvb3RAaA0KLS0tLS1FTkQgU1NIIE" \
	"hPU1Qg"                                                                                             \
	"S0VZIEtFWVMtLS0tLQ0K"

static void a_console_that_refuses_latest_is_asked_so_only_once(void **state)
{
	static struct fake_line script[] = {
		{ .action = "GetConsoleOutput",
			.status = 400,
			.body = ERROR_REPLY("UnsupportedOperation", "no") },
		{ .action = "GetConsoleOutput",
			.status = 200,
			.body = "<GetConsoleOutputResponse><output>" CONSOLE
				"</output></GetConsoleOutputResponse>",
			.always = true },
	};
	const struct query q = query_of(QUERY_HOST_KEYS, 1, "i-1");
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	bench_observe(&b, &q, 1);
	assert_string_equal(b.answers[0].first.host_keys.lines, "ssh-ed25519 AAAA\n");
	bench_observe(&b, &q, 1);
	assert_int_equal(b.fake.request_count, 3);
	assert_non_null(strstr(fake_body(&b.fake, 0), "Latest=true"));
	assert_null(strstr(fake_body(&b.fake, 1), "Latest"));
	assert_null(strstr(fake_body(&b.fake, 2), "Latest"));
	bench_close(&b);
}

static void what_is_under_way_at_the_end_is_dropped_unanswered(void **state)
{
	static struct fake_line script[] = { { .action = "DescribeVolumes", .manner = FAKE_STALL } };
	const struct query queries[] = {
		query_of(QUERY_VOLUME, 1, "vol-1"),
		query_of(QUERY_BLUEPRINT, 1, "i-1"),
		query_of(QUERY_HOST_KEYS, 1, "i-1"),
	};
	const struct effect e = { .kind = EFFECT_STOP_INSTANCE, .instance_id = "i-1" };
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	b.provider.observe(b.provider.self, queries, 1);
	uv_run(&b.loop, UV_RUN_ONCE);
	b.provider.observe(b.provider.self, queries + 1, 2);
	b.provider.act(b.provider.self, &e);
	bench_close(&b);
	assert_int_equal(b.answer_count, 0);
}

static void requests_are_signed_with_the_session_token_for_the_host_that_is_asked(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES("") "</DescribeVolumesResponse>" },
	};
	const struct query q = query_of(QUERY_VOLUME, 1, "vol-1");
	struct bench b;
	char host[96];

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, &q, 1);
	snprintf(host, sizeof(host), "\r\nHost: %.64s\r\n", b.fake.url + strlen("http://"));
	assert_non_null(strstr(b.fake.requests[0], host));
	assert_non_null(strstr(b.fake.requests[0], "\r\nX-Amz-Security-Token: token\r\n"));
	assert_non_null(strstr(b.fake.requests[0],
		"/eu-west-1/ec2/aws4_request, "
		"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "));
	assert_string_equal(fake_body(&b.fake, 0),
		"Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=volume-id&Filter.1.Value.1=vol-1"
		"&MaxResults=500");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_is_repeated_and_followed_through_its_pages),
		cmocka_unit_test(pages_without_end_are_an_error),
		cmocka_unit_test(many_questions_share_few_calls),
		cmocka_unit_test(the_instances_of_a_rebuild_are_found_by_its_tag),
		cmocka_unit_test(what_carries_our_tag_is_found_by_its_key_whatever_its_value),
		cmocka_unit_test(one_missing_id_does_not_hide_the_others),
		cmocka_unit_test(an_image_that_does_not_exist_is_unseen),
		cmocka_unit_test(the_newest_image_is_the_one_made_last),
		cmocka_unit_test(a_console_that_refuses_latest_is_asked_so_only_once),
		cmocka_unit_test(what_is_under_way_at_the_end_is_dropped_unanswered),
		cmocka_unit_test(requests_are_signed_with_the_session_token_for_the_host_that_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
