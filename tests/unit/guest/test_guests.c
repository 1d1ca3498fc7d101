/*
 * The whole provider against a real sshd and a real ext4: what it does on a machine, what it says
 * when something is in the way, and that it then leaves everything as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "guest/guests.h"
#include "support/cell.h"
#include "support/disk.h"
#include "support/sshd.h"

#define VOLUME "vol-0123456789abcdef0"
#define NONCE "0123456789abcdef0123456789abcdef"

struct fixture {
	struct test_sshd sshd;
	struct test_disk disk;
	uv_loop_t loop;
	uv_timer_t timer;
	struct guests *guests;
	int port;
	char key[128];
	struct guest_order order;
	int answers;
	struct sighting sighting;
	bool seen;
	struct error err;
};

static void on_answered(void *self, const struct answer *a)
{
	struct fixture *f = self;

	assert_int_equal(a->subject, 7);
	assert_string_equal(a->is_effect ? a->token : a->id, a->is_effect ? "token" : "i-1");
	f->answers++;
	f->seen = a->sighting_count == 1;
	if (f->seen)
		f->sighting = a->sightings[0];
	error_release(&f->err);
	error_copy(&f->err, a->err);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cell_run("mkdir -p /run/bin && printf '#!/bin/sh\\n[ \"$1\" = -n ] && shift && exec \"$@\"\\n' "
	         ">/run/bin/sudo && "
	         "chmod +x /run/bin/sudo");
	test_sshd_prepare(&f->sshd);
	test_sshd_start(&f->sshd, "SetEnv PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	test_sshd_stop(&f->sshd);
	free(f);
	return 0;
}

static void open_guests(struct fixture *f, const char *user)
{
	auto_error err = ERROR_INIT;
	const struct guests_options o = {
		.access = { .user = user, .port = f->port, .key_file = f->key },
		.environment = (char *const[]){ "HOME=/run", NULL },
		.clock = &clock_system,
	};

	assert_true(guests_open(&f->loop, &o, (struct sink){ f, on_answered }, &f->guests, &err));
}

static int begin(void **state)
{
	struct fixture *f = *state;

	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->timer);
	snprintf(f->key, sizeof(f->key), "%s/user_ed25519", f->sshd.folder);
	f->port = f->sshd.port;
	test_disk_make(&f->disk, VOLUME);
	cell_run("mkdir -p /run/data && mount %s /run/data && echo kept >/run/data/file", f->disk.device);
	f->order = (struct guest_order){
		.instance_id = "i-1",
		.address = "127.0.0.1",
		.check_address = "127.0.0.1",
		.host_keys = f->sshd.host_keys,
		.volumes = { { .id = VOLUME, .mount = "/run/data" } },
		.volume_count = 1,
		.nonce = NONCE,
		.limit_ms = 10000,
	};
	open_guests(f, "guest");
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	guests_close(f->guests);
	uv_close((uv_handle_t *)&f->timer, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0); /* no handle is left */
	cell_run("while umount -l /run/data 2>/dev/null; do :; done; rm -rf /run/data /run/started "
	         "/run/stopped");
	test_disk_free(&f->disk);
	error_release(&f->err);
	*f = (struct fixture){ .sshd = f->sshd };
	return 0;
}

