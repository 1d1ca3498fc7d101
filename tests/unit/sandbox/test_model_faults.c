/* What the model makes of faults, in virtual time. */
#include "model_fixture.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/model/incidents.h"

static void add(struct cloud *c, const char *line)
{
	const struct fault_source from = { .name = "line" };
	struct fault_list list;
	auto_error err = ERROR_INIT;

	expect_done(fault_read(&from, line, &list, &err), &err);
	for (size_t i = 0; i < list.count; i++)
		model_add_fault(c->model, &list.items[i]);
	fault_list_release(&list);
}

static void call(struct cloud *c, const char *action, const char *id)
{
	const struct fault_question q = {
		.point = FAULT_AT_CALL,
		.call = action,
		.names = &id,
		.name_count = 1,
		.now_ms = model_now(c->model),
	};

	model_after_call(c->model, &q);
	cloud_pass(c, 0);
}

static int count(const struct cloud *c, const char *order, const char *id)
{
	char line[128];

	snprintf(line, sizeof(line), "%s %s", order, id);
	return cloud_count_orders(c, line);
}

static void a_stuck_volume_is_not_taken_out_before_its_time(void **state)
{
	struct cloud *c = *state;
	const struct model_volume *v;
	const struct model_instance *i;

	cloud_begin_with(c, "profile = none\ndetach = 100\n");
	i = cloud_machine(c);
	v = cloud_volume(c);
	cloud_attach(c, v->id, i->id, "/dev/sdf");
	cloud_pass(c, 0);
	add(c, "stuck-busy for=1000");
	cloud_detach(c, v->id);
	cloud_pass(c, 950);
	assert_string_equal(model_attachment_status(&v->attachment), "busy");
	assert_int_equal(count(c, "unplug", v->id), 0);
	cloud_pass(c, 100);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
	assert_int_equal(count(c, "unplug", v->id), 1);
}

static void a_stuck_volume_goes_on_when_the_fault_is_removed(void **state)
{
	struct cloud *c = *state;
	const struct model_volume *v;

	v = cloud_volume(c);
	cloud_attach(c, v->id, cloud_machine(c)->id, "/dev/sdf");
	cloud_pass(c, 0);
	add(c, "stuck-detaching");
	cloud_detach(c, v->id);
	cloud_pass(c, 3600 * 1000);
	assert_string_equal(model_attachment_status(&v->attachment), "detaching");
	faults_remove_all(model_faults(c->model));
	cloud_pass(c, 100);
	assert_int_equal(v->state, MODEL_VOLUME_AVAILABLE);
}

static void a_spoilt_snapshot_is_an_error_when_it_would_be_complete(void **state)
{
	struct cloud *c = *state;
	const struct model_snapshot *s;

	cloud_begin_with(c, "profile = none\nsnapshot = 500\n");
	add(c, "snapshot-error");
	s = cloud_snapshot(c, cloud_volume(c)->id);
	cloud_pass(c, 400);
	assert_int_equal(s->state, MODEL_SNAPSHOT_PENDING);
	cloud_pass(c, 200);
	assert_int_equal(s->state, MODEL_SNAPSHOT_ERROR);
}

static void a_doomed_launch_never_boots(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;

	cloud_begin_with(c, "profile = none\npending_to_running = 500\n");
	add(c, "launch-fails");
	l = cloud_launch(c);
	i = cloud_run(c, &l);
	assert_int_equal(i->state, MODEL_PENDING);
	cloud_pass(c, 1000);
	assert_int_equal(i->state, MODEL_TERMINATED);
	assert_string_equal(i->reason_code, "Server.InsufficientInstanceCapacity");
	assert_int_equal(count(c, "boot", i->id), 0);
}

static void an_incident_comes_after_its_call(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;

	i = cloud_machine(c);
	add(c, "instance-dead call=AttachVolume nth=2 after=300");
	call(c, "AttachVolume", i->id);
	call(c, "DetachVolume", i->id);
	cloud_pass(c, 1000);
	assert_int_equal(count(c, "crash", i->id), 0);
	call(c, "AttachVolume", i->id);
	cloud_pass(c, 299);
	assert_int_equal(count(c, "crash", i->id), 0);
	cloud_pass(c, 1);
	assert_int_equal(count(c, "crash", i->id), 1);
	assert_true(i->dead);
}

static void an_incident_without_a_call_comes_once_at_its_time(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	char line[128];

	i = cloud_machine(c);
	snprintf(line, sizeof(line), "host-key-changed instance=%s from=200", i->id);
	add(c, line);
	call(c, "DescribeInstances", i->id);
	cloud_pass(c, 199);
	assert_int_equal(count(c, "change-host-keys", i->id), 0);
	cloud_pass(c, 1);
	cloud_pass(c, 1000);
	assert_int_equal(count(c, "change-host-keys", i->id), 1);
	assert_int_equal(faults_find(model_faults(c->model), 1)->fired, 1);
}

static void a_removed_incident_does_not_come(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	char line[128];

	i = cloud_machine(c);
	snprintf(line, sizeof(line), "instance-stopped instance=%s from=200", i->id);
	add(c, line);
	faults_remove_all(model_faults(c->model));
	cloud_pass(c, 1000);
	assert_int_equal(i->state, MODEL_RUNNING);
	assert_int_equal(c->troubles, 0);
}

static void an_address_is_taken_for_somebody_or_for_nobody(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *mine, *other;
	const struct model_address *a;
	char line[128];

	mine = cloud_machine(c);
	other = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, mine->id);
	snprintf(line, sizeof(line), "address-taken call=AttachVolume address=%s instance=%s",
		a->allocation_id, other->id);
	add(c, line);
	call(c, "AttachVolume", mine->id);
	assert_ptr_equal(a->instance, other);
	add(c, "address-taken call=AssociateAddress");
	call(c, "AssociateAddress", a->allocation_id);
	assert_null(a->instance);
}

static void an_incident_that_cannot_happen_is_told(void **state)
{
	struct cloud *c = *state;

	add(c, "instance-dead instance=i-0123456789abcdef0\naddress-taken call=AttachVolume");
	call(c, "AttachVolume", "vol-1");
	assert_int_equal(c->troubles, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_ONCE(a_stuck_volume_is_not_taken_out_before_its_time),
		AT_ONCE(a_stuck_volume_goes_on_when_the_fault_is_removed),
		AT_ONCE(a_spoilt_snapshot_is_an_error_when_it_would_be_complete),
		AT_ONCE(a_doomed_launch_never_boots),
		AT_ONCE(an_incident_comes_after_its_call),
		AT_ONCE(an_incident_without_a_call_comes_once_at_its_time),
		AT_ONCE(a_removed_incident_does_not_come),
		AT_ONCE(an_address_is_taken_for_somebody_or_for_nobody),
		AT_ONCE(an_incident_that_cannot_happen_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
