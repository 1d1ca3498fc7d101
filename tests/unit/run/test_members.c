/* What a run keeps of its rebuilds: those under way, and of the others so much that it can tell of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "run/fleet.h"
#include "run/members.h"

static const struct plan PLAN = { .name = "test", .path = "plan.yaml", .digest = "digest" };

enum { BEGUN_MS = 1000, ENDED_MS = 9000 };

struct fixture {
	int64_t now_ms;
	struct clock clock;
	struct members members;
};

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->now_ms = ENDED_MS;
	f->clock = (struct clock){ .mono_ms = now, .wall_ms = now, .self = &f->now_ms };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	members_release(&f->members);
	free(f);
	return 0;
}

static struct member *add(struct fixture *f, const char *id, uint32_t machine)
{
	struct member *m = members_add(&f->members);

	rebuild_init(&m->rebuild, id, &PLAN, "i-blue");
	m->rebuild.subject = (uint32_t)f->members.count - 1;
	m->begun_ms = BEGUN_MS;
	m->machine = machine;
	m->ledger.recorded = true;
	return m;
}

/* As a turn in which it ended, and the end of that turn. */
static void end(struct fixture *f, struct member *m, enum rebuild_course course)
{
	m->rebuild.course = course;
	m->ended = true;
	members_end(&f->members, m, &f->clock);
	members_leave(&f->members);
}

static void of_a_rebuild_that_has_ended_only_its_ending_is_kept(void **state)
{
	struct fixture *f = *state;
	struct member *first = add(f, "rb-1", 0), *second = add(f, "rb-2", 1);
	const struct ending *e;

	text_copy(first->rebuild.cause, sizeof(first->rebuild.cause), "readiness: http 503");
	text_copy(first->rebuild.world.green.id, CLOUD_ID_SIZE, "i-green");
	first->rebuild.window_opened_ms = 2000;
	first->rebuild.window_closed_ms = 7000;
	first->rebuild.world.blue_guest.start_ms = 120;
	first->rebuild.world.green_guest.start_ms = 340;
	end(f, first, COURSE_ROLLED_BACK);
	assert_null(f->members.all[0]);
	assert_int_equal(f->members.active_count, 1);
	assert_ptr_equal(f->members.active[0], second);
	e = &f->members.endings[0];
	assert_int_equal(e->course, COURSE_ROLLED_BACK);
	assert_string_equal(e->record.id, "rb-1");
	assert_string_equal(e->record.blue, "i-blue");
	assert_string_equal(e->record.green, "i-green");
	assert_string_equal(e->record.cause, "readiness: http 503");
	assert_int_equal(e->outage_ms, 5000);
	assert_int_equal(e->took_ms, ENDED_MS - BEGUN_MS);
	assert_int_equal(e->start_ms, 120); /* blue's: it serves again */
}

static void a_rebuild_is_kept_while_a_question_that_borrows_from_it_is_out(void **state)
{
	struct fixture *f = *state;
	struct member *m = add(f, "rb-1", 0);

	m->unanswered = 2;
	end(f, m, COURSE_INTERRUPTED);
	assert_ptr_equal(f->members.all[0], m);
	assert_int_equal(f->members.active_count, 0);
	m->unanswered--;
	members_answered(&f->members, m);
	assert_ptr_equal(f->members.all[0], m);
	m->unanswered--;
	members_answered(&f->members, m);
	assert_null(f->members.all[0]);
}

static void what_was_only_looked_at_is_kept_whole(void **state)
{
	struct fixture *f = *state;
	struct member *m = add(f, "rb-1", 0);

	f->members.keeps_all = true;
	end(f, m, COURSE_DONE);
	assert_ptr_equal(f->members.all[0], m);
	assert_string_equal(m->rebuild.world.blue.id, "i-blue");
}

static void a_rebuild_of_a_machine_that_is_begun_with_again_counts_no_more(void **state)
{
	struct fixture *f = *state;

	end(f, add(f, "rb-1", 7), COURSE_REFUSED);
	end(f, add(f, "rb-2", 8), COURSE_REFUSED);
	end(f, add(f, "rb-3", FLEET_NO_MACHINE), COURSE_REFUSED);
	add(f, "rb-4", 7);
	members_supersede(&f->members, 7);
	members_supersede(&f->members, FLEET_NO_MACHINE);
	assert_true(f->members.endings[0].superseded);
	assert_false(f->members.endings[1].superseded);
	assert_false(f->members.endings[2].superseded);
	assert_false(f->members.endings[3].superseded); /* under way: it is what counts */
}

static void a_rebuild_is_found_by_its_id_while_it_is_under_way(void **state)
{
	struct fixture *f = *state;
	struct member *m = add(f, "rb-1", 0);

	add(f, "rb-2", 1);
	assert_ptr_equal(members_find_active(&f->members, "rb-1"), m);
	end(f, m, COURSE_DONE);
	assert_null(members_find_active(&f->members, "rb-1"));
}

static void what_was_added_last_can_be_taken_back(void **state)
{
	struct fixture *f = *state;
	struct member *m = add(f, "rb-1", 0);

	add(f, "rb-2", 1);
	members_drop_last(&f->members);
	assert_int_equal(f->members.count, 1);
	assert_int_equal(f->members.active_count, 1);
	assert_ptr_equal(f->members.active[0], m);
}

static void with_many_under_way_what_no_client_waits_for_waits_a_moment(void **state)
{
	struct fixture *f = *state;
	struct member *m = add(f, "rb-1", 0);

	assert_int_equal(members_patience_ms(&f->members), 0);
	assert_int_equal(members_wake_ms(&f->members, ENDED_MS), ENDED_MS); /* at once */
	for (uint32_t i = 1; i < 60; i++)
		add(f, "rb-2", i)->wake_ms = INT64_MAX;
	assert_int_equal(members_patience_ms(&f->members), 60);
	assert_int_equal(members_wake_ms(&f->members, ENDED_MS), ENDED_MS + 60);
	m->urgent = true;
	assert_int_equal(members_wake_ms(&f->members, ENDED_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ROW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		ROW(of_a_rebuild_that_has_ended_only_its_ending_is_kept),
		ROW(a_rebuild_is_kept_while_a_question_that_borrows_from_it_is_out),
		ROW(what_was_only_looked_at_is_kept_whole),
		ROW(a_rebuild_of_a_machine_that_is_begun_with_again_counts_no_more),
		ROW(a_rebuild_is_found_by_its_id_while_it_is_under_way),
		ROW(what_was_added_last_can_be_taken_back),
		ROW(with_many_under_way_what_no_client_waits_for_waits_a_moment),
#undef ROW
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