static void await(struct fixture *f, int answers)
{
	assert_int_equal(f->answers, answers - 1); /* never from within */
	while (f->answers < answers)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static const struct guest *probe(struct fixture *f)
{
	const struct query q = { .kind = QUERY_GUEST, .subject = 7, .id = "i-1", .guest = &f->order };
	struct provider p = guests_provider(f->guests);

	p.observe(p.self, &q, 1);
	await(f, f->answers + 1);
	assert_true(f->seen);
	assert_int_equal(f->sighting.kind, SIGHTING_GUEST);
	return &f->sighting.guest;
}

static const struct guest *act(struct fixture *f, enum effect_kind kind)
{
	const struct effect e = { .kind = kind, .subject = 7, .token = "token", .guest = &f->order };
	struct provider p = guests_provider(f->guests);

	p.act(p.self, &e);
	await(f, f->answers + 1);
	return &f->sighting.guest;
}

static void assert_done(const struct fixture *f)
{
	if (f->err.kind)
		fail_msg("%s", f->err.message);
	assert_true(f->seen);
}

static void assert_failed(
        const struct fixture *f, enum error_kind kind, enum error_happened happened, const char *words)
{
	assert_non_null(f->err.message);
	if (!strstr(f->err.message, words))
		fail_msg("'%s' does not contain '%s'", f->err.message, words);
	assert_int_equal(f->err.kind, kind);
	assert_int_equal(f->err.happened, happened);
}

static bool is_mounted(void)
{
	return system("mountpoint -q /run/data") == 0;
}

static void a_probe_shows_the_disk_and_what_is_on_it(void **state)
{
	struct fixture *f = *state;
	const struct guest *g;

	cell_run("echo nonce=" NONCE " >/run/data/.changeover-sentinel");
	g = probe(f);
	assert_done(f);
	assert_true(g->reachable);
	assert_string_equal(g->instance_id, "i-1");
	assert_int_equal(g->disk_count, 1);
	assert_string_equal(g->disks[0].volume_id, VOLUME);
	assert_true(g->disks[0].present && g->disks[0].mounted && g->disks[0].mounted_right);
	assert_string_equal(g->disks[0].uuid, f->disk.uuid);
	assert_string_equal(g->disks[0].sentinel, NONCE);
}

static void a_probe_tells_a_mount_at_another_place_or_read_only_from_the_right_one(void **state)
{
	struct fixture *f = *state;

	f->order.volumes[0].mount = "/run/elsewhere";
	assert_true(probe(f)->disks[0].mounted);
	assert_false(f->sighting.guest.disks[0].mounted_right);
	f->order.volumes[0].mount = "/run/data";
	cell_run("mount -o remount,ro /run/data");
	assert_true(probe(f)->disks[0].mounted);
	assert_false(f->sighting.guest.disks[0].mounted_right);
	cell_run("umount /run/data");
	assert_true(probe(f)->disks[0].present);
	assert_false(f->sighting.guest.disks[0].mounted);
	test_disk_detach(&f->disk);
	assert_false(probe(f)->disks[0].present);
}

static void a_machine_that_does_not_answer_is_not_reachable_and_the_reason_is_told(void **state)
{
	struct fixture *f = *state;

	guests_close(f->guests);
	f->port = test_free_port();
	open_guests(f, "guest");
	assert_false(probe(f)->reachable);
	assert_failed(f, ERROR_REMOTE, HAPPENED_NO, "probe on i-1: could not connect to 127.0.0.1:");
}

static void a_user_without_root_is_not_reachable_and_told_how_to_get_it(void **state)
{
	struct fixture *f = *state;

	cell_run("mv /run/bin/sudo /run/bin/sudo.off; printf '#!/bin/sh\\necho sudo: a password is required "
	         ">&2; exit 1\\n' "
	         ">/run/bin/sudo; chmod +x /run/bin/sudo");
	assert_false(probe(f)->reachable);
	assert_failed(f, ERROR_DENIED, HAPPENED_NO, "no root shell there (sudo: a password is required)");
	assert_non_null(f->err.hint);
	cell_run("mv /run/bin/sudo.off /run/bin/sudo");
}

static void what_a_login_shell_prints_is_passed_over(void **state)
{
	struct fixture *f = *state;

	cell_run("sed -i '2i echo welcome to this machine; echo oh >&2' /run/bin/sudo");
	assert_true(probe(f)->reachable);
	assert_done(f);
	cell_run("sed -i 2d /run/bin/sudo");
}

static void quiesce_stops_unmounts_and_leaves_the_sentinel(void **state)
{
	struct fixture *f = *state;
	const struct guest *g;

	f->order.command = "sleep 0.05; echo \"it's\" $((1 + 1)) >/run/stopped";
	g = act(f, EFFECT_QUIESCE);
	assert_done(f);
	assert_int_equal(g->service, SERVICE_STOPPED);
	assert_true(g->disks[0].present && !g->disks[0].mounted);
	assert_string_equal(g->disks[0].sentinel, NONCE);
	assert_in_range(g->stop_ms, 40, 2000);
	assert_in_range(g->unmount_ms, 1, 2000);
	assert_false(is_mounted());
	cell_run("[ \"$(cat /run/stopped)\" = \"it's 2\" ]");
	cell_run("mount %s /run/data && [ \"$(cat /run/data/.changeover-sentinel)\" = nonce=" NONCE " ]",
	        f->disk.device);
}

static void quiesce_again_after_a_lost_reply_succeeds(void **state)
{
	struct fixture *f = *state;

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
	struct fixture *f = *state;

	f->order.command = "echo the reason; exit 5";
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_REMOTE, HAPPENED_YES,
	        "quiesce on i-1: the stop command failed with exit code 5: echo the reason; exit 5 (the "
	        "reason)");
	assert_true(is_mounted());
}

