/* The provider against a scripted EC2: what is sent how often, and what the engine is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "aws/aws.h"
#include "base/text.h"
#include "cloud/tags.h"
#include "fake_ec2.h"

enum { ANSWERS_MAX = 32, LIMIT_MS = 20000 };

/* An answer, kept beyond the sink's call. */
struct kept {
	uint32_t subject;
	bool is_effect;
	enum query_kind query;
	char id[CLOUD_TOKEN_SIZE], request_id[64];
	size_t sighting_count;
	struct sighting first;
	struct error err;
};

struct bench {
	uv_loop_t loop;
	uv_timer_t limit;
	struct fake fake;
	char url[96];
	char *environment[8];
	int64_t wall_offset_ms;
	struct clock clock;
	struct aws *aws;
	struct provider provider;
	struct kept answers[ANSWERS_MAX];
	size_t answer_count, wanted;
	bool asking;                 /* inside observe() or act() */
};

static void answered(void *self, const struct answer *a)
{
	struct bench *b = self;
	struct kept *k = &b->answers[b->answer_count++];

	assert_false(b->asking);
	assert_true(b->answer_count <= ANSWERS_MAX);
	*k = (struct kept){
		.subject = a->subject,
		.is_effect = a->is_effect,
		.query = a->query,
		.sighting_count = a->sighting_count,
	};
	text_copy(k->id, sizeof(k->id), a->is_effect ? a->token : a->id);
	text_copy(k->request_id, sizeof(k->request_id), a->request_id);
	if (a->sighting_count)
		k->first = a->sightings[0];
	error_copy(&k->err, a->err);
	if (b->answer_count == b->wanted)
		uv_stop(&b->loop);
}

static int64_t bench_mono(void *self)
{
	(void)self;
	return clock_mono_ms(&clock_system);
}

static int64_t bench_wall(void *self)
{
	const struct bench *b = self;

	return clock_wall_ms(&clock_system) + b->wall_offset_ms;
}

/* No jitter: back-off takes no time. */
static void no_entropy(void *self, void *bytes, size_t len)
{
	(void)self;
	memset(bytes, 0, len);
}

static const struct entropy STILL = { .fill = no_entropy };

static void bench_open_at(struct bench *b, const char *url)
{
	auto_error err = ERROR_INIT;
	struct aws_options o = { .environment = b->environment, .clock = &b->clock, .entropy = &STILL };

	b->clock = (struct clock){ .mono_ms = bench_mono, .wall_ms = bench_wall, .self = b };
	snprintf(b->url, sizeof(b->url), "AWS_ENDPOINT_URL=%s", url);
	b->environment[0] = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE";
	b->environment[1] = "AWS_SECRET_ACCESS_KEY=secret";
	b->environment[2] = "AWS_SESSION_TOKEN=token";
	b->environment[3] = "AWS_REGION=eu-west-1";
	b->environment[4] = "HOME=/nonexistent";
	b->environment[5] = b->url;
	if (!aws_open(&b->loop, &o, (struct sink){ b, answered }, &b->aws, &err))
		fail_msg("%s", err.message);
	b->provider = aws_provider(b->aws);
}

static void bench_open(struct bench *b, struct fake_line *script, size_t script_len)
{
	*b = (struct bench){ .answer_count = 0 };
	uv_loop_init(&b->loop);
	uv_timer_init(&b->loop, &b->limit);
	fake_open(&b->fake, &b->loop, script, script_len);
	bench_open_at(b, b->fake.url);
}

/* What is still open: the limit's timer, the listener, and connections that nobody closed. */
static void close_handle(uv_handle_t *h, void *arg)
{
	const struct bench *b = arg;

	if (h->type == UV_TCP && h != (const uv_handle_t *)&b->fake.listener)
		fake_peer_close(h->data);
	else if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void bench_close(struct bench *b)
{
	aws_close(b->aws);
	uv_run(&b->loop, UV_RUN_NOWAIT);
	uv_walk(&b->loop, close_handle, b);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	fake_release(&b->fake);
	for (size_t i = 0; i < b->answer_count; i++)
		error_release(&b->answers[i].err);
}

static void on_limit(uv_timer_t *t)
{
	(void)t;
	fail_msg("no answer in time");
}

static void bench_wait(struct bench *b, size_t answers)
{
	b->wanted = b->answer_count + answers;
	uv_timer_start(&b->limit, on_limit, LIMIT_MS, 0);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&b->limit);
}

