/* Machines that have the plan's image already: which of them a rollout passes over without a rebuild. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "journal/event.h"
#include "journal/record.h"
#include "listing.h"
#include "run/fleet.h"
#include "run/rollout_ledger.h"

static const struct run_traffic UNLIMITED = { .admit = NULL };
static const struct tag TAG = { "Service", "demo" };
static const struct plan_pair PAIR = { "Service", "demo" };
static const char NEW[] = "ami-new";

struct stage {
	struct plan plan;
	int64_t now_ms;
	struct clock clock;
	struct journal *journal;
	struct rollout_ledger *ledger;
	struct fleet *fleet;
	struct listing list;
	size_t begun_count, admitted;
};

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	(void)err;
	s->begun_count++;
	fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	(void)self;
	(void)text;
}

static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	assert_non_null(s);
	s->plan = (struct plan){ .name = "test", .path = "plan.yaml", .digest = "digest" };
	s->plan.machines.tags = &PAIR;
	s->plan.machines.tag_count = 1;
	s->plan.image.id = NEW;
	s->plan.rollout.in_flight.amount = 1;
	s->plan.rollout.tries = 1;
	s->now_ms = 1000000;
	s->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &s->now_ms };
	listing_init(&s->list);
	assert_true(journal_open_temporary(&s->journal, &err));
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	fleet_free(s->fleet);
	rollout_ledger_free(s->ledger);
	journal_close(s->journal);
	free(s);
	return 0;
}

static struct listed *add(struct stage *s, const char *id, const char *image)
{
	struct listed *m = listing_add(&s->list, id, INSTANCE_RUNNING);

	m->image_id = image;
	return m;
}

static int64_t admit(void *self)
{
	((struct stage *)self)->admitted++;
	return 0;
}

/* A rollout of what the list shows, and an old machine besides; its first turn. */
static void roll_out(struct stage *s)
{
	const struct run_traffic traffic = { .self = s, .admit = admit };
	struct error err = ERROR_INIT;
	const struct query *q;

	add(s, "i-old", "ami-old");
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
		.begin = begin,
		.note = note,
		.self = s });
	assert_true(fleet_ask(s->fleet, &q, &err));
	assert_non_null(q);
	assert_int_equal(q->selector->tag_count, 1);
	assert_string_equal(q->selector->tags[0].key, TAG.key);
	assert_null(q->selector->ids);
	assert_true(fleet_listed(s->fleet, listing_answer(&s->list, q->subject), &err));
	fleet_turn(s->fleet, &traffic, (struct moment){ s->now_ms, s->now_ms });
}

static size_t unchanged(const struct stage *s)
{
	return rollout_count(fleet_rollout(s->fleet), MACHINE_UNCHANGED);
}

static void record(struct stage *s, enum record_state state)
{
	struct error err = ERROR_INIT;
	const struct record r = { .id = "rb-1",
		.plan_name = "test",
		.plan_path = "plan.yaml",
		.plan_digest = "digest",
		.blue = "i-blue",
		.green = "i-green",
		.state = state,
		.created_ms = 1,
		.updated_ms = 1 };

	assert_true(record_create(s->journal, &r, &err));
}

static void note_that_blue_is_gone(struct stage *s)
{
	struct error err = ERROR_INIT;
	struct event e = { .kind = EVENT_STEP_PROVED, .rebuild = "rb-1", .step = "terminate", .at_ms = 2 };

	assert_true(journal_append(s->journal, &e, 1, &err));
}

/* What a rebuild that came to its end leaves. */
static void add_green(struct stage *s)
{
	struct listed *m = add(s, "i-green", NEW);

	m->rebuild = "rb-1";
	m->role = ROLE_GREEN;
	m->replaces = "i-blue";
}

static void who_has_the_image_is_passed_over_without_a_rebuild_or_a_launch_token(void **state)
{
	struct stage *s = *state;

	add(s, "i-1", NEW);
	add(s, "i-2", NEW);
	roll_out(s);
	assert_int_equal(unchanged(s), 2);
	assert_int_equal(s->begun_count, 1);
	assert_int_equal(s->admitted, 1);
}

