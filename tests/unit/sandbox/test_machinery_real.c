/* The machinery with everything real: instances of the image, sshd, disks, addresses. Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "machinery_fixture.h"

#define FIRST "10.0.0.1"
#define SECOND "10.0.0.2"
#define PUBLIC "198.51.100.7"
#define DISK "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123"

enum { CONSOLE_LIMIT = 1 << 17, GRACE_MS = 5000, SOON_MS = 10 * 1000 };

static void route(struct bench *b, const char *instance)
{
	auto_error failure = ERROR_INIT;

	bench_expect(machinery_route(b->machinery, PUBLIC, instance, &failure), &failure);
}

static void expect_refused(bool done, const struct error *failure, enum error_kind kind)
{
	assert_false(done);
	if (failure->kind != kind)
		fail_msg("refused for another reason: %s", failure->message);
}

static void an_instance_is_a_machine_of_its_own(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	assert_true(machinery_is_running(b->machinery, "i-1"));
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "hostname; cat /etc/changeover-image; sudo id -u; cat /proc/1/comm");
	assert_string_equal(b->out.bytes, "i-1\nv1\n0\ninit\n");
	bench_must(b, FIRST, "ls /sys/class/net");
	assert_string_equal(b->out.bytes, "eth0\nlo\n");
	/* What would reach past its namespaces is refused. */
	assert_int_not_equal(bench_ssh(b, FIRST, "sudo date -s 2020-01-01"), 0);
	assert_int_not_equal(bench_ssh(b, FIRST, "sudo mknod /tmp/disk b 7 0"), 0);
	assert_int_not_equal(bench_ssh(b, FIRST, "sudo sysctl -w kernel.panic=1"), 0);
	assert_int_not_equal(bench_ssh(b, FIRST, "echo s | sudo tee /proc/sysrq-trigger"), 0);
}

static void a_second_boot_is_refused_while_the_first_runs(void **state)
{
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;
	const struct machinery_instance again = { .id = "i-1",
		.layers = b->layers,
		.layer_count = b->layer_count,
		.hostname = "i-1",
		.private_ip = FIRST,
		.user = "admin" };

	bench_boot(b, 1);
	expect_refused(machinery_boot(b->machinery, &again, &failure), &failure, ERROR_CONFLICT);
}

static void an_image_that_is_missing_is_named(void **state)
{
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;
	const char *const layers[] = { "/nowhere/image" };
	const struct machinery_instance lost = { .id = "i-1",
		.layers = layers,
		.layer_count = 1,
		.hostname = "i-1",
		.private_ip = FIRST,
		.user = "admin" };

	expect_refused(machinery_boot(b->machinery, &lost, &failure), &failure, ERROR_MISSING);
	assert_non_null(strstr(failure.message, "i-1"));
	assert_non_null(strstr(failure.message, "/nowhere/image"));
}

static bool shows(struct bench *b, void *ctx)
{
	auto_text console;
	bool found;

	text_init(&console, CONSOLE_LIMIT);
	machinery_console(b->machinery, "i-1", &console);
	found = strstr(console.bytes, ctx) != NULL;
	return found;
}

/* The keys block is what clients trust: it must name the key that sshd shows. */
static void the_console_names_the_host_keys_that_sshd_shows(void **state)
{
	const char *const scan[] = { "ssh-keyscan", "-t", "ed25519", FIRST, NULL };
	struct bench *b = *state;
	char *key;

	bench_boot(b, 1);
	assert_true(bench_wait(b, SOON_MS, shows, (void *)"-----END SSH HOST KEY KEYS-----"));
	assert_true(shows(b, (void *)"-----BEGIN SSH HOST KEY KEYS-----"));
	assert_true(shows(b, (void *)"cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----"));
	assert_true(shows(b, (void *)"cloud-init: 256 SHA256:"));
	assert_int_equal(bench_run(b, scan), 0);
	key = strstr(b->out.bytes, "ssh-ed25519");
	assert_non_null(key);
	key[strcspn(key, "\n")] = '\0';
	assert_true(shows(b, key));
}

static void a_stopped_instance_starts_again_as_it_was_left(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "cat /etc/ssh/ssh_host_ed25519_key.pub > kept");
	machinery_halt(b->machinery, "i-1", GRACE_MS);
	assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	assert_int_not_equal(bench_ssh(b, FIRST, "true"), 0);
	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "cmp kept /etc/ssh/ssh_host_ed25519_key.pub");
}

