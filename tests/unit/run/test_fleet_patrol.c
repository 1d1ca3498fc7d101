/* What it means for a rollout that machines of it do not serve, which are not under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "listing.h"
#include "run/fleet.h"
#include "run/rollout_ledger.h"

enum { MACHINES = 4, NOTES = 16 };

static const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2", "i-3" };
static const struct run_traffic UNLIMITED = { .admit = NULL };

struct stage {
	struct plan plan;
	int64_t now_ms;
	struct clock clock;
	struct journal *journal;
	struct rollout_ledger *ledger;
	struct fleet *fleet;
	uint32_t begun[16];
	size_t begun_count;
	char notes[NOTES][256];
	size_t note_count;
	struct listing found, listing; /* by which machines are found, and looked after */
};

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

static struct moment moment(const struct stage *s)
{
	return (struct moment){ s->now_ms, s->now_ms };
}

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	(void)err;
	s->begun[s->begun_count++] = fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct stage *s = self;

	assert_true(s->note_count < NOTES);
	text_copy(s->notes[s->note_count++], sizeof(s->notes[0]), text);
}

static bool was_told(const struct stage *s, const char *text)
{
	for (size_t i = 0; i < s->note_count; i++)
		if (strstr(s->notes[i], text))
			return true;
	return false;
}

static void turn(struct stage *s)
{
	fleet_turn(s->fleet, &UNLIMITED, moment(s));
}

/* A rollout as a process begins it, or takes it up. */
static void open_fleet(struct stage *s, bool goes_on)
{
	struct error err = ERROR_INIT;
	const struct query *q;

	s->ledger = rollout_ledger_new(&(struct rollout_ledger_options){ .journal = s->journal,
		.clock = &s->clock,
		.entropy = &entropy_system,
		.plan = &s->plan,
		.user = "anna",
		.version = "0.1.0" });
	s->fleet = fleet_new(&(struct fleet_options){ .plan = &s->plan,
		.typical_ms = 1,
		.ledger = s->ledger,
		.journal = s->journal,
		.goes_on = goes_on,
		.begin = begin,
		.note = note,
		.self = s });
	assert_true(fleet_ask(s->fleet, &q, &err));
	assert_true(fleet_listed(s->fleet, q ? listing_answer(&s->found, q->subject) : NULL, &err));
	turn(s);
}

static void close_fleet(struct stage *s)
{
	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
}

/* One at a time; more than one that does not serve halts it. */
static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	assert_non_null(s);
	s->plan = (struct plan){ .name = "test", .path = "plan.yaml", .digest = "digest" };
	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.in_flight.amount = 1;
	s->plan.rollout.not_serving.amount = 1;
	s->plan.rollout.tries = 1;
	s->now_ms = 1000000;
	s->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &s->now_ms };
	listing_init(&s->found);
	listing_init(&s->listing);
	assert_true(journal_open_temporary(&s->journal, &err));
	open_fleet(s, false);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	close_fleet(s);
	journal_close(s->journal);
	free(s);
	return 0;
}

static void show(struct stage *s, uint32_t machine, enum instance_state state)
{
	listing_add(&s->listing, IDS[machine], state);
}

/* All that were not shown otherwise run. */
static void look(struct stage *s)
{
	const struct query *q;

	for (size_t i = 0; i < MACHINES; i++) {
		bool shown = false;

		for (size_t k = 0; k < s->listing.count; k++)
			shown = shown || !strcmp(s->listing.machines[k].id, IDS[i]);
		if (!shown)
			show(s, (uint32_t)i, INSTANCE_RUNNING);
	}
	s->now_ms += PATROL_PAUSE_MS;
	q = fleet_question(s->fleet, moment(s));
	assert_non_null(q);
	fleet_patrolled(s->fleet, listing_answer(&s->listing, q->subject), moment(s));
	error_release(&s->listing.err);
	listing_init(&s->listing);
	turn(s);
}

static void ends(struct stage *s, uint32_t machine, enum rebuild_course course)
{
	struct rebuild *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->course = course;
	text_copy(r->world.blue.id, sizeof(r->world.blue.id), IDS[machine]);
	text_copy(r->world.green.id, sizeof(r->world.green.id), "i-green");
	fleet_ended(s->fleet, machine, r, (struct moment){ s->now_ms, s->now_ms });
	free(r);
	turn(s);
}

/* The journal of all who rebuild machines has it. */
static void record_done(struct stage *s, const char *blue, const char *green)
{
	struct error err = ERROR_INIT;
	const struct record r = { .id = "rb-1",
		.plan_name = "test",
		.plan_path = "plan.yaml",
		.plan_digest = "digest",
		.blue = blue,
		.green = green,
		.state = RECORD_DONE,
		.created_ms = 1,
		.updated_ms = 1 };

	assert_true(record_create(s->journal, &r, &err));
}