static void one_that_does_not_run_is_looked_at(void **state)
{
	struct stage *s = *state;

	add(s, "i-1", NEW)->state = INSTANCE_STOPPED;
	roll_out(s);
	assert_int_equal(unchanged(s), 0);
}

static void one_whose_rebuild_is_known_to_its_end_is_passed_over(void **state)
{
	struct stage *s = *state;

	record(s, RECORD_DONE);
	note_that_blue_is_gone(s);
	add_green(s);
	roll_out(s);
	assert_int_equal(unchanged(s), 1);
}

static void one_whose_blue_is_kept_is_looked_at(void **state)
{
	struct stage *s = *state;

	record(s, RECORD_DONE);
	add_green(s);
	roll_out(s);
	assert_int_equal(unchanged(s), 0);
}

static void one_whose_rebuild_another_journal_has_is_looked_at(void **state)
{
	struct stage *s = *state;

	add_green(s);
	roll_out(s);
	assert_int_equal(unchanged(s), 0);
}

static void one_that_is_being_rebuilt_is_looked_at(void **state)
{
	struct stage *s = *state;
	struct listed *m = add(s, "i-blue", NEW);

	record(s, RECORD_RUNNING);
	roll_out(s);
	assert_int_equal(unchanged(s), 0);
	assert_string_equal(m->rebuild, "");
}

static void an_image_that_a_name_stands_for_is_known_after_the_first_rebuild(void **state)
{
	struct stage *s = *state;
	struct rebuild *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	s->plan.image.id = NULL;
	s->plan.image.newest_name = "web-*";
	add(s, "i-1", "ami-old");
	add(s, "i-2", NEW);
	roll_out(s);
	assert_int_equal(unchanged(s), 0);
	r->course = COURSE_DONE;
	text_copy(r->world.image.id, sizeof(r->world.image.id), NEW);
	fleet_ended(s->fleet, 0, r, (struct moment){ s->now_ms, s->now_ms });
	free(r);
	assert_int_equal(unchanged(s), 1);
	fleet_turn(s->fleet, &UNLIMITED, (struct moment){ s->now_ms, s->now_ms });
	assert_int_equal(s->begun_count, 2);
}

/* The plan was applied before, and names what was there then. */
static void who_has_the_place_of_a_machine_that_the_plan_names_is_listed(void **state)
{
	static const char *const NAMES[] = { "i-blue", "i-old" };
	struct stage *s = *state;
	struct error err = ERROR_INIT;
	const struct query *q;

	s->plan.machines.tag_count = 0;
	s->plan.machines.instances = NAMES;
	s->plan.machines.instance_count = 2;
	s->plan.machines.group_by = "Cluster";
	record(s, RECORD_DONE);
	note_that_blue_is_gone(s);
	s->fleet = fleet_new(&(struct fleet_options){
		.plan = &s->plan, .journal = s->journal, .begin = begin, .note = note, .self = s });
	assert_true(fleet_ask(s->fleet, &q, &err));
	assert_int_equal(q->selector->id_count, 2);
	assert_string_equal(q->selector->ids[0], "i-green");
	assert_string_equal(q->selector->ids[1], "i-old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_has_the_image_is_passed_over_without_a_rebuild_or_a_launch_token),
		TEST(one_that_does_not_run_is_looked_at),
		TEST(one_whose_rebuild_is_known_to_its_end_is_passed_over),
		TEST(one_whose_blue_is_kept_is_looked_at),
		TEST(one_whose_rebuild_another_journal_has_is_looked_at),
		TEST(one_that_is_being_rebuilt_is_looked_at),
		TEST(who_has_the_place_of_a_machine_that_the_plan_names_is_listed),
		TEST(an_image_that_a_name_stands_for_is_known_after_the_first_rebuild),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
