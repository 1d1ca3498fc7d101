/* The life of instances: states, tokens, protection, what a stop and a termination leave. */
#include "model_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool change_all(
	struct cloud *c, enum model_change_kind kind, const char *const *ids, size_t count, struct error *err)
{
	const struct model_change_request r = { .kind = kind, .ids = ids, .count = count };
	struct model_change changes[3];

	return model_change_instances(c->model, &r, false, changes, err);
}

static void an_instance_is_pending_then_running_then_booted(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;

	l = cloud_launch(c);
	i = cloud_run(c, &l);
	assert_int_equal(i->state, MODEL_PENDING);
	cloud_pass(c, 4000);
	assert_int_equal(i->state, MODEL_PENDING);
	cloud_pass(c, 2000);
	assert_int_equal(i->state, MODEL_RUNNING);
	assert_false(i->booted);
	cloud_pass(c, 6000);
	assert_true(i->booted);
	assert_int_equal(cloud_count_orders(c, "boot"), 1);
}

static void a_new_instance_is_not_found_until_it_is_visible(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	i = cloud_run(c, &l);
	expect_refused(model_find_instance(c->model, i->id, &err), &err, "InvalidInstanceID.NotFound");
	cloud_pass(c, 1000);
	assert_ptr_equal(model_find_instance(c->model, i->id, &err), i);
}

static void a_token_used_again_gives_the_same_instance(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	struct model_reservation again;
	const struct model_instance *i;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.client_token = "rebuild-1";
	i = cloud_run(c, &l);
	expect_done(model_run_instances(c->model, &l, false, &again, &err), &err);
	assert_int_equal(again.count, 1);
	assert_ptr_equal(again.instances[0], i);
	assert_string_equal(again.id, i->reservation_id);
	assert_int_equal(model_instances(c->model)->live, 1);
}

static void a_token_goes_with_one_set_of_parameters(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	struct model_reservation again;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.client_token = "rebuild-1";
	cloud_run(c, &l);
	l.fingerprint = 2;
	expect_refused(
		model_run_instances(c->model, &l, false, &again, &err), &err, "IdempotentParameterMismatch");
}

/* EC2's scope of a token is the zone, if one is named: the trap that facts warn of. */
static void a_token_in_another_zone_launches_again(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *first, *second;

	l = cloud_launch(c);
	l.client_token = "rebuild-1";
	l.zone = "eu-west-1a";
	first = cloud_run(c, &l);
	l.zone = "eu-west-1b";
	second = cloud_run(c, &l);
	assert_ptr_not_equal(first, second);
	assert_int_not_equal(first->zone, second->zone);
}

static void a_token_of_a_terminated_instance_is_refused(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	struct model_reservation again;
	const struct model_instance *i;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.client_token = "rebuild-1";
	i = cloud_run(c, &l);
	cloud_change(c, MODEL_TERMINATE, i->id);
	expect_refused(
		model_run_instances(c->model, &l, false, &again, &err), &err, "IdempotentInstanceTerminated");
	cloud_pass(c, 2 * 3600 * 1000);
	expect_refused(
		model_run_instances(c->model, &l, false, &again, &err), &err, "IdempotentInstanceTerminated");
}

static void a_dry_run_launches_nothing(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	struct model_reservation made;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	expect_refused(model_run_instances(c->model, &l, true, &made, &err), &err, "DryRunOperation");
	assert_int_equal(model_instances(c->model)->live, 0);
	assert_int_equal(model_volumes(c->model)->live, 0);
	l.image_id = "ami-00000000000000000";
	expect_refused(model_run_instances(c->model, &l, true, &made, &err), &err, "InvalidAMIID.NotFound");
}

static void an_image_of_another_architecture_is_refused(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	struct model_reservation made;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.type = "t4g.small";
	expect_refused(model_run_instances(c->model, &l, false, &made, &err), &err, "InvalidParameterValue");
}

static void a_protected_instance_is_not_terminated(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *kept, *near, *far;
	const char *ids[3];
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	near = cloud_run(c, &l);
	l.zone = "eu-west-1b";
	far = cloud_run(c, &l);
	l.zone = NULL;
	l.settings.termination_protected = true;
	kept = cloud_run(c, &l);
	cloud_pass(c, 1);
	ids[0] = near->id;
	ids[1] = far->id;
	ids[2] = kept->id;
	expect_refused(change_all(c, MODEL_TERMINATE, ids, 3, &err), &err, "OperationNotPermitted");
	assert_int_equal(kept->state, MODEL_RUNNING);
	assert_int_equal(near->state, MODEL_RUNNING);      /* in the same zone: spared */
	assert_int_equal(far->state, MODEL_SHUTTING_DOWN); /* in another one: not */
}

