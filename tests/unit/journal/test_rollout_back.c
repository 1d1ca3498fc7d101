/*
 * A rollout that puts another one back: it begins once, whoever begins it, and what its end means for the
 * other.
 */
#include "fixture.h"

#include "journal/rollout_record.h"
#include "journal/seat.h"

enum { NOW_MS = 1000 };

static const struct machine_record WAITING[] = {
	{ .number = 0, .machine = "i-0", .stage = "wave 1", .state = "waiting" },
	{ .number = 1, .machine = "i-1", .stage = "wave 1", .state = "waiting" },
};

static struct rollout_record plain(const char *id)
{
	return (struct rollout_record){ .id = id,
		.plan_name = "acme",
		.plan_path = "/plans/acme.yaml",
		.plan_digest = "digest",
		.machines = ARRAY_SIZE(WAITING),
		.created_ms = NOW_MS,
		.updated_ms = NOW_MS };
}

static void create(struct fixture *f, const char *id)
{
	const struct rollout_record r = plain(id);
	struct error err = ERROR_INIT;

	must(rollout_record_create(f->j, &r, WAITING, ARRAY_SIZE(WAITING), &err), &err);
}

/* ro-1 goes back, by the rows as they were then. */
static bool put_back(struct fixture *f, const char *id, int64_t version, int64_t now_ms, struct error *err)
{
	struct rollout_record r = plain(id);

	r.kind = ROLLOUT_GOES_BACK;
	r.parent = "ro-1";
	r.created_ms = r.updated_ms = now_ms;
	return rollout_record_return(
		f->j, &(struct rollout_return){ &r, version, WAITING, ARRAY_SIZE(WAITING) }, err);
}

static bool is_there(struct fixture *f, struct arena *a, const char *id, struct rollout_record *ret)
{
	struct error err = ERROR_INIT;
	bool found;

	must(rollout_record_find(f->j, id, a, ret, &found, &err), &err);
	return found;
}

static struct rollout_record row(struct fixture *f, struct arena *a, const char *id)
{
	struct rollout_record r;

	assert_true(is_there(f, a, id, &r));
	return r;
}

static void becomes(struct fixture *f, const char *id, enum rollout_state state)
{
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_change c = {
		.id = id, .version = row(f, &a, id).version, .state = state, .now_ms = NOW_MS
	};

	must(rollout_record_change(f->j, &c, &err), &err);
}

/* ---- its beginning ---- */

static void a_rollout_that_is_put_back_is_given_up_for_it(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_record back;
	bool found;

	create(f, "ro-1");
	must(put_back(f, "ro-2", 1, NOW_MS, &err), &err);
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_ABORTED);
	assert_string_equal(row(f, &a, "ro-1").cause, "put back by ro-2");
	must(rollout_record_find_back(f->j, "ro-1", &a, &back, &found, &err), &err);
	assert_true(found);
	assert_string_equal(back.id, "ro-2");
	assert_int_equal(back.state, ROLLOUT_IS_RUNNING);
	assert_int_equal(back.machines, 2);
}

