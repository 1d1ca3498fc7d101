/* Mount on a real machine: only the right disk, only the right filesystem, with the right sentinel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "guest_fixture.h"

static void expect_sentinel(struct guest_fixture *f)
{
	text_copy(f->order.volumes[0].uuid, CLOUD_NAME_SIZE, f->disk.uuid);
	text_copy(f->order.volumes[0].sentinel, CLOUD_NONCE_SIZE, NONCE);
}

enum { GUEST_TICK_MS = 10 }; /* of /proc/uptime */

struct late_disk {
	struct test_disk *disk;
	int64_t came_ms;
};

static void on_attach(uv_timer_t *timer)
{
	struct late_disk *late = timer->data;

	late->came_ms = clock_mono_ms(&clock_system);
	test_disk_attach(late->disk);
}

static void mount_waits_for_the_disk_and_finds_the_sentinel(void **state)
{
	struct guest_fixture *f = *state;
	struct late_disk late = { .disk = &f->disk };
	int64_t since_ms;

	act(f, EFFECT_QUIESCE);
	assert_done(f);
	expect_sentinel(f);
	test_disk_detach(&f->disk);
	f->timer.data = &late;
	uv_timer_start(&f->timer, on_attach, 300, 0);
	act(f, EFFECT_MOUNT);
	since_ms = clock_mono_ms(&clock_system) - late.came_ms;
	assert_done(f);
	assert_true(f->sighting.guest.disks[0].mounted_right);
	assert_string_equal(f->sighting.guest.disks[0].sentinel, NONCE);
	assert_in_range(f->sighting.guest.mount_ms, 1, since_ms + GUEST_TICK_MS); /* without the waiting */
	cell_run("[ \"$(cat /run/data/file)\" = kept ]");
	act(f, EFFECT_MOUNT); /* again, after a lost reply */
	assert_done(f);
}

static void a_disk_that_does_not_come_is_a_timeout(void **state)
{
	struct guest_fixture *f = *state;

	test_disk_detach(&f->disk);
	f->order.limit_ms = 1000;
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_TIMEOUT, HAPPENED_NO, "no disk with id " VOLUME " appeared within");
}

static void a_mount_point_behind_links_and_dots_is_known(void **state)
{
	static const char *const names[] = { "/run/data/", "/run/./data", "/run/link",
		"/run/folder/../link/" };
	struct guest_fixture *f = *state;

	cell_run("ln -s /run/data /run/link && mkdir /run/folder");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		f->order.volumes[0].mount = names[i];
		assert_true(probe(f)->disks[0].mounted_right);
	}
	cell_run("rm /run/link && rmdir /run/folder");
}

static void another_filesystem_is_not_mounted(void **state)
{
	struct guest_fixture *f = *state;

	cell_run("umount /run/data");
	text_copy(f->order.volumes[0].uuid, CLOUD_NAME_SIZE, "11111111-2222-3333-4444-555555555555");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "not 11111111-2222-3333-4444-555555555555");
	assert_false(is_mounted());
}

static void an_empty_disk_is_not_formatted(void **state)
{
	struct guest_fixture *f = *state;

	cell_run("umount /run/data; wipefs -qa %s", f->disk.device);
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "holds no filesystem");
}

static void a_volume_with_another_sentinel_is_taken_off_again(void **state)
{
	struct guest_fixture *f = *state;

	act(f, EFFECT_QUIESCE);
	assert_done(f);
	text_copy(f->order.volumes[0].sentinel, CLOUD_NONCE_SIZE, "ffffffffffffffffffffffffffffffff");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "carries the sentinel '" NONCE "', not 'ffff");
	assert_false(is_mounted());
}

static void what_is_mounted_in_the_volumes_place_is_named(void **state)
{
	struct guest_fixture *f = *state;

	cell_run("umount /run/data; mount -t tmpfs stranger /run/data");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_NO, "stranger is mounted at /run/data already");
}

static void a_dirty_filesystem_is_replayed(void **state)
{
	struct guest_fixture *f = *state;

	/* The image as it is while mounted, as after a power failure: a journal to replay. */
	cell_run("echo late >/run/data/late; sync -f /run/data; cp /tmp/" VOLUME
		 " /tmp/copy; umount /run/data; "
		 "dd if=/tmp/copy of=%s bs=1M status=none; rm /tmp/copy",
		f->disk.device);
	act(f, EFFECT_MOUNT);
	assert_done(f);
	cell_run("[ \"$(cat /run/data/late)\" = late ]");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(mount_waits_for_the_disk_and_finds_the_sentinel),
		TEST(a_disk_that_does_not_come_is_a_timeout),
		TEST(a_mount_point_behind_links_and_dots_is_known),
		TEST(another_filesystem_is_not_mounted),
		TEST(an_empty_disk_is_not_formatted),
		TEST(a_volume_with_another_sentinel_is_taken_off_again),
		TEST(what_is_mounted_in_the_volumes_place_is_named),
		TEST(a_dirty_filesystem_is_replayed),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
