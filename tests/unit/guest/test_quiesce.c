/* Quiesce on a real machine: what it leaves behind, what it says when something is in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "guest_fixture.h"

static void quiesce_stops_unmounts_and_leaves_the_sentinel(void **state)
{
	struct guest_fixture *f = *state;
	const struct guest *g;

	f->order.command = "sleep 0.05; echo \"it's\" $((1 + 1)) >/run/stopped";
	g = act(f, EFFECT_QUIESCE);
	assert_done(f);
	assert_int_equal(g->service, SERVICE_STOPPED);
	assert_true(g->disks[0].present && !g->disks[0].mounted);
	assert_string_equal(g->disks[0].sentinel, NONCE);
	assert_in_range(g->stop_ms, 40, f->order.limit_ms);
	assert_in_range(g->unmount_ms, 1, f->order.limit_ms);
	assert_false(is_mounted());
	cell_run("[ \"$(cat /run/stopped)\" = \"it's 2\" ]");
	cell_run("mount %s /run/data && [ \"$(cat /run/data/.changeover-sentinel)\" = nonce=" NONCE " ]",
		f->disk.device);
}

static void quiesce_again_after_a_lost_reply_succeeds(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "[ ! -e /run/stopped ] && touch /run/stopped"; /* fails on what is stopped */
	act(f, EFFECT_QUIESCE);
	assert_done(f);
	act(f, EFFECT_QUIESCE);
	assert_done(f);
	assert_int_equal(f->sighting.guest.service, SERVICE_STOPPED);
	assert_false(f->sighting.guest.disks[0].mounted);
}

static void a_stop_command_that_fails_is_shown_and_nothing_is_unmounted(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "echo the reason; exit 5";
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_REMOTE, HAPPENED_YES,
		"quiesce on i-1: the stop command failed with exit code 5: echo the reason; exit 5 (the "
		"reason)");
	assert_true(is_mounted());
}

static void a_stop_command_that_hangs_is_killed_with_all_that_it_started(void **state)
{
	struct guest_fixture *f = *state;

	f->order.limit_ms = 1500;
	f->order.command = "trap '' TERM; sleep 77.125 & sleep 77.125";
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_TIMEOUT, HAPPENED_YES, "the stop command did not end within");
	assert_true(is_mounted());
	cell_run("! grep -lsz '77[.]125' /proc/[0-9]*/cmdline");
}

/* A process that has /run/data/open-file open, and has its name. */
static int hold_open(void)
{
	int pid =
		cell_start((const char *[]){ "/bin/sh", "-c", "exec sleep 100 3>/run/data/open-file", NULL });

	cell_run("until [ \"$(cat /proc/%d/comm)\" = sleep ]; do sleep 0.01; done", pid);
	return pid;
}

static void what_holds_the_volume_is_named_and_it_stays_mounted(void **state)
{
	struct guest_fixture *f = *state;
	int pid = hold_open();
	char words[128];

	act(f, EFFECT_QUIESCE);
	snprintf(words, sizeof(words),
		"/run/data (" VOLUME ") is in use by sleep (pid %d, /run/data/open-file)", pid);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_YES, words);
	assert_true(is_mounted());
	cell_end(pid);
}

static void a_filesystem_mounted_inside_the_volume_is_named(void **state)
{
	struct guest_fixture *f = *state;

	cell_run("mkdir /run/data/inner && mount -t tmpfs inner /run/data/inner");
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_YES, "a filesystem mounted at /run/data/inner");
	assert_true(is_mounted());
	cell_run("umount /run/data/inner");
}

static void a_copy_of_the_mount_in_another_namespace_is_not_overlooked(void **state)
{
	struct guest_fixture *f = *state;
	int pid = cell_start((const char *[]){ "/usr/bin/unshare", "-m", "sleep", "100", NULL });

	cell_run("until [ \"$(cat /proc/%d/comm)\" = sleep ]; do sleep 0.01; done", pid);
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_YES, "still in use: mounted for sleep (pid ");
	assert_true(probe(f)->disks[0].mounted);
	cell_end(pid);
	assert_false(probe(f)->disks[0].mounted);
}

static void a_lazily_unmounted_filesystem_is_not_overlooked(void **state)
{
	struct guest_fixture *f = *state;
	int pid = hold_open();

	cell_run("umount -l /run/data");
	assert_true(probe(f)->disks[0].mounted);
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_NO, "active in the kernel (/sys/fs/ext4)");
	cell_end(pid);
	act(f, EFFECT_QUIESCE);
	assert_done(f);
}

static void a_volume_that_is_read_only_or_elsewhere_is_refused_before_the_service_is_stopped(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "touch /run/stopped";
	cell_run("mount -o remount,ro /run/data");
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_NO, "mounted read-only at /run/data");
	f->order.volumes[0].mount = "/run/elsewhere";
	act(f, EFFECT_QUIESCE);
	assert_failed(
		f, ERROR_CONFLICT, HAPPENED_NO, VOLUME " is mounted at /run/data, not at /run/elsewhere");
	test_disk_detach(&f->disk);
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_MISSING, HAPPENED_NO, "no disk with id " VOLUME " is attached");
	cell_run("[ ! -e /run/stopped ]");
}

/* It does all of it: a stop command that fails on what is stopped could not be run a second time otherwise. */
static void a_second_command_waits_for_one_whose_connection_broke(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $PPID)); sleep 0.5; "
			   "echo done >/run/stopped";
	act(f, EFFECT_QUIESCE);
	assert_int_equal(f->err.happened, HAPPENED_UNKNOWN);
	f->order.command = "[ ! -e /run/stopped ]";
	act(f, EFFECT_QUIESCE);
	assert_done(f);
	assert_false(is_mounted());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(quiesce_stops_unmounts_and_leaves_the_sentinel),
		TEST(quiesce_again_after_a_lost_reply_succeeds),
		TEST(a_stop_command_that_fails_is_shown_and_nothing_is_unmounted),
		TEST(a_stop_command_that_hangs_is_killed_with_all_that_it_started),
		TEST(what_holds_the_volume_is_named_and_it_stays_mounted),
		TEST(a_filesystem_mounted_inside_the_volume_is_named),
		TEST(a_copy_of_the_mount_in_another_namespace_is_not_overlooked),
		TEST(a_lazily_unmounted_filesystem_is_not_overlooked),
		TEST(a_volume_that_is_read_only_or_elsewhere_is_refused_before_the_service_is_stopped),
		TEST(a_second_command_waits_for_one_whose_connection_broke),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
