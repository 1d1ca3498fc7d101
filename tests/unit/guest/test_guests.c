/* The provider against a real machine: probes, start, checks, and the sessions beneath. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_fixture.h"

static void a_probe_shows_the_disk_and_what_is_on_it(void **state)
{
	struct guest_fixture *f = *state;
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
	struct guest_fixture *f = *state;

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
	struct guest_fixture *f = *state;

	guests_close(f->guests);
	f->port = test_free_port();
	fixture_open_guests(f, NULL);
	assert_false(probe(f)->reachable);
	assert_failed(f, ERROR_REMOTE, HAPPENED_NO, "probe on i-1: could not connect to 127.0.0.1:");
}

static void a_user_without_root_is_not_reachable_and_told_how_to_get_it(void **state)
{
	struct guest_fixture *f = *state;

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
	struct guest_fixture *f = *state;

	cell_run("sed -i '2i echo welcome to this machine; echo oh >&2' /run/bin/sudo");
	assert_true(probe(f)->reachable);
	assert_done(f);
	cell_run("sed -i 2d /run/bin/sudo");
}

static void a_service_that_keeps_its_output_open_does_not_hold_up_start(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "echo starting; setsid sh -c 'echo $$ >/run/started; while sleep 0.1; do echo log "
			   "line; done' &";
	act(f, EFFECT_START_SERVICE);
	assert_done(f);
	assert_int_equal(f->sighting.guest.service, SERVICE_STARTED);
	assert_in_range(f->sighting.guest.start_ms, 1, f->order.limit_ms);
	cell_run("sleep 0.3; kill -0 $(cat /run/started) && kill -9 $(cat /run/started)");
}

static void a_start_command_that_fails_is_shown(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "false";
	act(f, EFFECT_START_SERVICE);
	assert_failed(f, ERROR_REMOTE, HAPPENED_YES,
		"start on i-1: the start command failed with exit code 1: false");
}

static void a_service_is_never_started_without_its_data(void **state)
{
	struct guest_fixture *f = *state;

	f->order.command = "touch /run/started";
	cell_run("mount -o remount,ro /run/data");
	act(f, EFFECT_START_SERVICE);
	assert_failed(f, ERROR_UNSAFE, HAPPENED_NO, VOLUME " is mounted read-only at /run/data");
	cell_run("umount /run/data");
	act(f, EFFECT_START_SERVICE);
	assert_failed(f, ERROR_REMOTE, HAPPENED_NO, VOLUME " is not mounted at /run/data");
	cell_run("[ ! -e /run/started ]");
}

static void a_dry_run_changes_nothing(void **state)
{
	struct guest_fixture *f = *state;
	const struct effect e = {
		.kind = EFFECT_QUIESCE, .dry_run = true, .subject = 7, .token = "token", .guest = &f->order
	};
	struct provider p = guests_provider(f->guests);

	f->order.command = "touch /run/stopped";
	p.act(p.self, &e);
	fixture_await(f, 1);
	assert_done(f);
	assert_true(is_mounted());
	cell_run("[ ! -e /run/stopped ]");
}

static int logins(const struct guest_fixture *f)
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
	struct guest_fixture *f = *state;
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

static const struct verdict *check(struct guest_fixture *f, const struct check *checks, size_t count)
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
	struct guest_fixture *f = *state;
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
	struct guest_fixture *f = *state;
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
	struct guest_fixture *f = *state;
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
	fixture_open_guests(f, NULL);
}

static void a_key_that_cannot_work_is_refused_at_once(void **state)
{
	struct guest_fixture *f = *state;
	auto_error err = ERROR_INIT;
	char key[128];
	struct guests *g = NULL;
	struct guests_options o = { .access = { .user = "guest", .port = 22, .key_file = key },
		.clock = &clock_system };

	snprintf(key, sizeof(key), "%s/user_rsa", f->sshd.folder);
	assert_false(guests_open(&f->loop, &o, (struct sink){ f, fixture_answered }, &g, &err));
	assert_int_equal(err.kind, ERROR_DENIED);
	error_release(&err);
	o.access.key_file = NULL;
	assert_false(guests_open(&f->loop, &o, (struct sink){ f, fixture_answered }, &g, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
}

static void the_operators_own_scripts_take_the_place_of_ours(void **state)
{
	struct guest_fixture *f = *state;

	cell_run("mkdir /run/own && printf 'begin\\nsay volume vol-own\\nsay end ok\\n' >/run/own/probe.sh");
	guests_close(f->guests);
	fixture_open_guests(f, "/run/own");
	assert_string_equal(probe(f)->disks[0].volume_id, "vol-own");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
	const struct CMUnitTest tests[] = {
		TEST(a_probe_shows_the_disk_and_what_is_on_it),
		TEST(a_probe_tells_a_mount_at_another_place_or_read_only_from_the_right_one),
		TEST(a_machine_that_does_not_answer_is_not_reachable_and_the_reason_is_told),
		TEST(a_user_without_root_is_not_reachable_and_told_how_to_get_it),
		TEST(what_a_login_shell_prints_is_passed_over),
		TEST(a_service_that_keeps_its_output_open_does_not_hold_up_start),
		TEST(a_start_command_that_fails_is_shown),
		TEST(a_service_is_never_started_without_its_data),
		TEST(a_dry_run_changes_nothing),
		TEST(one_session_serves_all_commands_and_a_broken_one_is_replaced),
		TEST(checks_pass_and_the_first_that_fails_is_named),
		TEST(a_web_check_wants_its_status_and_shows_the_body),
		TEST(closing_under_way_answers_nothing_more),
		TEST(a_key_that_cannot_work_is_refused_at_once),
		TEST(the_operators_own_scripts_take_the_place_of_ours),
	};

	cell_enter();
	return cmocka_run_group_tests(tests, fixture_start_server, fixture_stop_server);
}
