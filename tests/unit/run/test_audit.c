/* What is found, and what is not; without input or output. */
#include "account.h"

#include "base/file.h"
#include "rebuild/found.h"

static void a_machine_that_was_put_back_is_no_finding(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	finds(a, "");
	add_record(a, RECORD_ROLLED_BACK);
	finds(a, "");
}

static void a_rebuild_that_is_done_is_no_finding_but_for_the_blue_that_is_kept(void **state)
{
	struct account *a = *state;

	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_data(a, "vol-1", "i-green");
	add_address(a, "i-green");
	finds(a, "");
	add_instance(a, "i-blue", "retired", INSTANCE_STOPPED);
	finds(a, "blue-kept:i-blue");
	a->instances[1].state = INSTANCE_TERMINATED;
	finds(a, "");
}

static void a_blue_is_overdue_only_by_its_own_plan(void **state)
{
	struct account *a = *state;
	struct known_rebuild *k = add_record(a, RECORD_DONE);

	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_data(a, "vol-1", "i-green");
	add_instance(a, "i-blue", "retired", INSTANCE_STOPPED);
	name_plan(a);
	finds(a, "blue-kept:i-blue");
	k->record.updated_ms = NOW_MS - a->options.keep_ms;
	finds(a, "blue-overdue:i-blue");
	a->options.plan_name = "other";
	finds(a, "blue-kept:i-blue");
}

static void what_a_living_process_drives_is_no_finding_whatever_its_state(void **state)
{
	struct account *a = *state;
	struct known_rebuild *k = add_record(a, RECORD_RUNNING);

	add_instance(a, "i-blue", "blue", INSTANCE_STOPPED);
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_data(a, "vol-1", "");
	add_address(a, "i-blue");
	hold_lease(k, LEASE_HELD_ALIVE);
	finds(a, "");
	hold_lease(k, LEASE_HELD_DEAD);
	finds(a, "blue-stopped:i-blue data-detached:vol-1 rebuild-abandoned:rb-1");
	speaks(finding_of(a, "rebuild-abandoned:rb-1")->what, "bert@far pid 7");
}

static void a_rebuild_that_is_half_done_is_found_by_tags_alone(void **state)
{
	struct account *a = *state;
	const struct finding *f;

	add_instance(a, "i-blue", "blue", INSTANCE_RUNNING);
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_data(a, "vol-1", "i-green");
	add_address(a, "i-blue");
	finds(a, "address-astray:eip-1 rebuild-unfinished:rb-1");
	f = finding_of(a, "rebuild-unfinished:rb-1");
	speaks(f->where, "green i-green is running, holds the data");
	assert_string_equal(f->by_hand, "changeover resume --without-journal PLAN");
	assert_int_equal(finding_of(a, "address-astray:eip-1")->remedy, REMEDY_NONE);
}

static void one_that_the_journal_knows_is_gone_on_with_by_its_plan(void **state)
{
	struct account *a = *state;
	const struct finding *f;

	add_record(a, RECORD_PARKED)->record.cause = "the disk is busy";
	add_instance(a, "i-blue", "restoring", INSTANCE_RUNNING);
	f = finding_of(a, "rebuild-unfinished:rb-1");
	assert_string_equal(f->by_hand, "changeover resume acme.yaml");
	speaks(f->what, "the disk is busy");
	assert_int_equal(f->since_ms, NOW_MS - 3600000);
}

static void one_whose_tags_were_taken_off_is_found_by_its_record(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_instance(a, "i-blue", "", INSTANCE_RUNNING);

	blue->rebuild[0] = '\0';
	add_record(a, RECORD_RUNNING);
	finds(a, "rebuild-unfinished:rb-1");
}

static void a_record_whose_machines_are_gone_can_be_closed(void **state)
{
	struct account *a = *state;
	const struct finding *f;

	add_record(a, RECORD_RUNNING);
	add_instance(a, "i-blue", "blue", INSTANCE_TERMINATED);
	add_instance(a, "i-green", "green", INSTANCE_UNSEEN);
	finds(a, "record-without-machines:rb-1");
	f = &a->found.items[0];
	assert_int_equal(f->remedy, REMEDY_CLOSE);
	assert_false(f->row->safe); /* it may be another account or region */
}

static void a_lease_on_a_rebuild_that_is_over_is_given_back(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	hold_lease(add_record(a, RECORD_ROLLED_BACK), LEASE_HELD_DEAD);
	finds(a, "lease-left:rb-1");
}

static void ends_that_differ_are_for_a_person(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	add_record(a, RECORD_DONE);
	finds(a, "data-on-wrong-side:vol-1 record-disagrees:rb-1");
	for (size_t i = 0; i < a->found.count; i++)
		assert_int_equal(a->found.items[i].remedy, REMEDY_NONE);
}