static void bench_observe(struct bench *b, const struct query *queries, size_t count)
{
	b->asking = true;
	b->provider.observe(b->provider.self, queries, count);
	b->asking = false;
	bench_wait(b, count);
}

static const struct kept *bench_act(struct bench *b, const struct effect *e)
{
	b->asking = true;
	b->provider.act(b->provider.self, e);
	b->asking = false;
	bench_wait(b, 1);
	return &b->answers[b->answer_count - 1];
}

static struct query query_of(enum query_kind kind, uint32_t subject, const char *id)
{
	struct query q = { .kind = kind, .subject = subject };

	text_copy(q.id, sizeof(q.id), id);
	return q;
}

static struct effect attach_effect(void)
{
	return (struct effect){
		.kind = EFFECT_ATTACH_VOLUME,
		.subject = 7,
		.token = "r1-attach-1",
		.volume_id = "vol-1",
		.instance_id = "i-2",
		.device = "/dev/sdf",
	};
}

#define THROTTLED                                                                                                  \
	"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>"     \
	"</Error></Errors><RequestID>req-t</RequestID></Response>"
#define ATTACHED                                                                                                   \
	"<AttachVolumeResponse><requestId>req-1</requestId><volumeId>vol-1</volumeId><instanceId>i-2</instanceId>" \
	"<device>/dev/sdf</device><status>attaching</status></AttachVolumeResponse>"

static void a_mutation_whose_answer_is_lost_is_sent_once_and_told_as_unknown(void **state)
{
	static struct fake_line script[] = { { .action = "AttachVolume", .manner = FAKE_DROP, .always = true } };
	const struct effect e = attach_effect();
	struct bench b;
	const struct kept *k;

	(void)state;
	bench_open(&b, script, 1);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.happened, HAPPENED_UNKNOWN);
	assert_int_equal(k->subject, 7);
	assert_string_equal(k->id, "r1-attach-1");
	assert_int_equal(fake_count(&b.fake, "AttachVolume"), 1);
	assert_int_equal(aws_counts(b.aws).mutations, 1);
	bench_close(&b);
}

static void a_mutation_cut_short_or_answered_by_a_proxy_is_unknown_too(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume", .status = 200, .body = ATTACHED, .manner = FAKE_CUT },
		{ .action = "AttachVolume", .status = 200, .body = "<html>log in</html>" },
		{ .action = "AttachVolume", .status = 502, .body = "bad gateway" },
	};
	const struct effect e = attach_effect();
	struct bench b;

	(void)state;
	bench_open(&b, script, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct kept *k = bench_act(&b, &e);

		assert_int_equal(k->err.happened, HAPPENED_UNKNOWN);
		assert_int_equal(k->err.kind, ERROR_REMOTE);
	}
	assert_int_equal(fake_count(&b.fake, "AttachVolume"), 3);
	bench_close(&b);
}

static void a_throttled_mutation_is_sent_again_since_it_did_not_happen(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume", .status = 503, .body = THROTTLED },
		{ .action = "AttachVolume", .status = 503, .body = THROTTLED },
		{ .action = "AttachVolume", .status = 200, .body = ATTACHED },
	};
	const struct effect e = attach_effect();
	const struct kept *k;
	struct bench b;

	(void)state;
	bench_open(&b, script, 3);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_NONE);
	assert_string_equal(k->request_id, "req-1");
	assert_int_equal(k->first.kind, SIGHTING_VOLUME);
	assert_int_equal(k->first.volume.attachment, ATTACHMENT_ATTACHING);
	assert_string_equal(k->first.volume.instance_id, "i-2");
	assert_int_equal(aws_counts(b.aws).throttled, 2);
	assert_int_equal(aws_counts(b.aws).retries, 2);
	assert_int_equal(b.fake.connection_count, 3);   /* a mutation never re-uses a connection */
	bench_close(&b);
}

