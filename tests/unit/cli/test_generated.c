/* What is generated from the rows works where it is read: in bash, and by man. */
#include "console.h"

#include <sys/wait.h>

#include "cli/table.h"

static bool has_program(const char *name)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", name);
	return system(command) == 0;
}

/* Runs a script of two parts through a program; stdout, and stderr too, in *ret. */
static int run_through(const char *program, const char *first, const char *second, char *ret, size_t size)
{
	char path[] = "/tmp/changeover-generated-XXXXXX", command[128];
	FILE *f = fdopen(mkstemp(path), "w");
	size_t len;
	int status;

	fprintf(f, "%s\n%s\n", first, second);
	fclose(f);
	snprintf(command, sizeof(command), "%s %s 2>&1", program, path);
	f = popen(command, "r");
	len = fread(ret, 1, size - 1, f);
	ret[len] = '\0';
	status = pclose(f);
	unlink(path);
	return status;
}

/* What bash offers for a line, one word per line. */
static void complete(const char *words, int position, char *ret, size_t size)
{
	auto_console c = RUN("completion", "bash");
	char ask[256];

	snprintf(ask, sizeof(ask),
		"COMP_WORDS=(%s) COMP_CWORD=%d; _changeover; printf '%%s\\n' \"${COMPREPLY[@]}\"", words,
		position);
	assert_int_equal(run_through("bash", c.out, ask, ret, size), 0);
}

static void bash_completes_commands(void **state)
{
	char offered[4096];

	(void)state;
	complete("changeover sta", 1, offered, sizeof(offered));
	assert_string_equal(offered, "status\n");
}

static void bash_completes_the_options_of_the_command(void **state)
{
	char status[4096], version[4096];

	(void)state;
	complete("changeover status --j", 2, status, sizeof(status));
	assert_string_equal(status, "--journal\n--json\n");
	complete("changeover version --j", 2, version, sizeof(version));
	assert_string_equal(version, "--json\n");
}

static void bash_completes_choices_after_an_equals_sign(void **state)
{
	char apart[4096], joined[4096], empty[4096];

	(void)state;
	complete("changeover apply --events js", 3, apart, sizeof(apart));
	assert_string_equal(apart, "jsonl\n");
	complete("changeover apply --events = js", 4, joined, sizeof(joined));
	assert_string_equal(joined, "jsonl\n");
	complete("changeover apply --events =", 3, empty, sizeof(empty));
	assert_string_equal(empty, "tree\nlines\njsonl\n");
}

static void zsh_and_fish_take_their_scripts(void **state)
{
	static const char *const SHELLS[] = { "zsh", "fish" };
	char said[4096], check[32];
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(SHELLS); i++) {
		auto_console c = RUN("completion", (char *)SHELLS[i]);

		says(c.out, "journal");
		if (!has_program(SHELLS[i]))
			continue;
		snprintf(check, sizeof(check), "%s -n", SHELLS[i]);
		assert_int_equal(run_through(check, c.out, "", said, sizeof(said)), 0);
		tried++;
	}
	if (!tried)
		skip();
}

static void another_shell_is_refused(void **state)
{
	auto_console c = RUN("completion", "csh");

	(void)state;
	assert_int_equal(c.code, EXIT_USAGE);
	says(c.err, "only for bash, zsh and fish");
}

static void the_manual_has_every_command_and_no_fault(void **state)
{
	auto_console c = RUN("man");
	char said[4096];

	(void)state;
	for (const struct command *const *row = commands; *row; row++)
		if (!(*row)->hidden)
			says(c.out, (*row)->name);
	if (!has_program("groff"))
		skip();
	assert_int_equal(run_through("groff -man -Tutf8 -ww -z", c.out, "", said, sizeof(said)), 0);
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bash_completes_commands),
		cmocka_unit_test(bash_completes_the_options_of_the_command),
		cmocka_unit_test(bash_completes_choices_after_an_equals_sign),
		cmocka_unit_test(zsh_and_fish_take_their_scripts),
		cmocka_unit_test(another_shell_is_refused),
		cmocka_unit_test(the_manual_has_every_command_and_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
