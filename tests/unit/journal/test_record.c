/* One row per rebuild, found again by its id and by its machine. */
#include "fixture.h"

static struct record full(const char *id, int64_t created_ms)
{
	return (struct record){ .id = id,
		.plan_name = "acme",
		.plan_path = "acme.yaml",
		.plan_digest = "abcd",
		.blue = "i-machine",
		.green = "i-green",
		.image_from = "ami-1",
		.image_to = "ami-2",
		.volumes = "[\"vol-1\"]",
		.addresses = "[]",
		.cause = "why",
		.state = RECORD_RUNNING,
		.created_ms = created_ms,
		.updated_ms = created_ms + 1 };
}

static struct record found_by_id(struct journal *j, const char *id, struct arena *a)
{
	struct error err = ERROR_INIT;
	struct record r;
	bool found;

	must(record_find(j, id, a, &r, &found, &err), &err);
	assert_true(found);
	return r;
}

static void a_rebuild_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r = full("rb-2", 100), seen;

	must(record_create(f->j, &r, &err), &err);
	seen = found_by_id(f->j, "rb-2", &a);
	assert_string_equal(seen.plan_name, "acme");
	assert_string_equal(seen.plan_path, "acme.yaml");
	assert_string_equal(seen.plan_digest, "abcd");
	assert_string_equal(seen.green, "i-green");
	assert_string_equal(seen.image_from, "ami-1");
	assert_string_equal(seen.image_to, "ami-2");
	assert_string_equal(seen.volumes, "[\"vol-1\"]");
	assert_string_equal(seen.addresses, "[]");
	assert_string_equal(seen.cause, "why");
	assert_int_equal(seen.state, RECORD_RUNNING);
	assert_int_equal(seen.created_ms, 100);
	assert_int_equal(seen.updated_ms, 101);
}

static void an_update_changes_all_but_the_time_of_creation(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r = full("rb-1", 900), seen;

	r.state = RECORD_PARKED;
	must(record_update(f->j, &r, 0, &err), &err);
	seen = found_by_id(f->j, "rb-1", &a);
	assert_int_equal(seen.state, RECORD_PARKED);
	assert_string_equal(seen.green, "i-green");
	assert_int_equal(seen.created_ms, 1);
	assert_int_equal(seen.updated_ms, 901);
}