static void a_stop_command_that_hangs_is_killed_with_all_that_it_started(void **state)
{
	struct fixture *f = *state;

	f->order.limit_ms = 1500;
	f->order.command = "trap '' TERM; sleep 77.125 & sleep 77.125";
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_TIMEOUT, HAPPENED_YES, "the stop command did not end within");
	assert_true(is_mounted());
	cell_run("! grep -lsz '77[.]125' /proc/[0-9]*/cmdline");
}

static void what_holds_the_volume_is_named_and_it_stays_mounted(void **state)
{
	struct fixture *f = *state;
	int pid =
	        cell_start((const char *[]){ "/bin/sh", "-c", "exec sleep 100 3>/run/data/open-file", NULL });
	char words[128];

	cell_run("until [ -e /run/data/open-file ]; do sleep 0.01; done; sleep 0.05");
	act(f, EFFECT_QUIESCE);
	snprintf(words, sizeof(words),
	        "/run/data (" VOLUME ") is in use by sleep (pid %d, /run/data/open-file)", pid);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_YES, words);
	assert_true(is_mounted());
	cell_end(pid);
}

static void a_filesystem_mounted_inside_the_volume_is_named(void **state)
{
	struct fixture *f = *state;

	cell_run("mkdir /run/data/inner && mount -t tmpfs inner /run/data/inner");
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_YES, "a filesystem mounted at /run/data/inner");
	assert_true(is_mounted());
	cell_run("umount /run/data/inner");
}

static void a_copy_of_the_mount_in_another_namespace_is_not_overlooked(void **state)
{
	struct fixture *f = *state;
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
	struct fixture *f = *state;
	int pid =
	        cell_start((const char *[]){ "/bin/sh", "-c", "exec sleep 100 3>/run/data/open-file", NULL });

	cell_run("until [ -e /run/data/open-file ]; do sleep 0.01; done; sleep 0.05; umount -l /run/data");
	assert_true(probe(f)->disks[0].mounted);
	act(f, EFFECT_QUIESCE);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_NO, "active in the kernel (/sys/fs/ext4)");
	cell_end(pid);
	act(f, EFFECT_QUIESCE);
	assert_done(f);
}

static void a_volume_that_is_read_only_or_elsewhere_is_refused_before_the_service_is_stopped(void **state)
{
	struct fixture *f = *state;

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

static void expect_sentinel(struct fixture *f)
{
	text_copy(f->order.volumes[0].uuid, CLOUD_NAME_SIZE, f->disk.uuid);
	text_copy(f->order.volumes[0].sentinel, CLOUD_NONCE_SIZE, NONCE);
}

static void on_attach(uv_timer_t *timer)
{
	test_disk_attach(timer->data);
}

static void mount_waits_for_the_disk_and_finds_the_sentinel(void **state)
{
	struct fixture *f = *state;

	act(f, EFFECT_QUIESCE);
	assert_done(f);
	expect_sentinel(f);
	test_disk_detach(&f->disk);
	f->timer.data = &f->disk;
	uv_timer_start(&f->timer, on_attach, 300, 0);
	act(f, EFFECT_MOUNT);
	assert_done(f);
	assert_true(f->sighting.guest.disks[0].mounted_right);
	assert_string_equal(f->sighting.guest.disks[0].sentinel, NONCE);
	assert_in_range(f->sighting.guest.mount_ms, 1, 250); /* without the waiting */
	cell_run("[ \"$(cat /run/data/file)\" = kept ]");
	act(f, EFFECT_MOUNT); /* again, after a lost reply */
	assert_done(f);
}

static void a_disk_that_does_not_come_is_a_timeout(void **state)
{
	struct fixture *f = *state;

	test_disk_detach(&f->disk);
	f->order.limit_ms = 1000;
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_TIMEOUT, HAPPENED_NO, "no disk with id " VOLUME " appeared within");
}