static void a_launch_is_repeated_by_its_token_when_the_answer_is_lost(void **state)
{
	static struct fake_line script[] = {
		{ .action = "RunInstances", .manner = FAKE_DROP },
		{ .action = "RunInstances",
			.status = 200,
			.body = "<RunInstancesResponse><requestId>r</requestId><instancesSet><item>"
				"<instanceId>i-green</instanceId><instanceState><name>pending</name></instanceState>"
				"</item></instancesSet></RunInstancesResponse>" },
	};
	const struct blueprint like = { .instance_type = "t3.small" };
	const struct image image = { .id = "ami-2", .root_device = "/dev/xvda" };
	const struct launch_order order = { .like = &like, .image = &image };
	const struct effect e = { .kind = EFFECT_LAUNCH, .token = "r1-launch-1", .rebuild = "r1", .launch = &order };
	const struct kept *k;
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_NONE);
	assert_string_equal(k->first.instance.id, "i-green");
	assert_int_equal(k->first.instance.state, INSTANCE_PENDING);
	assert_int_equal(b.fake.request_count, 2);
	assert_string_equal(fake_body(&b.fake, 0), fake_body(&b.fake, 1));
	bench_close(&b);
}

static void no_capacity_is_not_repeated_though_it_comes_as_a_server_error(void **state)
{
	static struct fake_line script[] = {
		{ .action = "RunInstances",
			.status = 500,
			.body = "<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>We do not "
				"have enough.</Message></Error></Errors><RequestID>q</RequestID></Response>",
			.always = true },
	};
	const struct blueprint like = { .instance_type = "t3.small" };
	const struct image image = { .id = "ami-2" };
	const struct launch_order order = { .like = &like, .image = &image };
	const struct effect e = { .kind = EFFECT_LAUNCH, .token = "t", .rebuild = "r1", .launch = &order };
	const struct kept *k;
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_CAPACITY);
	assert_int_equal(k->err.happened, HAPPENED_NO);
	assert_string_equal(k->err.request_id, "q");
	assert_int_equal(b.fake.request_count, 1);
	bench_close(&b);
}

#define VOLUMES(items) "<DescribeVolumesResponse><requestId>r</requestId><volumeSet>" items "</volumeSet>"
#define VOLUME(id)                                                                                                 \
	"<item><volumeId>" id "</volumeId><size>8</size><availabilityZone>eu-west-1a</availabilityZone>"           \
	"<status>available</status></item>"

static void a_read_is_repeated_and_followed_through_its_pages(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeVolumes", .manner = FAKE_DROP },
		{ .action = "DescribeVolumes",
			.status = 200,
			.body = VOLUMES(VOLUME("vol-1")) "<nextToken>more</nextToken></DescribeVolumesResponse>" },
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

static void many_questions_share_few_calls(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances",
			.status = 200,
			.body = "<DescribeInstancesResponse><reservationSet>"
				"<item><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>running</name>"
				"</instanceState></item></instancesSet></item>"
				"<item><instancesSet><item><instanceId>i-2</instanceId><instanceState><name>stopped</name>"
				"</instanceState></item></instancesSet></item>"
				"</reservationSet></DescribeInstancesResponse>" },
		{ .action = "DescribeInstances",
			.status = 200,
			.body = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>"
				"<instanceId>i-3</instanceId><clientToken>r1-launch-1</clientToken></item></instancesSet>"
				"</item></reservationSet></DescribeInstancesResponse>" },
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
			.body = "<DescribeAddressesResponse><addressesSet><item><allocationId>eipalloc-1</allocationId>"
				"<instanceId>i-1</instanceId></item></addressesSet></DescribeAddressesResponse>" },
	};
	const struct query queries[] = {
		query_of(QUERY_INSTANCE, 1, "i-1"),
		query_of(QUERY_VOLUME, 1, "vol-1"),
		query_of(QUERY_INSTANCE, 2, "i-2"),
		query_of(QUERY_SNAPSHOTS, 1, "vol-1"),
		query_of(QUERY_INSTANCE, 3, "i-2"),
		query_of(QUERY_SNAPSHOTS, 2, "vol-9"),
		query_of(QUERY_LAUNCHED, 1, "r1-launch-1"),
		query_of(QUERY_ADDRESS, 1, "eipalloc-1"),
		query_of(QUERY_ADDRESS, 2, "eipalloc-2"),
	};
	struct bench b;
	size_t seen = 0;

	(void)state;
	bench_open(&b, script, 5);
	bench_observe(&b, queries, 9);
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
	assert_int_equal(seen, 2);   /* asked twice, answered twice, sent once */
	bench_close(&b);
}

