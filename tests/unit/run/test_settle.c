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
#include "fleet_stage.h"
#include "journal/event.h"

static const struct plan_pair PAIR = { "Service", "demo" };
static const char NEW[] = "ami-new";

static int set_up(void **state)
{
	struct stage *s = stage_open();

	s->plan.machines.tags = &PAIR;
	s->plan.machines.tag_count = 1;
	s->plan.image.id = NEW;
	*state = s;
	return 0;
}

static struct listed *add(struct stage *s, const char *id, const char *image)
{
	struct listed *m = listing_add(&s->listing, id, INSTANCE_RUNNING);

	m->image_id = image;
	return m;
}

/* A rollout of what the list shows, and an old machine besides; its first turn. */
static void roll_out(struct stage *s)
{
	const struct query *q;

	add(s, "i-old", "ami-old");
	stage_new_fleet(s, false);
	q = stage_find(s);
	assert_non_null(q);
	assert_int_equal(q->selector->tag_count, 1);
	assert_string_equal(q->selector->tags[0].key, PAIR.key);
	assert_null(q->selector->ids);
}

static size_t unchanged(const struct stage *s)
{
	return stage_count(s, MACHINE_UNCHANGED);
}

static void record(struct stage *s, enum record_state state)
{
	stage_record(s, "i-blue", "i-green", state);
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
	fleet_ended(s->fleet, 0, r, stage_moment(s));
	free(r);
	assert_int_equal(unchanged(s), 1);
	stage_turn(s);
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
	stage_new_fleet(s, false);
	assert_true(fleet_ask(s->fleet, &q, &err));
	assert_int_equal(q->selector->id_count, 2);
	assert_string_equal(q->selector->ids[0], "i-green");
	assert_string_equal(q->selector->ids[1], "i-old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_close)

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
