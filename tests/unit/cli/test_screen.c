/* A picture that is drawn again in place. */
#include "console.h"

#include "cli/screen.h"

/* What two drawings write to a terminal of that size. */
static char *draw_twice(int columns, int rows, const char *first, const char *second)
{
	char *bytes = NULL;
	size_t size;
	struct screen s = { .out = open_memstream(&bytes, &size), .columns = columns, .rows = rows };

	screen_draw(&s, first);
	screen_draw(&s, second);
	fclose(s.out);
	return bytes;
}

static void the_second_picture_stands_where_the_first_began(void **state)
{
	auto_free char *drawn = draw_twice(20, 10, "one\ntwo\n", "three\n");

	(void)state;
	assert_string_equal(drawn, "one\033[K\ntwo\033[K\n\033[J\033[2Athree\033[K\n\033[J");
}

static void a_line_is_cut_to_its_width_and_the_last_column_stays_free(void **state)
{
	auto_free char *drawn = draw_twice(6, 10, "abcdefgh\n", "abcde\n");

	(void)state;
	assert_string_equal(drawn, "abcd>\033[K\n\033[J\033[1Aabcde\033[K\n\033[J");
}

/* One line more would scroll, and the next picture would stand too low. */
static void what_has_no_room_is_not_drawn(void **state)
{
	auto_free char *drawn = draw_twice(20, 3, "1\n2\n3\n4\n", "5");

	(void)state;
	assert_string_equal(drawn, "1\033[K\n2\033[K\n\033[J\033[2A5\033[K\n\033[J");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_picture_stands_where_the_first_began),
		cmocka_unit_test(a_line_is_cut_to_its_width_and_the_last_column_stays_free),
		cmocka_unit_test(what_has_no_room_is_not_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