static void one_missing_id_does_not_hide_the_others(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstanceStatus",
			.status = 400,
			.body = "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no</Message>"
				"</Error></Errors><RequestID>r</RequestID></Response>" },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = "<DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-1</instanceId>"
				"<systemStatus><status>ok</status></systemStatus><instanceStatus><status>ok</status>"
				"</instanceStatus></item></instanceStatusSet></DescribeInstanceStatusResponse>",
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
			.body = "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no</Message>"
				"</Error></Errors><RequestID>r</RequestID></Response>" },
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

static void the_newest_image_is_the_one_made_last(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeImages",
			.status = 200,
			.body = "<DescribeImagesResponse><imagesSet>"
				"<item><imageId>ami-1</imageId><creationDate>2026-01-01T00:00:00.000Z</creationDate></item>"
				"<item><imageId>ami-3</imageId><creationDate>2026-03-01T00:00:00.000Z</creationDate></item>"
				"<item><imageId>ami-2</imageId><creationDate>2026-02-01T00:00:00.000Z</creationDate></item>"
				"</imagesSet></DescribeImagesResponse>" },
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
		"Action=DescribeImages&Version=2016-11-15&Owner.1=self&Filter.1.Name=name&Filter.1.Value.1=app-%2A"
		"&Filter.2.Name=state&Filter.2.Value.1=available&MaxResults=1000");
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[1].err.kind, ERROR_MISSING);
	bench_close(&b);
}

/* "...BEGIN SSH HOST KEY KEYS..." with one ed25519 key, in base64. */
#define CONSOLE                                                                                                    \
	"LS0tLS1CRUdJTiBTU0ggSE9TVCBLRVkgS0VZUy0tLS0tDQpzc2gtZWQyNTUxOSBBQUFBIHJvb3RAaA0KLS0tLS1FTkQgU1NIIEhPU1Qg" \
	"S0VZIEtFWVMtLS0tLQ0K"

