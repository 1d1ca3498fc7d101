/* What becomes of a fleet's machines: begun with in turn, ended, withdrawn, refused, set aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "run/fleet.h"

enum { MACHINES = 4, NOTES = 8 };

static const struct run_traffic UNLIMITED = { .admit = NULL };
static const struct moment NOW = { 1000, 1000000 };
static const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2", "i-3" };

struct stage {
	struct plan plan;
	struct fleet *fleet;
	const char *begun[16];
	size_t begun_count, rebuilds_each;
	const char *fails; /* the machine that cannot be begun with */
	char notes[NOTES][256];
	size_t note_count;
};

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	if (s->fails && !strcmp(s->fails, instance_id))
		return error_set(err, ERROR_CONFLICT, "somebody else drives it");
	s->begun[s->begun_count++] = instance_id;
	for (size_t i = 0; i < s->rebuilds_each; i++)
		fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct stage *s = self;

	assert_true(s->note_count < NOTES);
	text_copy(s->notes[s->note_count++], sizeof(s->notes[0]), text);
}

/* The plan names its machines. */
static void ask_nobody(struct fleet *f)
{
	struct error err = ERROR_INIT;
	const struct query *q;

	assert_true(fleet_ask(f, &q, &err));
	assert_null(q);
}

static void open_stage(struct stage *s, int in_flight)
{
	struct error err = ERROR_INIT;

	*s = (struct stage){ .rebuilds_each = 1 };
	s->plan.machines.instances = IDS;
	s->plan.machines.instance_count = MACHINES;
	s->plan.rollout.in_flight.amount = in_flight;
	s->plan.rollout.tries = 2;
	s->plan.rollout.pause_ms = 60000;
	s->fleet = fleet_new(&(struct fleet_options){
		.plan = &s->plan, .typical_ms = 1, .begin = begin, .note = note, .self = s });
	ask_nobody(s->fleet);
	assert_true(fleet_listed(s->fleet, NULL, &err));
	fleet_turn(s->fleet, &UNLIMITED, NOW);
}

static void ends(struct stage *s, uint32_t machine, struct rebuild r)
{
	fleet_ended(s->fleet, machine, &r, NOW);
	fleet_turn(s->fleet, &UNLIMITED, NOW);
}

static size_t count(const struct stage *s, enum machine_state state)
{
	return rollout_count(fleet_rollout(s->fleet), state);
}

static void one_begins_when_another_has_ended(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 2);
	assert_int_equal(s.begun_count, 2);
	ends(&s, 1, (struct rebuild){ .course = COURSE_DONE });
	assert_int_equal(s.begun_count, 3);
	assert_string_equal(s.begun[2], "i-2");
	assert_false(fleet_is_over(s.fleet));
	fleet_free(s.fleet);
}

static void it_is_over_when_the_last_has_ended(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, MACHINES);
	for (uint32_t i = 0; i < MACHINES; i++) {
		assert_false(fleet_is_over(s.fleet));
		ends(&s, i, (struct rebuild){ .course = i ? COURSE_DONE : COURSE_UNCHANGED });
	}
	assert_true(fleet_is_over(s.fleet));
	assert_int_equal(count(&s, MACHINE_REBUILT), MACHINES - 1);
	assert_int_equal(count(&s, MACHINE_UNCHANGED), 1);
	fleet_free(s.fleet);
}

static void after_a_halt_what_is_put_back_on_request_has_not_failed(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 3);
	ends(&s, 0, (struct rebuild){ .course = COURSE_ROLLED_BACK });
	assert_true(fleet_has_halted(s.fleet));
	assert_string_equal(s.notes[0], "the rollout halts: 1 of 4 machines failed, and at most 0 may");
	fleet_withdrawn(s.fleet, 1);
	ends(&s, 1, (struct rebuild){ .course = COURSE_ROLLED_BACK, .rollback_asked = true });
	assert_false(fleet_is_over(s.fleet));
	ends(&s, 2, (struct rebuild){ .course = COURSE_DONE });
	assert_true(fleet_is_over(s.fleet));
	assert_int_equal(count(&s, MACHINE_WAITING), 2);
	assert_int_equal(count(&s, MACHINE_ROLLED_BACK), 1);
	assert_int_equal(s.begun_count, 3);
	assert_int_equal(s.note_count, 1);
	fleet_free(s.fleet);
}

static void a_rollback_that_an_operator_asked_for_is_a_failure_of_the_rollout(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	ends(&s, 0, (struct rebuild){ .course = COURSE_ROLLED_BACK, .rollback_asked = true });
	assert_true(fleet_has_halted(s.fleet));
	assert_int_equal(count(&s, MACHINE_ROLLED_BACK), 1);
	fleet_free(s.fleet);
}

static void a_machine_that_cannot_be_begun_with_is_named(void **state)
{
	const struct fleet_trouble *troubles;
	struct stage s;
	size_t troubled;

	(void)state;
	open_stage(&s, 1);
	s.fails = "i-1";
	ends(&s, 0, (struct rebuild){ .course = COURSE_DONE });
	troubles = fleet_troubles(s.fleet, &troubled);
	assert_int_equal(troubled, 1);
	assert_string_equal(troubles[0].machine, "i-1");
	assert_string_equal(troubles[0].err.message, "somebody else drives it");
	assert_int_equal(count(&s, MACHINE_REFUSED), 1);
	assert_true(fleet_is_over(s.fleet));
	fleet_free(s.fleet);
}

