/* What an operator sees while it happens. */
#include "story.h"

#include "wire/json.h"

static struct telling telling(enum progress_form form, const struct event *events, size_t count)
{
	return (struct telling){
		.options = { .form = form, .style = { .unicode = true } }, .events = events, .count = count
	};
}

#define STORY(form, events) telling(form, events, ARRAY_SIZE(events))

/* The last picture: what is below the last jump of the cursor. */
static const char *last_picture(const char *drawn)
{
	const char *last = drawn;

	for (const char *c = strstr(drawn, "A"); c; c = strstr(c + 1, "A")) {
		const char *escape = c;

		while (escape > drawn && escape[-1] >= '0' && escape[-1] <= '9')
			escape--;
		if (escape < c && escape >= drawn + 2 && escape[-1] == '[' && escape[-2] == '\033')
			last = c + 1;
	}
	return last;
}

static void lines_tell_what_an_operator_cares_about(void **state)
{
	auto_free char *text = tell(STORY(PROGRESS_LINES, GOES_WELL));

	(void)state;
	is_golden("lines.txt", text);
	assert_null(strstr(text, "\033"));
}

static void verbose_lines_tell_each_outcome(void **state)
{
	struct telling t = STORY(PROGRESS_LINES, GOES_WELL);
	auto_free char *text = NULL;

	(void)state;
	t.options.verbose = true;
	text = tell(t);
	is_golden("lines-verbose.txt", text);
	assert_non_null(strstr(text, "launch-instance done after 1.2 s (request req-1)"));
}

static void lines_say_how_long_clients_waited(void **state)
{
	auto_free char *well = tell(STORY(PROGRESS_LINES, GOES_WELL));
	auto_free char *back = tell(STORY(PROGRESS_LINES, TURNS_BACK));

	(void)state;
	assert_non_null(strstr(well, "outage window closed after 7.4 s"));
	assert_non_null(strstr(back, "outage window closed after 2.0 s"));
	is_golden("lines-back.txt", back);
}

static void a_long_silence_is_broken_by_what_is_waited_for(void **state)
{
	struct telling t = telling(PROGRESS_LINES, GOES_WELL, 7);
	auto_free char *early = NULL, *late = NULL;

	(void)state;
	t.tick_ms = 12000;
	early = tell(t);
	t.tick_ms = 12300;
	late = tell(t);
	assert_null(strstr(early, "for 11"));
	assert_non_null(strstr(late, "02:00:12Z rb-1 ◌ launch       for 11.4 s: i-green is pending\n"));
}

static void foreign_text_cannot_move_the_cursor(void **state)
{
	auto_free char *lines = tell(STORY(PROGRESS_LINES, TURNS_BACK));
	auto_free char *tree = tell(STORY(PROGRESS_TREE, TURNS_BACK));

	(void)state;
	assert_null(strstr(lines, "\033[31m"));
	assert_null(strstr(tree, "\033[31m"));
	assert_non_null(strstr(lines, "held by  [31mpostgres"));
}

static void the_tree_shows_every_step_and_the_open_window(void **state)
{
	struct telling t = telling(PROGRESS_TREE, GOES_WELL, WINDOW_OPEN_EVENTS);
	auto_free char *text = NULL;

	(void)state;
	t.tick_ms = 13200;
	text = tell(t);
	is_golden("tree-open.txt", last_picture(text));
	assert_non_null(strstr(last_picture(text), "outage 3.2 s so far"));
}

static void the_tree_is_left_standing_at_the_end(void **state)
{
	auto_free char *well = tell(STORY(PROGRESS_TREE, GOES_WELL));
	auto_free char *back = tell(STORY(PROGRESS_TREE, TURNS_BACK));

	(void)state;
	is_golden("tree-done.txt", last_picture(well));
	is_golden("tree-back.txt", last_picture(back));
}

static void a_note_stands_above_the_tree_and_leaves_it_whole(void **state)
{
	char *drawn = NULL;
	size_t size;
	struct progress_options o = { .form = PROGRESS_TREE,
		.steps = STEPS,
		.step_count = ARRAY_SIZE(STEPS),
		.out = open_memstream(&drawn, &size) };
	struct progress *p = progress_new(&o);
	auto_free char *whole = NULL, *noted = NULL;

	(void)state;
	progress_event(p, &GOES_WELL[0]);
	fflush(o.out);
	whole = strdup(drawn);
	assert_true(progress_note(p, "ending in order"));
	progress_free(p);
	fclose(o.out);
	assert_true(asprintf(&noted, "%s\033[7Aending in order\033[K\n%s", whole, whole) > 0);
	assert_string_equal(drawn, noted);
	free(drawn);
}

static void colours_are_used_only_where_they_are_wanted(void **state)
{
	struct telling t = STORY(PROGRESS_TREE, GOES_WELL);
	auto_free char *plain = tell(t), *coloured = NULL;

	(void)state;
	t.options.style.color = true;
	coloured = tell(t);
	assert_null(strstr(plain, "\033[32m"));
	assert_non_null(strstr(coloured, "\033[32m✓\033[0m"));
	is_golden("tree-colour.txt", last_picture(coloured));
}