static void of_two_that_begin_to_put_it_back_one_does(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;

	create(f, "ro-1");
	must(put_back(f, "ro-2", 1, NOW_MS, &err), &err);
	assert_false(put_back(f, "ro-3", 1, NOW_MS, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
	assert_false(is_there(f, &a, "ro-3", &r));
}

/* Its rows may say more by now of what is to be put back. */
static void a_row_that_was_changed_since_is_read_first(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;

	create(f, "ro-1");
	becomes(f, "ro-1", ROLLOUT_IS_HALTED);
	assert_false(put_back(f, "ro-2", 1, NOW_MS, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
	error_release(&err);
	must(put_back(f, "ro-2", 2, NOW_MS, &err), &err);
	assert_int_equal(row(f, &a, "ro-1").version, 3);
}

static void what_somebody_drives_is_not_put_back(void **state)
{
	struct fixture *f = *state;
	struct seat seat = { .lease = lease_elsewhere(NULL) };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;

	create(f, "ro-1");
	must(seat_take(f->j, "ro-1", true, &seat, NOW_MS, &err), &err);
	assert_false(put_back(f, "ro-2", 1, NOW_MS, &err));
	assert_true(error_is(&err, LEASE_HELD));
	assert_non_null(strstr(err.message, "bert@far"));
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_RUNNING);
	assert_false(is_there(f, &a, "ro-2", &r));
	error_release(&err);
	must(put_back(f, "ro-2", 1, NOW_MS + LEASE_LIFE_MS + 1, &err), &err); /* it is dead by then */
}

/* It has ended for the last of them by a second or so; what is over needs nobody. */
static void who_has_not_left_a_rollout_that_is_over_is_in_nobodys_way(void **state)
{
	struct fixture *f = *state;
	struct seat seat = { .lease = lease_elsewhere(NULL) };
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_DONE, .now_ms = NOW_MS };
	struct error err = ERROR_INIT;

	create(f, "ro-1");
	must(seat_take(f->j, "ro-1", true, &seat, NOW_MS, &err), &err);
	c.seat = &seat;
	must(rollout_record_change(f->j, &c, &err), &err);
	must(put_back(f, "ro-2", 2, NOW_MS, &err), &err);
}

static void what_belongs_to_a_later_rollout_by_now_is_left_to_that(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;

	create(f, "ro-1");
	becomes(f, "ro-1", ROLLOUT_IS_DONE);
	create(f, "ro-2");
	assert_false(put_back(f, "ro-3", 2, NOW_MS, &err));
	assert_true(error_is(&err, ROLLOUT_TAKEN));
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_DONE);
	assert_int_equal(row(f, &a, "ro-1").version, 2);
}

/* ---- its end ---- */

static void with_the_end_of_its_way_back_a_rollout_is_reverted(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;

	create(f, "ro-1");
	must(put_back(f, "ro-2", 1, NOW_MS, &err), &err);
	becomes(f, "ro-2", ROLLOUT_IS_HALTED);
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_ABORTED);
	becomes(f, "ro-2", ROLLOUT_IS_DONE);
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_REVERTED);
	assert_string_equal(row(f, &a, "ro-1").cause, "put back by ro-2");
}

static void an_end_that_is_refused_reverts_nothing(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = { .id = "ro-2", .version = 7, .state = ROLLOUT_IS_DONE, .now_ms = NOW_MS };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;

	create(f, "ro-1");
	must(put_back(f, "ro-2", 1, NOW_MS, &err), &err);
	assert_false(rollout_record_change(f->j, &c, &err));
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_ABORTED);
}

static void the_end_of_a_rollout_that_goes_forward_is_its_own(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;

	create(f, "ro-1");
	becomes(f, "ro-1", ROLLOUT_IS_DONE);
	create(f, "ro-2");
	becomes(f, "ro-2", ROLLOUT_IS_DONE);
	assert_int_equal(row(f, &a, "ro-1").state, ROLLOUT_IS_DONE);
	assert_int_equal(row(f, &a, "ro-2").state, ROLLOUT_IS_DONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rollout_that_is_put_back_is_given_up_for_it),
		TEST(of_two_that_begin_to_put_it_back_one_does),
		TEST(a_row_that_was_changed_since_is_read_first),
		TEST(what_somebody_drives_is_not_put_back),
		TEST(who_has_not_left_a_rollout_that_is_over_is_in_nobodys_way),
		TEST(what_belongs_to_a_later_rollout_by_now_is_left_to_that),
		TEST(with_the_end_of_its_way_back_a_rollout_is_reverted),
		TEST(an_end_that_is_refused_reverts_nothing),
		TEST(the_end_of_a_rollout_that_goes_forward_is_its_own),
	};

	return RUN_ON_BOTH(tests);
}
