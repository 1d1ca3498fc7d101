/* Whatever stands in a plan reaches the machine's shell as one word, unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "guest/checks.h"
#include "guest/scripts.h"

/* What a real shell makes of the text. */
static char *run(const struct text *script)
{
	char in[] = "/tmp/script-XXXXXX", command[128];
	int fd = mkstemp(in);
	struct text out;
	auto_error err = ERROR_INIT;

	assert_int_equal(write(fd, script->bytes, script->len), script->len);
	close(fd);
	snprintf(command, sizeof(command), "sh -s <%s >%s.out 2>&1", in, in);
	(void)!system(command);
	unlink(in);
	snprintf(command, sizeof(command), "%s.out", in);
	text_init(&out, 4096);
	assert_true(file_read(command, &out, &err));
	unlink(command);
	return out.bytes;
}

static void a_quoted_text_is_one_word_unchanged(void **state)
{
	static const char *const TEXTS[] = { "", "plain", "it's", "''", "a b\nc",
		"$(reboot) `reboot` \\ \" * ?", "-n", "'; exit 3; '" };

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		auto_text script;
		auto_free char *out = NULL;
		char expected[128];

		text_init(&script, 4096);
		text_add(&script, "set -- ");
		script_quote(&script, TEXTS[i]);
		text_add(&script, "\nprintf '%s.%s' $# \"$1\"\n");
		out = run(&script);
		snprintf(expected, sizeof(expected), "1.%s", TEXTS[i]);
		assert_string_equal(out, expected);
	}
}

static void an_operators_script_sees_all_that_it_works_on(void **state)
{
	const struct guest_volume volumes[] = {
		{ .id = "vol-1", .mount = "/data", .uuid = "u-1", .sentinel = "n-1" },
		{ .id = "vol-2", .mount = "/it's here" },
	};
	const struct script_input in = {
		.volumes = volumes,
		.volume_count = 2,
		.nonce = "abc",
		.command = "echo \"hi\"; exit 3",
		.limit_ms = 20000,
	};
	char folder[] = "/tmp/own-XXXXXX", command[256];
	auto_text script;
	auto_free char *out = NULL;
	auto_error err = ERROR_INIT;
	struct scripts *s;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command),
		"echo 'printf \"%%s|\" \"$limit_ms\" \"$command_limit_ms\" \"$nonce\" \"$command\" \"$@\"' "
		">%s/quiesce.sh; "
		">%s/common.sh",
		folder, folder);
	assert_int_equal(system(command), 0);
	assert_true(scripts_load(folder, &s, &err));
	text_init(&script, 65536);
	script_write(s, SCRIPT_QUIESCE, &in, &script);
	out = run(&script);
	assert_string_equal(
		out, "19500|14500|abc|echo \"hi\"; exit 3|vol-1|/data|u-1|n-1|vol-2|/it's here|||");
	scripts_free(s);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* A connection may break while the script is on its way. */
static void a_script_that_was_cut_off_does_nothing(void **state)
{
	auto_error err = ERROR_INIT;
	struct scripts *s;

	(void)state;
	assert_true(scripts_load(NULL, &s, &err));
	for (int which = 0; which < SCRIPT_COUNT; which++) {
		auto_text script;
		auto_free char *out = NULL;

		text_init(&script, 65536);
		script_write(s, (enum guest_script)which,
			&(struct script_input){ .limit_ms = 1000, .command = "echo ran" }, &script);
		script.len -= strlen("main \"$@\" </dev/null\n");
		out = run(&script);
		assert_string_equal(out, "");
	}
	scripts_free(s);
}

static void root_needs_no_sudo(void **state)
{
	(void)state;
	assert_string_equal(script_shell("root"), "exec /bin/sh -s");
	assert_string_equal(script_shell("admin"), "exec sudo -n /bin/sh -s");
}

static void the_address_takes_its_place_in_checks(void **state)
{
	auto_text out;

	(void)state;
	text_init(&out, 256);
	check_expand(&out, "https://{{address}}/{{address}}?{{other}}", "10.0.0.5", true);
	assert_string_equal(out.bytes, "https://10.0.0.5/10.0.0.5?{{other}}");
	text_clear(&out);
	check_expand(&out, "http://{{address}}:81/", "2001:db8::5", true);
	assert_string_equal(out.bytes, "http://[2001:db8::5]:81/");
	text_clear(&out);
	check_expand(&out, "ping {{address}}", "2001:db8::5", false);
	assert_string_equal(out.bytes, "ping 2001:db8::5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quoted_text_is_one_word_unchanged),
		cmocka_unit_test(an_operators_script_sees_all_that_it_works_on),
		cmocka_unit_test(a_script_that_was_cut_off_does_nothing),
		cmocka_unit_test(root_needs_no_sudo),
		cmocka_unit_test(the_address_takes_its_place_in_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
