/* A rollout that a fleet shares with a worker elsewhere, whose part is played here row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "journal/driver.h"
#include "journal/journal.h"
#include "journal/rollout_record.h"
#include "run/fleet.h"
#include "run/rollout_ledger.h"

enum { MACHINES = 6, START_MS = 1000000, SECOND_MS = 1000 };

static const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2", "i-3", "i-4", "i-5" };

struct stage {
	struct plan plan;
	struct journal *j;
	struct clock clock;
	struct entropy entropy;
	int64_t now_ms; /* both clocks */
	struct rollout_ledger *ledger;
	struct fleet *fleet;
	struct seat other; /* of a worker on another machine */
	const char *begun[16];
	size_t begun_count;
	const char *held; /* the machine whose rebuild somebody else still has */
	unsigned parts;   /* of the account's calls */
	bool goes_back;
	char told[1024];
};

static int64_t now_ms(void *self)
{
	return ((struct stage *)self)->now_ms;
}

static void fill(void *self, void *bytes, size_t size)
{
	(void)self;
	memset(bytes, 7, size);
}

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	if (s->held && !strcmp(s->held, instance_id)) {
		error_set(err, ERROR_CONFLICT, "rebuild rb-9 is being driven by bert");
		error_set_code(err, LEASE_HELD);
		return false;
	}
	s->begun[s->begun_count++] = instance_id;
	fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct stage *s = self;
	size_t length = strlen(s->told);

	snprintf(s->told + length, sizeof(s->told) - length, "%s\n", text);
}

static void split(void *self, unsigned parts)
{
	((struct stage *)self)->parts = parts;
}

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static size_t count(const struct stage *s, enum machine_state state)
{
	return rollout_count(fleet_rollout(s->fleet), state);
}

/* ---- time passes ---- */

static void turn(struct stage *s)
{
	const struct run_traffic t = { .self = s, .split = split };

	fleet_turn(s->fleet, &t, (struct moment){ s->now_ms, s->now_ms });
}

static void pass(struct stage *s, int64_t ms)
{
	s->now_ms += ms;
	turn(s);
}

static void ends(struct stage *s, uint32_t machine, enum rebuild_course course)
{
	struct rebuild r = { .course = course };

	fleet_ended(s->fleet, machine, &r, (struct moment){ s->now_ms, s->now_ms });
	turn(s);
}

/* Who has the newest rows writes this. */
static void changes(struct stage *s, struct rollout_change c)
{
	auto_arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	must(rollout_record_find(s->j, "ro-1", &a, &r, &found, &err), &err);
	c.id = "ro-1";
	c.version = r.version;
	c.now_ms = s->now_ms;
	must(rollout_record_change(s->j, &c, &err), &err);
}

/* And this of a machine. */
static void writes_from(struct stage *s, const struct seat *seat, int64_t number, const char *state)
{
	const struct machine_record m = {
		.number = number, .state = state, .rebuild = "rb-9", .seat = seat->number
	};

	changes(s, (struct rollout_change){ .seat = seat, .machines = &m, .count = 1 });
}

static void writes(struct stage *s, int64_t number, const char *state)
{
	writes_from(s, &s->other, number, state);
}

/* ---- the stage: of six machines the other worker has the first under way ---- */

static void write_down(struct stage *s)
{
	const struct rollout_record r = { .id = "ro-1",
		.kind = s->goes_back ? ROLLOUT_GOES_BACK : ROLLOUT_GOES_FORWARD,
		.parent = s->goes_back ? "ro-0" : "",
		.plan_name = "acme",
		.plan_digest = "d",
		.machines = MACHINES,
		.created_ms = 1 };
	struct machine_record rows[MACHINES];
	struct error err = ERROR_INIT;

	for (int64_t i = 0; i < MACHINES; i++)
		rows[i] = (struct machine_record){ .number = i, .machine = IDS[i], .state = "waiting" };
	must(rollout_record_create(s->j, &r, rows, MACHINES, &err), &err);
}