static void an_idle_green_is_left_only_when_its_rebuild_is_over(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_rolled_back(a);

	add_instance(a, "i-green", "green", INSTANCE_STOPPED);
	finds(a, "green-left:i-green");
	SET(blue->role, "blue");
	finds(a, "rebuild-unfinished:rb-1");
	SET(blue->rebuild, "rb-2"); /* a later rebuild has begun: nobody tells what became of rb-1 */
	SET(a->volumes[0].rebuild, "rb-2");
	finds(a, "rebuild-unfinished:rb-2 green-unknown:i-green");
	assert_int_equal(finding_of(a, "green-unknown:i-green")->remedy, REMEDY_NONE);
}

static void a_second_green_is_left_when_the_first_serves(void **state)
{
	struct account *a = *state;

	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_instance(a, "i-twin", "green", INSTANCE_RUNNING);
	add_record(a, RECORD_DONE);
	add_data(a, "vol-1", "i-green");
	finds(a, "green-left:i-twin");
	SET(a->volumes[0].instance_id, "i-foreign");
	finds(a, "data-elsewhere:vol-1");
}

static void a_green_that_holds_data_or_an_address_is_in_use(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	SET(a->addresses[0].instance_id, "i-green");
	finds(a, "address-astray:eip-1 green-in-use:i-green");
	SET(a->addresses[0].instance_id, "i-blue");
	SET(a->volumes[0].instance_id, "i-green");
	finds(a, "address-astray:eip-1 green-in-use:i-green data-on-wrong-side:vol-1");
}

static void data_of_another_rebuild_makes_a_green_one_in_use_too(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	SET(add_data(a, "vol-2", "i-green")->rebuild, "rb-2");
	assert_null(finding_of(a, "green-left:i-green"));
	assert_non_null(finding_of(a, "green-in-use:i-green"));
}

static void an_untagged_volume_makes_a_green_one_in_use_too(void **state)
{
	struct account *a = *state;
	struct instance *green;

	add_rolled_back(a);
	green = add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	SET(green->devices[green->device_count++].name, "/dev/sdf");
	finds(a, "green-in-use:i-green");
}

static void data_that_nothing_holds_says_where_it_belongs(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	SET(a->volumes[0].instance_id, "");
	a->volumes[0].state = VOLUME_AVAILABLE;
	finds(a, "data-detached:vol-1");
	speaks(a->found.items[0].by_hand,
		"aws ec2 attach-volume --volume-id vol-1 --instance-id i-blue --device /dev/sdf;");
}

static void each_of_several_data_volumes_is_data(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	SET(add_data(a, "vol-2", "")->role, "data.2");
	finds(a, "data-detached:vol-2");
}

static void the_root_of_a_green_that_is_gone_costs_money(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	SET(add_data(a, "vol-2", "")->role, "green");
	finds(a, "root-left:vol-2");
	assert_int_equal(a->found.items[0].remedy, REMEDY_NONE);
}

static void a_stopped_blue_is_urgent_when_nothing_serves(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_rolled_back(a);

	blue->state = INSTANCE_STOPPED;
	finds(a, "blue-stopped:i-blue");
	assert_int_equal(a->found.items[0].effect.kind, EFFECT_START_INSTANCE);
	assert_false(a->found.items[0].row->safe);
}

static void protection_is_taken_off_where_it_was_not_found(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_rolled_back(a);

	a->shielded[a->in.shielded_count++] = "i-blue";
	finds(a, "still-protected:i-blue");
	assert_false(a->found.items[0].effect.on);
	SET(blue->found, "protected");
	finds(a, "");
}

static void a_role_that_hinders_the_next_rebuild_is_mended(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_rolled_back(a);

	SET(blue->role, "blue");
	add_record(a, RECORD_ROLLED_BACK);
	finds(a, "role-left:i-blue");
	assert_string_equal(a->found.items[0].effect.role, "restored");
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	assert_null(finding_of(a, "role-left:i-blue"));
}

static void snapshots_beyond_what_the_plan_keeps_are_left(void **state)
{
	struct account *a = *state;
	char id[16];

	add_rolled_back(a);
	add_record(a, RECORD_ROLLED_BACK);
	name_plan(a);
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "snap-%d", i);
		add_snapshot(a, id, 1000 + i);
	}
	finds(a, "snapshot-left:snap-0");
	a->snapshots[4].state = SNAPSHOT_PENDING; /* no recovery point yet: it does not count */
	finds(a, "");
	a->snapshots[4].state = SNAPSHOT_ERROR;
	finds(a, "snapshot-failed:snap-4");
}

static void what_another_plan_may_keep_is_not_deleted_unasked(void **state)
{
	struct account *a = *state;
	char id[16];

	add_rolled_back(a);
	name_plan(a);
	for (int i = 0; i < 7; i++) {
		snprintf(id, sizeof(id), "snap-%d", i);
		add_snapshot(a, id, 1000 + i);
	}
	finds(a, "snapshot-many:snap-0");
	assert_false(a->found.items[0].row->safe);
}

static void an_address_that_points_nowhere_is_known_by_the_record(void **state)
{
	struct account *a = *state;

	add_rolled_back(a);
	SET(a->addresses[0].instance_id, "");
	finds(a, "");
	add_record(a, RECORD_ROLLED_BACK);
	finds(a, "address-nowhere:eip-1");
	assert_string_equal(a->found.items[0].effect.instance_id, "i-blue");
}