static void another_filesystem_is_not_mounted(void **state)
{
	struct fixture *f = *state;

	cell_run("umount /run/data");
	text_copy(f->order.volumes[0].uuid, CLOUD_NAME_SIZE, "11111111-2222-3333-4444-555555555555");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "not 11111111-2222-3333-4444-555555555555");
	assert_false(is_mounted());
}

static void an_empty_disk_is_not_formatted(void **state)
{
	struct fixture *f = *state;

	cell_run("umount /run/data; wipefs -qa %s", f->disk.device);
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "holds no filesystem");
}

static void a_volume_with_another_sentinel_is_taken_off_again(void **state)
{
	struct fixture *f = *state;

	act(f, EFFECT_QUIESCE);
	assert_done(f);
	text_copy(f->order.volumes[0].sentinel, CLOUD_NONCE_SIZE, "ffffffffffffffffffffffffffffffff");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, "carries the sentinel '" NONCE "', not 'ffff");
	assert_false(is_mounted());
}

static void what_is_mounted_in_the_volumes_place_is_named(void **state)
{
	struct fixture *f = *state;

	cell_run("umount /run/data; mount -t tmpfs stranger /run/data");
	act(f, EFFECT_MOUNT);
	assert_failed(f, ERROR_CONFLICT, HAPPENED_NO, "stranger is mounted at /run/data already");
}

static void a_dirty_filesystem_is_replayed(void **state)
{
	struct fixture *f = *state;

	/* The image as it is while mounted, as after a power failure: a journal to replay. */
	cell_run("echo late >/run/data/late; sync -f /run/data; cp /tmp/" VOLUME
	         " /tmp/copy; umount /run/data; "
	         "dd if=/tmp/copy of=%s bs=1M status=none; rm /tmp/copy",
	        f->disk.device);
	act(f, EFFECT_MOUNT);
	assert_done(f);
	cell_run("[ \"$(cat /run/data/late)\" = late ]");
}

static void a_service_that_keeps_its_output_open_does_not_hold_up_start(void **state)
{
	struct fixture *f = *state;

	f->order.command = "echo starting; setsid sh -c 'echo $$ >/run/started; while sleep 0.1; do echo log "
	                   "line; done' &";
	act(f, EFFECT_START_SERVICE);
	assert_done(f);
	assert_int_equal(f->sighting.guest.service, SERVICE_STARTED);
	assert_in_range(f->sighting.guest.start_ms, 1, 1000);
	cell_run("sleep 0.3; kill -0 $(cat /run/started) && kill -9 $(cat /run/started)");
}

static void a_start_command_that_fails_is_shown(void **state)
{
	struct fixture *f = *state;

	f->order.command = "false";
	act(f, EFFECT_START_SERVICE);
	assert_failed(f, ERROR_REMOTE, HAPPENED_YES,
	        "start on i-1: the start command failed with exit code 1: false");
}

static void a_second_command_waits_for_one_whose_connection_broke(void **state)
{
	struct fixture *f = *state;

	f->order.command = "kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $PPID)); sleep 0.5; "
	                   "echo done >/run/stopped";
	act(f, EFFECT_QUIESCE);
	assert_int_equal(f->err.happened, HAPPENED_UNKNOWN);
	f->order.command = "[ -e /run/stopped ]";
	act(f, EFFECT_QUIESCE);
	assert_done(f);
}

