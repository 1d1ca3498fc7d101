#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "wire/yaml.h"

static const struct yaml_node *read_yaml(const char *bytes, struct arena *a)
{
	struct yaml_document d;
	auto_error err = ERROR_INIT;

	if (!yaml_read(bytes, strlen(bytes), a, &d, &err))
		fail_msg("%d:%d: %s", d.line, d.column, err.message);
	return d.root;
}

static void assert_refused(const char *bytes, size_t len, int line, int column)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct yaml_document d;

	if (yaml_read(bytes, len, &a, &d, &err))
		fail_msg("accepted: %s", bytes);
	assert_int_equal(err.kind, ERROR_PLAN);
	assert_null(d.root);
	if (d.line != line || d.column != column)
		fail_msg("%d:%d: %s, expected %d:%d", d.line, d.column, err.message, line, column);
}

static void assert_text_refused(const char *text, int line, int column)
{
	assert_refused(text, strlen(text), line, column);
}

static void every_node_knows_its_place(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct yaml_node *root =
		read_yaml("# comment\nname: caf\xc3\xa9\ndata:\n  - { mount: /a }\n", &a);
	const struct yaml_node *name = yaml_find(root, "name"), *item = yaml_find(root, "data")->first;

	(void)state;
	assert_int_equal(root->kind, YAML_MAPPING);
	assert_int_equal(root->count, 2);
	assert_int_equal(name->line, 2);
	assert_int_equal(name->column, 7);
	assert_int_equal(name->key->column, 1);
	assert_string_equal(name->text, "caf\xc3\xa9");
	assert_int_equal(item->line, 4);
	assert_int_equal(item->column, 5);
	assert_int_equal(yaml_find(item, "mount")->column, 14);
}

static void columns_count_characters_not_bytes(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct yaml_node *root = read_yaml("{ \xc3\xa9\xc3\xa9: 1, b: 2 }", &a);

	(void)state;
	assert_int_equal(yaml_find(root, "b")->key->column, 10);
}

static void quotes_and_blocks_are_told_from_plain_words(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct yaml_node *root = read_yaml("a: 5\nb: \"5\"\nc: '5'\nd: |\n  5\ne:\n", &a);

	(void)state;
	assert_false(yaml_find(root, "a")->quoted);
	assert_true(yaml_find(root, "b")->quoted);
	assert_true(yaml_find(root, "c")->quoted);
	assert_true(yaml_find(root, "d")->quoted);
	assert_string_equal(yaml_find(root, "d")->text, "5\n");
	assert_false(yaml_find(root, "e")->quoted);
	assert_string_equal(yaml_find(root, "e")->text, "");
}

static void a_key_that_stands_twice_names_its_twin(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct yaml_node *root = read_yaml("a: 1\nb: 2\na: 3\n", &a), *third = root->first->next->next;

	(void)state;
	assert_null(root->first->key->twin);
	assert_non_null(third->key->twin);
	assert_int_equal(third->key->twin->line, 1);
	assert_string_equal(yaml_find(root, "a")->text, "1");
}

static void the_same_key_in_two_mappings_is_no_twin(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct yaml_node *root = read_yaml("- { a: 1 }\n- { a: 2 }\n", &a);

	(void)state;
	assert_null(root->first->next->first->key->twin);
}

static void an_empty_file_has_no_root(void **state)
{
	auto_arena a = ARENA_INIT;

	(void)state;
	assert_null(read_yaml("", &a));
	assert_null(read_yaml("# only a comment\n", &a));
}

static void looking_into_what_is_no_mapping_finds_nothing(void **state)
{
	auto_arena a = ARENA_INIT;

	(void)state;
	assert_null(yaml_find(NULL, "a"));
	assert_null(yaml_find(read_yaml("[a]", &a), "a"));
	assert_null(yaml_find(read_yaml("a", &a), "a"));
}

static void what_makes_yaml_dangerous_is_refused(void **state)
{
	(void)state;
	assert_text_refused("a: &x 1\n", 1, 4);
	assert_text_refused("a: *x\n", 1, 4);
	assert_text_refused("a: &x [1]\n", 1, 4);
	assert_text_refused("&k a: 1\n", 1, 1);
	assert_text_refused("a: !!int 1\n", 1, 4);
	assert_text_refused("a: !ours { b: 1 }\n", 1, 4);
	assert_text_refused("[a]: 1\n", 1, 1);
	assert_text_refused("a: 1\n--- \nb: 2\n", 2, 1);
	assert_text_refused("a: \"x\\0y\"\n", 1, 4);
}

