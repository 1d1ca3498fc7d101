/* Each safety rule refuses what it is there for, whatever step asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/absorb.h"
#include "rebuild/claim.h"
#include "rebuild/guards.h"
#include "rebuild/steps/steps.h"

static const struct moment NOW = { 100000, 100000 };
static const struct plan_data DATA = { .mount = "/srv" };
static const struct plan PLAN = { .data = &DATA, .data_count = 1, .keep_ms = 1000 };

/* Green is launched, blue serves with the volume mounted, a backup exists. */
static int set_up(void **state)
{
	struct rebuild *r = calloc(1, sizeof(*r));
	struct snapshot backup = {
		.id = "snap-1", .volume_id = "vol-1", .rebuild = "rb-1", .state = SNAPSHOT_COMPLETED
	};

	assert_non_null(r);
	rebuild_init(r, "rb-1", &PLAN, "i-blue");
	text_copy(r->volumes[0].id, CLOUD_ID_SIZE, "vol-1");
	world_follow_volume(&r->world, "vol-1");
	text_copy(r->world.green.id, CLOUD_ID_SIZE, "i-green");
	r->world.blue.state = r->world.green.state = INSTANCE_RUNNING;
	r->world.volumes[0] = (struct volume){ .id = "vol-1",
		.asked_ms = 10,
		.state = VOLUME_IN_USE,
		.attachment = ATTACHMENT_ATTACHED,
		.instance_id = "i-blue",
		.attachment_count = 1 };
	r->world.blue_guest = (struct guest){ .instance_id = "i-blue",
		.asked_ms = 10,
		.reachable = true,
		.disk_count = 1,
		.disks = {
			{ .volume_id = "vol-1", .present = true, .mounted = true, .mounted_right = true } } };
	r->world.snapshots[0] = backup;
	r->world.snapshot_count = 1;
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	rebuild_release(*state);
	free(*state);
	return 0;
}

static struct effect effect(enum effect_kind kind, const char *instance_id)
{
	struct effect e = { .kind = kind,
		.volume_id = "vol-1",
		.step = "detach",
		.token = "rb-1.x.1.0",
		.rebuild = "rb-1",
		.role = "green" };

	text_copy(e.instance_id, CLOUD_ID_SIZE, instance_id);
	return e;
}

/* The name of the guard that refuses, or "". */
static const char *refused_by(const struct rebuild *r, struct effect e)
{
	const char *reason;
	const struct guard *g = guards_refuse(r, &e, NOW, &reason);

	return g ? g->name : "";
}

/* A moment ago. */
static void quiet(struct rebuild *r)
{
	r->world.blue_guest.asked_ms = NOW.mono_ms - 1000;
	r->world.blue_guest.disks[0].mounted = r->world.blue_guest.disks[0].mounted_right = false;
}

static void held_by(struct rebuild *r, const char *instance_id)
{
	struct volume *v = &r->world.volumes[0];

	text_copy(v->instance_id, CLOUD_ID_SIZE, instance_id);
	v->attachment = instance_id[0] ? ATTACHMENT_ATTACHED : ATTACHMENT_NONE;
	v->state = instance_id[0] ? VOLUME_IN_USE : VOLUME_AVAILABLE;
}

static void a_mounted_volume_is_never_detached(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "detached-when-quiet");
	quiet(r);
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "");
}

static void a_service_is_started_on_its_mounted_data_only(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_START_SERVICE, "i-blue")), "");
	r->touched_blue_ms = NOW.mono_ms; /* nobody has looked since */
	assert_string_equal(refused_by(r, effect(EFFECT_START_SERVICE, "i-blue")), "started-on-its-data");
	quiet(r);
	assert_string_equal(refused_by(r, effect(EFFECT_START_SERVICE, "i-blue")), "started-on-its-data");
}

static void a_report_from_before_the_last_guest_command_proves_nothing(void **state)
{
	struct rebuild *r = *state;

	quiet(r);
	r->touched_blue_ms = NOW.mono_ms - 500;
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "detached-when-quiet");
}

/* Somebody may have restarted the machine since, which serves again then. */
static void a_report_of_long_ago_proves_nothing_of_a_machine_that_runs(void **state)
{
	struct rebuild *r = *state;

	quiet(r);
	r->world.blue_guest.asked_ms = NOW.mono_ms - 10000;
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "detached-when-quiet");
	r->world.blue.state = INSTANCE_STOPPED;
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "");
}