static void one_bad_id_fails_the_call_and_changes_nothing(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const char *ids[2];
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	ids[0] = i->id;
	ids[1] = "i-00000000000000000";
	expect_refused(change_all(c, MODEL_STOP, ids, 2, &err), &err, "InvalidInstanceID.NotFound");
	assert_int_equal(i->state, MODEL_RUNNING);
}

static void an_instance_is_stopped_only_when_nothing_of_it_runs(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;

	i = cloud_machine(c);
	c->running_on = true;
	cloud_change(c, MODEL_STOP, i->id);
	cloud_pass(c, 10 * 1000);
	assert_int_equal(i->state, MODEL_STOPPING);
	c->running_on = false;
	cloud_pass(c, 1000);
	assert_int_equal(i->state, MODEL_STOPPED);
	assert_false(i->booted);
}

static void a_forced_stop_gives_no_time_to_end(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	struct model_change_request r = { .kind = MODEL_STOP, .count = 1, .force = true };
	struct model_change changed;
	const char *id;
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	id = i->id;
	r.ids = &id;
	expect_done(model_change_instances(c->model, &r, false, &changed, &err), &err);
	assert_non_null(strstr(c->orders.bytes, "by force"));
}

static void a_stopped_instance_starts_with_its_disks(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	char order[128];

	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 1);
	cloud_change(c, MODEL_STOP, i->id);
	cloud_pass(c, 1);
	assert_int_equal(i->state, MODEL_STOPPED);
	assert_int_equal(v->attachment.state, MODEL_ATTACHED);
	assert_int_equal(cloud_count_orders(c, "unplug"), 1);
	cloud_change(c, MODEL_START, i->id);
	cloud_pass(c, 1);
	assert_true(i->booted);
	snprintf(order, sizeof(order), "plug %s %s", v->id, i->id);
	assert_int_equal(cloud_count_orders(c, order), 2);
}

/* Stopped and started before it was up: the boot that was due first is no longer meant. */
static void a_boot_that_was_overtaken_never_happens(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;

	cloud_begin_with(c, "profile = none\nrunning_to_sshd = 5000\n");
	l = cloud_launch(c);
	i = cloud_run(c, &l);
	cloud_pass(c, 3000);
	cloud_change(c, MODEL_STOP, i->id);
	cloud_pass(c, 1);
	cloud_change(c, MODEL_START, i->id);
	cloud_pass(c, 3000);
	assert_int_equal(i->state, MODEL_RUNNING);
	assert_false(i->booted);
	cloud_pass(c, 3000);
	assert_true(i->booted);
	assert_int_equal(cloud_count_orders(c, "boot"), 1);
}

static void a_pending_instance_cannot_be_stopped(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	const char *id;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	i = cloud_run(c, &l);
	cloud_pass(c, 1000);
	id = i->id;
	expect_refused(change_all(c, MODEL_STOP, &id, 1, &err), &err, "IncorrectInstanceState");
}

static void termination_deletes_the_root_and_keeps_what_was_attached_later(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_volume *v;
	char root[MODEL_ID_SIZE];
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	text_copy(root, sizeof(root), i->volumes[0]->id);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 1);
	cloud_change(c, MODEL_TERMINATE, i->id);
	cloud_pass(c, 1);
	assert_int_equal(i->state, MODEL_TERMINATED);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
	expect_refused(model_find_volume(c->model, root, &err), &err, "InvalidVolume.NotFound");
	assert_int_equal(cloud_count_orders(c, "remove"), 1);
}

/* EC2's default for a data volume in the launch request (the API's, not the console's) is to delete it. */
static void a_data_volume_of_the_launch_dies_with_it_unless_told_otherwise(void **state)
{
	const struct model_mapping mappings[] = {
		{ .device = "/dev/sdf", .size_gib = 1 },
		{ .device = "/dev/sdg", .size_gib = 1 },
	};
	const struct model_modification keep = { .attribute = MODEL_DELETE_ON_TERMINATION,
		.device = "/dev/sdg" };
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	l.mappings = mappings;
	l.mapping_count = ARRAY_SIZE(mappings);
	i = cloud_run(c, &l);
	assert_int_equal(i->volume_count, 3);
	expect_done(model_modify_instance(c->model, i->id, &keep, false, &err), &err);
	cloud_change(c, MODEL_TERMINATE, i->id);
	cloud_pass(c, 1);
	assert_int_equal(model_volumes(c->model)->live, 1);
	assert_int_equal(cloud_count_orders(c, "delete"), 1);
}

