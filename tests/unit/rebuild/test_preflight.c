/* What is refused before anything is changed: one thing wrong at a time, named with the way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/absorb.h"
#include "cloud/tags.h"
#include "rebuild/preflight.h"

static const struct plan_data DATA = { .volume.id = "vol-1", .mount = "/srv" };
static const struct plan PLAN = {
	.data = &DATA, .data_count = 1, .image.id = "ami-new", .change.elastic_ip_all = true
};

/* Everything has been seen, and all is well. */
static int set_up(void **state)
{
	struct rebuild *r = calloc(1, sizeof(*r));
	struct world *w;

	assert_non_null(r);
	rebuild_init(r, "rb-1", &PLAN, "i-blue");
	w = &r->world;
	w->blue = (struct instance){ .id = "i-blue",
		.asked_ms = 1,
		.state = INSTANCE_RUNNING,
		.image_id = "ami-old",
		.zone = "z-1a",
		.root_device = "/dev/xvda",
		.device_count = 1,
		.devices = { { .name = "/dev/sdf", .volume_id = "vol-1" } } };
	w->image = (struct image){
		.id = "ami-new", .asked_ms = 1, .state = IMAGE_AVAILABLE, .architecture = "x86_64"
	};
	text_copy(r->volumes[0].id, CLOUD_ID_SIZE, "vol-1");
	r->volumes_found = 1;
	world_follow_volume(w, "vol-1");
	w->volumes[0] = (struct volume){ .id = "vol-1",
		.asked_ms = 1,
		.state = VOLUME_IN_USE,
		.zone = "z-1a",
		.attachment = ATTACHMENT_ATTACHED,
		.instance_id = "i-blue",
		.attachment_count = 1 };
	w->blue_guest = (struct guest){ .instance_id = "i-blue",
		.asked_ms = 1,
		.reachable = true,
		.disk_count = 1,
		.disks = {
			{ .volume_id = "vol-1", .present = true, .mounted = true, .mounted_right = true } } };
	world_follow_address(w, "eipalloc-1");
	r->addresses_seen = r->blueprint_seen = true;
	r->blueprint.architecture = "x86_64";
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	rebuild_release(*state);
	free(*state);
	return 0;
}

static void refused(struct rebuild *r, enum error_kind kind, const char *words)
{
	enum error_kind seen;

	assert_true(preflight_refusal(r, r->finding, sizeof(r->finding), &seen));
	if (!strstr(r->finding, words))
		fail_msg("'%s' is not in '%s'", words, r->finding);
	assert_int_equal(seen, kind);
}

static void is_not_refused(struct rebuild *r)
{
	enum error_kind kind;

	assert_false(preflight_refusal(r, r->finding, sizeof(r->finding), &kind));
}

static void nothing_is_refused_when_all_is_well(void **state)
{
	assert_true(preflight_is_complete(*state));
	is_not_refused(*state);
}

/* Green may have it: that blue has none says nothing yet. */
static void after_a_resumption_green_is_asked_for_its_address_too(void **state)
{
	const struct error none = ERROR_INIT;
	const struct answer a = { .query = QUERY_ADDRESSES_OF, .id = "i-blue", .err = &none };
	struct rebuild *r = *state;

	r->resumed = true;
	r->addresses_seen = false;
	rebuild_absorb(r, &a, (struct moment){ 2, 2 });
	assert_false(r->addresses_seen);
}

static void a_machine_that_is_not_running(void **state)
{
	struct rebuild *r = *state;

	r->world.blue.state = INSTANCE_STOPPED;
	refused(r, ERROR_CONFLICT, "instance i-blue is stopped: start it first");
}

static void see_blue_again(struct rebuild *r, const char *role)
{
	const struct error none = ERROR_INIT;
	struct sighting seen = { .kind = SIGHTING_INSTANCE, .instance = r->world.blue };
	const struct answer a = { .query = QUERY_BLUEPRINT,
		.id = "i-blue",
		.sightings = &seen,
		.sighting_count = 1,
		.err = &none };

	text_copy(seen.instance.rebuild, CLOUD_NAME_SIZE, "rb-2");
	text_copy(seen.instance.role, CLOUD_NAME_SIZE, role);
	rebuild_absorb(r, &a, (struct moment){ 2, 2 });
}

static void what_another_run_began_is_gone_on_with(void **state)
{
	struct rebuild *r = *state;

	see_blue_again(r, ROLE_BLUE);
	assert_true(r->resumed && r->adopted);
	assert_false(r->resume_back);
	assert_string_equal(r->id, "rb-2");
}

static void what_another_run_was_putting_back_is_put_back(void **state)
{
	struct rebuild *r = *state;

	see_blue_again(r, ROLE_RESTORING);
	assert_true(r->resumed && r->resume_back);
}

/* It serves since, and may be rebuilt again. */
static void what_another_run_brought_to_its_end_is_over(void **state)
{
	struct rebuild *r = *state;

	see_blue_again(r, ROLE_RESTORED);
	see_blue_again(r, ROLE_GREEN);
	assert_false(r->resumed);
	assert_string_equal(r->id, "rb-1");
}

