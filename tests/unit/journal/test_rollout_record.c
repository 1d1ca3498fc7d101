/* Rollouts and their machines: what one worker writes, another one decides by. */
#include "fixture.h"

#include "journal/rollout_record.h"
#include "journal/seat.h"

static const struct machine_record WAITING[] = {
	{ .number = 0, .machine = "i-0", .group = "a", .stage = "canary", .state = "waiting" },
	{ .number = 1, .machine = "i-1", .stage = "wave 1", .state = "waiting" },
	{ .number = 2, .machine = "i-2", .stage = "wave 1", .state = "waiting" },
};

static struct rollout_record plain(const char *id, int64_t created_ms)
{
	return (struct rollout_record){ .id = id,
		.plan_name = "acme",
		.plan_path = "/plans/acme.yaml",
		.plan_digest = "digest",
		.machines = 3,
		.created_ms = created_ms,
		.updated_ms = created_ms };
}

static void create(struct fixture *f, const char *id, int64_t created_ms)
{
	const struct rollout_record r = plain(id, created_ms);
	struct error err = ERROR_INIT;

	must(rollout_record_create(f->j, &r, WAITING, 3, &err), &err);
}

static struct rollout_record find(struct fixture *f, struct arena *a, const char *id)
{
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	must(rollout_record_find(f->j, id, a, &r, &found, &err), &err);
	assert_true(found);
	return r;
}

struct seen {
	struct machine_record rows[8];
	char states[8][16];
	size_t count;
};

static bool see(void *self, const struct machine_record *m)
{
	struct seen *s = self;

	s->rows[s->count] = *m;
	snprintf(s->states[s->count++], sizeof(s->states[0]), "%s", m->state);
	return true;
}

static struct seen machines(struct fixture *f, const char *id, int64_t after_version)
{
	struct error err = ERROR_INIT;
	struct seen s = { .count = 0 };

	must(rollout_record_machines(f->j, id, after_version, see, &s, &err), &err);
	return s;
}

/* One machine is under way, decided on these rows. */
static bool begin(struct fixture *f, int64_t number, int64_t *version, struct error *err)
{
	const struct machine_record m = {
		.number = number, .state = "under-way", .rebuild = "rb-1", .began_ms = 70
	};
	struct rollout_change c = { .id = "ro-1",
		.version = *version,
		.machines = &m,
		.count = 1,
		.state = ROLLOUT_IS_RUNNING,
		.now_ms = 70 };
	bool done = rollout_record_change(f->j, &c, err);

	*version = c.version;
	return done;
}

static void what_is_written_is_found(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	struct seen s;

	create(f, "ro-1", 5);
	r = find(f, &a, "ro-1");
	assert_string_equal(r.plan_path, "/plans/acme.yaml");
	assert_string_equal(r.cause, "");
	assert_int_equal(r.kind, ROLLOUT_GOES_FORWARD);
	assert_int_equal(r.state, ROLLOUT_IS_RUNNING);
	assert_int_equal(r.machines, 3);
	assert_int_equal(r.version, 1);
	s = machines(f, "ro-1", 0);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.rows[2].number, 2);
	assert_string_equal(s.states[0], "waiting");
}

static void a_change_shows_to_who_reads_what_is_newer(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int64_t version = 1;
	struct seen s;

	create(f, "ro-1", 5);
	must(begin(f, 1, &version, &err), &err);
	assert_int_equal(version, 2);
	s = machines(f, "ro-1", 1);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.rows[0].number, 1);
	assert_int_equal(s.rows[0].began_ms, 70);
	assert_string_equal(s.states[0], "under-way");
	assert_int_equal(machines(f, "ro-1", 2).count, 0);
}

