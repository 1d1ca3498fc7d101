#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan/plan.h"

static const char MINIMAL[] = TESTS_DIR "/golden/plan/minimal.yaml";
static const char ACME[] = TESTS_DIR "/../plans/acme.yaml";
static const char USER_DATA[] = TESTS_DIR "/golden/plan/user-data.yaml";

static struct plan *load(const char *path)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *p = NULL;

	if (!plan_load(path, &p, &d, &err))
		fail_msg("%s: %s", err.message, d.count ? d.items[0].message : "");
	return p;
}

/* Loads a plan given as text: its last lines, after the least that a plan must say. */
static struct plan *load_text(const char *more)
{
	static const char START[] = "version: 1\nname: unit\nimage: { id: ami-0abc }\n"
				    "service: { stop: \"true\", start: \"true\" }\n";
	char path[] = "/tmp/changeover-plan-XXXXXX";
	int fd = mkstemp(path);
	struct plan *p;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, START, strlen(START)), strlen(START));
	assert_int_equal(write(fd, more, strlen(more)), strlen(more));
	close(fd);
	p = load(path);
	unlink(path);
	return p;
}

static void what_the_plan_leaves_out_has_its_default(void **state)
{
	struct plan *p = load(MINIMAL);

	(void)state;
	assert_string_equal(p->ssh.user, "ec2-user");
	assert_int_equal(p->ssh.port, 22);
	assert_true(p->ssh.agent);
	assert_null(p->ssh.key);
	assert_int_equal(p->ssh.host_key, PLAN_HOST_KEY_CONSOLE);
	assert_int_equal(p->backup.keep, 3);
	assert_true(p->backup.wait_completed);
	assert_false(p->rehearse);
	assert_int_equal(p->outage_limit_ms, 0);
	assert_int_equal(p->bake_ms, 0);
	assert_int_equal(p->keep_ms, 24 * 3600 * 1000);
	assert_int_equal(p->data[0].strategy, STRATEGY_MOVE);
	assert_int_equal(p->data[0].verify, VERIFY_SENTINEL);
	plan_free(p);
}

static void what_the_plan_leaves_out_is_absent(void **state)
{
	struct plan *p = load(MINIMAL);

	(void)state;
	assert_null(p->cloud.region);
	assert_null(p->cloud.profile);
	assert_null(p->image.newest_owner); /* a choice not taken has no default */
	assert_null(p->launch.instance_type);
	assert_null(p->launch.user_data);
	assert_int_equal(p->launch.root_size_gib, 0);
	assert_int_equal(p->launch.tag_count, 0);
	assert_false(p->change.elastic_ip_all);
	assert_int_equal(p->change.elastic_ip_count, 0);
	assert_null(p->data[0].volume.tag.key);
	assert_null(p->data[0].volume.id);
	plan_free(p);
}

static void the_example_says_what_it_says(void **state)
{
	struct plan *p = load(ACME);

	(void)state;
	assert_string_equal(p->name, "acme");
	assert_string_equal(p->path, ACME);
	assert_string_equal(p->cloud.region, "eu-west-1");
	assert_string_equal(p->cloud.profile, "production");
	assert_int_equal(p->machines.instance_count, 1);
	assert_string_equal(p->machines.instances[0], "i-0a1b2c3d4e5f60718");
	assert_string_equal(p->image.newest_owner, "self");
	assert_string_equal(p->image.newest_name, "acme-*");
	assert_int_equal(p->launch.tag_count, 1);
	assert_string_equal(p->launch.tags[0].key, "Release");
	assert_string_equal(p->launch.tags[0].value, "2026-11");
	assert_string_equal(p->ssh.key, "~/.ssh/id_ed25519");
	assert_false(p->ssh.agent);
	assert_int_equal(p->data_count, 1);
	assert_string_equal(p->data[0].volume.tag.key, "Role");
	assert_string_equal(p->data[0].volume.tag.value, "data");
	assert_string_equal(p->data[0].mount, "/var/lib/acme");
	assert_string_equal(p->service.stop, "systemctl stop acme.socket acme.service");
	assert_true(p->change.elastic_ip_all);
	assert_int_equal(p->outage_limit_ms, 5 * 60 * 1000);
	assert_int_equal(p->bake_ms, 15 * 60 * 1000);
	plan_free(p);
}

