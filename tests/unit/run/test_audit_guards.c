/* What no rule of the audit can overrule: remedies that a wrong rule might have proposed. */
#include "account.h"

static struct finding wrong(enum effect_kind kind, const char *instance_id)
{
	struct finding f = { .rebuild = "rb-1", .remedy = REMEDY_EFFECT, .effect = { .kind = kind } };

	SET(f.effect.instance_id, instance_id);
	SET(f.effect.volume_id, "vol-1");
	return f;
}

static void refuses(struct account *a, const struct finding *f, const char *why)
{
	const char *reason = audit_refuses(&a->in, f);

	if (!reason || !strstr(reason, why))
		fail_msg("refused because of `%s`, not of `%s`", reason ? reason : "nothing", why);
}

static void each_remedy_that_a_rule_proposes_passes(void **state)
{
	struct account *a = *state;
	size_t passed = 0;

	SET(add_rolled_back(a)->role, "blue");
	add_record(a, RECORD_ROLLED_BACK);
	a->volumes[0].delete_on_termination = false;
	SET(a->volumes[0].found, "/dev/sdf deleted on termination");
	a->shielded[a->in.shielded_count++] = "i-blue";
	add_snapshot(a, "snap-1", 1000)->state = SNAPSHOT_ERROR;
	finds(a, "role-left:i-blue snapshot-failed:snap-1 still-protected:i-blue still-kept:vol-1");
	for (size_t i = 0; i < a->found.count; i++)
		passed += !audit_refuses(&a->in, &a->found.items[i]);
	assert_int_equal(passed, 4);
}

static void a_volume_is_never_detached_nor_a_machine_launched(void **state)
{
	static const enum effect_kind NEVER[] = { EFFECT_DETACH_VOLUME, EFFECT_ATTACH_VOLUME, EFFECT_LAUNCH,
		EFFECT_STOP_INSTANCE, EFFECT_QUIESCE, EFFECT_MOUNT, EFFECT_START_SERVICE,
		EFFECT_CREATE_SNAPSHOT };
	struct account *a = *state;

	add_rolled_back(a);
	for (size_t i = 0; i < ARRAY_SIZE(NEVER); i++) {
		struct finding f = wrong(NEVER[i], "i-blue");

		refuses(a, &f, "an audit never does that");
	}
}

static void only_an_idle_green_of_a_rebuild_that_is_over_is_terminated(void **state)
{
	struct account *a = *state;
	struct finding green = wrong(EFFECT_TERMINATE_INSTANCE, "i-green");
	struct finding blue = wrong(EFFECT_TERMINATE_INSTANCE, "i-blue");
	struct finding foreign = wrong(EFFECT_TERMINATE_INSTANCE, "i-foreign");
	struct instance *back = add_rolled_back(a);
	struct instance *i = add_instance(a, "i-green", "green", INSTANCE_RUNNING);

	assert_null(audit_refuses(&a->in, &green));
	refuses(a, &blue, "not a green");
	refuses(a, &foreign, "neither blue nor green");
	SET(i->devices[1].name, "/dev/sdg");
	i->device_count = 2;
	refuses(a, &green, "besides its root");
	i->device_count = 1;
	SET(a->addresses[0].instance_id, "i-green");
	refuses(a, &green, "an address");
	SET(a->addresses[0].instance_id, "i-blue");
	SET(a->volumes[0].instance_id, "i-green");
	refuses(a, &green, "besides its root");
	SET(a->volumes[0].instance_id, "i-blue");
	SET(back->role, "blue");
	refuses(a, &green, "not known to be over");
}

static void the_only_green_of_a_rebuild_that_is_done_is_not_terminated(void **state)
{
	struct account *a = *state;
	struct finding green = wrong(EFFECT_TERMINATE_INSTANCE, "i-green");

	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	add_record(a, RECORD_DONE);
	refuses(a, &green, "no other green serves");
}

static void what_somebody_drives_is_not_touched(void **state)
{
	struct account *a = *state;
	struct finding f = wrong(EFFECT_PROTECT_INSTANCE, "i-blue");
	struct finding close = { .rebuild = "rb-1", .remedy = REMEDY_CLOSE };
	struct known_rebuild *k;

	add_rolled_back(a);
	assert_null(audit_refuses(&a->in, &f));
	k = add_record(a, RECORD_ROLLED_BACK);
	hold_lease(k, LEASE_HELD_ALIVE);
	refuses(a, &f, "somebody drives");
	refuses(a, &close, "somebody drives");
	k->lease.is_ours = true;
	assert_null(audit_refuses(&a->in, &f));
}

static void traffic_goes_only_to_a_running_machine_with_the_data(void **state)
{
	struct account *a = *state;
	struct finding blue = wrong(EFFECT_ASSOCIATE_ADDRESS, "i-blue");
	struct finding green = wrong(EFFECT_ASSOCIATE_ADDRESS, "i-green");

	add_rolled_back(a);
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	assert_null(audit_refuses(&a->in, &blue));
	refuses(a, &green, "does not hold the data");
	a->instances[0].state = INSTANCE_STOPPED;
	refuses(a, &blue, "does not run");
}

static void a_blue_is_not_started_beside_a_machine_with_its_data(void **state)
{
	struct account *a = *state;
	struct finding f = wrong(EFFECT_START_INSTANCE, "i-blue");

	add_rolled_back(a)->state = INSTANCE_STOPPED;
	add_instance(a, "i-green", "green", INSTANCE_RUNNING);
	assert_null(audit_refuses(&a->in, &f));
	SET(a->volumes[0].instance_id, "i-green");
	refuses(a, &f, "on another machine");
}

static void the_last_recovery_point_stays(void **state)
{
	struct account *a = *state;
	struct finding f = wrong(EFFECT_DELETE_SNAPSHOT, "");

	add_rolled_back(a);
	SET(f.effect.snapshot_id, "snap-1");
	refuses(a, &f, "not one that the rebuild made");
	add_snapshot(a, "snap-1", 1000);
	refuses(a, &f, "no newer recovery point");
	add_snapshot(a, "snap-2", 2000)->state = SNAPSHOT_PENDING;
	refuses(a, &f, "no newer recovery point");
	a->snapshots[1].state = SNAPSHOT_COMPLETED;
	assert_null(audit_refuses(&a->in, &f));
	SET(a->snapshots[1].volume_id, "vol-2");
	refuses(a, &f, "no newer recovery point");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_account, drop_account)
	const struct CMUnitTest tests[] = {
		TEST(each_remedy_that_a_rule_proposes_passes),
		TEST(a_volume_is_never_detached_nor_a_machine_launched),
		TEST(only_an_idle_green_of_a_rebuild_that_is_over_is_terminated),
		TEST(the_only_green_of_a_rebuild_that_is_done_is_not_terminated),
		TEST(what_somebody_drives_is_not_touched),
		TEST(traffic_goes_only_to_a_running_machine_with_the_data),
		TEST(a_blue_is_not_started_beside_a_machine_with_its_data),
		TEST(the_last_recovery_point_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