static void without_unicode_every_byte_is_ascii(void **state)
{
	struct telling t = STORY(PROGRESS_TREE, GOES_WELL);
	auto_free char *text = NULL;

	(void)state;
	t.options.style.unicode = false;
	text = tell(t);
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
}

static size_t longest_row(const char *picture)
{
	size_t longest = 0, columns = 0;

	for (const char *c = picture; *c; c++) {
		if (c[0] == '\033') {
			c += strcspn(c, "KJ");
		} else if (*c == '\n') {
			longest = columns > longest ? columns : longest;
			columns = 0;
		} else {
			columns += ((unsigned char)*c & 0xc0) != 0x80;
		}
	}
	return longest;
}

static void no_row_is_wider_than_the_terminal(void **state)
{
	struct telling t = STORY(PROGRESS_TREE, TURNS_BACK);
	auto_free char *text = NULL;

	(void)state;
	t.options.columns = 40;
	text = tell(t);
	assert_int_equal(longest_row(last_picture(text)), 39);
	is_golden("tree-narrow.txt", last_picture(text));
}

static size_t count_rows(const char *picture)
{
	size_t rows = 0;

	for (const char *c = picture; *c; c++)
		rows += *c == '\n';
	return rows;
}

static char *many_rebuilds(int rows)
{
	static char names[40][8];
	struct event events[80];

	for (size_t i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "rb-%zu", i);
		events[2 * i] =
			(struct event){ .rebuild = names[i], .kind = EVENT_REBUILD_STARTED, .at_ms = 1000 };
		events[2 * i + 1] = (struct event){
			.rebuild = names[i], .kind = EVENT_STEP_STARTED, .step = "preflight", .at_ms = 1000
		};
	}
	return tell((struct telling){
		.events = events, .count = 80, .options = { .form = PROGRESS_TREE, .rows = rows } });
}

static void a_fleet_is_never_taller_than_the_terminal(void **state)
{
	auto_free char *steps = many_rebuilds(85), *heads = many_rebuilds(50), *some = many_rebuilds(20);

	(void)state;
	assert_int_equal(count_rows(last_picture(steps)), 80);
	assert_int_equal(count_rows(last_picture(heads)), 40);
	assert_int_equal(count_rows(last_picture(some)), 19);
	assert_non_null(strstr(last_picture(some), "and 22 more"));
}

static void every_event_is_one_json_object_on_one_line(void **state)
{
	auto_free char *text = tell(STORY(PROGRESS_JSONL, GOES_WELL));
	size_t lines = 0;

	(void)state;
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line; lines++) {
		auto_error err = ERROR_INIT;
		json_auto_t *o = NULL;

		if (!json_read(line, strlen(line), &o, &err))
			fail_msg("%s: %s", err.message, line);
		assert_int_equal(json_integer_value(json_object_get(o, "format_version")), 1);
		assert_int_equal(json_integer_value(json_object_get(o, "seq")), lines + 1);
	}
	assert_int_equal(lines, ARRAY_SIZE(GOES_WELL));
}

static void json_lines_have_the_fields_that_programs_read(void **state)
{
	auto_free char *text = tell(STORY(PROGRESS_JSONL, GOES_WELL));

	(void)state;
	is_golden("events.jsonl", text);
}

static void every_form_is_found_by_its_name(void **state)
{
	static const char *const NAMES[] = { "tree", "lines", "jsonl", "silent" };
	enum progress_form form;

	(void)state;
	for (enum progress_form f = PROGRESS_TREE; f <= PROGRESS_SILENT; f++) {
		assert_true(progress_form_parse(NAMES[f], &form));
		assert_int_equal(form, f);
	}
	assert_false(progress_form_parse("xml", &form));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_tell_what_an_operator_cares_about),
		cmocka_unit_test(verbose_lines_tell_each_outcome),
		cmocka_unit_test(lines_say_how_long_clients_waited),
		cmocka_unit_test(a_long_silence_is_broken_by_what_is_waited_for),
		cmocka_unit_test(foreign_text_cannot_move_the_cursor),
		cmocka_unit_test(the_tree_shows_every_step_and_the_open_window),
		cmocka_unit_test(the_tree_is_left_standing_at_the_end),
		cmocka_unit_test(a_note_stands_above_the_tree_and_leaves_it_whole),
		cmocka_unit_test(colours_are_used_only_where_they_are_wanted),
		cmocka_unit_test(without_unicode_every_byte_is_ascii),
		cmocka_unit_test(no_row_is_wider_than_the_terminal),
		cmocka_unit_test(a_fleet_is_never_taller_than_the_terminal),
		cmocka_unit_test(every_event_is_one_json_object_on_one_line),
		cmocka_unit_test(json_lines_have_the_fields_that_programs_read),
		cmocka_unit_test(every_form_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