static void a_console_that_refuses_latest_is_asked_so_only_once(void **state)
{
	static struct fake_line script[] = {
		{ .action = "GetConsoleOutput",
			.status = 400,
			.body = "<Response><Errors><Error><Code>UnsupportedOperation</Code><Message>no</Message></Error>"
				"</Errors><RequestID>r</RequestID></Response>" },
		{ .action = "GetConsoleOutput",
			.status = 200,
			.body = "<GetConsoleOutputResponse><output>" CONSOLE "</output></GetConsoleOutputResponse>",
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

#define BLUE                                                                                                       \
	"<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>"        \
	"<instanceType>t3.small</instanceType><rootDeviceName>/dev/sda1</rootDeviceName><blockDeviceMapping>"      \
	"<item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-root</volumeId></ebs></item>"                  \
	"<item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-data</volumeId></ebs></item>"                   \
	"</blockDeviceMapping></item></instancesSet></item></reservationSet></DescribeInstancesResponse>"

static struct fake_line survey_script[] = {
	{ .action = "DescribeInstances", .status = 200, .body = BLUE, .always = true },
	{ .action = "DescribeVolumes",
		.status = 200,
		.body = VOLUMES("<item><volumeId>vol-root</volumeId><size>20</size><volumeType>gp3</volumeType></item>")
		"</DescribeVolumesResponse>",
		.always = true },
	{ .action = "DescribeInstanceCreditSpecifications",
		.status = 200,
		.body = "<DescribeInstanceCreditSpecificationsResponse><instanceCreditSpecificationSet><item>"
			"<instanceId>i-1</instanceId><cpuCredits>unlimited</cpuCredits></item>"
			"</instanceCreditSpecificationSet></DescribeInstanceCreditSpecificationsResponse>" },
	{ .action = "DescribeInstanceAttribute",
		.status = 200,
		.body = "<DescribeInstanceAttributeResponse><instanceId>i-1</instanceId><userData><value>QUJD</value>"
			"</userData><disableApiTermination><value>true</value></disableApiTermination>"
			"<instanceInitiatedShutdownBehavior><value>stop</value></instanceInitiatedShutdownBehavior>"
			"</DescribeInstanceAttributeResponse>",
		.always = true },
};

static void a_blueprint_is_put_together_from_six_calls(void **state)
{
	const struct query queries[] = {
		query_of(QUERY_BLUEPRINT, 1, "i-1"),
		query_of(QUERY_BLUEPRINT, 2, "i-gone"),
	};
	struct bench b;

	(void)state;
	bench_open(&b, survey_script, ARRAY_SIZE(survey_script));
	bench_observe(&b, queries, 2);
	assert_int_equal(b.fake.request_count, 6);
	assert_int_equal(b.answers[0].err.kind, ERROR_NONE);
	assert_int_equal(b.answers[0].first.kind, SIGHTING_BLUEPRINT);
	assert_int_equal(b.answers[0].first.blueprint.root_size_gib, 20);
	assert_true(b.answers[0].first.blueprint.termination_protected);
	assert_int_equal(b.answers[1].err.kind, ERROR_MISSING);
	bench_close(&b);
}

static void a_blueprint_with_a_hole_is_an_error(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = BLUE },
		{ .action = "DescribeVolumes", .status = 200, .body = VOLUMES("") "</DescribeVolumesResponse>" },
		{ .action = "DescribeInstanceCreditSpecifications",
			.status = 400,
			.body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
				"</Errors><RequestID>r</RequestID></Response>" },
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

static void a_dry_run_tells_permitted_from_denied_and_changes_nothing(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume",
			.status = 412,
			.body = "<Response><Errors><Error><Code>DryRunOperation</Code><Message>would</Message></Error></Errors>"
				"<RequestID>r</RequestID></Response>" },
		{ .action = "AttachVolume",
			.status = 403,
			.body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not "
				"authorized.</Message></Error></Errors><RequestID>r</RequestID></Response>" },
		{ .action = "AttachVolume", .status = 200, .body = ATTACHED },
	};
	struct effect e = attach_effect();
	const struct kept *k;
	struct bench b;

	(void)state;
	e.dry_run = true;
	bench_open(&b, script, 3);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_NONE);
	assert_int_equal(k->sighting_count, 0);
	assert_non_null(strstr(fake_body(&b.fake, 0), "&DryRun=true"));
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_DENIED);
	assert_non_null(strstr(k->err.message, "ec2:AttachVolume"));
	k = bench_act(&b, &e);
	assert_int_equal(k->err.happened, HAPPENED_YES);   /* it was done all the same: say so */
	assert_int_equal(aws_counts(b.aws).mutations, 0);
	bench_close(&b);
}

static void detaching_what_is_detached_counts_as_done(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DetachVolume",
			.status = 400,
			.body = "<Response><Errors><Error><Code>IncorrectState</Code><Message>Volume 'vol-1' is in the "
				"'available' state.</Message></Error></Errors><RequestID>r</RequestID></Response>" },
		{ .action = "DetachVolume",
			.status = 400,
			.body = "<Response><Errors><Error><Code>IncorrectState</Code><Message>Volume 'vol-1' is in the "
				"'creating' state.</Message></Error></Errors><RequestID>r</RequestID></Response>" },
	};
	const struct effect e = { .kind = EFFECT_DETACH_VOLUME, .volume_id = "vol-1", .instance_id = "i-1" };
	struct bench b;

	(void)state;
	bench_open(&b, script, 2);
	assert_int_equal(bench_act(&b, &e)->err.kind, ERROR_NONE);
	assert_int_equal(bench_act(&b, &e)->err.kind, ERROR_CONFLICT);
	bench_close(&b);
}

