/* What the plan names is found: the image, volumes by tag and device, addresses, what took blue's place. */
#include "fixture.h"

#include "cloud/tags.h"

static void serves_in_the_end(struct fixture *x)
{
	fixture_ends(x, COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

static void a_volume_is_found_by_its_tag(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .tag = { "Role", "data" } };
	serves_in_the_end(x);
}

static void a_volume_is_found_by_its_device(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .device = "/dev/sdf" };
	serves_in_the_end(x);
}

static void a_device_that_blue_does_not_have_is_refused(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .device = "/dev/sdz" };
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "i-blue has no volume at /dev/sdz");
}

static void a_tag_that_none_or_several_carry_is_refused(void **state)
{
	struct fixture *x = *state;

	x->cloud.data.volume = (struct plan_volume_selector){ .tag = { "Role", "data" } };
	x->cloud.tagged_volumes = 2;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(
		&x->rebuild, "2 volumes attached to i-blue carry the tag Role=data: exactly one is needed");
	x->cloud.tagged_volumes = 0;
	assert_int_equal(fixture_goes_on(x), COURSE_REFUSED);
	fixture_says(&x->next, "0 volumes attached to i-blue carry the tag Role=data");
}

/* The answer comes when another rebuild's tags have been found: they say which volume it is. */
static void a_volume_that_the_tags_name_is_not_asked_of_the_plan(void **state)
{
	struct fixture *x = *state;
	const struct error none = ERROR_INIT;
	const struct sighting other = { .kind = SIGHTING_VOLUME, .volume.id = "vol-other" };
	const struct answer late = { .query = QUERY_VOLUME_BY_TAG,
		.id = "i-blue",
		.sightings = &other,
		.sighting_count = 1,
		.err = &none };

	x->cloud.data.volume = (struct plan_volume_selector){ .tag = { "Role", "data" } };
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	while (!x->next.adopted)
		fake_run_until(&x->cloud, x->cloud.events + 1);
	rebuild_absorb(&x->next, &late, (struct moment){ x->cloud.now_ms, x->cloud.now_ms });
	assert_string_equal(x->next.volumes[0].id, "");
	serves_in_the_end(x);
	rebuild_absorb(&x->next, &late, (struct moment){ x->cloud.now_ms, x->cloud.now_ms });
	assert_string_equal(x->next.volumes[0].id, "vol-1");
}

static void the_newest_image_of_a_name_is_found(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.image.id = NULL;
	x->cloud.plan.image.newest_owner = "self";
	x->cloud.plan.image.newest_name = "acme-*";
	serves_in_the_end(x);
}

static void an_address_that_the_plan_names_is_switched(void **state)
{
	static const char *const NAMED[] = { "eipalloc-1" };
	struct fixture *x = *state;

	x->cloud.plan.change.elastic_ip_all = false;
	x->cloud.plan.change.elastic_ips = NAMED;
	x->cloud.plan.change.elastic_ip_count = 1;
	serves_in_the_end(x);
}

static void an_address_that_blue_does_not_have_is_refused(void **state)
{
	static const char *const NAMED[] = { "eipalloc-2" };
	struct fixture *x = *state;

	x->cloud.plan.change.elastic_ip_all = false;
	x->cloud.plan.change.elastic_ips = NAMED;
	x->cloud.plan.change.elastic_ip_count = 1;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "Elastic IP eipalloc-2 does not point to i-blue");
}

static void without_an_address_in_the_plan_none_is_switched(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.change.elastic_ip_all = false;
	serves_in_the_end(x);
	assert_int_equal(fake_count(&x->cloud, EFFECT_ASSOCIATE_ADDRESS), 0);
	assert_int_equal(x->cloud.address, ON_BLUE);
}

/* The plan was changed since: left on blue it would be lost with it. */
static void an_address_that_the_plan_came_to_name_later_is_switched_too(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.change.elastic_ip_all = false;
	fake_run_until_effect(&x->cloud, EFFECT_LAUNCH);
	x->cloud.plan.change.elastic_ip_all = true;
	assert_int_equal(fixture_goes_on_elsewhere(x), COURSE_DONE);
	assert_true(fake_green_serves(&x->cloud));
}

/* It had none when it was rebuilt, so none is missed. */
static void a_kept_blue_without_an_address_is_terminated_by_a_plan_with_one(void **state)
{
	struct fixture *x = *state;

	x->cloud.plan.change.elastic_ip_all = false;
	x->cloud.plan.keep_ms = 3600 * 1000;
	serves_in_the_end(x);
	x->cloud.plan.change.elastic_ip_all = x->cloud.by_hand = true;
	x->cloud.address = ON_NOTHING;
	x->cloud.now_ms += x->cloud.plan.keep_ms;
	assert_int_equal(fixture_goes_on(x), COURSE_DONE);
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

/* More of them than there is room to remember questions. */
static void a_machine_that_was_replaced_again_and_again_is_answered_with_the_last_one(void **state)
{
	struct fixture *x = *state;

	fake_end_blue_by_hand(&x->cloud, INSTANCE_TERMINATED);
	x->cloud.replacements = REBUILD_QUERIES_MAX + 2;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild,
		"instance i-blue was replaced by i-next-34 (rebuild rb-34): name that one in the plan");
}