static void an_image_that_is_not_there(void **state)
{
	struct rebuild *r = *state;

	r->world.image.state = IMAGE_UNSEEN;
	refused(r, ERROR_MISSING, "image ami-new does not exist");
}

static void an_image_that_is_not_available_yet(void **state)
{
	struct rebuild *r = *state;

	r->world.image.state = IMAGE_PENDING;
	refused(r, ERROR_CONFLICT, "image ami-new is not available");
}

static void an_image_of_another_architecture(void **state)
{
	struct rebuild *r = *state;

	text_copy(r->world.image.architecture, CLOUD_NAME_SIZE, "arm64");
	refused(r, ERROR_CONFLICT, "image ami-new is for arm64, but i-blue is a x86_64 machine");
}

static void an_image_that_no_name_fits(void **state)
{
	struct rebuild *r = *state;
	struct plan newest = PLAN;

	newest.image.id = NULL;
	newest.image.newest_owner = "self";
	newest.image.newest_name = "acme-*";
	r->plan = &newest;
	r->world.image.state = IMAGE_UNSEEN;
	refused(r, ERROR_MISSING, "no image of owner self is named like acme-*");
}

/* The plan's own instance type says what green's architecture is. */
static void an_image_of_another_architecture_for_another_type(void **state)
{
	struct rebuild *r = *state;
	struct plan other = PLAN;

	other.launch.instance_type = "t4g.large";
	r->plan = &other;
	text_copy(r->world.image.architecture, CLOUD_NAME_SIZE, "arm64");
	is_not_refused(r);
}

static void a_volume_that_does_not_exist(void **state)
{
	struct rebuild *r = *state;

	r->world.volumes[0] = (struct volume){ .id = "vol-1", .asked_ms = 1 };
	refused(r, ERROR_MISSING, "volume vol-1 does not exist");
}

static void a_volume_in_another_zone(void **state)
{
	struct rebuild *r = *state;

	text_copy(r->world.volumes[0].zone, CLOUD_NAME_SIZE, "z-1b");
	refused(r, ERROR_CONFLICT, "volume vol-1 is in zone z-1b, but i-blue is in z-1a");
}

static void a_volume_that_is_attached_twice(void **state)
{
	struct rebuild *r = *state;

	r->world.volumes[0].attachment_count = 2;
	refused(r, ERROR_CONFLICT, "volume vol-1 is attached to 2 instances");
}

static void a_volume_that_is_attached_elsewhere(void **state)
{
	struct rebuild *r = *state;

	text_copy(r->world.volumes[0].instance_id, CLOUD_ID_SIZE, "i-other");
	refused(r, ERROR_CONFLICT, "volume vol-1 is not attached to i-blue");
}

/* It is complained of once: that blue does not see its disk goes without saying. */
static void a_volume_that_is_attached_to_nothing(void **state)
{
	struct rebuild *r = *state;

	r->world.volumes[0].attachment = ATTACHMENT_NONE;
	r->world.volumes[0].instance_id[0] = '\0';
	r->world.blue.device_count = 0;
	r->world.blue_guest.disks[0].present = false;
	refused(r, ERROR_CONFLICT, "volume vol-1 is not attached to i-blue");
	assert_null(strchr(r->finding, ';'));
}

static void a_volume_that_is_named_twice(void **state)
{
	struct rebuild *r = *state;

	r->volumes[1] = r->volumes[0];
	r->volume_count = r->volumes_found = 2;
	refused(r, ERROR_CONFLICT, "volume vol-1 is named twice by the plan");
}

static void the_root_volume(void **state)
{
	struct rebuild *r = *state;

	text_copy(r->world.volumes[0].device, CLOUD_NAME_SIZE, "/dev/xvda");
	refused(r, ERROR_CONFLICT, "volume vol-1 is the root volume of i-blue");
}

static void a_volume_that_is_mounted_elsewhere(void **state)
{
	struct rebuild *r = *state;

	r->world.blue_guest.disks[0].mounted_right = false;
	refused(r, ERROR_CONFLICT, "volume vol-1 is not mounted at /srv on i-blue");
}

static void a_volume_that_is_not_mounted(void **state)
{
	struct rebuild *r = *state;

	r->world.blue_guest.disks[0].mounted = r->world.blue_guest.disks[0].mounted_right = false;
	refused(r, ERROR_CONFLICT, "volume vol-1 is not mounted on i-blue: the plan says /srv");
}

static void a_machine_with_two_addresses(void **state)
{
	struct rebuild *r = *state;

	world_follow_address(&r->world, "eipalloc-2");
	refused(r, ERROR_CONFLICT, "i-blue has 2 Elastic IPs to switch");
}

static void a_machine_without_the_address_to_switch(void **state)
{
	struct rebuild *r = *state;

	r->world.address_count = 0;
	refused(r, ERROR_MISSING, "i-blue has no Elastic IP to switch");
}

