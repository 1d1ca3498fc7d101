/* A fleet is listed: which questions that takes, and what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

#define LISTED(id, zone, tags)                                                                               \
	"<item><instanceId>" id "</instanceId><placement><availabilityZone>" zone                            \
	"</availabilityZone></placement><tagSet>" tags "</tagSet></item>"
#define LIST(items)                                                                                          \
	"<DescribeInstancesResponse><reservationSet><item><instancesSet>" items                              \
	"</instancesSet></item></reservationSet></DescribeInstancesResponse>"

static struct query query_of_fleet(const struct selector *s)
{
	return (struct query){ .kind = QUERY_FLEET, .subject = 7, .selector = s };
}

static void a_fleet_is_listed_by_its_tags_as_they_are_written(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances",
			.status = 200,
			.body = LIST(LISTED("i-1", "a", TAG("Cluster", "west") TAG("Turn", "5"))
					LISTED("i-2", "b", TAG("Other", "x"))) },
	};
	static const struct tag TAGS[] = { { "Stage", "pro*" }, { "Service", "db" } };
	static const struct selector SELECTOR = {
		.tags = TAGS, .tag_count = 2, .group_by = "Cluster", .order_by = "Turn"
	};
	const struct query q = query_of_fleet(&SELECTOR);
	struct bench b;

	(void)state;
	bench_open(&b, script, 1);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].subject, 7);
	assert_string_equal(b.answers[0].fleet, "i-1 a west 5; i-2 b  ; ");
	assert_non_null(strstr(fake_body(&b.fake, 0),
		"&Filter.1.Name=tag%3AStage&Filter.1.Value.1=pro%5C%2A"
		"&Filter.2.Name=tag%3AService&Filter.2.Value.1=db&MaxResults=1000"));
	bench_close(&b);
}

/* EC2 takes 200 values in a filter. */
static void a_fleet_of_many_ids_is_listed_in_several_questions(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = LIST(LISTED("i-1", "a", "")) },
		{ .action = "DescribeInstances", .status = 200, .body = LIST(LISTED("i-201", "b", "")) },
	};
	static const char *ids[201];
	const struct selector s = { .ids = ids, .id_count = 201 };
	const struct query q = query_of_fleet(&s);
	struct bench b;

	(void)state;
	for (size_t i = 0; i < 201; i++)
		ids[i] = i < 200 ? "i-1" : "i-201";
	bench_open(&b, script, 2);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.fake.request_count, 2);
	assert_non_null(strstr(fake_body(&b.fake, 0), "&Filter.1.Value.200=i-1&MaxResults"));
	assert_non_null(strstr(fake_body(&b.fake, 1), "Name=instance-id&Filter.1.Value.1=i-201&MaxResults"));
	assert_string_equal(b.answers[0].fleet, "i-1 a  ; i-201 b  ; ");
	bench_close(&b);
}

#define CHECKED(items) "<DescribeInstanceStatusResponse><instanceStatusSet>" items "</instanceStatusSet>"
#define CHECKED_ITEM(id) "<item><instanceId>" id "</instanceId></item>"
#define CHECKED_END "</DescribeInstanceStatusResponse>"

/* Three questions more, however many machines there are; what they show of others is nobody's concern. */
static void machines_whose_status_checks_fail_are_shown_by_three_questions_for_all(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances",
			.status = 200,
			.body = LIST(LISTED("i-1", "a", "") LISTED("i-2", "a", "") LISTED("i-3", "a", "")
					LISTED("i-4", "a", "")) },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = CHECKED(CHECKED_ITEM("i-other")) "<nextToken>more</nextToken>" CHECKED_END },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = CHECKED(CHECKED_ITEM("i-3")) CHECKED_END },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = CHECKED(CHECKED_ITEM("i-1") CHECKED_ITEM("i-3")) CHECKED_END },
		{ .action = "DescribeInstanceStatus",
			.status = 200,
			.body = CHECKED(CHECKED_ITEM("i-4")) CHECKED_END },
	};
	static const struct tag TAGS[] = { { "Service", "db" } };
	static const struct selector SELECTOR = { .tags = TAGS, .tag_count = 1, .with_checks = true };
	const struct query q = query_of_fleet(&SELECTOR);
	struct bench b;

	(void)state;
	bench_open(&b, script, 5);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.fake.request_count, 5);
	assert_string_equal(b.answers[0].fleet, "i-1! a  ; i-2 a  ; i-3! a  ; i-4! a  ; ");
	assert_string_equal(fake_body(&b.fake, 1),
		"Action=DescribeInstanceStatus&Version=2016-11-15&Filter.1.Name=instance-status.status"
		"&Filter.1.Value.1=impaired&MaxResults=1000");
	assert_non_null(strstr(fake_body(&b.fake, 2), "&NextToken=more"));
	assert_string_equal(fake_body(&b.fake, 3),
		"Action=DescribeInstanceStatus&Version=2016-11-15&Filter.1.Name=system-status.status"
		"&Filter.1.Value.1=impaired&MaxResults=1000");
	assert_string_equal(fake_body(&b.fake, 4),
		"Action=DescribeInstanceStatus&Version=2016-11-15&Filter.1.Name=attached-ebs-status.status"
		"&Filter.1.Value.1=impaired&MaxResults=1000");
	bench_close(&b);
}

static void is_denied(struct fake_line *script, size_t lines, bool with_checks)
{
	static const char *const IDS[] = { "i-1" };
	const struct selector selector = { .ids = IDS, .id_count = 1, .with_checks = with_checks };
	const struct query q = query_of_fleet(&selector);
	struct bench b;

	bench_open(&b, script, lines);
	bench_observe(&b, &q, 1);
	assert_int_equal(b.answers[0].err.kind, ERROR_DENIED);
	assert_int_equal(b.answers[0].sighting_count, 0);
	bench_close(&b);
}

/* A list without what was wanted of it would show machines as well that are not. */
static void a_fleet_whose_checks_cannot_be_seen_is_told_so(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances", .status = 200, .body = LIST(LISTED("i-1", "a", "")) },
		{ .action = "DescribeInstanceStatus",
			.status = 403,
			.body = ERROR_REPLY("UnauthorizedOperation", "You are not authorized") },
	};

	(void)state;
	is_denied(script, ARRAY_SIZE(script), true);
}

static void a_fleet_that_cannot_be_listed_is_told_so(void **state)
{
	static struct fake_line script[] = {
		{ .action = "DescribeInstances",
			.status = 403,
			.body = ERROR_REPLY("UnauthorizedOperation", "You are not authorized") },
	};

	(void)state;
	is_denied(script, ARRAY_SIZE(script), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fleet_is_listed_by_its_tags_as_they_are_written),
		cmocka_unit_test(a_fleet_of_many_ids_is_listed_in_several_questions),
		cmocka_unit_test(machines_whose_status_checks_fail_are_shown_by_three_questions_for_all),
		cmocka_unit_test(a_fleet_whose_checks_cannot_be_seen_is_told_so),
		cmocka_unit_test(a_fleet_that_cannot_be_listed_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