static void a_rebuild_is_created_once(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct record r = full("rb-1", 5);

	assert_false(record_create(f->j, &r, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
}

/* Two commands that began at the same moment: neither saw the other's record before it made its own. */
static void a_machine_has_one_rebuild_under_way(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct record first = full("rb-2", 5), second = full("rb-3", 6);

	must(record_create(f->j, &first, &err), &err);
	assert_false(record_create(f->j, &second, &err));
	assert_true(error_is(&err, LEASE_HELD));
	assert_non_null(strstr(err.message, "rb-2"));
	error_release(&err);
	first.state = RECORD_ROLLED_BACK;
	must(record_update(f->j, &first, 0, &err), &err);
	must(record_create(f->j, &second, &err), &err);
}

static void who_lost_the_lease_does_not_write_the_record(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease ours = lease_elsewhere("rb-1"), theirs = lease_of("rb-1");
	struct record r = full("rb-1", 5);

	must(lease_take(f->j, &ours, 1000, &err), &err);
	must(record_update(f->j, &r, ours.epoch, &err), &err);
	must(lease_take(f->j, &theirs, 1000 + LEASE_LIFE_MS + 1, &err), &err);
	assert_false(record_update(f->j, &r, ours.epoch, &err));
	assert_true(error_is(&err, LEASE_LOST));
	error_release(&err);
	must(record_update(f->j, &r, theirs.epoch, &err), &err);
}

static void only_a_rebuild_that_exists_can_be_updated(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct record r = full("rb-9", 5);

	assert_false(record_update(f->j, &r, 0, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
}

static void a_machine_is_asked_for_its_newest_rebuild(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record newer = full("rb-2", 300), older = full("rb-3", 200), other = full("rb-4", 400), seen;
	bool found;

	other.blue = "i-other";
	newer.state = older.state = RECORD_DONE;
	must(record_create(f->j, &newer, &err), &err);
	must(record_create(f->j, &older, &err), &err);
	must(record_create(f->j, &other, &err), &err);
	must(record_find_by_blue(f->j, "i-machine", &a, &seen, &found, &err), &err);
	assert_true(found);
	assert_string_equal(seen.id, "rb-2");
	must(record_find_by_blue(f->j, "i-none", &a, &seen, &found, &err), &err);
	assert_false(found);
}

static void the_list_is_newest_first_and_no_longer_than_asked(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record second = full("rb-2", 200), third = full("rb-3", 300), *list;
	size_t count;

	third.blue = "i-third";
	must(record_create(f->j, &second, &err), &err);
	must(record_create(f->j, &third, &err), &err);
	must(record_list(f->j, 2, &a, &list, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].id, "rb-3");
	assert_string_equal(list[1].id, "rb-2");
	must(record_list(f->j, 50, &a, &list, &count, &err), &err);
	assert_int_equal(count, 3);
}

static void the_open_ones_are_all_that_have_not_come_to_their_end(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record *list;
	size_t count, expected = 0;
	char id[16];

	for (int s = 0; s < RECORD_STATE_COUNT; s++) {
		struct record r = { .id = id, .state = (enum record_state)s, .created_ms = 100 + s };

		snprintf(id, sizeof(id), "rb-of-%d", s);
		must(record_create(f->j, &r, &err), &err);
		expected += !record_state_is_final(r.state);
	}
	must(record_list_open(f->j, &a, &list, &count, &err), &err);
	assert_int_equal(count, expected + 1); /* and rb-1, which the fixture planned */
	for (size_t i = 0; i < count; i++)
		assert_false(record_state_is_final(list[i].state));
}

static void every_state_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum record_state s = RECORD_PLANNED; s < RECORD_STATE_COUNT; s++)
		assert_int_equal(record_state_parse(record_state_name(s)), s);
	assert_int_equal(record_state_parse("sideways"), RECORD_FAILED);
}

static void open_and_create(const struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct journal *j = NULL;
	char id[24];

	snprintf(id, sizeof(id), "rb-%d", (int)getpid());
	if (journal_open(f->path, JOURNAL_WRITE, &j, &err) &&
		record_create(j, &(struct record){ .id = id, .blue = id }, &err))
		_exit(0);
	fprintf(stderr, "%s\n", err.message);
	_exit(1);
}

static void of_many_first_openers_each_finds_the_same_journal(void **state)
{
	enum { OPENERS = 8 };
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record *list;
	size_t count;
	int status;

	for (int i = 0; i < OPENERS; i++)
		if (fork() == 0)
			open_and_create(f);
	for (int i = 0; i < OPENERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	f->j = open_at(f->path, JOURNAL_READ);
	must(record_list(f->j, 100, &a, &list, &count, &err), &err);
	assert_int_equal(count, OPENERS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(a_rebuild_comes_back_as_it_was),
		TEST(an_update_changes_all_but_the_time_of_creation),
		TEST(a_rebuild_is_created_once),
		TEST(a_machine_has_one_rebuild_under_way),
		TEST(who_lost_the_lease_does_not_write_the_record),
		TEST(only_a_rebuild_that_exists_can_be_updated),
		TEST(a_machine_is_asked_for_its_newest_rebuild),
		TEST(the_list_is_newest_first_and_no_longer_than_asked),
		TEST(the_open_ones_are_all_that_have_not_come_to_their_end),
		cmocka_unit_test_setup_teardown(
			of_many_first_openers_each_finds_the_same_journal, make_folder, remove_all),
		cmocka_unit_test(every_state_has_a_name_of_its_own),
	};

	return RUN_ON_BOTH(tests);
}