static void of_two_that_decide_on_the_same_rows_one_is_refused(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	int64_t ours = 1, theirs = 1;

	create(f, "ro-1", 5);
	assert_true(begin(f, 1, &theirs, &err));
	assert_false(begin(f, 2, &ours, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
	assert_int_equal(machines(f, "ro-1", 1).count, 1);
	ours = theirs;
	assert_true(begin(f, 2, &ours, &err));
}

static void a_machine_belongs_to_one_rollout_until_that_is_over(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r = plain("ro-2", 6);
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_ABORTED, .now_ms = 8 };
	bool found;

	create(f, "ro-1", 5);
	assert_false(rollout_record_create(f->j, &r, WAITING, 3, &err));
	assert_true(error_is(&err, ROLLOUT_TAKEN));
	assert_non_null(strstr(err.message, "ro-1 of plan acme"));
	assert_true(rollout_record_find(f->j, "ro-2", &a, &r, &found, &err));
	assert_false(found);
	assert_true(rollout_record_change(f->j, &c, &err));
	create(f, "ro-2", 6);
}

static void what_puts_a_rollout_back_has_its_machines(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct rollout_record r = plain("ro-2", 6);

	create(f, "ro-1", 5);
	r.kind = ROLLOUT_GOES_BACK;
	r.parent = "ro-1";
	must(rollout_record_create(f->j, &r, WAITING, 3, &err), &err);
}

static void the_open_one_of_a_plan_is_found(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_DONE, .now_ms = 8 };
	struct rollout_record r, *list;
	size_t count;
	bool found;

	create(f, "ro-1", 5);
	must(rollout_record_find_open(f->j, "acme", &a, &r, &found, &err), &err);
	assert_true(found);
	assert_string_equal(r.id, "ro-1");
	must(rollout_record_find_open(f->j, "other", &a, &r, &found, &err), &err);
	assert_false(found);
	must(rollout_record_change(f->j, &c, &err), &err);
	must(rollout_record_find_open(f->j, "acme", &a, &r, &found, &err), &err);
	assert_false(found);
	create(f, "ro-2", 6);
	must(rollout_record_list(f->j, 10, &a, &list, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].id, "ro-2");
	assert_int_equal(list[1].state, ROLLOUT_IS_DONE);
}

/* On another machine, from that seat. */
static void somebody_drives(struct fixture *f, struct seat *seat)
{
	struct error err = ERROR_INIT;

	seat->lease = lease_elsewhere("");
	must(seat_take(f->j, "ro-1", true, seat, 9, &err), &err);
}

/* What was decided without knowing it is refused. */
static void each_order_makes_a_new_version_of_the_rows(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	struct seat seat;

	create(f, "ro-1", 5);
	must(rollout_order_pause(f->j, "ro-1", true, 9, &err), &err);
	must(rollout_order_promote(f->j, "ro-1", 2, 9, &err), &err);
	somebody_drives(f, &seat);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, 9, &err), &err);
	r = find(f, &a, "ro-1");
	assert_true(r.paused);
	assert_int_equal(r.promoted, 2);
	assert_int_equal(r.wish, ROLLOUT_WISH_REVERT);
	assert_int_equal(r.version, 4);
	assert_false(rollout_order_pause(f->j, "ro-9", true, 9, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
}

/* Its driver has not heard of it yet, and finds that all is done. */
static void what_is_to_be_put_back_is_not_done(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_DONE };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	c.seat = &seat;
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, 9, &err), &err);
	assert_false(rollout_record_change(f->j, &c, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
	assert_int_equal(find(f, &a, "ro-1").state, ROLLOUT_IS_RUNNING);
}

/* It is asked, and answers by what it writes. */
static void what_somebody_drives_is_changed_by_nobody_else(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_ABORTED, .now_ms = 9 };
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	assert_false(rollout_record_change(f->j, &c, &err));
	assert_true(error_is(&err, LEASE_HELD));
	assert_non_null(strstr(err.message, "rollout ro-1 is being driven by bert@far"));
	error_release(&err);
	must(seat_release(f->j, &seat, &err), &err);
	must(rollout_record_change(f->j, &c, &err), &err);
}

/* Whoever was there a moment ago ends it or goes on with it no more. */
static void what_is_for_a_driver_is_said_to_nobody_else(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;

	create(f, "ro-1", 5);
	assert_false(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, 9, &err));
	assert_true(error_is(&err, ROLLOUT_UNDRIVEN));
	error_release(&err);
	assert_false(rollout_order_resume(f->j, "ro-1", 1, 9, &err));
	assert_true(error_is(&err, ROLLOUT_UNDRIVEN));
	assert_int_equal(find(f, &a, "ro-1").version, 1);
}