/* A service that takes its time to stop gets the time; one that ignores SIGTERM does not stop the rest. */
static void a_graceful_stop_lets_programs_finish(void **state)
{
	struct bench *b = *state;
	int64_t start;

	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	bench_must(b, FIRST,
		"nohup setsid sh -c 'trap \"sleep 0.5; echo whole > finished; exit\" TERM;"
		" while :; do sleep 0.1; done' > /dev/null 2>&1 & sleep 0.3");
	bench_must(b, FIRST,
		"nohup setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' > /dev/null 2>&1 &"
		" sleep 0.3");
	start = clock_mono_ms(&clock_system);
	machinery_halt(b->machinery, "i-1", 2000);
	assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	assert_in_range(clock_mono_ms(&clock_system) - start, 1900, SOON_MS);
	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "cat finished");
	assert_string_equal(b->out.bytes, "whole\n");
}

static void user_data_runs_once_per_instance(void **state)
{
	static const char SCRIPT[] = "#!/bin/sh\necho ran >> /home/admin/runs\necho hello from user data\n";
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;
	struct machinery_instance i = { .id = "i-1",
		.layers = b->layers,
		.layer_count = b->layer_count,
		.hostname = "i-1",
		.private_ip = FIRST,
		.user = "admin",
		.public_key = b->public_key,
		.user_data = SCRIPT,
		.user_data_len = sizeof(SCRIPT) - 1 };

	for (int boots = 0; boots < 2; boots++) {
		bench_expect(machinery_boot(b->machinery, &i, &failure), &failure);
		bench_await_login(b, FIRST);
		assert_true(bench_wait(b, SOON_MS, shows, (void *)"hello from user data"));
		bench_must(b, FIRST, "sleep 0.3; cat runs");
		assert_string_equal(b->out.bytes, "ran\n");
		machinery_halt(b->machinery, "i-1", GRACE_MS);
		assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	}
}

static void a_volume_keeps_its_data_from_one_instance_to_the_next(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_boot(b, 2);
	bench_create(b, "vol-0123", NULL);
	bench_attach(b, "vol-0123", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "test $(readlink -f " DISK ") = /dev/nvme1n1 && test -e " DISK "_1");
	bench_must(b, FIRST,
		"sudo mkfs.ext4 -q " DISK " && sudo mount " DISK " /mnt"
		" && echo precious | sudo tee /mnt/data > /dev/null && sudo umount /mnt");
	assert_true(bench_wait(b, SOON_MS, bench_is_detached, (void *)"vol-0123"));
	assert_int_not_equal(bench_ssh(b, FIRST, "ls /dev/nvme1n1 " DISK), 0);
	bench_attach(b, "vol-0123", "i-2");
	bench_await_login(b, SECOND);
	bench_must(b, SECOND, "sudo mount " DISK " /mnt && cat /mnt/data");
	assert_string_equal(b->out.bytes, "precious\n");
}

static void a_mounted_volume_is_never_detached(void **state)
{
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;

	bench_boot(b, 1);
	bench_create(b, "vol-0123", NULL);
	bench_attach(b, "vol-0123", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "sudo mkfs.xfs -q " DISK " && sudo mount " DISK " /mnt");
	expect_refused(machinery_detach(b->machinery, "vol-0123", &failure), &failure, ERROR_CONFLICT);
	bench_must(b, FIRST, "echo still | sudo tee /mnt/here > /dev/null && sync && test -b " DISK);
	bench_must(b, FIRST, "sudo umount /mnt");
	assert_true(bench_wait(b, SOON_MS, bench_is_detached, (void *)"vol-0123"));
}

/* Else it would write to the file while another instance has it. */
static void a_volume_that_a_program_writes_to_is_not_detached(void **state)
{
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;

	bench_boot(b, 1);
	bench_create(b, "vol-0123", NULL);
	bench_attach(b, "vol-0123", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "sudo sh -c 'nohup sleep 60 > /dev/null 2>&1 3<> " DISK " & echo $!'");
	expect_refused(machinery_detach(b->machinery, "vol-0123", &failure), &failure, ERROR_CONFLICT);
	bench_must(b, FIRST, "test -b " DISK " && sudo pkill sleep");
	assert_true(bench_wait(b, SOON_MS, bench_is_detached, (void *)"vol-0123"));
}

static void a_volume_of_a_stopped_instance_is_there_when_it_starts(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_create(b, "vol-0123", NULL);
	bench_create(b, "vol-0456", NULL);
	bench_attach(b, "vol-0456", "i-1");
	bench_attach(b, "vol-0123", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST,
		"test $(readlink -f " DISK ") = /dev/nvme2n1 && sudo mkfs.ext4 -q " DISK
		" && sudo mount " DISK " /mnt && echo kept | sudo tee /mnt/data > /dev/null");
	machinery_halt(b->machinery, "i-1", GRACE_MS);
	assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "sudo mount " DISK " /mnt && cat /mnt/data");
	assert_string_equal(b->out.bytes, "kept\n");
}