/* As somebody on another machine takes one. */
static void sits_down(struct stage *s, struct seat *seat, int64_t number)
{
	struct error err = ERROR_INIT;

	seat->number = number;
	snprintf(seat->name, sizeof(seat->name), "ro-1/%d", (int)number);
	seat->lease = (struct lease){ .rebuild = seat->name,
		.version = "0.1.0",
		.holder = { .name = "bert@far", .place = "another-boot/1", .pid = number, .started = 70 } };
	must(lease_take(s->j, &seat->lease, s->now_ms, &err), &err);
}

static void open_fleet(struct stage *s)
{
	s->ledger = rollout_ledger_new(&(struct rollout_ledger_options){ .journal = s->j,
		.clock = &s->clock,
		.entropy = &s->entropy,
		.plan = &s->plan,
		.user = "anna",
		.version = "0.1.0",
		.id = "ro-1",
		.shared = true });
	s->fleet = fleet_new(&(struct fleet_options){ .plan = &s->plan,
		.typical_ms = 1,
		.ledger = s->ledger,
		.goes_back = s->goes_back,
		.begin = begin,
		.note = note,
		.self = s });
}

static void take_up(struct stage *s)
{
	struct error err = ERROR_INIT;
	const struct query *q;

	open_fleet(s);
	must(fleet_ask(s->fleet, &q, &err), &err);
	must(fleet_listed(s->fleet, NULL, &err), &err);
	turn(s);
}

static void set_stage(struct stage *s)
{
	struct error err = ERROR_INIT;

	s->now_ms = START_MS;
	s->clock = (struct clock){ .self = s, .wall_ms = now_ms, .mono_ms = now_ms };
	s->entropy = (struct entropy){ .self = s, .fill = fill };
	s->plan.name = "acme";
	s->plan.digest = "d";
	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.in_flight.amount = 2;
	s->plan.rollout.tries = 2;
	s->plan.rollout.failure_rate = (struct plan_share){ 100, true };
	must(journal_open(JOURNAL_IN_MEMORY, JOURNAL_WRITE, &s->j, &err), &err);
	write_down(s);
	sits_down(s, &s->other, 1);
	writes(s, 0, "under-way");
	take_up(s);
}

static int open_stage(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	*state = s;
	set_stage(s);
	return 0;
}

static int open_way_back(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	*state = s;
	s->goes_back = true;
	set_stage(s);
	return 0;
}

static int close_stage(void **state)
{
	struct stage *s = *state;

	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	journal_close(s->j);
	free(s);
	return 0;
}

/* ---- promises ---- */

static void what_others_have_under_way_counts_and_is_not_begun(void **state)
{
	struct stage *s = *state;

	assert_int_equal(s->begun_count, 1);
	assert_string_equal(s->begun[0], "i-1");
	ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-2");
}

static void what_others_have_ended_lets_us_begin(void **state)
{
	struct stage *s = *state;

	writes(s, 0, "rebuilt");
	turn(s);
	assert_int_equal(s->begun_count, 1);
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_int_equal(count(s, MACHINE_REBUILT), 1);
}

/* Both chose the same machine on the same rows; who wrote it down first has it. */
static void a_machine_that_another_one_was_faster_with_is_left_to_it(void **state)
{
	struct stage *s = *state;

	writes(s, 0, "rebuilt");
	writes(s, 2, "under-way");
	ends(s, 1, COURSE_DONE); /* and the next that we know of is i-2 */
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-3");
	assert_int_equal(count(s, MACHINE_UNDER_WAY), 2);
}

/* Nobody has seen it yet when its rows are: it is not dead for that. */
static void what_a_newcomer_has_under_way_is_left_to_it(void **state)
{
	struct stage *s = *state;
	struct seat newcomer;

	sits_down(s, &newcomer, 3);
	writes(s, 0, "rebuilt");
	writes_from(s, &newcomer, 2, "under-way");
	ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-3");
}

static void what_the_dead_had_under_way_is_gone_on_with(void **state)
{
	struct stage *s = *state;

	pass(s, LEASE_LIFE_MS);
	assert_int_equal(s->begun_count, 1);
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
	ends(s, 0, COURSE_DONE);
	assert_int_equal(count(s, MACHINE_REBUILT), 1);
	assert_int_equal(count(s, MACHINE_UNDER_WAY), 2);
}

