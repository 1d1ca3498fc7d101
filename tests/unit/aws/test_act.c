/* Effects: how often each is sent, and whether the engine is told honestly what became of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

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

#define THROTTLED ERROR_REPLY("RequestLimitExceeded", "Request limit exceeded.")
#define ATTACHED                                                                                             \
	"<AttachVolumeResponse><requestId>req-1</requestId><volumeId>vol-1</volumeId>"                       \
	"<instanceId>i-2</instanceId><device>/dev/sdf</device><status>attaching</status>"                    \
	"</AttachVolumeResponse>"

static void a_mutation_whose_answer_is_lost_is_sent_once_and_told_as_unknown(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume", .manner = FAKE_DROP, .always = true }
	};
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
	assert_int_equal(b.fake.connection_count, 3); /* a mutation never re-uses a connection */
	bench_close(&b);
}

static void a_launch_is_repeated_by_its_token_when_the_answer_is_lost(void **state)
{
	static struct fake_line script[] = {
		{ .action = "RunInstances", .manner = FAKE_DROP },
		{ .action = "RunInstances",
			.status = 200,
			.body = "<RunInstancesResponse><requestId>r</requestId><instancesSet><item>"
				"<instanceId>i-green</instanceId><instanceState><name>pending</name>"
				"</instanceState></item></instancesSet></RunInstancesResponse>" },
	};
	const struct blueprint like = { .instance_type = "t3.small" };
	const struct image image = { .id = "ami-2", .root_device = "/dev/xvda" };
	const struct launch_order order = { .like = &like, .image = &image };
	const struct effect e = {
		.kind = EFFECT_LAUNCH, .token = "r1-launch-1", .rebuild = "r1", .launch = &order
	};
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
			.body = ERROR_REPLY("InsufficientInstanceCapacity", "We do not have enough."),
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
	assert_string_equal(k->err.request_id, "req-9");
	assert_int_equal(b.fake.request_count, 1);
	bench_close(&b);
}

static void a_dry_run_tells_permitted_from_denied_and_changes_nothing(void **state)
{
	static struct fake_line script[] = {
		{ .action = "AttachVolume", .status = 412, .body = ERROR_REPLY("DryRunOperation", "would") },
		{ .action = "AttachVolume",
			.status = 403,
			.body = ERROR_REPLY("UnauthorizedOperation", "You are not authorized.") },
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
	assert_int_equal(k->err.happened, HAPPENED_YES); /* it was done all the same: say so */
	assert_int_equal(aws_counts(b.aws).mutations, 0);
	bench_close(&b);
}

static void detaching_what_is_detached_counts_as_done(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DetachVolume",
			.status = 400,
			.body = ERROR_REPLY(
				"IncorrectState", "Volume 'vol-1' is in the 'available' state.") },
		{ .action = "DetachVolume",
			.status = 400,
			.body = ERROR_REPLY("IncorrectState", "Volume 'vol-1' is in the 'creating' state.") },
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
			.body = ERROR_REPLY("SignatureDoesNotMatch", "no") },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mutation_whose_answer_is_lost_is_sent_once_and_told_as_unknown),
		cmocka_unit_test(a_mutation_cut_short_or_answered_by_a_proxy_is_unknown_too),
		cmocka_unit_test(a_throttled_mutation_is_sent_again_since_it_did_not_happen),
		cmocka_unit_test(a_launch_is_repeated_by_its_token_when_the_answer_is_lost),
		cmocka_unit_test(no_capacity_is_not_repeated_though_it_comes_as_a_server_error),
		cmocka_unit_test(a_dry_run_tells_permitted_from_denied_and_changes_nothing),
		cmocka_unit_test(detaching_what_is_detached_counts_as_done),
		cmocka_unit_test(a_wrong_clock_is_measured_and_named),
		cmocka_unit_test(an_endpoint_that_is_down_is_an_error_that_did_not_happen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