static void a_public_address_leads_where_it_was_last_sent(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_boot(b, 2);
	bench_await_login(b, FIRST);
	bench_await_login(b, SECOND);
	route(b, "i-1");
	bench_must(b, PUBLIC, "hostname");
	assert_string_equal(b->out.bytes, "i-1\n");
	route(b, "i-2");
	bench_must(b, PUBLIC, "hostname");
	assert_string_equal(b->out.bytes, "i-2\n");
	/* Also for the instance that had it before. */
	bench_must(b, FIRST, "timeout 10 bash -c 'head -c 4 < /dev/tcp/" PUBLIC "/22'");
	bench_must(b, FIRST, "ip -4 route show table local type local | grep -c 198.51.100 | grep -qx 0");
}

/* Somebody says no; ssh does not give up by itself, which it would after seconds. */
static void expect_refusal(struct bench *b, const char *address)
{
	assert_int_not_equal(bench_ssh(b, address, "true"), 0);
	if (!strstr(b->out.bytes, "connect to host") || strstr(b->out.bytes, "timed out"))
		fail_msg("%s: %s", address, b->out.bytes);
}

static void connections_to_nowhere_fail_at_once(void **state)
{
	struct bench *b = *state;

	bench_boot(b, 1);
	bench_await_login(b, FIRST);
	route(b, "i-1");
	bench_must(b, PUBLIC, "true");
	machinery_halt(b->machinery, "i-1", 0);
	assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	expect_refusal(b, PUBLIC);
	expect_refusal(b, FIRST);
	/* The address comes back with the instance. */
	bench_boot(b, 1);
	bench_await_login(b, PUBLIC);
	route(b, NULL);
	assert_int_not_equal(bench_ssh(b, PUBLIC, "true"), 0);
}

/* In a child, as capabilities do not come back; its exit code says what it was told. */
static int open_without(struct bench *b, int capability)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
		auto_error failure = ERROR_INIT;
		struct machinery *m;

		syscall(SYS_capget, &head, data);
		data[0].effective &= ~(1U << capability);
		syscall(SYS_capset, &head, data);
		if (machinery_open(&b->loop, b->folder, &m, &failure) || failure.kind != ERROR_LOCAL ||
			!failure.hint)
			_exit(1);
		_exit(strstr(failure.message, ": CAP_NET_ADMIN") ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void a_missing_privilege_is_named(void **state)
{
	assert_int_equal(open_without(*state, CAP_NET_ADMIN), 0);
}

static void one_state_folder_has_one_sandbox(void **state)
{
	struct bench *b = *state;
	struct machinery *second;
	auto_error failure = ERROR_INIT;

	expect_refused(machinery_open(&b->loop, b->state, &second, &failure), &failure, ERROR_CONFLICT);
}

static bool nothing_shows(struct bench *b, void *ctx)
{
	bench_traces(b, ctx);
	return ((struct text *)ctx)->len == 0;
}

static void nothing_is_left_of_what_was_removed(void **state)
{
	struct bench *b = *state;
	auto_error failure = ERROR_INIT;
	auto_text traces;
	char folder[160];

	bench_boot(b, 1);
	bench_create(b, "vol-0123", NULL);
	bench_attach(b, "vol-0123", "i-1");
	bench_await_login(b, FIRST);
	bench_must(b, FIRST, "sudo mkfs.ext4 -q " DISK " && sudo mount " DISK " /mnt");
	machinery_remove(b->machinery, "i-1");
	assert_true(bench_wait(b, SOON_MS, bench_is_stopped, (void *)"i-1"));
	text_init(&traces, CONSOLE_LIMIT);
	if (!bench_wait(b, SOON_MS, nothing_shows, &traces))
		fail_msg("left behind: %s", traces.bytes);
	snprintf(folder, sizeof(folder), "%s/instances/i-1", b->state);
	assert_int_not_equal(access(folder, F_OK), 0);
	bench_expect(machinery_delete_volume(b->machinery, "vol-0123", &failure), &failure);
}

#define REAL(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REAL(an_instance_is_a_machine_of_its_own),
		REAL(a_second_boot_is_refused_while_the_first_runs),
		REAL(an_image_that_is_missing_is_named),
		REAL(the_console_names_the_host_keys_that_sshd_shows),
		REAL(a_stopped_instance_starts_again_as_it_was_left),
		REAL(a_graceful_stop_lets_programs_finish),
		REAL(user_data_runs_once_per_instance),
		REAL(a_volume_keeps_its_data_from_one_instance_to_the_next),
		REAL(a_mounted_volume_is_never_detached),
		REAL(a_volume_that_a_program_writes_to_is_not_detached),
		REAL(a_volume_of_a_stopped_instance_is_there_when_it_starts),
		REAL(a_public_address_leads_where_it_was_last_sent),
		REAL(connections_to_nowhere_fail_at_once),
		REAL(a_missing_privilege_is_named),
		REAL(one_state_folder_has_one_sandbox),
		REAL(nothing_is_left_of_what_was_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