static void a_machine_that_the_cloud_does_not_know_is_refused(void **state)
{
	struct fixture *x = *state;

	x->cloud.blue_forgotten = true;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "instance i-blue does not exist in this account and region");
}

static void a_forgotten_machine_is_answered_with_what_took_its_place(void **state)
{
	struct fixture *x = *state;

	x->cloud.blue_forgotten = true;
	x->cloud.replacements = 1;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "instance i-blue was replaced by i-next-1 (rebuild rb-1)");
}

static void what_may_not_be_looked_at_is_refused_with_its_reason(void **state)
{
	struct fixture *x = *state;

	x->cloud.silence = (struct fake_silence){ QUERY_BLUEPRINT, ERROR_DENIED, 100 };
	fixture_ends(x, COURSE_REFUSED);
	assert_int_equal(x->rebuild.cause_kind, ERROR_DENIED);
	fixture_says(&x->rebuild, "not told");
}

static void a_guest_that_does_not_let_us_in_is_refused_with_its_reason(void **state)
{
	static const enum error_kind KINDS[] = { ERROR_DENIED, ERROR_LOCAL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++) {
		struct fixture *x;
		void *own;

		fixture_set_up(&own);
		x = own;
		x->cloud.silence = (struct fake_silence){ QUERY_GUEST, KINDS[i], 100 };
		fixture_ends(x, COURSE_REFUSED);
		assert_int_equal(x->rebuild.cause_kind, KINDS[i]);
		fixture_tear_down(&own);
	}
}

/* It may be booting: it is asked again for as long as the step may take. */
static void a_guest_that_does_not_answer_yet_is_asked_again(void **state)
{
	struct fixture *x = *state;

	x->cloud.silence = (struct fake_silence){ QUERY_GUEST, ERROR_TIMEOUT, 2 };
	serves_in_the_end(x);
}

static void a_machine_that_does_not_see_its_disk_is_refused(void **state)
{
	struct fixture *x = *state;

	x->cloud.disk_missing = true;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "i-blue sees no disk of volume vol-1");
}

static void a_machine_that_leaves_its_disk_out_is_refused(void **state)
{
	struct fixture *x = *state;

	x->cloud.disk_unreported = true;
	fixture_ends(x, COURSE_REFUSED);
	fixture_says(&x->rebuild, "i-blue sees no disk of volume vol-1");
}

/* The plan of a finished rebuild may have been changed since: it names one volume less. */
static void a_kept_blue_is_terminated_by_a_plan_with_fewer_volumes(void **state)
{
	const struct rebuild_past past = {
		.volumes = { "vol-1", "vol-2" }, .volume_count = 2, .finished = true, .confirmed_wall_ms = 1
	};
	struct fixture *x = *state;

	x->cloud.plan.keep_ms = 3600 * 1000;
	fixture_ends(x, COURSE_DONE);
	fake_crash_without_journal(&x->cloud, &x->next, false);
	rebuild_init(&x->next, "rb-test", &x->cloud.plan, "i-blue");
	rebuild_resume(&x->next, &past);
	assert_int_equal(x->next.volumes_found, 1);
	x->cloud.now_ms += x->cloud.plan.keep_ms;
	serves_in_the_end(x);
	assert_int_equal(x->cloud.blue.state, INSTANCE_TERMINATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLOUD(a_volume_is_found_by_its_tag),
		WITH_CLOUD(a_volume_is_found_by_its_device),
		WITH_CLOUD(a_device_that_blue_does_not_have_is_refused),
		WITH_CLOUD(a_tag_that_none_or_several_carry_is_refused),
		WITH_CLOUD(a_volume_that_the_tags_name_is_not_asked_of_the_plan),
		WITH_CLOUD(the_newest_image_of_a_name_is_found),
		WITH_CLOUD(an_address_that_the_plan_names_is_switched),
		WITH_CLOUD(an_address_that_blue_does_not_have_is_refused),
		WITH_CLOUD(without_an_address_in_the_plan_none_is_switched),
		WITH_CLOUD(an_address_that_the_plan_came_to_name_later_is_switched_too),
		WITH_CLOUD(a_kept_blue_without_an_address_is_terminated_by_a_plan_with_one),
		WITH_CLOUD(a_machine_that_was_replaced_again_and_again_is_answered_with_the_last_one),
		WITH_CLOUD(a_machine_that_the_cloud_does_not_know_is_refused),
		WITH_CLOUD(a_forgotten_machine_is_answered_with_what_took_its_place),
		WITH_CLOUD(what_may_not_be_looked_at_is_refused_with_its_reason),
		cmocka_unit_test(a_guest_that_does_not_let_us_in_is_refused_with_its_reason),
		WITH_CLOUD(a_guest_that_does_not_answer_yet_is_asked_again),
		WITH_CLOUD(a_machine_that_does_not_see_its_disk_is_refused),
		WITH_CLOUD(a_machine_that_leaves_its_disk_out_is_refused),
		WITH_CLOUD(a_kept_blue_is_terminated_by_a_plan_with_fewer_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