static void who_leaves_has_heard_all_that_was_said(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, 9, &err), &err);
	assert_false(rollout_order_leave(f->j, "ro-1", &seat, 1, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
	error_release(&err);
	must(seat_check(f->j, &seat, &err), &err);
	must(rollout_order_leave(f->j, "ro-1", &seat, 2, &err), &err);
	assert_false(seat_check(f->j, &seat, &err));
}

/* Its last worker has said so; the others have nothing to hear. */
static void who_leaves_what_is_over_need_not_listen(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_DONE };
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	c.seat = &seat;
	must(rollout_record_change(f->j, &c, &err), &err);
	must(rollout_order_leave(f->j, "ro-1", &seat, 1, &err), &err);
}

/* Each worker that has heard of the halt reads so that it is over. */
static void what_is_told_to_go_on_has_not_halted_any_more(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = {
		.id = "ro-1", .version = 1, .state = ROLLOUT_IS_HALTED, .cause = "two failed"
	};
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	c.seat = &seat;
	must(rollout_record_change(f->j, &c, &err), &err);
	must(rollout_order_resume(f->j, "ro-1", 2, 9, &err), &err);
	assert_int_equal(find(f, &a, "ro-1").state, ROLLOUT_IS_RUNNING);
	assert_string_equal(find(f, &a, "ro-1").cause, "");
	assert_int_equal(find(f, &a, "ro-1").known_failures, 2);
}

static void nothing_is_said_of_what_is_over(void **state)
{
	struct fixture *f = *state;
	struct rollout_change c = { .id = "ro-1", .version = 1, .state = ROLLOUT_IS_DONE };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;

	create(f, "ro-1", 5);
	must(rollout_record_change(f->j, &c, &err), &err);
	assert_false(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, 9, &err));
	assert_int_equal(err.kind, ERROR_MISSING);
	assert_string_equal(err.message, "there is no rollout ro-1, or it is over");
	assert_int_equal(find(f, &a, "ro-1").wish, ROLLOUT_WISH_NONE);
}

static void who_says_that_it_goes_on_knows_what_has_failed(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_order seen;
	struct rollout_record r;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	must(rollout_order_pause(f->j, "ro-1", true, 9, &err), &err);
	must(rollout_order_promote(f->j, "ro-1", 2, 9, &err), &err);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, 9, &err), &err);
	r = find(f, &a, "ro-1");
	seen = rollout_record_said(&r);
	must(rollout_order_go_on(f->j, &seen, (struct rollout_known){ 3, 1 }, 9, &err), &err);
	r = find(f, &a, "ro-1");
	assert_false(r.paused);
	assert_int_equal(r.wish, ROLLOUT_WISH_NONE);
	assert_int_equal(r.known_failures, 3);
	assert_int_equal(r.known_not_serving, 1);
	assert_int_equal(r.promoted, 2);
}

/* It was taken up to go on, and that is not said yet. */
static void what_was_said_since_it_was_taken_up_stands(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_order seen;
	struct rollout_record r;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, 9, &err), &err);
	r = find(f, &a, "ro-1");
	seen = rollout_record_said(&r);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_REVERT, 9, &err), &err);
	must(rollout_order_pause(f->j, "ro-1", true, 9, &err), &err);
	must(rollout_order_go_on(f->j, &seen, (struct rollout_known){ 0, 0 }, 9, &err), &err);
	r = find(f, &a, "ro-1");
	assert_int_equal(r.wish, ROLLOUT_WISH_REVERT);
	assert_true(r.paused);
}

static void what_is_being_ended_is_not_told_to_go_on(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct seat seat;

	create(f, "ro-1", 5);
	somebody_drives(f, &seat);
	must(rollout_order_pause(f->j, "ro-1", true, 9, &err), &err);
	must(rollout_order_end(f->j, "ro-1", ROLLOUT_WISH_KEEP, 9, &err), &err);
	assert_false(rollout_order_resume(f->j, "ro-1", 1, 9, &err));
	assert_true(error_is(&err, ROLLOUT_ENDS));
	assert_true(find(f, &a, "ro-1").paused);
}