static void each_check_has_its_kind_and_nothing_of_another(void **state)
{
	struct plan *p = load(ACME);

	(void)state;
	assert_int_equal(p->ready_count, 3);
	assert_int_equal(p->ready[0].kind, PLAN_CHECK_TCP);
	assert_int_equal(p->ready[0].port, 443);
	assert_null(p->ready[0].url);
	assert_int_equal(p->ready[1].kind, PLAN_CHECK_COMMAND);
	assert_string_equal(p->ready[1].command, "/opt/acme/bin/healthy");
	assert_int_equal(p->ready[1].status, 0);
	assert_int_equal(p->ready[2].kind, PLAN_CHECK_HTTP);
	assert_string_equal(p->ready[2].url, "https://{{address}}/api/health");
	assert_int_equal(p->ready[2].status, 200);
	plan_free(p);
}

static void every_way_to_name_things_is_read(void **state)
{
	struct plan *p = load_text("machines: { instances: [i-0abc] }\n"
				   "data:\n"
				   "  - { volume: { id: vol-0abc }, mount: /a }\n"
				   "  - { volume: { device: /dev/sdf }, mount: /b/c }\n"
				   "backup: { keep: 7, wait: started }\n"
				   "ssh: { user: admin, port: 2222, host_key: known_hosts }\n"
				   "switch: [{ elastic_ip: [eipalloc-0abc, eipalloc-0def] }]\n"
				   "launch: { instance_type: t4g.large, root_volume: { size_gib: 32 } }\n"
				   "ready: [{ http: { url: \"http://{{address}}/\" } }]\n");

	(void)state;
	assert_string_equal(p->data[0].volume.id, "vol-0abc");
	assert_string_equal(p->data[1].volume.device, "/dev/sdf");
	assert_string_equal(p->data[1].mount, "/b/c");
	assert_int_equal(p->backup.keep, 7);
	assert_false(p->backup.wait_completed);
	assert_string_equal(p->ssh.user, "admin");
	assert_int_equal(p->ssh.port, 2222);
	assert_int_equal(p->ssh.host_key, PLAN_HOST_KEY_KNOWN_HOSTS);
	assert_false(p->change.elastic_ip_all);
	assert_int_equal(p->change.elastic_ip_count, 2);
	assert_string_equal(p->change.elastic_ips[1], "eipalloc-0def");
	assert_string_equal(p->launch.instance_type, "t4g.large");
	assert_int_equal(p->launch.root_size_gib, 32);
	assert_int_equal(p->ready[0].status, 200);
	plan_free(p);
}

static void a_key_is_found_beside_the_plan_unless_it_is_at_home(void **state)
{
	static const char REST[] = "machines: { instances: [i-0abc] }\n"
				   "data: [{ volume: { device: /dev/sdf }, mount: /a }]\n"
				   "ready: [{ tcp: 22 }]\n"
				   "ssh: { key: keys/id }\n";
	struct plan *p = load_text(REST);

	(void)state;
	assert_string_equal(p->ssh.key, "/tmp/keys/id");
	plan_free(p);
}

static void user_data_is_the_file_s_content(void **state)
{
	struct plan *p = load(USER_DATA);

	(void)state;
	assert_string_equal(p->launch.user_data, "#cloud-config\n");
	assert_int_equal(p->launch.user_data_len, strlen("#cloud-config\n"));
	plan_free(p);
}

/* By sha256sum. The journal says by it which plan was applied. */
static void the_digest_is_the_file_s_sha_256(void **state)
{
	struct plan *p = load(TESTS_DIR "/unit/plan/digest.yaml");

	(void)state;
	assert_string_equal(p->digest, "afb69887dda3e00822de05ae6efbec070ec3702b67a5379ce9632b2c36561667");
	plan_free(p);
}

static void a_plan_that_is_not_there_is_missing_and_has_no_diagnostics(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *p = NULL;

	(void)state;
	assert_false(plan_load("/nonexistent/plan.yaml", &p, &d, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
	assert_int_equal(d.count, 0);
	assert_null(p);
}

static void a_folder_is_no_plan(void **state)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *p = NULL;

	(void)state;
	assert_false(plan_load("/tmp", &p, &d, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
	assert_int_equal(d.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_plan_leaves_out_has_its_default),
		cmocka_unit_test(what_the_plan_leaves_out_is_absent),
		cmocka_unit_test(the_example_says_what_it_says),
		cmocka_unit_test(each_check_has_its_kind_and_nothing_of_another),
		cmocka_unit_test(every_way_to_name_things_is_read),
		cmocka_unit_test(a_key_is_found_beside_the_plan_unless_it_is_at_home),
		cmocka_unit_test(user_data_is_the_file_s_content),
		cmocka_unit_test(the_digest_is_the_file_s_sha_256),
		cmocka_unit_test(a_plan_that_is_not_there_is_missing_and_has_no_diagnostics),
		cmocka_unit_test(a_folder_is_no_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
