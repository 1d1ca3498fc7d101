/* Snapshots of real volumes, among them mounted ones that are written to. Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "machinery_fixture.h"

#define FIRST "10.0.0.1"
#define COPY "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123"

enum { LIST_LIMIT = 1 << 16, SOON_MS = 10 * 1000 };

struct taken {
	bool called, failed;
};

static void on_taken(void *ctx, const struct error *err)
{
	struct taken *t = ctx;

	t->called = true;
	t->failed = err != NULL;
}

static bool is_taken(struct bench *b, void *ctx)
{
	(void)b;
	return ((struct taken *)ctx)->called;
}

static struct taken take_snapshot(struct bench *b, const char *volume)
{
	struct taken t = { .called = false };

	machinery_snapshot(b->machinery, volume, "snap-1", on_taken, &t);
	assert_false(t.called);
	assert_true(bench_wait(b, SOON_MS, is_taken, &t));
	return t;
}

/* Two files are written in turn: in any one moment the second is not ahead of the first. */
#define WRITE_LOAD                                                                                           \
	"sudo sh -c 'nohup sh -c \"i=0; while :; do i=\\$((i+1)); echo \\$i > /mnt/a; sync /mnt/a;"          \
	" echo \\$i > /mnt/b; sync /mnt/b; dd if=/dev/urandom of=/mnt/filler bs=64k count=8 2>/dev/null;"    \
	" done\" > /dev/null 2>&1 &'"

static void a_snapshot_of_a_mounted_volume_is_a_whole_filesystem(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_create(b, "vol-0456", NULL);
	bench_attach(b, "vol-0456", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "sudo mkfs.ext4 -q /dev/nvme1n1 && sudo mount /dev/nvme1n1 /mnt");
	bench_must(b, FIRST, WRITE_LOAD);
	bench_must(b, FIRST, "sleep 0.5; sudo cat /mnt/b");
	assert_false(take_snapshot(b, "vol-0456").failed);
	/* Thawed: the load goes on. */
	bench_must(b, FIRST, "x=$(sudo cat /mnt/a); sleep 0.5; test $(sudo cat /mnt/a) -gt $x");
	bench_create(b, "vol-0123", "snap-1");
	bench_attach(b, "vol-0123", "i-1");
	/* Frozen means clean: fsck has nothing to replay or to mend. */
	bench_must(b, FIRST, "sudo fsck.ext4 -f -n " COPY);
	assert_null(strstr(b->out.bytes, "recover"));
	bench_must(b, FIRST,
		"sudo mkdir /two && sudo mount " COPY " /two && a=$(cat /two/a) b=$(cat /two/b) &&"
		" test $a -eq $b -o $a -eq $((b+1))");
}

static void a_snapshot_of_no_volume_fails_from_the_loop(void **state)
{
	struct bench *b = *state;

	assert_true(take_snapshot(b, "vol-none").failed);
}

/* Boots, and mounts vol-0456 with enough on it that copying it takes its time. */
static void mount_much(struct bench *b)
{
	bench_boot(b, 1);
	bench_create(b, "vol-0456", NULL);
	bench_attach(b, "vol-0456", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST,
		"sudo mkfs.ext4 -q /dev/nvme1n1 && sudo mount /dev/nvme1n1 /mnt"
		" && sudo dd if=/dev/zero of=/mnt/much bs=1M count=600 status=none && sync");
}

/* Our youngest child: the kernel lists them by age. */
static pid_t youngest_child(void)
{
	auto_error failure = ERROR_INIT;
	auto_text children;
	long youngest = 0;

	text_init(&children, LIST_LIMIT);
	bench_expect(file_read("/proc/thread-self/children", &children, &failure), &failure);
	for (char *rest = children.bytes, *pid; (pid = strsep(&rest, " "));)
		youngest = *pid ? strtol(pid, NULL, 10) : youngest;
	return (pid_t)youngest;
}

static bool has_begun_to_copy(const struct bench *b)
{
	struct stat part;
	char path[160];

	snprintf(path, sizeof(path), "%s/snapshots/snap-1.part", b->state);
	return !stat(path, &part) && part.st_blocks > 0;
}

/*
 * Starts a snapshot and stops its copier in the middle, with the filesystem frozen. It stands still whenever it is
 * looked at: a busy machine would let it get to its end between a look and the signal.
 */
static pid_t start_and_stop(struct bench *b, struct taken *t)
{
	pid_t copier;

	machinery_snapshot(b->machinery, "vol-0456", "snap-1", on_taken, t);
	copier = youngest_child();
	kill(copier, SIGSTOP);
	for (int i = 0; !has_begun_to_copy(b) && i < SOON_MS; i++) {
		kill(copier, SIGCONT);
		usleep(1000);
		kill(copier, SIGSTOP);
	}
	assert_true(has_begun_to_copy(b));
	assert_false(t->called);
	return copier;
}

static void a_filesystem_is_thawed_when_its_copier_is_killed(void **state)
{
	struct taken t = { .called = false };
	struct bench *b = *state;
	pid_t copier;

	mount_much(b);
	copier = start_and_stop(b, &t);
	/* Frozen: what wants to write waits. */
	bench_must(
		b, FIRST, "sudo touch /mnt/new > /dev/null 2>&1 < /dev/null & sleep 0.5; test ! -e /mnt/new");
	kill(copier, SIGKILL);
	assert_true(bench_wait(b, SOON_MS, is_taken, &t));
	assert_true(t.failed);
	bench_must(b, FIRST, "sudo timeout 5 touch /mnt/newer && test -e /mnt/new");
}

static void an_unmount_goes_through_during_a_snapshot_and_detaching_waits(void **state)
{
	struct taken t = { .called = false };
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;
	pid_t copier;

	mount_much(b);
	copier = start_and_stop(b, &t);
	bench_must(b, FIRST, "sudo timeout 5 umount /mnt");
	assert_false(machinery_detach(b->machinery, "vol-0456", &failure));
	assert_int_equal(failure.kind, ERROR_CONFLICT);
	kill(copier, SIGCONT);
	assert_true(bench_wait(b, SOON_MS, is_taken, &t));
	assert_false(t.failed);
	assert_true(bench_wait(b, SOON_MS, bench_is_detached, (void *)"vol-0456"));
}

/* A test that failed may have left its copier stopped, with a frozen filesystem that nobody could unmount. */
static int tear_down(void **state)
{
	kill(youngest_child(), SIGCONT);
	return bench_tear_down(state);
}

#define REAL(test) cmocka_unit_test_setup_teardown(test, bench_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REAL(a_snapshot_of_a_mounted_volume_is_a_whole_filesystem),
		REAL(a_snapshot_of_no_volume_fails_from_the_loop),
		REAL(a_filesystem_is_thawed_when_its_copier_is_killed),
		REAL(an_unmount_goes_through_during_a_snapshot_and_detaching_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