static void a_dry_run_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct effect e = {
		.kind = EFFECT_QUIESCE, .dry_run = true, .subject = 7, .token = "token", .guest = &f->order
	};
	struct provider p = guests_provider(f->guests);

	f->order.command = "touch /run/stopped";
	p.act(p.self, &e);
	await(f, 1);
	assert_done(f);
	assert_true(is_mounted());
	cell_run("[ ! -e /run/stopped ]");
}

static int logins(const struct fixture *f)
{
	char line[128], count[16] = "";
	FILE *p;

	snprintf(line, sizeof(line), "grep -c Accepted %s/log", f->sshd.folder);
	p = popen(line, "r");
	if (!fgets(count, sizeof(count), p))
		count[0] = '\0';
	pclose(p);
	return (int)strtol(count, NULL, 10);
}

static void one_session_serves_all_commands_and_a_broken_one_is_replaced(void **state)
{
	struct fixture *f = *state;
	int before = logins(f);

	for (int i = 0; i < 3; i++)
		assert_true(probe(f)->reachable);
	assert_int_equal(logins(f), before + 1);
	cell_run("for pid in $(cat /proc/%d/task/*/children); do kill -9 $pid; done; sleep 0.1", f->sshd.pid);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_true(probe(f)->reachable);
	guests_forget(f->guests, "i-1");
	assert_true(probe(f)->reachable);
	assert_int_equal(logins(f), before + 3);
}

static const struct verdict *check(struct fixture *f, const struct check *checks, size_t count)
{
	f->order.checks = checks;
	f->order.check_count = count;
	act(f, EFFECT_CHECK);
	assert_done(f);
	assert_int_equal(f->sighting.kind, SIGHTING_VERDICT);
	return &f->sighting.verdict;
}

static void checks_pass_and_the_first_that_fails_is_named(void **state)
{
	struct fixture *f = *state;
	const struct check checks[] = {
		{ .kind = CHECK_TCP, .port = f->sshd.port },
		{ .kind = CHECK_COMMAND, .command = "[ {{address}} = 127.0.0.1 ]" },
		{ .kind = CHECK_COMMAND, .command = "echo not yet; exit 9" },
		{ .kind = CHECK_TCP, .port = 1 },
	};

	assert_true(check(f, checks, 2)->passed);
	assert_true(check(f, checks, 0)->passed);
	assert_false(check(f, checks, 4)->passed);
	assert_string_equal(f->sighting.verdict.failing,
	        "command: the check command failed with exit code 9: echo not yet; exit 9 (not yet)");
	assert_false(check(f, &checks[3], 1)->passed);
	assert_string_equal(
	        f->sighting.verdict.failing, "tcp 1: could not connect to 127.0.0.1:1: Connection refused");
}

static void a_web_check_wants_its_status_and_shows_the_body(void **state)
{
	struct fixture *f = *state;
	int port = test_free_port(), pid;
	char url[64], script[256];
	struct check c = { .kind = CHECK_HTTP, .url = url, .status = 503 };

	snprintf(url, sizeof(url), "http://{{address}}:%d/health", port);
	snprintf(script, sizeof(script),
	        "import http.server as h\n"
	        "class H(h.BaseHTTPRequestHandler):\n"
	        " def do_GET(s): s.send_response(503); s.end_headers(); s.wfile.write(b'not\\nready')\n"
	        "h.HTTPServer(('127.0.0.1', %d), H).serve_forever()",
	        port);
	pid = cell_start((const char *[]){ "/usr/bin/python3", "-c", script, NULL });
	cell_run("until grep -q ':%04X ' /proc/net/tcp; do sleep 0.02; done", port);
	assert_true(check(f, &c, 1)->passed);
	c.status = 200;
	assert_false(check(f, &c, 1)->passed);
	assert_non_null(strstr(f->sighting.verdict.failing, "/health: status 503, not 200: not ready"));
	cell_end(pid);
}