static void a_report_that_leaves_the_volume_out_proves_nothing(void **state)
{
	struct rebuild *r = *state;

	quiet(r);
	r->world.blue_guest.disk_count = 0;
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "detached-when-quiet");
}

static void nothing_is_detached_without_a_recovery_point(void **state)
{
	struct rebuild *r = *state;

	quiet(r);
	r->world.snapshots[0].state = SNAPSHOT_ERROR;
	assert_string_equal(refused_by(r, effect(EFFECT_DETACH_VOLUME, "i-blue")), "recovery-point-first");
}

static void a_volume_is_mounted_on_one_instance_only(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_MOUNT, "i-green")), "mounted-on-one");
	quiet(r);
	assert_string_equal(refused_by(r, effect(EFFECT_MOUNT, "i-green")), "");
}

static void a_volume_is_attached_only_when_it_is_free(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_ATTACH_VOLUME, "i-green")), "attached-when-free");
	held_by(r, "");
	assert_string_equal(refused_by(r, effect(EFFECT_ATTACH_VOLUME, "i-green")), "");
	r->volumes[0].touched_ms = 11;
	assert_string_equal(refused_by(r, effect(EFFECT_ATTACH_VOLUME, "i-green")), "attached-when-free");
	r->volumes[0].touched_ms = 0;
	r->world.volumes[0].asked_ms = 0; /* never seen */
	assert_string_equal(refused_by(r, effect(EFFECT_ATTACH_VOLUME, "i-green")), "attached-when-free");
}

static void confirm_and_bake(struct rebuild *r)
{
	step_run_of(r, &step_confirm)->proved = step_run_of(r, &step_bake)->proved = true;
	r->confirmed_wall_ms = NOW.wall_ms - 500;
}

static void blue_is_never_given_up_before_green_serves(void **state)
{
	struct rebuild *r = *state;

	held_by(r, "i-green");
	assert_string_equal(refused_by(r, effect(EFFECT_STOP_INSTANCE, "i-blue")), "blue-ends-last");
	step_run_of(r, &step_confirm)->proved = true;
	assert_string_equal(refused_by(r, effect(EFFECT_STOP_INSTANCE, "i-blue")), "blue-ends-last");
	confirm_and_bake(r);
	assert_string_equal(refused_by(r, effect(EFFECT_STOP_INSTANCE, "i-blue")), "");
	r->course = COURSE_BACK;
	assert_string_equal(refused_by(r, effect(EFFECT_STOP_INSTANCE, "i-blue")), "blue-ends-last");
}

static void blue_is_kept_as_long_as_agreed(void **state)
{
	struct rebuild *r = *state;

	held_by(r, "i-green");
	confirm_and_bake(r);
	assert_string_equal(refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-blue")), "blue-ends-last");
	r->confirmed_wall_ms = NOW.wall_ms - 1000;
	assert_string_equal(refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-blue")), "");
}

static void nothing_that_holds_data_is_terminated(void **state)
{
	struct rebuild *r = *state;

	confirm_and_bake(r);
	r->confirmed_wall_ms = 0;
	assert_string_equal(refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-blue")), "blue-ends-last");
	r->course = COURSE_BACK;
	held_by(r, "i-green");
	assert_string_equal(
		refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-green")), "green-holds-nothing");
	held_by(r, "i-blue");
	assert_string_equal(refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-green")), "");
}

static void green_is_not_given_up_on_the_way_forward(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(
		refused_by(r, effect(EFFECT_TERMINATE_INSTANCE, "i-green")), "green-holds-nothing");
}

static void machines_of_others_are_not_touched(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_STOP_INSTANCE, "i-other")), "only-our-machines");
	assert_string_equal(refused_by(r, effect(EFFECT_QUIESCE, "i-other")), "only-our-machines");
}

static void volumes_of_others_are_not_tagged(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_TAG, "");

	assert_string_equal(refused_by(r, e), "");
	text_copy(e.volume_id, CLOUD_ID_SIZE, "vol-other");
	assert_string_equal(refused_by(r, e), "only-our-machines");
}

static void the_only_recovery_point_is_not_deleted(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_DELETE_SNAPSHOT, "");

	text_copy(e.snapshot_id, CLOUD_ID_SIZE, "snap-1");
	text_copy(r->world.snapshots[0].rebuild, CLOUD_NAME_SIZE, "rb-0");
	assert_string_equal(refused_by(r, e), "only-old-snapshots-of-ours");
}

