/* Effects of many rebuilds in one call: who shares one, and that each is told what became of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "aws/bundles.h"
#include "bench.h"

#define STOPPED "<StopInstancesResponse><requestId>req-1</requestId><instancesSet/></StopInstancesResponse>"

enum { MACHINES = 3 };

static struct effect stop(uint32_t subject)
{
	struct effect e = { .kind = EFFECT_STOP_INSTANCE, .subject = subject };

	snprintf(e.token, sizeof(e.token), "r%u-retire-1", subject);
	snprintf(e.instance_id, sizeof(e.instance_id), "i-%u", subject);
	return e;
}

/* All decide to stop their blue at the same time. */
static void stop_all(struct bench *b)
{
	b->asking = true;
	for (uint32_t i = 1; i <= MACHINES; i++) {
		const struct effect e = stop(i);

		b->provider.act(b->provider.self, &e);
	}
	b->asking = false;
	bench_wait(b, MACHINES);
}

static const struct kept *answer_to(const struct bench *b, uint32_t subject)
{
	for (size_t i = 0; i < b->answer_count; i++)
		if (b->answers[i].subject == subject)
			return &b->answers[i];
	fail_msg("no answer to %u", subject);
	return NULL;
}

static void what_many_stop_at_the_same_time_is_one_call(void **state)
{
	static struct fake_line script[] = { { .action = "StopInstances", .status = 200, .body = STOPPED } };
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	aws_crowd(b.aws, BUNDLES_CROWD);
	stop_all(&b);
	assert_int_equal(b.fake.request_count, 1);
	assert_non_null(strstr(b.fake.requests[0], "InstanceId.1=i-1&InstanceId.2=i-2&InstanceId.3=i-3"));
	for (uint32_t i = 1; i <= MACHINES; i++) {
		const struct effect e = stop(i);

		assert_int_equal(answer_to(&b, i)->err.kind, ERROR_NONE);
		assert_string_equal(answer_to(&b, i)->id, e.token);
	}
	bench_close(&b);
}

static void where_few_are_under_way_nobody_waits_for_others(void **state)
{
	static struct fake_line script[] = {
		{ .action = "StopInstances", .status = 200, .body = STOPPED, .always = true }
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	aws_crowd(b.aws, BUNDLES_CROWD - 1);
	stop_all(&b);
	assert_int_equal(b.fake.request_count, MACHINES);
	bench_close(&b);
}

static void what_clients_wait_for_goes_by_itself(void **state)
{
	static struct fake_line script[] = {
		{ .action = "StopInstances", .status = 200, .body = STOPPED, .always = true }
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	aws_crowd(b.aws, BUNDLES_CROWD);
	aws_urge(b.aws, 2, true);
	stop_all(&b);
	assert_int_equal(b.fake.request_count, 2);
	assert_int_equal(b.answers[0].subject, 2);
	bench_close(&b);
}

static void one_that_is_refused_fails_alone(void **state)
{
	static struct fake_line script[] = {
		{ .action = "StopInstances",
			.status = 400,
			.body = ERROR_REPLY("IncorrectInstanceState", "i-1") },
		{ .action = "StopInstances",
			.status = 400,
			.body = ERROR_REPLY("IncorrectInstanceState", "i-1") },
		{ .action = "StopInstances", .status = 200, .body = STOPPED, .always = true },
	};
	size_t failed = 0;
	struct bench b;

	(void)state;
	bench_open(&b, script, ARRAY_SIZE(script));
	aws_crowd(b.aws, BUNDLES_CROWD);
	stop_all(&b);
	assert_int_equal(b.fake.request_count, 1 + MACHINES);
	for (uint32_t i = 1; i <= MACHINES; i++)
		failed += answer_to(&b, i)->err.kind != ERROR_NONE;
	assert_int_equal(failed, 1);
	bench_close(&b);
}

static void a_lost_answer_is_unknown_to_each_and_not_repeated(void **state)
{
	static struct fake_line script[] = {
		{ .action = "StopInstances", .manner = FAKE_DROP, .always = true }
	};
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	aws_crowd(b.aws, BUNDLES_CROWD);
	stop_all(&b);
	for (uint32_t i = 1; i <= MACHINES; i++) {
		assert_int_equal(answer_to(&b, i)->err.happened, HAPPENED_UNKNOWN);
		assert_non_null(strstr(answer_to(&b, i)->err.message, stop(i).instance_id));
	}
	assert_int_equal(b.fake.request_count, 1);
	bench_close(&b);
}

static void what_is_held_when_all_ends_is_not_sent(void **state)
{
	const struct effect e = stop(1);
	struct bench b;

	(void)state;
	bench_open(&b, NULL, 0);
	aws_crowd(b.aws, BUNDLES_CROWD);
	b.provider.act(b.provider.self, &e);
	bench_close(&b);
	assert_int_equal(b.fake.request_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_many_stop_at_the_same_time_is_one_call),
		cmocka_unit_test(where_few_are_under_way_nobody_waits_for_others),
		cmocka_unit_test(what_clients_wait_for_goes_by_itself),
		cmocka_unit_test(one_that_is_refused_fails_alone),
		cmocka_unit_test(a_lost_answer_is_unknown_to_each_and_not_repeated),
		cmocka_unit_test(what_is_held_when_all_ends_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