static void an_image_mapping_can_be_suppressed(void **state)
{
	const struct model_mapping image_data = { .device = "/dev/sdb", .size_gib = 2 };
	const struct model_mapping none = { .device = "/dev/sdb", .suppressed = true };
	const struct model_image_request r = {
		.name = "v2",
		.location = "/images/v2",
		.architecture = "x86_64",
		.root_device = "/dev/sda1",
		.mappings = &image_data,
		.mapping_count = 1,
	};
	const struct model_image *image;
	struct cloud *c = *state;
	struct model_launch l;
	auto_error err = ERROR_INIT;

	expect_done(model_register_image(c->model, &r, false, &image, &err), &err);
	l = cloud_launch(c);
	l.image_id = image->id;
	assert_int_equal(cloud_run(c, &l)->volume_count, 2);
	l.mappings = &none;
	l.mapping_count = 1;
	assert_int_equal(cloud_run(c, &l)->volume_count, 1);
}

static void a_terminated_instance_is_described_for_an_hour(void **state)
{
	struct cloud *c = *state;
	char id[MODEL_ID_SIZE];
	auto_error err = ERROR_INIT;

	text_copy(id, sizeof(id), cloud_machine(c)->id);
	cloud_change(c, MODEL_TERMINATE, id);
	cloud_pass(c, 59 * 60 * 1000);
	assert_non_null(model_find_instance(c->model, id, &err));
	cloud_pass(c, 2 * 60 * 1000);
	expect_refused(model_find_instance(c->model, id, &err), &err, "InvalidInstanceID.NotFound");
}

static void a_machine_that_cannot_boot_is_terminated_and_says_why(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;

	c->boot_fails = true;
	l = cloud_launch(c);
	i = cloud_run(c, &l);
	cloud_pass(c, 1);
	assert_int_equal(i->state, MODEL_TERMINATED);
	assert_string_equal(i->reason_code, "Server.InternalError");
	assert_int_equal(cloud_count_orders(c, "remove"), 1); /* what it left half made */
	assert_int_equal(c->troubles, 1);
}

static void private_addresses_are_unique_and_come_back(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *a, *b;

	l = cloud_launch(c);
	for (int n = 0; n < 40000; n++) { /* more than a zone has */
		a = cloud_run(c, &l);
		b = cloud_run(c, &l);
		assert_string_not_equal(a->private_ip, b->private_ip);
		cloud_change(c, MODEL_TERMINATE, a->id);
		cloud_change(c, MODEL_TERMINATE, b->id);
		cloud_pass(c, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AS_EC2(an_instance_is_pending_then_running_then_booted),
		AS_EC2(a_new_instance_is_not_found_until_it_is_visible),
		AT_ONCE(a_token_used_again_gives_the_same_instance),
		AT_ONCE(a_token_goes_with_one_set_of_parameters),
		AT_ONCE(a_token_in_another_zone_launches_again),
		AT_ONCE(a_token_of_a_terminated_instance_is_refused),
		AT_ONCE(a_dry_run_launches_nothing),
		AT_ONCE(an_image_of_another_architecture_is_refused),
		AT_ONCE(a_protected_instance_is_not_terminated),
		AT_ONCE(one_bad_id_fails_the_call_and_changes_nothing),
		AT_ONCE(an_instance_is_stopped_only_when_nothing_of_it_runs),
		AT_ONCE(a_forced_stop_gives_no_time_to_end),
		AT_ONCE(a_stopped_instance_starts_with_its_disks),
		AT_ONCE(a_boot_that_was_overtaken_never_happens),
		AS_EC2(a_pending_instance_cannot_be_stopped),
		AT_ONCE(termination_deletes_the_root_and_keeps_what_was_attached_later),
		AT_ONCE(a_data_volume_of_the_launch_dies_with_it_unless_told_otherwise),
		AT_ONCE(an_image_mapping_can_be_suppressed),
		AT_ONCE(a_terminated_instance_is_described_for_an_hour),
		AT_ONCE(a_machine_that_cannot_boot_is_terminated_and_says_why),
		AT_ONCE(private_addresses_are_unique_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
