/* Volumes, attachments, snapshots: what may be done when, and what it really takes. */
#include "model_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void a_mounted_volume_stays_detaching(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 1);
	c->mounted = true;
	cloud_detach(c, v->id);
	cloud_pass(c, 10 * 60 * 1000);
	assert_int_equal(v->attachment.state, MODEL_DETACHING);
	assert_int_equal(v->state, MODEL_VOLUME_IN_USE);
	c->mounted = false;
	cloud_pass(c, 1000);
	assert_int_equal(v->attachment.state, MODEL_DETACHED);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
}

static void detaching_twice_is_one_detach(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 5000);
	cloud_detach(c, v->id);
	cloud_pass(c, 1000);
	cloud_detach(c, v->id);
	cloud_pass(c, 1500);
	assert_int_equal(v->attachment.state, MODEL_DETACHED);
	assert_int_equal(cloud_count_orders(c, "unplug"), 1);
}

/* Cut short by the instance's end: the detach that was due first must not end the next attachment. */
static void a_detach_that_was_overtaken_never_happens(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *first, *second;
	const struct model_volume *v;

	cloud_begin_with(c, "profile = none\ndetach = 5000\n");
	first = cloud_machine(c);
	second = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, first->id, "/dev/sdf");
	cloud_pass(c, 1);
	cloud_detach(c, v->id);
	cloud_change(c, MODEL_TERMINATE, first->id);
	cloud_pass(c, 1000);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
	cloud_attach(c, v->id, second->id, "/dev/sdf");
	cloud_pass(c, 1000);
	cloud_detach(c, v->id);
	cloud_pass(c, 4000);
	assert_int_equal(v->attachment.state, MODEL_DETACHING);
	cloud_pass(c, 2000);
	assert_int_equal(v->attachment.state, MODEL_DETACHED);
}

static void a_detached_volume_cannot_be_detached(void **state)
{
	struct cloud *c = *state;
	const struct model_volume *v;
	struct model_detach_request r = { .force = true };
	auto_error err = ERROR_INIT;

	v = cloud_volume(c);
	r.volume_id = v->id;
	expect_refused(model_detach_volume(c->model, &r, false, &v, &err), &err, "IncorrectState");
}

static void a_detach_must_name_the_right_instance(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *holder, *other;
	const struct model_volume *v;
	struct model_detach_request r = { .device = NULL };
	auto_error err = ERROR_INIT;

	holder = cloud_machine(c);
	other = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, holder->id, "/dev/sdf");
	cloud_pass(c, 1);
	r.volume_id = v->id;
	r.instance_id = other->id;
	expect_refused(
		model_detach_volume(c->model, &r, false, &v, &err), &err, "InvalidAttachment.NotFound");
}

static void the_root_of_a_running_instance_stays(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	struct model_detach_request r = { .force = true };
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	r.volume_id = i->volumes[0]->id;
	expect_refused(model_detach_volume(c->model, &r, false, &v, &err), &err, "OperationNotPermitted");
}

static void an_attached_volume_cannot_be_attached_again(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *first, *second;
	const struct model_volume *v;
	struct model_attach_request r = { .device = "/dev/sdf" };
	auto_error err = ERROR_INIT;

	first = cloud_machine(c);
	second = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, first->id, "/dev/sdf");
	r.volume_id = v->id;
	r.instance_id = second->id;
	expect_refused(model_attach_volume(c->model, &r, false, &v, &err), &err, "VolumeInUse");
}

static void two_volumes_never_share_a_device_name(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	struct model_attach_request r = { .device = "/dev/sdf" };
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	cloud_attach(c, cloud_volume(c)->id, i->id, "/dev/sdf");
	r.volume_id = cloud_volume(c)->id;
	r.instance_id = i->id;
	expect_refused(model_attach_volume(c->model, &r, false, &v, &err), &err, "InvalidParameterValue");
	r.device = "/dev/nvme1n1";
	expect_refused(model_attach_volume(c->model, &r, false, &v, &err), &err, "InvalidParameterValue");
}

