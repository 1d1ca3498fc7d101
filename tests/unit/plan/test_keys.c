#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plan/keys.h"
#include "plan/scalar.h"
#include "plan/schema.h"
#include "plan/wording.h"

static const struct key *find(const char *path)
{
	size_t count;
	const struct key *all = keys_all(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i].path, path))
			return &all[i];
	fail_msg("no row %s", path);
	return NULL;
}

static void the_table_has_no_holes(void **state)
{
	auto_error err = ERROR_INIT;

	(void)state;
	if (!keys_check(&err))
		fail_msg("%s", err.message);
}

/* A row with a slip in its path belongs to no section, and no plan could use it. */
static size_t reachable(const struct key *k)
{
	const struct key *below = NULL;
	size_t count = 1;

	if (k->type == KEY_LIST)
		return count + reachable(keys_item(k));
	while (k->type == KEY_SECTION && (below = keys_next(k, below)))
		count += reachable(below);
	return count;
}

static void every_row_is_reached_from_the_root(void **state)
{
	size_t count;

	(void)state;
	keys_all(&count);
	assert_int_equal(reachable(keys_root()), count);
}

static void names_are_looked_up_in_their_own_section_only(void **state)
{
	(void)state;
	assert_ptr_equal(keys_child(find("ssh"), "port"), find("ssh.port"));
	assert_ptr_equal(keys_child(keys_root(), "ssh"), find("ssh"));
	assert_ptr_equal(keys_item(find("data")), find("data[]"));
	assert_ptr_equal(keys_child(find("data[]"), "mount"), find("data[].mount"));
	assert_null(keys_child(keys_root(), "port"));
	assert_null(keys_child(keys_root(), "ssh.port"));
	assert_null(keys_child(keys_root(), "data[]"));
	assert_null(keys_child(keys_root(), ""));
	assert_null(keys_child(find("launch"), "size_gib"));
	assert_string_equal(key_name(find("data[].mount")), "mount");
	assert_string_equal(key_name(find("ssh")), "ssh");
}

/* A choice that is left out has no default: otherwise it would be taken by itself. */
static void choices_have_no_default(void **state)
{
	size_t count;
	const struct key *all = keys_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (all[i].choice && (all[i].standard || all[i].required))
			fail_msg("%s", all[i].path);
}

static void what_has_limits_has_both_in_order(void **state)
{
	size_t count;
	const struct key *all = keys_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		bool limited = all[i].type == KEY_NUMBER || all[i].type == KEY_LIST ||
			       all[i].type == KEY_PAIRS || all[i].type == KEY_TIME;

		if (limited != (all[i].max > 0) || (limited && all[i].max < all[i].min))
			fail_msg("%s", all[i].path);
	}
}

/* A value that is read but kept nowhere would be ignored: only what is refused may be. */
static bool is_refused(const struct key *k)
{
	size_t count;
	const struct key *all = keys_all(&count);

	for (size_t i = 0; i < count; i++)
		if (all[i].unsupported && text_starts_with(k->path, all[i].path))
			return true;
	return false;
}

static void every_value_is_kept_or_refused(void **state)
{
	size_t count;
	const struct key *all = keys_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		bool kept = all[i].place.width > 0, by_its_keys = all[i].type == KEY_SECTION ||
								  !strcmp(all[i].path, "switch") ||
								  !strcmp(all[i].path, "version");

		if (!kept && !by_its_keys && !is_refused(&all[i]))
			fail_msg("%s", all[i].path);
	}
}

static void the_expected_value_is_told_in_words(void **state)
{
	static const struct {
		const char *path, *words;
	} ROWS[] = {
		{ "version", "1" },
		{ "ssh.port", "a whole number from 1 to 65535" },
		{ "outage_limit", "a time like 90s, 5m or 24h, at most 1d" },
		{ "ssh.host_key", "`console` or `known_hosts`" },
		{ "ssh.agent", "`false` or `true`" },
		{ "switch[].elastic_ip", "`all` or a list of 1 to 4 items" },
		{ "service", "a mapping with `stop` and `start`" },
		{ "image.id", "an image id like ami-0123456789abcdef0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		auto_text words;

		text_init(&words, 200);
		wording_add_expected(&words, find(ROWS[i].path));
		assert_string_equal(words.bytes, ROWS[i].words);
	}
}

static void the_reference_names_every_key(void **state)
{
	size_t count;
	const struct key *all = keys_all(&count);
	auto_text reference;

	(void)state;
	text_init(&reference, 100000);
	plan_reference_write(&reference);
	assert_false(reference.cut);
	for (size_t i = 1; i < count; i++) {
		auto_text row;

		text_init(&row, 1000);
		text_addf(&row, "\n| `%s` | ", all[i].path);
		if (!strstr(reference.bytes, row.bytes))
			fail_msg("%s", all[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_no_holes),
		cmocka_unit_test(every_row_is_reached_from_the_root),
		cmocka_unit_test(names_are_looked_up_in_their_own_section_only),
		cmocka_unit_test(choices_have_no_default),
		cmocka_unit_test(what_has_limits_has_both_in_order),
		cmocka_unit_test(every_value_is_kept_or_refused),
		cmocka_unit_test(the_expected_value_is_told_in_words),
		cmocka_unit_test(the_reference_names_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