static void what_is_not_text_is_refused_where_it_stands(void **state)
{
	(void)state;
	assert_refused("a: 1\nb: \xff\n", 10, 2, 4);
	assert_refused("a: \xc3\xa9\xe9\n", 8, 1, 5);
	assert_refused("a: 1\nb: \0\n", 10, 2, 4);
	assert_refused("a: \x1b[0m\n", 8, 1, 4);
	assert_refused("a: \x7f\n", 5, 1, 4);
	assert_refused("\xff\xfe"
		       "a\0",
		4, 1, 1);
}

static void cut_short_is_an_error_not_a_smaller_file(void **state)
{
	(void)state;
	assert_text_refused("a: [1, 2\n", 2, 1);
	assert_text_refused("a: \"x\n", 2, 1);
}

/* Each of these made libyaml 0.2.5 alone busy for minutes, or this reader recurse without end. */
static void a_mebibyte_of_nesting_is_refused_at_once(void **state)
{
	static const char *const PIECES[] = { "[", "{", "[\n", "{a: ", "- ", "? ", "[a: ", "[[]," };
	int64_t before = clock_mono_ms(&clock_system);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(PIECES); i++) {
		auto_arena a = ARENA_INIT;
		auto_error err = ERROR_INIT;
		struct yaml_document d;
		auto_text t;

		text_init(&t, YAML_BYTES_MAX);
		while (!t.cut)
			text_add(&t, PIECES[i]);
		assert_false(yaml_read(t.bytes, t.len, &a, &d, &err));
	}
	assert_true(clock_mono_ms(&clock_system) - before < 5000);
}

static void depth_and_size_are_capped_exactly(void **state)
{
	auto_arena a = ARENA_INIT;
	auto_text t;

	(void)state;
	text_init(&t, YAML_BYTES_MAX + 1);
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		text_add_char(&t, '[');
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		text_add_char(&t, ']');
	assert_non_null(read_yaml(t.bytes, &a));
	text_clear(&t);
	while (!t.cut)
		text_add_char(&t, '#');
	assert_refused(t.bytes, YAML_BYTES_MAX + 1, 1, 1);
	t.bytes[YAML_BYTES_MAX] = '\0';
	assert_null(read_yaml(t.bytes, &a));
}

static void keys_of_one_mapping_and_values_are_capped(void **state)
{
	auto_text keys, values;

	(void)state;
	text_init(&keys, 10000);
	for (int i = 0; i <= YAML_KEYS_MAX; i++)
		text_addf(&keys, "k%d: 1\n", i);
	assert_text_refused(keys.bytes, YAML_KEYS_MAX + 1, 1);
	text_init(&values, YAML_BYTES_MAX);
	for (int i = 0; i < YAML_NODES_MAX; i++)
		text_add(&values, "- a\n");
	assert_text_refused(values.bytes, YAML_NODES_MAX, 3);
}

static void a_byte_order_mark_is_skipped(void **state)
{
	auto_arena a = ARENA_INIT;

	(void)state;
	assert_int_equal(yaml_find(read_yaml("\xef\xbb\xbf"
					     "a: 1\r\n",
					   &a),
				 "a")
				 ->column,
		4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_node_knows_its_place),
		cmocka_unit_test(columns_count_characters_not_bytes),
		cmocka_unit_test(quotes_and_blocks_are_told_from_plain_words),
		cmocka_unit_test(a_key_that_stands_twice_names_its_twin),
		cmocka_unit_test(the_same_key_in_two_mappings_is_no_twin),
		cmocka_unit_test(an_empty_file_has_no_root),
		cmocka_unit_test(looking_into_what_is_no_mapping_finds_nothing),
		cmocka_unit_test(what_makes_yaml_dangerous_is_refused),
		cmocka_unit_test(what_is_not_text_is_refused_where_it_stands),
		cmocka_unit_test(cut_short_is_an_error_not_a_smaller_file),
		cmocka_unit_test(a_mebibyte_of_nesting_is_refused_at_once),
		cmocka_unit_test(depth_and_size_are_capped_exactly),
		cmocka_unit_test(keys_of_one_mapping_and_values_are_capped),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
