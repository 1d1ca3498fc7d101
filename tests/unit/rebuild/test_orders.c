/* What is ordered: green as blue was, with the plan's changes; guests by the address where they are. */
#include "fixture.h"

#include "base/text.h"
#include "rebuild/outlook.h"

static void green_is_launched_as_blue_was(void **state)
{
	static const char *const GROUPS[] = { "sg-1", "sg-2" };
	static const struct tag TAGS[] = { { "Name", "acme" } };
	struct fixture *x = *state;
	const struct blueprint *green = &x->cloud.launched;

	x->cloud.print.instance_type = "t3.small";
	x->cloud.print.group_ids = GROUPS;
	x->cloud.print.group_count = 2;
	x->cloud.print.tags = TAGS;
	x->cloud.print.tag_count = 1;
	x->cloud.print.user_data = "Ymx1ZQ==";
	x->cloud.print.root_size_gib = 8;
	fixture_ends(x, COURSE_DONE);
	assert_string_equal(green->instance_type, "t3.small");
	assert_string_equal(green->group_ids[1], "sg-2");
	assert_string_equal(green->tags[0].value, "acme");
	assert_string_equal(green->user_data, "Ymx1ZQ==");
	assert_int_equal(green->root_size_gib, 8);
}

static void green_is_launched_with_the_plans_changes(void **state)
{
	static const struct tag TAGS[] = { { "Name", "acme" }, { "Release", "2026-10" } };
	static const struct plan_pair CHANGED[] = { { "Release", "2026-11" } };
	struct fixture *x = *state;
	const struct blueprint *green = &x->cloud.launched;

	x->cloud.print.tags = TAGS;
	x->cloud.print.tag_count = 2;
	x->cloud.plan.launch.instance_type = "t3.large";
	x->cloud.plan.launch.user_data = "green";
	x->cloud.plan.launch.user_data_len = 5;
	x->cloud.plan.launch.root_size_gib = 32;
	x->cloud.plan.launch.tags = CHANGED;
	x->cloud.plan.launch.tag_count = 1;
	fixture_ends(x, COURSE_DONE);
	assert_string_equal(green->instance_type, "t3.large");
	assert_string_equal(green->user_data, "Z3JlZW4=");
	assert_int_equal(green->root_size_gib, 32);
	assert_int_equal(green->tag_count, 2);
	assert_string_equal(green->tags[0].value, "acme");
	assert_string_equal(green->tags[1].value, "2026-11");
}

static void a_green_with_a_public_address_is_reached_by_it(void **state)
{
	struct fixture *x = *state;

	x->cloud.print.public_ip = true;
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.green.public_ip = "203.0.113.7";
	fake_run_until_effect(&x->cloud, EFFECT_MOUNT);
	assert_string_equal(x->cloud.last.address, "203.0.113.7");
}

/* A session through an address that is being moved may end on blue, or nowhere. */
static void a_green_without_one_is_reached_by_its_private_address(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_MOUNT);
	assert_string_equal(x->cloud.last.address, "10.0.0.2");
}

/* Where blue is logged in to after it was started again, while the Elastic IP still points to green. */
static const char *address_of_a_blue_that_was_started_again(struct fixture *x, const char *public_ip)
{
	x->cloud.plan.keep_ms = 3600 * 1000;
	fixture_ends(x, COURSE_DONE);
	x->cloud.blue.public_ip = public_ip;
	fake_crash_without_journal(&x->cloud, &x->next, false);
	rebuild_ask(&x->next, REQUEST_ROLLBACK);
	while (!x->next.world.blue_guest.reachable)
		assert_false(fake_run_until(&x->cloud, x->cloud.events + 1));
	assert_int_equal(x->cloud.address, ON_GREEN);
	return x->next.orders[ORDER_PROBE_BLUE].address;
}

static void a_blue_with_a_public_address_of_its_own_is_reached_by_it(void **state)
{
	assert_string_equal(address_of_a_blue_that_was_started_again(*state, "203.0.113.9"), "203.0.113.9");
}

/* What EC2 shows as blue's public address is the Elastic IP that was moved a moment ago. */
static void an_address_that_was_moved_is_nobodys_own(void **state)
{
	assert_string_equal(address_of_a_blue_that_was_started_again(*state, "198.51.100.1"), "10.0.0.1");
}

/* A tag holds 256 characters: an RSA key does not fit, and could not be used anyway. */
static void blue_is_tagged_with_its_shortest_host_key(void **state)
{
	struct fixture *x = *state;

	fake_run_until_effect(&x->cloud, EFFECT_PROTECT_INSTANCE);
	assert_string_equal(x->cloud.blue_tags.host_key, "ssh-ed25519 AAAAC3");
}

static void described_as(const struct rebuild *r, const char *words)
{
	char text[REBUILD_CAUSE_SIZE];

	outlook_describe(r, text, sizeof(text));
	if (!strstr(text, words))
		fail_msg("'%s' is not in '%s'", words, text);
}

static void what_is_found_is_described(void **state)
{
	struct fixture *x = *state;
	char text[24];

	fake_run_until_effect(&x->cloud, EFFECT_PROTECT_INSTANCE);
	described_as(&x->rebuild, "blue i-blue is running and has the data mounted; there is no green; "
				  "vol-1 is attached (i-blue); 198.51.100.1 points to i-blue");
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_run_until(&x->cloud, x->cloud.events + 1);
	x->rebuild.world.green.state = INSTANCE_UNSEEN;
	described_as(&x->rebuild, "green i-green is not there");
	outlook_describe(&x->rebuild, text, sizeof(text));
	assert_string_equal(text, "blue i-blue is running ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(green_is_launched_as_blue_was),
		WITH_CLOUD(green_is_launched_with_the_plans_changes),
		WITH_CLOUD(a_green_with_a_public_address_is_reached_by_it),
		WITH_CLOUD(a_green_without_one_is_reached_by_its_private_address),
		WITH_CLOUD(a_blue_with_a_public_address_of_its_own_is_reached_by_it),
		WITH_CLOUD(an_address_that_was_moved_is_nobodys_own),
		WITH_CLOUD(blue_is_tagged_with_its_shortest_host_key),
		WITH_CLOUD(what_is_found_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
