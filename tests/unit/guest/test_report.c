#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "guest/report.h"

static bool read_report(const char *out, const char *errors, struct report *ret, struct error *err)
{
	const struct ssh_result result = {
		.signal = "",
		.out = out,
		.out_len = strlen(out),
		.errors = errors,
		.errors_len = strlen(errors),
	};

	return report_read(&result, ret, err);
}

static void a_whole_report_is_read(void **state)
{
	auto_error err = ERROR_INIT;
	struct report r;

	(void)state;
	assert_true(read_report(
		"Welcome! changeover=0\nchangeover=1\nstop_ms=812\nunmount_ms=0\nvolume=vol-1\n"
		"present=yes\nuuid=u-1\nmounted=no\nsentinel=abc\nvolume=vol-2\npresent=no\nend=ok\n",
		"", &r, &err));
	assert_true(r.started && r.succeeded);
	assert_int_equal(r.guest.stop_ms, 812);
	assert_int_equal(r.guest.unmount_ms, 1); /* 0 would mean: not done */
	assert_int_equal(r.guest.mount_ms, 0);
	assert_int_equal(r.guest.disk_count, 2);
	assert_true(r.guest.disks[0].present && !r.guest.disks[0].mounted);
	assert_string_equal(r.guest.disks[0].uuid, "u-1");
	assert_string_equal(r.guest.disks[0].sentinel, "abc");
	assert_string_equal(r.guest.disks[1].volume_id, "vol-2");
	assert_false(r.guest.disks[1].present);
}

static void a_failure_tells_its_kind_and_whether_something_changed(void **state)
{
	auto_error err = ERROR_INIT;
	struct report r;

	(void)state;
	assert_false(read_report("changeover=1\nchanged=yes\nfailed=conflict /data is in use\nend=failed\n",
		"umount: busy\n", &r, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_int_equal(err.happened, HAPPENED_YES);
	assert_string_equal(err.message, "/data is in use (umount: busy)");
	error_release(&err);
	assert_false(
		read_report("changeover=1\nchanged=no\nfailed=missing no disk\nend=failed\n", "", &r, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
	assert_int_equal(err.happened, HAPPENED_NO);
}

static void a_report_without_an_end_is_unknown(void **state)
{
	auto_error err = ERROR_INIT;
	struct report r;

	(void)state;
	assert_false(read_report("changeover=1\nstop_ms=12\nvolume=vo", "", &r, &err));
	assert_int_equal(err.happened, HAPPENED_UNKNOWN);
	assert_true(r.started);
}

static void a_script_that_did_not_begin_did_nothing(void **state)
{
	auto_error err = ERROR_INIT;
	struct report r;

	(void)state;
	assert_false(read_report("hello\n", "sh: no such thing\n", &r, &err));
	assert_int_equal(err.happened, HAPPENED_NO);
	assert_false(r.started);
	assert_non_null(strstr(err.message, "sh: no such thing"));
}

static const char NINE_VOLUMES[] = "changeover=1\n"
				   "volume=1\nvolume=2\nvolume=3\nvolume=4\nvolume=5\n"
				   "volume=6\nvolume=7\nvolume=8\nvolume=9\nend=ok\n";

static void what_no_script_says_is_refused(void **state)
{
	static const char *const LINES[] = {
		"changeover=2\nend=ok\n",
		"changeover=1\nwhat=1\nend=ok\n",
		"changeover=1\nnonsense\nend=ok\n",
		"changeover=1\npresent=yes\nend=ok\n",
		"changeover=1\nvolume=vol-1\npresent=maybe\nend=ok\n",
		"changeover=1\nstop_ms=-1\nend=ok\n",
		"changeover=1\nstop_ms=1x\nend=ok\n",
		"changeover=1\nend=perhaps\n",
		"changeover=1\nend=failed\n",
		"changeover=1\nend=ok\nvolume=vol-1\n",
		"changeover=1\nvolume=vol-0123456789012345678901234567890\nend=ok\n",
		NINE_VOLUMES,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		auto_error err = ERROR_INIT;
		struct report r;

		if (read_report(LINES[i], "", &r, &err))
			fail_msg("accepted: %s", LINES[i]);
		assert_int_equal(err.kind, ERROR_REMOTE);
	}
}

static void what_a_machine_says_cannot_reach_the_terminal_unchanged(void **state)
{
	auto_error err = ERROR_INIT;
	struct report r;

	(void)state;
	assert_false(read_report("changeover=1\nchanged=no\nfailed=remote a\033[2Jb\nend=failed\n",
		"x\033]0;y\a\n", &r, &err));
	assert_null(strchr(err.message, '\033'));
	error_release(&err);
	assert_false(read_report("changeover=1\n\033[2J\n", "", &r, &err));
	assert_null(strchr(err.message, '\033'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_report_is_read),
		cmocka_unit_test(a_failure_tells_its_kind_and_whether_something_changed),
		cmocka_unit_test(a_report_without_an_end_is_unknown),
		cmocka_unit_test(a_script_that_did_not_begin_did_nothing),
		cmocka_unit_test(what_no_script_says_is_refused),
		cmocka_unit_test(what_a_machine_says_cannot_reach_the_terminal_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