static void closing_under_way_answers_nothing_more(void **state)
{
	struct fixture *f = *state;
	const struct check checks[] = { { .kind = CHECK_COMMAND, .command = "sleep 1" },
		{ .kind = CHECK_TCP, .port = 1 } };
	const struct effect e = { .kind = EFFECT_CHECK, .subject = 7, .token = "token", .guest = &f->order };
	const struct query q = { .kind = QUERY_GUEST, .subject = 7, .id = "i-1", .guest = &f->order };
	struct provider p = guests_provider(f->guests);

	f->order.checks = checks;
	f->order.check_count = 2;
	p.act(p.self, &e);
	p.observe(p.self, &q, 1);
	uv_run(&f->loop, UV_RUN_ONCE);
	guests_close(f->guests);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(f->answers, 0);
	open_guests(f, "guest");
}

static void a_key_that_cannot_work_is_refused_at_once(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	char key[128];
	struct guests *g = NULL;
	struct guests_options o = { .access = { .user = "guest", .port = 22, .key_file = key },
		.clock = &clock_system };

	snprintf(key, sizeof(key), "%s/user_rsa", f->sshd.folder);
	assert_false(guests_open(&f->loop, &o, (struct sink){ f, on_answered }, &g, &err));
	assert_int_equal(err.kind, ERROR_DENIED);
	error_release(&err);
	o.access.key_file = NULL;
	assert_false(guests_open(&f->loop, &o, (struct sink){ f, on_answered }, &g, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
}

static void the_operators_own_scripts_take_the_place_of_ours(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	const struct guests_options o = {
		.access = { .user = "guest", .port = f->port, .key_file = f->key },
		.scripts_dir = "/run/own",
		.clock = &clock_system,
	};

	cell_run("mkdir /run/own && printf 'begin\\nsay volume vol-own\\nsay end ok\\n' >/run/own/probe.sh");
	guests_close(f->guests);
	assert_true(guests_open(&f->loop, &o, (struct sink){ f, on_answered }, &f->guests, &err));
	assert_string_equal(probe(f)->disks[0].volume_id, "vol-own");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_probe_shows_the_disk_and_what_is_on_it),
		TEST(a_probe_tells_a_mount_at_another_place_or_read_only_from_the_right_one),
		TEST(a_machine_that_does_not_answer_is_not_reachable_and_the_reason_is_told),
		TEST(a_user_without_root_is_not_reachable_and_told_how_to_get_it),
		TEST(what_a_login_shell_prints_is_passed_over),
		TEST(quiesce_stops_unmounts_and_leaves_the_sentinel),
		TEST(quiesce_again_after_a_lost_reply_succeeds),
		TEST(a_stop_command_that_fails_is_shown_and_nothing_is_unmounted),
		TEST(a_stop_command_that_hangs_is_killed_with_all_that_it_started),
		TEST(what_holds_the_volume_is_named_and_it_stays_mounted),
		TEST(a_filesystem_mounted_inside_the_volume_is_named),
		TEST(a_copy_of_the_mount_in_another_namespace_is_not_overlooked),
		TEST(a_lazily_unmounted_filesystem_is_not_overlooked),
		TEST(a_volume_that_is_read_only_or_elsewhere_is_refused_before_the_service_is_stopped),
		TEST(mount_waits_for_the_disk_and_finds_the_sentinel),
		TEST(a_disk_that_does_not_come_is_a_timeout),
		TEST(another_filesystem_is_not_mounted),
		TEST(an_empty_disk_is_not_formatted),
		TEST(a_volume_with_another_sentinel_is_taken_off_again),
		TEST(what_is_mounted_in_the_volumes_place_is_named),
		TEST(a_dirty_filesystem_is_replayed),
		TEST(a_service_that_keeps_its_output_open_does_not_hold_up_start),
		TEST(a_start_command_that_fails_is_shown),
		TEST(a_second_command_waits_for_one_whose_connection_broke),
		TEST(a_dry_run_changes_nothing),
		TEST(one_session_serves_all_commands_and_a_broken_one_is_replaced),
		TEST(checks_pass_and_the_first_that_fails_is_named),
		TEST(a_web_check_wants_its_status_and_shows_the_body),
		TEST(closing_under_way_answers_nothing_more),
		TEST(a_key_that_cannot_work_is_refused_at_once),
		TEST(the_operators_own_scripts_take_the_place_of_ours),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, setup, teardown);
}
