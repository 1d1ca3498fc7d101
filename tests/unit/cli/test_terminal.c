/* What is drawn, and where: on a terminal, on a dumb one, elsewhere. */
#include "console.h"

#include <pty.h>
#include <sys/ioctl.h>

#include "cli/terminal.h"

struct terminal {
	int master;
	FILE *stream;
};

static int open_terminal(void **state)
{
	struct terminal *t = calloc(1, sizeof(*t));
	const struct winsize size = { .ws_col = 100, .ws_row = 40 };
	int slave;

	if (openpty(&t->master, &slave, NULL, NULL, &size) < 0)
		return -1;
	t->stream = fdopen(slave, "w");
	*state = t;
	return 0;
}

static int close_terminal(void **state)
{
	struct terminal *t = *state;

	fclose(t->stream);
	close(t->master);
	free(t);
	return 0;
}

static struct progress_options progress_with(FILE *err, const char *variable, struct shared shared)
{
	char *environment[] = { (char *)variable, (char *)"LANG=C.UTF-8", NULL };
	const struct cli cli = { .out = stdout, .err = err, .environment = environment, .shared = shared };

	return terminal_progress(&cli);
}

#define XTERM "TERM=xterm-256color"

static void a_terminal_shows_a_coloured_tree_of_its_size(void **state)
{
	struct terminal *t = *state;
	struct progress_options o = progress_with(t->stream, XTERM, (struct shared){ .json = false });

	assert_int_equal(o.form, PROGRESS_TREE);
	assert_ptr_equal(o.out, t->stream);
	assert_true(o.style.color && o.style.unicode);
	assert_int_equal(o.columns, 100);
	assert_int_equal(o.rows, 40);
}

static void a_dumb_terminal_shows_plain_lines(void **state)
{
	struct terminal *t = *state;
	struct progress_options o = progress_with(t->stream, "TERM=dumb", (struct shared){ .json = false });

	assert_int_equal(o.form, PROGRESS_LINES);
	assert_false(o.style.color);
}

static void colours_can_be_refused(void **state)
{
	struct terminal *t = *state;
	struct progress_options o = progress_with(t->stream, XTERM, (struct shared){ .no_color = true });

	assert_int_equal(o.form, PROGRESS_TREE);
	assert_false(o.style.color);
}

static void a_file_gets_lines_without_colours(void **state)
{
	FILE *file = tmpfile();
	struct progress_options o = progress_with(file, XTERM, (struct shared){ .json = false });

	(void)state;
	assert_int_equal(o.form, PROGRESS_LINES);
	assert_false(o.style.color);
	fclose(file);
}

static void what_is_asked_for_beats_what_suits(void **state)
{
	struct terminal *t = *state;
	struct progress_options lines = progress_with(t->stream, XTERM, (struct shared){ .events = "lines" });
	struct progress_options jsonl = progress_with(t->stream, XTERM, (struct shared){ .events = "jsonl" });
	struct progress_options quiet = progress_with(t->stream, XTERM, (struct shared){ .quiet = true });

	assert_int_equal(lines.form, PROGRESS_LINES);
	assert_int_equal(jsonl.form, PROGRESS_JSONL);
	assert_ptr_equal(jsonl.out, stdout);
	assert_int_equal(quiet.form, PROGRESS_SILENT);
}

static void signs_are_ascii_where_the_locale_is_not_utf8(void **state)
{
	struct terminal *t = *state;
	struct progress_options o = progress_with(t->stream, "LC_ALL=C", (struct shared){ .json = false });

	assert_false(o.style.unicode);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_terminal, close_terminal)
	const struct CMUnitTest tests[] = {
		TEST(a_terminal_shows_a_coloured_tree_of_its_size),
		TEST(a_dumb_terminal_shows_plain_lines),
		TEST(colours_can_be_refused),
		cmocka_unit_test(a_file_gets_lines_without_colours),
		TEST(what_is_asked_for_beats_what_suits),
		TEST(signs_are_ascii_where_the_locale_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