static void volume_and_instance_must_share_the_zone(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	const struct model_volume *v;
	struct model_attach_request r = { .device = "/dev/sdf" };
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.zone = "eu-west-1c";
	i = cloud_run(c, &l);
	cloud_pass(c, 1);
	r.volume_id = cloud_volume(c)->id;
	r.instance_id = i->id;
	expect_refused(
		model_attach_volume(c->model, &r, false, &v, &err), &err, "InvalidVolume.ZoneMismatch");
}

/* The machine is `running` well before it is there; the disk waits for it. */
static void a_disk_attached_before_boot_is_plugged_in_at_boot(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	const struct model_volume *v;

	v = cloud_volume(c);
	l = cloud_launch(c);
	i = cloud_run(c, &l);
	cloud_pass(c, 6000);
	assert_int_equal(i->state, MODEL_RUNNING);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 2500);
	assert_int_equal(v->attachment.state, MODEL_ATTACHED);
	assert_int_equal(cloud_count_orders(c, "plug"), 0);
	cloud_pass(c, 5000);
	assert_true(i->booted);
	assert_int_equal(cloud_count_orders(c, "plug"), 1);
}

static void an_effect_tells_what_it_really_took(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	int64_t asked_ms;

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 5000);
	assert_string_equal(c->last.action, "AttachVolume");
	assert_in_range(c->last.effective_ms - c->last.accepted_ms, 1800, 2200);
	asked_ms = c->now_ms;
	c->mounted = true;
	cloud_detach(c, v->id);
	cloud_pass(c, 9000);
	c->mounted = false;
	cloud_pass(c, 1000);
	assert_string_equal(c->last.action, "DetachVolume");
	assert_string_equal(c->last_resource, v->id);
	assert_int_equal(c->last.accepted_ms, asked_ms);
	assert_in_range(c->last.effective_ms - asked_ms, 9000, 9100); /* until it was unmounted */
}

static void a_volume_in_use_is_not_deleted(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	expect_refused(model_delete_volume(c->model, v->id, false, &err), &err, "VolumeInUse");
	assert_int_equal(cloud_count_orders(c, "delete"), 0);
}

static void a_volume_token_used_again_gives_the_same_volume(void **state)
{
	const struct model_volume_request r = {
		.zone = "eu-west-1a",
		.size_gib = 1,
		.client_token = "clone-1",
		.fingerprint = 7,
	};
	struct cloud *c = *state;
	const struct model_volume *first, *second;
	auto_error err = ERROR_INIT;

	expect_done(model_create_volume(c->model, &r, false, &first, &err), &err);
	expect_done(model_create_volume(c->model, &r, false, &second, &err), &err);
	assert_ptr_equal(first, second);
	assert_int_equal(cloud_count_orders(c, "create"), 1);
}

static void a_snapshot_is_ordered_at_once_and_completes_later(void **state)
{
	struct cloud *c = *state;
	const struct model_snapshot *s;

	s = cloud_snapshot(c, cloud_volume(c)->id);
	assert_int_equal(cloud_count_orders(c, "snapshot"), 1);
	assert_int_equal(s->state, MODEL_SNAPSHOT_PENDING);
	cloud_pass(c, 10 * 1000);
	assert_int_equal(s->state, MODEL_SNAPSHOT_COMPLETED);
	assert_int_equal(model_snapshot_progress(c->model, s), 100);
}

static void a_snapshot_is_not_complete_before_its_copy_is(void **state)
{
	struct cloud *c = *state;
	const struct model_snapshot *s;

	c->slow_copy = true;
	s = cloud_snapshot(c, cloud_volume(c)->id);
	cloud_pass(c, 3600 * 1000);
	assert_int_equal(s->state, MODEL_SNAPSHOT_PENDING);
	model_snapshot_copied(c->model, s->id, NULL);
	assert_int_equal(s->state, MODEL_SNAPSHOT_COMPLETED);
}

static void a_failed_copy_is_an_error_not_a_snapshot(void **state)
{
	struct cloud *c = *state;
	const struct model_snapshot *s;
	auto_error failure = ERROR_INIT;

	c->slow_copy = true;
	s = cloud_snapshot(c, cloud_volume(c)->id);
	cloud_pass(c, 1);
	error_set(&failure, ERROR_LOCAL, "disk full");
	model_snapshot_copied(c->model, s->id, &failure);
	assert_int_equal(s->state, MODEL_SNAPSHOT_ERROR);
	assert_int_equal(c->troubles, 1);
}