/* Whoever looks after the machines says it in an operator's place, who may have paused it meanwhile. */
static void what_is_acknowledged_ends_no_pause(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_record r;

	create(f, "ro-1", 5);
	must(rollout_order_pause(f->j, "ro-1", true, 9, &err), &err);
	must(rollout_order_acknowledge(f->j, "ro-1", (struct rollout_known){ 3, 1 }, 9, &err), &err);
	r = find(f, &a, "ro-1");
	assert_true(r.paused);
	assert_int_equal(r.known_failures, 3);
	assert_int_equal(r.known_not_serving, 1);
}

static void an_open_gate_stays_open(void **state)
{
	struct fixture *f = *state;
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;

	create(f, "ro-1", 5);
	must(rollout_order_promote(f->j, "ro-1", 2, 9, &err), &err);
	must(rollout_order_promote(f->j, "ro-1", 1, 9, &err), &err);
	assert_int_equal(find(f, &a, "ro-1").promoted, 2);
}

/* A worker that slept past its lease has lost its seat, whatever it thinks of the rows. */
static void who_has_lost_its_seat_changes_nothing(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct seat seat = { .lease = lease_elsewhere("") };
	struct holder here;
	const struct machine_record m = { .number = 1, .state = "under-way", .seat = 1 };
	struct rollout_change c = {
		.id = "ro-1", .seat = &seat, .version = 1, .machines = &m, .count = 1, .now_ms = 70
	};

	create(f, "ro-1", 5);
	holder_self("anna", &here);
	must(seat_take(f->j, "ro-1", true, &seat, 10, &err), &err);
	must(rollout_record_change(f->j, &c, &err), &err);
	assert_int_equal(machines(f, "ro-1", 1).rows[0].seat, 1);
	must(seat_clear(f->j, "ro-1", 1, &here, 10 + LEASE_LIFE_MS + 1, &err), &err);
	assert_false(rollout_record_change(f->j, &c, &err));
	assert_true(error_is(&err, LEASE_LOST));
	assert_int_equal(c.version, 2);
}

static void words_of_other_versions_call_an_operator(void **state)
{
	(void)state;
	assert_int_equal(rollout_state_parse("asleep"), ROLLOUT_IS_HALTED);
	assert_false(rollout_state_is_final(rollout_state_parse("asleep")));
	assert_int_equal(rollout_state_parse("aborted"), ROLLOUT_IS_ABORTED);
	assert_string_equal(rollout_state_name(ROLLOUT_IS_REVERTED), "reverted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_found),
		TEST(a_change_shows_to_who_reads_what_is_newer),
		TEST(of_two_that_decide_on_the_same_rows_one_is_refused),
		TEST(a_machine_belongs_to_one_rollout_until_that_is_over),
		TEST(what_puts_a_rollout_back_has_its_machines),
		TEST(the_open_one_of_a_plan_is_found),
		TEST(each_order_makes_a_new_version_of_the_rows),
		TEST(what_is_to_be_put_back_is_not_done),
		TEST(what_somebody_drives_is_changed_by_nobody_else),
		TEST(what_is_for_a_driver_is_said_to_nobody_else),
		TEST(who_leaves_has_heard_all_that_was_said),
		TEST(who_leaves_what_is_over_need_not_listen),
		TEST(what_is_told_to_go_on_has_not_halted_any_more),
		TEST(nothing_is_said_of_what_is_over),
		TEST(who_says_that_it_goes_on_knows_what_has_failed),
		TEST(what_was_said_since_it_was_taken_up_stands),
		TEST(what_is_being_ended_is_not_told_to_go_on),
		TEST(what_is_acknowledged_ends_no_pause),
		TEST(an_open_gate_stays_open),
		TEST(who_has_lost_its_seat_changes_nothing),
		TEST(words_of_other_versions_call_an_operator),
	};

	return RUN_ON_BOTH(tests);
}