static void who_was_not_reached_is_begun_with_again_later(void **state)
{
	struct rebuild silent = { .course = COURSE_REFUSED, .trouble_blue = { .kind = ERROR_TIMEOUT } };
	const struct moment later = { NOW.mono_ms + 60000, NOW.wall_ms + 60000 };
	struct stage s;

	(void)state;
	open_stage(&s, MACHINES);
	for (uint32_t i = 1; i < MACHINES; i++)
		ends(&s, i, (struct rebuild){ .course = COURSE_DONE });
	ends(&s, 0, silent);
	assert_false(fleet_is_over(s.fleet));
	assert_int_equal(fleet_wake_ms(s.fleet), later.mono_ms);
	fleet_turn(s.fleet, &UNLIMITED, later);
	assert_string_equal(s.begun[MACHINES], "i-0");
	ends(&s, 0, silent);
	assert_int_equal(count(&s, MACHINE_UNREACHABLE), 1);
	assert_true(fleet_is_over(s.fleet));
	fleet_free(s.fleet);
}

static void a_refusal_of_a_machine_that_answers_is_a_failure(void **state)
{
	struct rebuild wrong = { .course = COURSE_REFUSED,
		.world = { .blue = { .asked_ms = 1, .state = INSTANCE_RUNNING } } };
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	ends(&s, 0, wrong);
	assert_int_equal(count(&s, MACHINE_REFUSED), 1);
	assert_true(fleet_has_halted(s.fleet));
	fleet_free(s.fleet);
}

static void of_a_machines_rebuilds_the_worse_end_counts(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	s.rebuilds_each = 2; /* one whose blue was kept, and a new one */
	ends(&s, 0, (struct rebuild){ .course = COURSE_DONE });
	ends(&s, 1, (struct rebuild){ .course = COURSE_PARKED });
	assert_int_equal(count(&s, MACHINE_UNDER_WAY), 1);
	ends(&s, 1, (struct rebuild){ .course = COURSE_DONE });
	assert_int_equal(count(&s, MACHINE_PARKED), 1);
	fleet_free(s.fleet);
}

static void a_machine_with_nothing_left_to_do_is_unchanged(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	s.rebuilds_each = 0;
	ends(&s, 0, (struct rebuild){ .course = COURSE_DONE });
	assert_int_equal(count(&s, MACHINE_UNCHANGED), MACHINES - 1);
	assert_true(fleet_is_over(s.fleet));
	fleet_free(s.fleet);
}

static void stopped_it_begins_with_nobody_again(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 2);
	fleet_stop(s.fleet);
	ends(&s, 0, (struct rebuild){ .course = COURSE_INTERRUPTED });
	ends(&s, 1, (struct rebuild){ .course = COURSE_INTERRUPTED });
	assert_int_equal(s.begun_count, 2);
	assert_true(fleet_is_over(s.fleet));
	assert_int_equal(s.note_count, 0);
	fleet_free(s.fleet);
}

/* Somebody ended this one rebuild in order: going on with it is not for us. */
static void a_machine_that_was_aborted_is_not_begun_with_again(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	ends(&s, 0, (struct rebuild){ .course = COURSE_INTERRUPTED });
	assert_int_equal(count(&s, MACHINE_PARKED), 1);
	assert_int_equal(s.begun_count, 1);
	assert_true(fleet_is_over(s.fleet));
	fleet_free(s.fleet);
}

static void without_limits_nothing_halts_it(void **state)
{
	struct error err = ERROR_INIT;
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	fleet_free(s.fleet);
	s.begun_count = 0;
	s.fleet = fleet_new(&(struct fleet_options){ .plan = &s.plan,
		.unlimited = true,
		.typical_ms = 1,
		.begin = begin,
		.note = note,
		.self = &s });
	ask_nobody(s.fleet);
	assert_true(fleet_listed(s.fleet, NULL, &err));
	fleet_turn(s.fleet, &UNLIMITED, NOW);
	assert_int_equal(s.begun_count, MACHINES);
	for (uint32_t i = 0; i < MACHINES; i++)
		ends(&s, i, (struct rebuild){ .course = COURSE_ROLLED_BACK, .rollback_asked = true });
	assert_false(fleet_has_halted(s.fleet));
	assert_true(fleet_is_over(s.fleet));
	assert_int_equal(s.begun_count, MACHINES);
	fleet_free(s.fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_begins_when_another_has_ended),
		cmocka_unit_test(it_is_over_when_the_last_has_ended),
		cmocka_unit_test(after_a_halt_what_is_put_back_on_request_has_not_failed),
		cmocka_unit_test(a_rollback_that_an_operator_asked_for_is_a_failure_of_the_rollout),
		cmocka_unit_test(a_machine_that_cannot_be_begun_with_is_named),
		cmocka_unit_test(who_was_not_reached_is_begun_with_again_later),
		cmocka_unit_test(a_refusal_of_a_machine_that_answers_is_a_failure),
		cmocka_unit_test(of_a_machines_rebuilds_the_worse_end_counts),
		cmocka_unit_test(a_machine_with_nothing_left_to_do_is_unchanged),
		cmocka_unit_test(stopped_it_begins_with_nobody_again),
		cmocka_unit_test(a_machine_that_was_aborted_is_not_begun_with_again),
		cmocka_unit_test(without_limits_nothing_halts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