static void snapshots_of_others_are_not_deleted(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_DELETE_SNAPSHOT, "");

	text_copy(e.snapshot_id, CLOUD_ID_SIZE, "snap-1");
	assert_string_equal(refused_by(r, e), "only-old-snapshots-of-ours");
	text_copy(e.snapshot_id, CLOUD_ID_SIZE, "snap-unknown");
	assert_string_equal(refused_by(r, e), "only-old-snapshots-of-ours");
	r->world.snapshots[1] =
		(struct snapshot){ .id = "snap-0", .volume_id = "vol-1", .state = SNAPSHOT_COMPLETED };
	r->world.snapshot_count = 2;
	text_copy(e.snapshot_id, CLOUD_ID_SIZE, "snap-0");
	assert_string_equal(refused_by(r, e), "only-old-snapshots-of-ours");
	text_copy(r->world.snapshots[1].rebuild, CLOUD_NAME_SIZE, "rb-0");
	assert_string_equal(refused_by(r, e), "");
}

static void traffic_goes_only_to_what_serves(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_ASSOCIATE_ADDRESS, "i-green");

	text_copy(e.allocation_id, CLOUD_ID_SIZE, "eipalloc-1");
	world_follow_address(&r->world, "eipalloc-1");
	assert_string_equal(refused_by(r, e), "traffic-to-what-serves");
	step_run_of(r, &step_ready)->proved = true;
	assert_string_equal(refused_by(r, e), "traffic-to-what-serves");
	r->world.green_guest = r->world.blue_guest;
	assert_string_equal(refused_by(r, e), "");
	step_run_of(r, &step_ready)->proved = false;
	assert_string_equal(refused_by(r, e), "traffic-to-what-serves");
}

/* On the way back the window is open, and blue is what there will be. */
static void going_back_traffic_goes_to_blue_only(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_ASSOCIATE_ADDRESS, "i-blue");

	text_copy(e.allocation_id, CLOUD_ID_SIZE, "eipalloc-1");
	world_follow_address(&r->world, "eipalloc-1");
	assert_string_equal(refused_by(r, e), "traffic-to-what-serves");
	r->course = COURSE_BACK;
	assert_string_equal(refused_by(r, e), "");
	text_copy(e.instance_id, CLOUD_ID_SIZE, "i-green");
	assert_string_equal(refused_by(r, e), "traffic-to-what-serves");
}

static void an_address_that_somebody_moved_elsewhere_stays_there(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_ASSOCIATE_ADDRESS, "i-blue");

	r->course = COURSE_BACK;
	text_copy(e.allocation_id, CLOUD_ID_SIZE, "eipalloc-1");
	assert_string_equal(refused_by(r, e), "address-of-ours");
	world_follow_address(&r->world, "eipalloc-1");
	assert_string_equal(refused_by(r, e), "");
	text_copy(r->world.addresses[0].instance_id, CLOUD_ID_SIZE, "i-other");
	assert_string_equal(refused_by(r, e), "address-of-ours");
}