static void a_wrong_clock_is_measured_and_named(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume",
			.status = 403,
			.headers = "Date: Sun, 22 Nov 2026 01:02:03 GMT\r\n",
			.body = "<Response><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>"
				"</Errors><RequestID>r</RequestID></Response>" },
	};
	const struct effect e = attach_effect();
	const struct kept *k;
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	b.wall_offset_ms = INT64_C(1795312923000) + 3600 * 1000 - clock_wall_ms(&clock_system);
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_DENIED);
	assert_non_null(strstr(k->err.message, "ahead of AWS's"));
	assert_non_null(k->err.hint);
	assert_int_equal(k->err.happened, HAPPENED_NO);
	bench_close(&b);
}

static void an_endpoint_that_is_down_is_an_error_that_did_not_happen(void **state)
{
	const struct effect e = attach_effect();
	const struct kept *k;
	struct bench b = { .answer_count = 0 };

	(void)state;
	uv_loop_init(&b.loop);
	uv_timer_init(&b.loop, &b.limit);
	bench_open_at(&b, "http://127.0.0.1:1");
	k = bench_act(&b, &e);
	assert_int_equal(k->err.kind, ERROR_REMOTE);
	assert_int_equal(k->err.happened, HAPPENED_NO);
	assert_non_null(strstr(k->err.message, "could not attach-volume vol-1 to i-2 as /dev/sdf"));
	assert_int_equal(aws_counts(b.aws).retries, 2);
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
	const struct effect e = attach_effect();
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
		{ .action = "DescribeVolumes", .status = 200, .body = VOLUMES("") "</DescribeVolumesResponse>" },
	};
	const struct query q = query_of(QUERY_VOLUME, 1, "vol-1");
	struct bench b;
	char host[96];

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, &q, 1);
	snprintf(host, sizeof(host), "\r\nHost: %s\r\n", b.fake.url + strlen("http://"));
	assert_non_null(strstr(b.fake.requests[0], host));
	assert_non_null(strstr(b.fake.requests[0], "\r\nX-Amz-Security-Token: token\r\n"));
	assert_non_null(strstr(b.fake.requests[0], "/eu-west-1/ec2/aws4_request, "
						   "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "));
	assert_string_equal(fake_body(&b.fake, 0),
		"Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=volume-id&Filter.1.Value.1=vol-1"
		"&MaxResults=500");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mutation_whose_answer_is_lost_is_sent_once_and_told_as_unknown),
		cmocka_unit_test(a_mutation_cut_short_or_answered_by_a_proxy_is_unknown_too),
		cmocka_unit_test(a_throttled_mutation_is_sent_again_since_it_did_not_happen),
		cmocka_unit_test(a_launch_is_repeated_by_its_token_when_the_answer_is_lost),
		cmocka_unit_test(no_capacity_is_not_repeated_though_it_comes_as_a_server_error),
		cmocka_unit_test(a_read_is_repeated_and_followed_through_its_pages),
		cmocka_unit_test(pages_without_end_are_an_error),
		cmocka_unit_test(many_questions_share_few_calls),
		cmocka_unit_test(one_missing_id_does_not_hide_the_others),
		cmocka_unit_test(an_image_that_does_not_exist_is_unseen),
		cmocka_unit_test(the_newest_image_is_the_one_made_last),
		cmocka_unit_test(a_console_that_refuses_latest_is_asked_so_only_once),
		cmocka_unit_test(a_blueprint_is_put_together_from_six_calls),
		cmocka_unit_test(a_blueprint_with_a_hole_is_an_error),
		cmocka_unit_test(a_dry_run_tells_permitted_from_denied_and_changes_nothing),
		cmocka_unit_test(detaching_what_is_detached_counts_as_done),
		cmocka_unit_test(a_wrong_clock_is_measured_and_named),
		cmocka_unit_test(an_endpoint_that_is_down_is_an_error_that_did_not_happen),
		cmocka_unit_test(what_is_under_way_at_the_end_is_dropped_unanswered),
		cmocka_unit_test(requests_are_signed_with_the_session_token_for_the_host_that_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