static void a_volume_needs_a_completed_snapshot(void **state)
{
	struct cloud *c = *state;
	const struct model_snapshot *s;
	const struct model_volume *v;
	struct model_volume_request r = { .zone = "eu-west-1a" };
	auto_error err = ERROR_INIT;

	s = cloud_snapshot(c, cloud_volume(c)->id);
	r.snapshot_id = s->id;
	expect_refused(model_create_volume(c->model, &r, false, &v, &err), &err, "IncorrectState");
	cloud_pass(c, 10 * 1000);
	expect_done(model_create_volume(c->model, &r, false, &v, &err), &err);
	assert_int_equal(v->size_gib, 1);
	assert_string_equal(v->snapshot_id, s->id);
}

static void at_most_five_snapshots_of_a_volume_are_pending(void **state)
{
	struct cloud *c = *state;
	const struct model_volume *v;
	const struct model_snapshot *s;
	struct model_snapshot_request r = { .description = "one too many" };
	auto_error err = ERROR_INIT;

	v = cloud_volume(c);
	for (int n = 0; n < 5; n++)
		cloud_snapshot(c, v->id);
	r.volume_id = v->id;
	expect_refused(model_create_snapshot(c->model, &r, false, &s, &err), &err,
		"ConcurrentSnapshotLimitExceeded");
	cloud_pass(c, 10 * 1000);
	expect_done(model_create_snapshot(c->model, &r, false, &s, &err), &err);
}

static void a_snapshot_deleted_while_it_is_copied_leaves_nothing(void **state)
{
	struct cloud *c = *state;
	char id[MODEL_ID_SIZE];
	auto_error err = ERROR_INIT;

	c->slow_copy = true;
	text_copy(id, sizeof(id), cloud_snapshot(c, cloud_volume(c)->id)->id);
	expect_done(model_delete_snapshot(c->model, id, false, &err), &err);
	expect_refused(model_find_snapshot(c->model, id, &err), &err, "InvalidSnapshot.NotFound");
	assert_int_equal(cloud_count_orders(c, "delete-snapshot"), 0);
	model_snapshot_copied(c->model, id, NULL);
	assert_int_equal(cloud_count_orders(c, "delete-snapshot"), 1);
	assert_int_equal(model_snapshots(c->model)->live, 0);
}

static void a_dry_run_detaches_nothing(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	struct model_detach_request r = { .device = NULL };
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 1);
	r.volume_id = v->id;
	expect_refused(model_detach_volume(c->model, &r, true, &v, &err), &err, "DryRunOperation");
	cloud_pass(c, 1000);
	assert_int_equal(i->volumes[1]->attachment.state, MODEL_ATTACHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_ONCE(a_mounted_volume_stays_detaching),
		AS_EC2(detaching_twice_is_one_detach),
		AT_ONCE(a_detach_that_was_overtaken_never_happens),
		AT_ONCE(a_detached_volume_cannot_be_detached),
		AT_ONCE(a_detach_must_name_the_right_instance),
		AT_ONCE(the_root_of_a_running_instance_stays),
		AT_ONCE(an_attached_volume_cannot_be_attached_again),
		AT_ONCE(two_volumes_never_share_a_device_name),
		AT_ONCE(volume_and_instance_must_share_the_zone),
		AS_EC2(a_disk_attached_before_boot_is_plugged_in_at_boot),
		AS_EC2(an_effect_tells_what_it_really_took),
		AT_ONCE(a_volume_in_use_is_not_deleted),
		AT_ONCE(a_volume_token_used_again_gives_the_same_volume),
		AS_EC2(a_snapshot_is_ordered_at_once_and_completes_later),
		AT_ONCE(a_snapshot_is_not_complete_before_its_copy_is),
		AT_ONCE(a_failed_copy_is_an_error_not_a_snapshot),
		AS_EC2(a_volume_needs_a_completed_snapshot),
		AS_EC2(at_most_five_snapshots_of_a_volume_are_pending),
		AT_ONCE(a_snapshot_deleted_while_it_is_copied_leaves_nothing),
		AT_ONCE(a_dry_run_detaches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