static size_t not_serving(const struct stage *s)
{
	return rollout_not_serving(fleet_rollout(s->fleet));
}

static void nothing_begins_before_the_machines_were_looked_at(void **state)
{
	struct stage *s = *state;

	assert_int_equal(s->begun_count, 0);
	assert_false(fleet_is_over(s->fleet));
	look(s);
	assert_int_equal(s->begun_count, 1);
}

static void it_halts_when_more_do_not_serve_than_may_and_names_them(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	look(s);
	assert_true(was_told(s, "i-2 is stopped: it does not serve"));
	assert_false(fleet_has_halted(s->fleet));
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_TERMINATED);
	look(s);
	assert_true(fleet_has_halted(s->fleet));
	assert_true(was_told(s, "the rollout halts: 2 of 4 machines do not serve, and at most 1 may: "
				"i-2 is stopped, i-3 is terminated"));
}

static void what_has_halted_stays_so_and_nobody_looks_any_more(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	s->now_ms += PATROL_PAUSE_MS;
	assert_null(fleet_question(s->fleet, moment(s)));
	assert_int_equal(s->begun_count, 0);
	assert_true(fleet_is_over(s->fleet));
}

static void taken_up_it_halts_again_and_goes_on_when_somebody_says_so(void **state)
{
	struct stage *s = *state;

	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	close_fleet(s);
	open_fleet(s, false);
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_true(fleet_has_halted(s->fleet));
	close_fleet(s);
	open_fleet(s, true);
	show(s, 2, INSTANCE_STOPPED);
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_false(fleet_has_halted(s->fleet));
	assert_int_equal(s->begun_count, 1);
}

static void a_machine_under_way_is_its_rebuilds_own_matter(void **state)
{
	struct stage *s = *state;

	look(s);
	assert_int_equal(s->begun[0], 0);
	show(s, 0, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 0);
	assert_false(was_told(s, "i-0 is stopped"));
	ends(s, 0, COURSE_ROLLED_BACK);
	assert_int_equal(not_serving(s), 0); /* what was seen meanwhile is past */
}

static void after_its_rebuild_green_is_looked_after(void **state)
{
	struct stage *s = *state;

	look(s);
	record_done(s, "i-0", "i-green");
	ends(s, 0, COURSE_DONE);
	show(s, 0, INSTANCE_STOPPED); /* blue was retired */
	listing_add(&s->listing, "i-green", INSTANCE_RUNNING);
	look(s);
	assert_int_equal(not_serving(s), 0);
	listing_add(&s->listing, "i-green", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
	assert_true(was_told(s, "i-green is stopped: it does not serve"));
}

static void taken_up_the_first_look_is_at_those_that_serve_by_now(void **state)
{
	struct stage *s = *state;

	look(s);
	record_done(s, "i-0", "i-green");
	fleet_recorded(s->fleet, 0, "rb-1");
	ends(s, 0, COURSE_DONE);
	close_fleet(s);
	open_fleet(s, false);
	listing_add(&s->listing, "i-green", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
}

static void a_machine_that_another_process_replaced_is_looked_after_where_it_is_now(void **state)
{
	struct stage *s = *state;

	record_done(s, "i-3", "i-new");
	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 0);
	listing_add(&s->listing, "i-new", INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
}

static void one_that_runs_again_counts_no_longer(void **state)
{
	struct stage *s = *state;

	show(s, 3, INSTANCE_STOPPED);
	look(s);
	assert_int_equal(not_serving(s), 1);
	look(s);
	assert_int_equal(not_serving(s), 0);
	assert_true(was_told(s, "i-3 runs again"));
}

static void that_it_could_not_look_is_said_once_and_halts_nothing(void **state)
{
	struct stage *s = *state;
	size_t before = s->note_count;

	for (int i = 0; i < 2; i++) {
		error_set(&s->listing.err, ERROR_REMOTE, "no route");
		look(s);
	}
	assert_int_equal(s->note_count, before + 1);
	assert_string_equal(s->notes[before], "could not look which machines of the rollout serve: no route");
	assert_int_equal(s->begun_count, 0);
	look(s);
	assert_int_equal(s->begun_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_begins_before_the_machines_were_looked_at),
		TEST(it_halts_when_more_do_not_serve_than_may_and_names_them),
		TEST(what_has_halted_stays_so_and_nobody_looks_any_more),
		TEST(taken_up_it_halts_again_and_goes_on_when_somebody_says_so),
		TEST(a_machine_under_way_is_its_rebuilds_own_matter),
		TEST(after_its_rebuild_green_is_looked_after),
		TEST(taken_up_the_first_look_is_at_those_that_serve_by_now),
		TEST(a_machine_that_another_process_replaced_is_looked_after_where_it_is_now),
		TEST(one_that_runs_again_counts_no_longer),
		TEST(that_it_could_not_look_is_said_once_and_halts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