static void where_an_address_points_after_the_end_is_the_operators_business(void **state)
{
	struct account *a = *state;
	struct instance *blue = add_rolled_back(a);

	SET(blue->found, "unprotected eip-1");
	SET(a->addresses[0].instance_id, "i-foreign");
	finds(a, "");
	SET(blue->role, "blue");
	finds(a, "address-astray:eip-1 rebuild-unfinished:rb-1");
}

static void what_is_open_names_who_drove_it_by_the_tags_of_blue(void **state)
{
	struct account *a = *state;

	SET(add_instance(a, "i-blue", "blue", INSTANCE_RUNNING)->journal, "jr-1 bert@far 0.3.0 since noon");
	speaks(finding_of(a, "rebuild-unfinished:rb-1")->what, "its tags name bert@far 0.3.0 since noon");
}

/* The words of the tag are written by rebuild/found.c: what it writes must be understood here. */
static void what_a_rebuild_wrote_into_tags_is_understood(void **state)
{
	static struct rebuild r;
	struct account *a = *state;

	r.world.address_count = 1;
	SET(r.world.addresses[0].allocation_id, "eip-1");
	r.volume_count = 1;
	r.volumes[0].delete_on_termination = true;
	SET(r.volumes[0].device, "/dev/sdf");
	found_write(&r);
	SET(add_rolled_back(a)->found, r.found);
	SET(a->volumes[0].found, r.volumes[0].found);
	a->shielded[a->in.shielded_count++] = "i-blue";
	SET(a->addresses[0].instance_id, "");
	finds(a, "address-nowhere:eip-1 still-protected:i-blue still-kept:vol-1");
	assert_string_equal(a->found.items[2].effect.device, "/dev/sdf");
}

static void every_kind_says_what_it_is_and_none_is_there_twice(void **state)
{
	(void)state;
	for (const struct finding_row *row = audit_rows(); row->name; row++) {
		assert_non_null(row->matters);
		assert_non_null(row->judge);
		assert_true(row->severity < SEVERITY_COUNT);
		if (row->safe)
			assert_non_null(row->action);
		for (const struct finding_row *other = audit_rows(); other != row; other++)
			assert_string_not_equal(row->name, other->name);
	}
}

static void every_kind_stands_in_the_guide(void **state)
{
	struct error err = ERROR_INIT;
	auto_text guide;

	(void)state;
	text_init(&guide, 1024 * 1024);
	assert_true(file_read(TESTS_DIR "/../docs/guide.md", &guide, &err));
	for (const struct finding_row *row = audit_rows(); row->name; row++) {
		char line[64];

		snprintf(line, sizeof(line), "\n| `%s` |", row->name);
		speaks(guide.bytes, line);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_account, drop_account)
	const struct CMUnitTest tests[] = {
		TEST(a_machine_that_was_put_back_is_no_finding),
		TEST(a_rebuild_that_is_done_is_no_finding_but_for_the_blue_that_is_kept),
		TEST(a_blue_is_overdue_only_by_its_own_plan),
		TEST(what_a_living_process_drives_is_no_finding_whatever_its_state),
		TEST(a_rebuild_that_is_half_done_is_found_by_tags_alone),
		TEST(one_that_the_journal_knows_is_gone_on_with_by_its_plan),
		TEST(one_whose_tags_were_taken_off_is_found_by_its_record),
		TEST(a_record_whose_machines_are_gone_can_be_closed),
		TEST(a_lease_on_a_rebuild_that_is_over_is_given_back),
		TEST(ends_that_differ_are_for_a_person),
		TEST(an_idle_green_is_left_only_when_its_rebuild_is_over),
		TEST(a_second_green_is_left_when_the_first_serves),
		TEST(a_green_that_holds_data_or_an_address_is_in_use),
		TEST(data_of_another_rebuild_makes_a_green_one_in_use_too),
		TEST(an_untagged_volume_makes_a_green_one_in_use_too),
		TEST(data_that_nothing_holds_says_where_it_belongs),
		TEST(each_of_several_data_volumes_is_data),
		TEST(the_root_of_a_green_that_is_gone_costs_money),
		TEST(a_stopped_blue_is_urgent_when_nothing_serves),
		TEST(protection_is_taken_off_where_it_was_not_found),
		TEST(a_role_that_hinders_the_next_rebuild_is_mended),
		TEST(snapshots_beyond_what_the_plan_keeps_are_left),
		TEST(what_another_plan_may_keep_is_not_deleted_unasked),
		TEST(an_address_that_points_nowhere_is_known_by_the_record),
		TEST(where_an_address_points_after_the_end_is_the_operators_business),
		TEST(what_is_open_names_who_drove_it_by_the_tags_of_blue),
		TEST(what_a_rebuild_wrote_into_tags_is_understood),
		TEST(every_kind_stands_in_the_guide),
		TEST(every_kind_says_what_it_is_and_none_is_there_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