static void all_reasons_are_given_at_once(void **state)
{
	struct rebuild *r = *state;

	r->world.image.state = IMAGE_UNSEEN;
	r->world.volumes[0].attachment_count = 2;
	refused(r, ERROR_MISSING,
		"does not exist or is not shared with this account; volume vol-1 is attached");
}

#define PREFLIGHT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void adopt(struct rebuild *r)
{
	r->resumed = r->adopted = r->volumes_untagged = true;
	r->asked[0] = (struct asked){ .kind = QUERY_VOLUMES_OF_REBUILD, .id = "rb-1", .at_ms = 1 };
	r->asked_count = 1;
}

static bool is_refused(const struct rebuild *r)
{
	char text[REBUILD_CAUSE_SIZE];
	enum error_kind kind;

	return preflight_refusal(r, text, sizeof(text), &kind);
}

/* What blue has may not be known yet. */
static void volumes_that_nobody_can_find_are_missed_once_blue_was_seen(void **state)
{
	struct rebuild *r = *state;

	adopt(r);
	r->volumes_found = 0;
	assert_false(is_refused(r));
	r->asked[1] = (struct asked){ .kind = QUERY_BLUEPRINT, .id = "i-blue", .at_ms = 1 };
	r->asked_count = 2;
	refused(r, ERROR_CONFLICT, "not every volume of the plan carries the tags of rebuild rb-1");
}

static void a_volume_that_the_plan_names_by_a_tag_is_asked_for_first(void **state)
{
	static const struct plan_data BY_TAG = { .volume.tag = { "Role", "data" }, .mount = "/srv" };
	struct rebuild *r = *state;

	adopt(r);
	r->asked[1] = (struct asked){ .kind = QUERY_BLUEPRINT, .id = "i-blue", .at_ms = 1 };
	r->asked_count = 2;
	r->volumes_found = 0;
	r->volumes[0].plan = &BY_TAG;
	assert_false(is_refused(r));
	text_copy(r->selector_trouble, sizeof(r->selector_trouble), "none carries it");
	refused(r, ERROR_CONFLICT, "not every volume of the plan carries the tags of rebuild rb-1");
}

/* One that carries no tag was never part of it; one that carries another's was written over by that. */
static void a_volume_that_carries_no_tag_beside_one_that_does_is_of_another_plan(void **state)
{
	struct rebuild *r = *state;

	adopt(r);
	r->volumes_found = r->volume_count = 2;
	text_copy(r->volumes[1].id, CLOUD_ID_SIZE, "vol-2");
	world_follow_volume(&r->world, "vol-2");
	text_copy(r->world.volumes[0].rebuild, CLOUD_NAME_SIZE, "rb-1");
	assert_false(is_refused(r));
	r->world.volumes[1].tags_asked_ms = 1;
	refused(r, ERROR_CONFLICT, "not every volume of the plan carries the tags of rebuild rb-1");
	text_copy(r->world.volumes[1].rebuild, CLOUD_NAME_SIZE, "rb-2");
	assert_false(is_refused(r));
	r->world.volumes[0].tags_asked_ms = 1;
	r->world.volumes[0].rebuild[0] = '\0';
	text_copy(r->world.volumes[1].rebuild, CLOUD_NAME_SIZE, "rb-1");
	refused(r, ERROR_CONFLICT, "not every volume of the plan carries the tags of rebuild rb-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PREFLIGHT(nothing_is_refused_when_all_is_well),
		PREFLIGHT(after_a_resumption_green_is_asked_for_its_address_too),
		PREFLIGHT(a_volume_that_carries_no_tag_beside_one_that_does_is_of_another_plan),
		PREFLIGHT(volumes_that_nobody_can_find_are_missed_once_blue_was_seen),
		PREFLIGHT(a_volume_that_the_plan_names_by_a_tag_is_asked_for_first),
		PREFLIGHT(a_machine_that_is_not_running),
		PREFLIGHT(what_another_run_began_is_gone_on_with),
		PREFLIGHT(what_another_run_was_putting_back_is_put_back),
		PREFLIGHT(what_another_run_brought_to_its_end_is_over),
		PREFLIGHT(an_image_that_is_not_there),
		PREFLIGHT(an_image_that_is_not_available_yet),
		PREFLIGHT(an_image_of_another_architecture),
		PREFLIGHT(an_image_that_no_name_fits),
		PREFLIGHT(an_image_of_another_architecture_for_another_type),
		PREFLIGHT(a_volume_that_does_not_exist),
		PREFLIGHT(a_volume_in_another_zone),
		PREFLIGHT(a_volume_that_is_attached_twice),
		PREFLIGHT(a_volume_that_is_attached_elsewhere),
		PREFLIGHT(a_volume_that_is_attached_to_nothing),
		PREFLIGHT(a_volume_that_is_named_twice),
		PREFLIGHT(the_root_volume),
		PREFLIGHT(a_volume_that_is_mounted_elsewhere),
		PREFLIGHT(a_volume_that_is_not_mounted),
		PREFLIGHT(a_machine_with_two_addresses),
		PREFLIGHT(a_machine_without_the_address_to_switch),
		PREFLIGHT(all_reasons_are_given_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
