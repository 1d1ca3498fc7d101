/* Who drives a rollout: one alone, or several that share it; and what becomes of those that die. */
#include "fixture.h"

#include "journal/seat.h"

enum { NOW_MS = 1000 };

/* A worker on another machine. */
static struct seat seat_elsewhere(int pid)
{
	struct seat s = { .lease = lease_elsewhere(NULL) };

	s.lease.holder.pid = pid;
	snprintf(s.lease.holder.name, sizeof(s.lease.holder.name), "bert@far pid %d", pid);
	return s;
}

static struct seat seat_here(void)
{
	return (struct seat){ .lease = lease_of(NULL) };
}

static struct seats look(struct fixture *f, int64_t now_ms)
{
	struct error err = ERROR_INIT;
	struct seats s;

	must(seats_look(f->j, "ro-1", now_ms, &s, &err), &err);
	return s;
}

static void take_shared(struct fixture *f, struct seat *s, int64_t now_ms)
{
	struct error err = ERROR_INIT;

	must(seat_take(f->j, "ro-1", true, s, now_ms, &err), &err);
}

static void refused(struct fixture *f, bool shared, struct seat s, const char *naming)
{
	auto_error err = ERROR_INIT;

	assert_false(seat_take(f->j, "ro-1", shared, &s, NOW_MS, &err));
	assert_true(error_is(&err, LEASE_HELD));
	assert_non_null(strstr(err.message, naming));
}

static void workers_that_share_have_a_seat_each(void **state)
{
	struct fixture *f = *state;
	struct seat first = seat_elsewhere(1), second = seat_elsewhere(2);
	struct seats s;

	take_shared(f, &first, NOW_MS);
	take_shared(f, &second, NOW_MS);
	assert_int_equal(first.number, 1);
	assert_int_equal(second.number, 2);
	s = look(f, NOW_MS);
	assert_int_equal(s.alive, 2);
	assert_int_equal(s.first, 1);
	assert_int_equal(s.ours, SEAT_NONE);
	assert_true(seats_has_alive(&s, 2));
	assert_false(seats_has_alive(&s, 3));
	assert_string_equal(
		s.who, "bert@far pid 1 (changeover 0.2.0), since 1970-01-01T00:00:01.000Z and 1 more");
}

static void who_drives_alone_is_alone(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct seat alone = seat_elsewhere(1);

	must(seat_take(f->j, "ro-1", false, &alone, NOW_MS, &err), &err);
	assert_string_equal(alone.name, "ro-1");
	refused(f, true, seat_elsewhere(2), "bert@far pid 1");
	refused(f, false, seat_elsewhere(2), "bert@far pid 1");
	must(seat_release(f->j, &alone, &err), &err);
	take_shared(f, &alone, NOW_MS);
	refused(f, false, seat_elsewhere(2), "bert@far pid 1");
}

static void a_seat_of_the_dead_is_taken_and_its_holder_can_do_nothing_more(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct seat dead = seat_elsewhere(1), next = seat_elsewhere(2);
	int64_t later = NOW_MS + LEASE_LIFE_MS + 1;

	take_shared(f, &dead, NOW_MS);
	assert_int_equal(look(f, later).state, LEASE_HELD_DEAD);
	take_shared(f, &next, later);
	assert_int_equal(next.number, 1);
	assert_false(seat_renew(f->j, &dead, later, &err));
	assert_true(error_is(&err, LEASE_LOST));
}

static void a_seat_is_cleared_of_the_dead_only(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct seat s = seat_elsewhere(1), ours = seat_here();
	int64_t later = NOW_MS + LEASE_LIFE_MS + 1;

	take_shared(f, &s, NOW_MS);
	must(seat_clear(f->j, "ro-1", 1, &ours.lease.holder, NOW_MS, &err), &err);
	must(seat_check(f->j, &s, &err), &err);
	must(seat_clear(f->j, "ro-1", 1, &ours.lease.holder, later, &err), &err);
	assert_false(seat_check(f->j, &s, &err));
	assert_true(error_is(&err, LEASE_LOST));
	assert_int_equal(look(f, later).state, LEASE_FREE);
}

/* Its store was away when it left: what it had under way then would be nobody's for as long as it lives. */
static void a_seat_that_could_not_be_given_back_is_taken_again(void **state)
{
	struct fixture *f = *state;
	struct seat other = seat_elsewhere(1), before = seat_here(), again = seat_here();

	take_shared(f, &other, NOW_MS);
	take_shared(f, &before, NOW_MS);
	take_shared(f, &again, NOW_MS);
	assert_int_equal(again.number, before.number);
	assert_true(again.lease.epoch > before.lease.epoch);
	assert_int_equal(look(f, NOW_MS).ours, 2);
}

static void rollouts_with_a_like_name_do_not_matter(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct seat other = seat_elsewhere(1);

	must(seat_take(f->j, "ro-12", true, &other, NOW_MS, &err), &err);
	assert_int_equal(look(f, NOW_MS).alive, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(workers_that_share_have_a_seat_each),
		TEST(who_drives_alone_is_alone),
		TEST(a_seat_of_the_dead_is_taken_and_its_holder_can_do_nothing_more),
		TEST(a_seat_is_cleared_of_the_dead_only),
		TEST(a_seat_that_could_not_be_given_back_is_taken_again),
		TEST(rollouts_with_a_like_name_do_not_matter),
	};

	return RUN_ON_BOTH(tests);
}