/* Another engine, with another journal, has written itself into the tags. */
static void who_does_not_drive_it_any_more_does_nothing(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_START_INSTANCE, "i-blue");

	r->options.journal = "jr-1 anna@one";
	r->claimed_since_ms = 5;
	r->world.blue.asked_ms = NOW.mono_ms;
	text_copy(r->world.blue.rebuild, CLOUD_NAME_SIZE, "rb-1");
	text_copy(r->world.blue.journal, CLOUD_HOLDER_SIZE, "jr-1 anna@one");
	assert_string_equal(refused_by(r, e), "");
	text_copy(r->world.volumes[0].rebuild, CLOUD_NAME_SIZE, "rb-1");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, "jr-2 ben@two");
	r->world.volumes[0].tags_asked_ms = NOW.mono_ms;
	assert_string_equal(refused_by(r, e), "driven-by-us");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, "jr-10 anna@one");
	assert_string_equal(refused_by(r, e), "driven-by-us");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, "jr-1"); /* cut off, or written by hand */
	assert_string_equal(refused_by(r, e), "");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, "jr");
	assert_string_equal(refused_by(r, e), "driven-by-us");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, ""); /* begun without a journal */
	assert_string_equal(refused_by(r, e), "");
	text_copy(r->world.volumes[0].journal, CLOUD_ID_SIZE, "jr-2 ben@two");
	r->world.volumes[0].tags_asked_ms = 4; /* before we wrote ourselves into them */
	assert_string_equal(refused_by(r, e), "");
	text_copy(r->world.volumes[0].rebuild, CLOUD_NAME_SIZE, ""); /* somebody removed it */
	r->world.volumes[0].tags_asked_ms = NOW.mono_ms;
	assert_string_equal(refused_by(r, e), "");
	r->world.volumes[0].tags_asked_ms = 4;
	text_copy(r->world.blue.rebuild, CLOUD_NAME_SIZE, "rb-2");
	assert_string_equal(refused_by(r, e), "driven-by-us");
	text_copy(r->world.blue.rebuild, CLOUD_NAME_SIZE, "rb-1");
	r->world.blue.asked_ms = NOW.mono_ms - CLAIM_FRESH_MS - 1; /* nobody has looked lately */
	assert_string_equal(refused_by(r, e), "driven-by-us");
}

static void what_is_made_carries_its_tags(void **state)
{
	struct rebuild *r = *state;
	struct effect e = effect(EFFECT_LAUNCH, "");

	assert_string_equal(refused_by(r, e), "");
	e.role = NULL;
	assert_string_equal(refused_by(r, e), "tagged-when-made");
	e = effect(EFFECT_LAUNCH, "");
	text_copy(e.rebuild, CLOUD_NAME_SIZE, "rb-2");
	assert_string_equal(refused_by(r, e), "tagged-when-made");
	e = effect(EFFECT_LAUNCH, "");
	e.token[0] = '\0'; /* nobody would find it again */
	assert_string_equal(refused_by(r, e), "tagged-when-made");
}

static void blue_is_not_quiesced_before_green_is_up(void **state)
{
	struct rebuild *r = *state;

	assert_string_equal(refused_by(r, effect(EFFECT_QUIESCE, "i-blue")), "outage-only-when-prepared");
	step_run_of(r, &step_backup)->proved = true;
	assert_string_equal(refused_by(r, effect(EFFECT_QUIESCE, "i-blue")), "outage-only-when-prepared");
	step_run_of(r, &step_boot)->proved = true;
	assert_string_equal(refused_by(r, effect(EFFECT_QUIESCE, "i-blue")), "");
}

#define GUARDED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GUARDED(a_mounted_volume_is_never_detached),
		GUARDED(a_service_is_started_on_its_mounted_data_only),
		GUARDED(a_report_from_before_the_last_guest_command_proves_nothing),
		GUARDED(a_report_of_long_ago_proves_nothing_of_a_machine_that_runs),
		GUARDED(a_report_that_leaves_the_volume_out_proves_nothing),
		GUARDED(nothing_is_detached_without_a_recovery_point),
		GUARDED(a_volume_is_mounted_on_one_instance_only),
		GUARDED(a_volume_is_attached_only_when_it_is_free),
		GUARDED(blue_is_never_given_up_before_green_serves),
		GUARDED(blue_is_kept_as_long_as_agreed),
		GUARDED(nothing_that_holds_data_is_terminated),
		GUARDED(green_is_not_given_up_on_the_way_forward),
		GUARDED(machines_of_others_are_not_touched),
		GUARDED(volumes_of_others_are_not_tagged),
		GUARDED(the_only_recovery_point_is_not_deleted),
		GUARDED(snapshots_of_others_are_not_deleted),
		GUARDED(traffic_goes_only_to_what_serves),
		GUARDED(going_back_traffic_goes_to_blue_only),
		GUARDED(an_address_that_somebody_moved_elsewhere_stays_there),
		GUARDED(who_does_not_drive_it_any_more_does_nothing),
		GUARDED(what_is_made_carries_its_tags),
		GUARDED(blue_is_not_quiesced_before_green_is_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
