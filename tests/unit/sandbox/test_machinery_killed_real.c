/*
 * A sandbox that is killed leaves nothing. The sandbox is this program once more, as a process of
 * its own: "test_machinery_killed_real victim FOLDER", which says "ready" and then waits for death.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "machinery_fixture.h"

enum { TRACES_LIMIT = 1 << 16, SOON_MS = 10 * 1000, NAME_SIZE = 256 };

static const char SELF[] = "/proc/self/exe";

struct victim {
	pid_t pid;
	char network[NAME_SIZE]; /* its network namespace, as /proc names it */
};

static bool never(struct bench *b, void *ctx)
{
	(void)b;
	(void)ctx;
	return false;
}

/* Two instances, one with a mounted volume, and a snapshot under way. */
static void live(struct bench *b)
{
	auto_error failure = ERROR_INIT;

	bench_open(b);
	bench_boot(b, 1);
	bench_boot(b, 2);
	assert_true(machinery_create_volume(b->machinery, "vol-1", 1, NULL, &failure));
	assert_true(machinery_attach(b->machinery, "vol-1", "i-1", &failure));
	assert_true(machinery_route(b->machinery, "198.51.100.7", "i-1", &failure));
	bench_await_login(b, "198.51.100.7");
	bench_must(b, "10.0.0.1",
		"sudo mkfs.ext4 -q /dev/nvme1n1 && sudo mount /dev/nvme1n1 /mnt &&"
		" sudo dd if=/dev/urandom of=/mnt/filler bs=1M count=64 status=none");
}

static void on_taken(void *ctx, const struct error *err)
{
	(void)ctx;
	(void)err;
}

static int be_victim(const char *folder)
{
	struct bench b = { .folder = "" };

	text_copy(b.folder, sizeof(b.folder), folder);
	if (!bench_prepare(&b))
		return EXIT_FAILURE;
	live(&b);
	machinery_snapshot(b.machinery, "vol-1", "snap-1", on_taken, NULL);
	puts("ready");
	fflush(stdout);
	bench_wait(&b, INT32_MAX, never, NULL);
	return EXIT_SUCCESS;
}

static void read_network(pid_t pid, char ret[NAME_SIZE])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	len = readlink(path, ret, NAME_SIZE - 1);
	ret[len < 0 ? 0 : len] = '\0';
}

static struct victim start_victim(const struct bench *b)
{
	struct victim v;
	char ready[8] = "";
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	v.pid = fork();
	if (v.pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(SELF, "victim", "victim", b->folder, NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], ready, sizeof(ready) - 1), strlen("ready\n"));
	close(ends[0]);
	read_network(v.pid, v.network);
	return v;
}

static void end_victim(const struct victim *v)
{
	kill(v->pid, SIGKILL);
	assert_int_equal(waitpid(v->pid, NULL, 0), v->pid);
}

/* How many processes are in that network. */
static int count_members(const char *network)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(all))) {
		char theirs[NAME_SIZE];

		read_network((pid_t)strtol(entry->d_name, NULL, 10), theirs);
		count += !strcmp(theirs, network);
	}
	closedir(all);
	return count;
}

static void read_links(struct text *ret)
{
	DIR *all = opendir("/sys/class/net");
	struct dirent *entry;

	while ((entry = readdir(all)))
		text_addf(ret, "%s\n", entry->d_name);
	closedir(all);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	return bench_prepare(b) ? 0 : -1;
}

static bool nothing_shows(struct bench *b, void *ctx)
{
	bench_traces(b, ctx);
	return ((struct text *)ctx)->len == 0;
}

static void expect_nothing_left(struct bench *b)
{
	auto_text traces;

	text_init(&traces, TRACES_LIMIT);
	if (!bench_wait(b, SOON_MS, nothing_shows, &traces))
		fail_msg("left behind:\n%s", traces.bytes);
}

static void a_killed_sandbox_leaves_nothing_running_mounted_or_attached(void **state)
{
	struct bench *b = *state;
	struct victim v = start_victim(b);
	auto_text traces;

	text_init(&traces, TRACES_LIMIT);
	bench_traces(b, &traces);
	assert_true(traces.len > 0); /* or this test would see nothing in any case */
	assert_true(count_members(v.network) > 0);
	end_victim(&v);
	expect_nothing_left(b);
	assert_int_equal(count_members(v.network), 0);
}

static void the_host_sees_no_links_and_no_mounts_of_a_sandbox(void **state)
{
	struct bench *b = *state;
	auto_text before, during, mounts;
	auto_error failure = ERROR_INIT;
	struct victim v;

	text_init(&before, TRACES_LIMIT);
	text_init(&during, TRACES_LIMIT);
	text_init(&mounts, TRACES_LIMIT);
	read_links(&before);
	v = start_victim(b);
	read_links(&during);
	assert_true(file_read("/proc/self/mountinfo", &mounts, &failure));
	end_victim(&v);
	assert_string_equal(before.bytes, during.bytes);
	assert_null(strstr(mounts.bytes, b->state));
	expect_nothing_left(b);
}

static void the_next_sandbox_finds_a_clean_folder(void **state)
{
	static const char *const FOLDERS[] = { "instances", "volumes", "snapshots" };
	struct bench *b = *state;
	struct victim v = start_victim(b);

	end_victim(&v);
	bench_open(b);
	for (size_t i = 0; i < ARRAY_SIZE(FOLDERS); i++) {
		char path[160];

		/* Empty, or this would fail. */
		snprintf(path, sizeof(path), "%s/%s", b->state, FOLDERS[i]);
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	bench_boot(b, 1);
	bench_await_login(b, "10.0.0.1");
}

/* `enter` replaces the process, so it has one of its own. */
static int enter(const struct bench *b, const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	pid_t child = fork();
	int status;

	if (child == 0) {
		auto_error failure = ERROR_INIT;

		_exit(machinery_enter(b->state, argv, &failure) ? 0
			: failure.kind == ERROR_MISSING         ? 100
								: 101);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void programs_can_enter_the_network_of_a_sandbox_that_lives(void **state)
{
	struct bench *b = *state;
	struct victim v;
	char command[NAME_SIZE + 64];

	assert_int_equal(enter(b, "true"), 100);
	v = start_victim(b);
	snprintf(command, sizeof(command), "test \"$(readlink /proc/self/ns/net)\" = '%s'", v.network);
	assert_int_equal(enter(b, command), 0);
	assert_int_equal(enter(b, "timeout 10 bash -c '< /dev/tcp/198.51.100.7/22'"), 0);
	end_victim(&v);
	assert_int_equal(enter(b, "true"), 100);
	expect_nothing_left(b);
}

#define REAL(test) cmocka_unit_test_setup_teardown(test, set_up, bench_tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		REAL(a_killed_sandbox_leaves_nothing_running_mounted_or_attached),
		REAL(the_host_sees_no_links_and_no_mounts_of_a_sandbox),
		REAL(the_next_sandbox_finds_a_clean_folder),
		REAL(programs_can_enter_the_network_of_a_sandbox_that_lives),
	};

	if (argc == 3 && !strcmp(argv[1], "victim"))
		return be_victim(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