/* The lease of its rebuild was renewed a little later than that of the seat. */
static void a_rebuild_that_is_still_held_is_waited_for(void **state)
{
	struct stage *s = *state;

	s->held = "i-0";
	pass(s, LEASE_LIFE_MS + SECOND_MS);
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_non_null(strstr(s->told, "rb-9 is being driven by bert"));
	s->held = NULL;
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
}

static void who_was_taken_for_dead_does_nothing_more(void **state)
{
	struct stage *s = *state;
	struct error err = ERROR_INIT;
	int64_t seat = rollout_ledger_seat(s->ledger);

	/* Our lease is as old as theirs: for them we are the ones who slept. */
	s->now_ms += LEASE_LIFE_MS + SECOND_MS;
	must(seat_clear(s->j, "ro-1", seat, &s->other.lease.holder, s->now_ms, &err), &err);
	ends(s, 1, COURSE_DONE);
	assert_int_equal(s->begun_count, 1);
	assert_true(fleet_is_over(s->fleet));
	assert_non_null(strstr(s->told, "is not ours any more"));
}

/* As many as may be under way at a time, and no failure of theirs is the last word before that. */
static void who_comes_when_nobody_is_left_tries_again_what_has_parked(void **state)
{
	struct stage *s = *state;
	struct error err = ERROR_INIT;

	ends(s, 1, COURSE_PARKED);
	ends(s, 2, COURSE_PARKED);
	ends(s, 3, COURSE_PARKED);
	fleet_stop(s->fleet);
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	writes(s, 0, "rebuilt");
	must(seat_release(s->j, &s->other, &err), &err);
	s->begun_count = 0;
	take_up(s);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[0], "i-4"); /* it was under way when we left */
	assert_string_equal(s->begun[1], "i-1");
	ends(s, 1, COURSE_DONE);
	assert_string_equal(s->begun[2], "i-2");
	ends(s, 4, COURSE_DONE);
	assert_string_equal(s->begun[3], "i-3");
	ends(s, 2, COURSE_PARKED);
	assert_string_equal(s->begun[4], "i-5");
}

/* Somebody else may be about to adopt them, on the rows as they are. */
static void who_takes_the_seat_of_the_dead_says_so_of_each_machine(void **state)
{
	const struct machine_record adopted = { .number = 1, .state = "under-way", .seat = 1 };
	struct stage *s = *state;
	struct rollout_change c = { .id = "ro-1", .seat = &s->other, .machines = &adopted, .count = 1 };
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	fleet_stop(s->fleet);
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	must(rollout_record_find(s->j, "ro-1", &a, &r, &found, &err), &err);
	c.version = r.version;
	take_up(s);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-1");
	assert_false(rollout_record_change(s->j, &c, &err));
	assert_true(error_is(&err, ROLLOUT_MOVED));
}

static void it_waits_for_what_others_have_under_way(void **state)
{
	struct stage *s = *state;

	for (uint32_t i = 1; i < MACHINES; i++)
		ends(s, i, COURSE_DONE);
	assert_false(fleet_is_over(s->fleet));
	writes(s, 0, "rebuilt");
	pass(s, SECOND_MS);
	assert_true(fleet_is_over(s->fleet));
}

static void who_is_told_to_end_does_not_wait_for_others(void **state)
{
	struct stage *s = *state;

	fleet_stop(s->fleet);
	assert_false(fleet_is_over(s->fleet));
	ends(s, 1, COURSE_INTERRUPTED);
	assert_true(fleet_is_over(s->fleet));
	assert_int_equal(count(s, MACHINE_UNDER_WAY), 1);
}

static void calls_are_shared_with_those_that_live(void **state)
{
	struct stage *s = *state;

	pass(s, SECOND_MS);
	assert_int_equal(s->parts, 2);
	pass(s, LEASE_LIFE_MS);
	pass(s, SECOND_MS);
	assert_int_equal(s->parts, 1);
}

static struct rollout_record record(struct stage *s, struct arena *a)
{
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	must(rollout_record_find(s->j, "ro-1", a, &r, &found, &err), &err);
	return r;
}

