/* Sightings find their place, and older news never replaces newer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/absorb.h"

static struct world world;

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	text_copy(world.blue.id, CLOUD_ID_SIZE, "i-blue");
	text_copy(world.green.id, CLOUD_ID_SIZE, "i-green");
	return 0;
}

static struct sighting instance(const char *id, enum instance_state state, int64_t asked_ms)
{
	struct sighting s = { .kind = SIGHTING_INSTANCE,
		.instance = { .state = state, .asked_ms = asked_ms } };

	text_copy(s.instance.id, CLOUD_ID_SIZE, id);
	return s;
}

static void an_instance_goes_where_its_id_is(void **state)
{
	struct sighting s = instance("i-green", INSTANCE_RUNNING, 5);

	(void)state;
	world_absorb(&world, &s);
	assert_int_equal(world.green.state, INSTANCE_RUNNING);
	assert_int_equal(world.blue.state, INSTANCE_UNSEEN);
}

static void older_news_is_dropped(void **state)
{
	struct sighting newer = instance("i-blue", INSTANCE_STOPPED, 9),
			older = instance("i-blue", INSTANCE_RUNNING, 8);

	(void)state;
	world_absorb(&world, &newer);
	world_absorb(&world, &older);
	assert_int_equal(world.blue.state, INSTANCE_STOPPED);
}

static void strangers_are_not_let_in(void **state)
{
	struct sighting s = instance("i-other", INSTANCE_RUNNING, 5);
	struct sighting v = { .kind = SIGHTING_VOLUME, .volume = { .id = "vol-other", .asked_ms = 5 } };

	(void)state;
	world_absorb(&world, &s);
	world_absorb(&world, &v);
	assert_int_equal(world.volume_count, 0);
	assert_string_equal(world.blue.id, "i-blue");
}

static void a_volume_is_followed_once(void **state)
{
	struct sighting v = { .kind = SIGHTING_VOLUME,
		.volume = { .id = "vol-1", .asked_ms = 5, .state = VOLUME_AVAILABLE } };

	(void)state;
	assert_true(world_follow_volume(&world, "vol-1"));
	assert_true(world_follow_volume(&world, "vol-1"));
	world_absorb(&world, &v);
	assert_int_equal(world.volume_count, 1);
	assert_int_equal(world_find_volume(&world, "vol-1")->state, VOLUME_AVAILABLE);
}

static void what_the_reply_to_a_mutation_leaves_out_is_kept(void **state)
{
	struct sighting all = { .kind = SIGHTING_VOLUME,
		.volume = { .id = "vol-1",
			.asked_ms = 5,
			.state = VOLUME_AVAILABLE,
			.zone = "a",
			.size_gib = 8 } };
	struct sighting part = { .kind = SIGHTING_VOLUME,
		.volume = { .id = "vol-1", .asked_ms = 6, .state = VOLUME_IN_USE } };
	struct sighting address = { .kind = SIGHTING_ADDRESS,
		.address = { .allocation_id = "eipalloc-1", .asked_ms = 5, .public_ip = "192.0.2.7" } };
	struct sighting pointed = { .kind = SIGHTING_ADDRESS,
		.address = { .allocation_id = "eipalloc-1", .asked_ms = 6, .instance_id = "i-green" } };

	(void)state;
	assert_true(world_follow_volume(&world, "vol-1"));
	assert_true(world_follow_address(&world, "eipalloc-1"));
	world_absorb(&world, &all);
	world_absorb(&world, &part);
	world_absorb(&world, &address);
	world_absorb(&world, &pointed);
	assert_int_equal(world_find_volume(&world, "vol-1")->state, VOLUME_IN_USE);
	assert_string_equal(world_find_volume(&world, "vol-1")->zone, "a");
	assert_int_equal(world_find_volume(&world, "vol-1")->size_gib, 8);
	assert_string_equal(world_find_address(&world, "eipalloc-1")->public_ip, "192.0.2.7");
	assert_string_equal(world_find_address(&world, "eipalloc-1")->instance_id, "i-green");
}

static void a_service_that_starts_says_nothing_of_disks(void **state)
{
	struct sighting mounted = { .kind = SIGHTING_GUEST,
		.guest = { .instance_id = "i-green",
			.asked_ms = 5,
			.reachable = true,
			.disk_count = 1,
			.disks = { { .volume_id = "vol-1", .mounted_right = true } },
			.mount_ms = 12 } };
	struct sighting started = { .kind = SIGHTING_GUEST,
		.guest = { .instance_id = "i-green",
			.asked_ms = 6,
			.reachable = true,
			.service = SERVICE_STARTED,
			.start_ms = 80 } };

	(void)state;
	world_absorb(&world, &mounted);
	world_absorb(&world, &started);
	assert_true(world.green_guest.disks[0].mounted_right);
	assert_int_equal(world.green_guest.service, SERVICE_STARTED);
	assert_int_equal(world.green_guest.mount_ms, 12);
}

/* What was mounted before it may be mounted no more: nothing is concluded from what it leaves out. */
static void a_report_that_leaves_the_disks_out_forgets_them(void **state)
{
	struct sighting seen = { .kind = SIGHTING_GUEST,
		.guest = { .instance_id = "i-green",
			.asked_ms = 5,
			.reachable = true,
			.disk_count = 1,
			.disks = { { .volume_id = "vol-1", .mounted_right = true } } } };

	(void)state;
	world_absorb(&world, &seen);
	seen.guest = (struct guest){ .instance_id = "i-green", .asked_ms = 6 }; /* does not answer */
	world_absorb(&world, &seen);
	assert_non_null(guest_find_disk(&world.green_guest, "vol-1"));
	seen.guest.reachable = true;
	seen.guest.service = SERVICE_STOPPED;
	world_absorb(&world, &seen);
	assert_null(guest_find_disk(&world.green_guest, "vol-1"));
}

static void the_oldest_snapshot_makes_room(void **state)
{
	(void)state;
	for (int i = 0; i <= CLOUD_SNAPSHOTS_MAX; i++) {
		struct sighting s = { .kind = SIGHTING_SNAPSHOT,
			.snapshot = { .asked_ms = 5, .started_ms = i } };

		snprintf(s.snapshot.id, CLOUD_ID_SIZE, "snap-%d", i);
		world_absorb(&world, &s);
	}
	assert_null(world_find_snapshot(&world, "snap-0"));
	assert_non_null(world_find_snapshot(&world, "snap-32"));
}

static void a_verdict_through_the_switch_is_kept_apart(void **state)
{
	struct sighting s = { .kind = SIGHTING_VERDICT,
		.verdict = {
			.instance_id = "i-green", .asked_ms = 5, .passed = true, .through_switch = true } };

	(void)state;
	world_absorb(&world, &s);
	assert_true(world.switch_verdict.passed);
	assert_false(world.green_verdict.passed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_instance_goes_where_its_id_is, set_up),
		cmocka_unit_test_setup(older_news_is_dropped, set_up),
		cmocka_unit_test_setup(strangers_are_not_let_in, set_up),
		cmocka_unit_test_setup(a_volume_is_followed_once, set_up),
		cmocka_unit_test_setup(what_the_reply_to_a_mutation_leaves_out_is_kept, set_up),
		cmocka_unit_test_setup(a_service_that_starts_says_nothing_of_disks, set_up),
		cmocka_unit_test_setup(a_report_that_leaves_the_disks_out_forgets_them, set_up),
		cmocka_unit_test_setup(the_oldest_snapshot_makes_room, set_up),
		cmocka_unit_test_setup(a_verdict_through_the_switch_is_kept_apart, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