/* It sees that machines do not serve; we have not looked since. */
static void what_another_one_halts_for_stops_us_and_stands(void **state)
{
	struct stage *s = *state;
	const struct rollout_change halt = {
		.seat = &s->other, .state = ROLLOUT_IS_HALTED, .cause = "two are gone"
	};
	auto_arena a = ARENA_INIT;

	changes(s, halt);
	ends(s, 1, COURSE_DONE); /* decided on older rows: it is to be written first */
	assert_int_equal(s->begun_count, 1);
	assert_true(fleet_has_halted(s->fleet));
	assert_int_equal(record(s, &a).state, ROLLOUT_IS_HALTED);
	assert_string_equal(record(s, &a).cause, "two are gone");
	assert_non_null(strstr(s->told, "another one halts the rollout: two are gone"));
}

/* Who chose it saw it not over yet; others brought it to its end before we had a seat. */
static void a_rollout_that_is_over_is_not_begun_anew(void **state)
{
	struct stage *s = *state;
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct rollout_record r;
	const struct query *q;
	bool found;

	fleet_stop(s->fleet);
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	changes(s, (struct rollout_change){ .state = ROLLOUT_IS_DONE });
	open_fleet(s);
	assert_false(fleet_ask(s->fleet, &q, &err));
	assert_non_null(strstr(err.message, "rollout ro-1 is over"));
	must(rollout_record_find_open(s->j, "acme", &a, &r, &found, &err), &err);
	assert_false(found);
}

/* ---- and back ---- */

static void what_others_put_back_counts_and_is_left_to_them(void **state)
{
	struct stage *s = *state;

	assert_int_equal(s->begun_count, 1);
	assert_string_equal(s->begun[0], "i-1");
	ends(s, 1, COURSE_ROLLED_BACK);
	assert_int_equal(count(s, MACHINE_REBUILT), 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_string_equal(s->begun[1], "i-2");
	assert_int_equal(count(s, MACHINE_UNDER_WAY), 2);
}

static void what_the_dead_were_putting_back_is_gone_on_with(void **state)
{
	struct stage *s = *state;

	pass(s, LEASE_LIFE_MS);
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-0");
	ends(s, 0, COURSE_ROLLED_BACK);
	assert_int_equal(count(s, MACHINE_REBUILT), 1);
}

/* It was under way forward when its worker died, and the lease of its rebuild lives a little longer. */
static void what_was_under_way_forward_a_moment_ago_is_waited_for(void **state)
{
	struct stage *s = *state;

	s->held = "i-2";
	ends(s, 1, COURSE_ROLLED_BACK);
	assert_int_equal(s->begun_count, 1);
	assert_int_equal(rollout_failures(fleet_rollout(s->fleet)), 0);
	assert_int_equal(count(s, MACHINE_UNDER_WAY), 2);
	s->held = NULL;
	pass(s, SECOND_MS);
	assert_int_equal(s->begun_count, 2);
	assert_string_equal(s->begun[1], "i-2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)
#define TEST_BACK(name) cmocka_unit_test_setup_teardown(name, open_way_back, close_stage)
	const struct CMUnitTest tests[] = {
		TEST(what_others_have_under_way_counts_and_is_not_begun),
		TEST(what_others_have_ended_lets_us_begin),
		TEST(a_machine_that_another_one_was_faster_with_is_left_to_it),
		TEST(what_a_newcomer_has_under_way_is_left_to_it),
		TEST(what_the_dead_had_under_way_is_gone_on_with),
		TEST(a_rebuild_that_is_still_held_is_waited_for),
		TEST(who_was_taken_for_dead_does_nothing_more),
		TEST(who_comes_when_nobody_is_left_tries_again_what_has_parked),
		TEST(who_takes_the_seat_of_the_dead_says_so_of_each_machine),
		TEST(it_waits_for_what_others_have_under_way),
		TEST(who_is_told_to_end_does_not_wait_for_others),
		TEST(calls_are_shared_with_those_that_live),
		TEST(what_another_one_halts_for_stops_us_and_stands),
		TEST(a_rollout_that_is_over_is_not_begun_anew),
		TEST_BACK(what_others_put_back_counts_and_is_left_to_them),
		TEST_BACK(what_the_dead_were_putting_back_is_gone_on_with),
		TEST_BACK(what_was_under_way_forward_a_moment_ago_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
