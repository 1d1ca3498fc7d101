/* A fleet whose plan has locks: who waits for them, who goes, and what becomes of them in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "listing.h"
#include "run/fleet.h"

enum { MACHINES = 3, NOTES = 8 };

static const struct run_traffic UNLIMITED = { .admit = NULL };
static const struct moment NOW = { 1000, 12 * 3600 * 1000 };
static const char *const IDS[MACHINES] = { "i-0", "i-1", "i-2" };
static const struct plan_lock LOCKS[] = {
	{ .kind = PLAN_LOCK_FDLM, .url = "https://foreman", .name = "all", .wait_ms = 5 },
	{ .kind = PLAN_LOCK_FLEETLOCK, .url = "https://slots", .name = "g", .id = "on {{instance}}" },
};

struct stage {
	struct plan plan;
	struct fleet *fleet;
	struct lock_sink sink;
	int asked[MACHINES], given_back[MACHINES], kept[MACHINES];
	char wanted[256]; /* of the last one that asked */
	char note[256];
	int changes;
};

/* ---- a provider that does what the test says ---- */

static void ask(void *self, uint32_t machine, const struct lock_want *wants, size_t count)
{
	struct stage *s = self;

	s->asked[machine]++;
	s->wanted[0] = '\0';
	for (size_t i = 0; i < count; i++)
		text_append(s->wanted, sizeof(s->wanted), "%d %s %s %s; ", (int)wants[i].protocol,
			wants[i].url, wants[i].name, wants[i].id ? wants[i].id : "-");
}

static void give_back(void *self, uint32_t machine)
{
	((struct stage *)self)->given_back[machine]++;
}

static void keep(void *self, uint32_t machine)
{
	((struct stage *)self)->kept[machine]++;
}

static void answer_taken(struct stage *s, uint32_t machine)
{
	auto_error none = ERROR_INIT;

	s->sink.taken(s->sink.self, machine, &none);
}

static void answer_refused(struct stage *s, uint32_t machine)
{
	auto_error err = ERROR_INIT;

	error_set(&err, ERROR_CONFLICT, "lock all was not to be had");
	error_set_code(&err, LOCK_HELD);
	s->sink.taken(s->sink.self, machine, &err);
}

static void answer_given_back(struct stage *s, uint32_t machine)
{
	auto_error none = ERROR_INIT;

	s->sink.given_back(s->sink.self, machine, &none);
}

/* ---- the fleet ---- */

static bool begin(void *self, const char *instance_id, struct error *err)
{
	struct stage *s = self;

	(void)err;
	fleet_added(s->fleet, instance_id);
	return true;
}

static void note(void *self, const char *text)
{
	struct stage *s = self;

	text_copy(s->note, sizeof(s->note), text);
}

static void changed(void *self)
{
	((struct stage *)self)->changes++;
}

static struct plan plan_with_locks(int in_flight)
{
	return (struct plan){
		.machines = { .instances = IDS, .instance_count = MACHINES },
		.rollout = { .in_flight = { in_flight, false },
			.tries = 1,
			.locks = LOCKS,
			.lock_count = ARRAY_SIZE(LOCKS) },
	};
}

static void open_fleet(struct stage *s, struct plan plan, bool takes_locks)
{
	auto_error err = ERROR_INIT;

	*s = (struct stage){ .plan = plan };
	s->fleet = fleet_new(&(struct fleet_options){
		.plan = &s->plan, .typical_ms = 1, .begin = begin, .note = note, .self = s });
	fleet_on_change(s->fleet, changed, s);
	s->sink = fleet_lock_sink(s->fleet);
	if (takes_locks)
		fleet_set_locks(s->fleet, (struct locks){ s, ask, give_back, keep });
	assert_true(fleet_listed(s->fleet, NULL, &err));
	fleet_turn(s->fleet, &UNLIMITED, NOW);
}

static void open_stage(struct stage *s, int in_flight)
{
	open_fleet(s, plan_with_locks(in_flight), true);
}

static enum fleet_word lets(struct stage *s, uint32_t machine)
{
	return fleet_lets(s->fleet, machine, NOW);
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

static void a_machine_goes_once_all_its_locks_are_there(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 1);
	assert_int_equal(s.asked[0], 1);
	assert_string_equal(s.wanted, "0 https://foreman all -; 1 https://slots g on i-0; ");
	assert_int_equal(lets(&s, 0), FLEET_WAIT);
	s.sink.waits(s.sink.self, 0, "waits for lock all on https://foreman: held by web3");
	assert_string_equal(s.note, "i-0 waits for lock all on https://foreman: held by web3");
	answer_taken(&s, 0);
	assert_int_equal(s.changes, 1);
	assert_int_equal(lets(&s, 0), FLEET_GO);
	fleet_free(s.fleet);
}

static void who_waits_holds_up_the_others_only_as_far_as_so_many_are_in_flight(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 2);
	assert_int_equal(lets(&s, 0), FLEET_WAIT);
	answer_taken(&s, 1);
	assert_int_equal(lets(&s, 1), FLEET_GO);
	assert_int_equal(s.asked[2], 0);
	ends(&s, 1, (struct rebuild){ .course = COURSE_DONE });
	assert_int_equal(s.asked[2], 1);
	fleet_free(s.fleet);
}

static void whose_lock_is_not_to_be_had_is_left_as_it_is_and_told(void **state)
{
	const struct fleet_trouble *troubles;
	struct stage s;
	size_t troubled;

	(void)state;
	open_stage(&s, 1);
	answer_refused(&s, 0);
	assert_int_equal(lets(&s, 0), FLEET_DROP);
	ends(&s, 0, (struct rebuild){ .course = COURSE_INTERRUPTED });
	assert_int_equal(count(&s, MACHINE_LOCKED_OUT), 1);
	assert_int_equal(rollout_failures(fleet_rollout(s.fleet)), 0);
	troubles = fleet_troubles(s.fleet, &troubled);
	assert_int_equal(troubled, 1);
	assert_string_equal(troubles[0].machine, "i-0");
	assert_true(error_is(&troubles[0].err, LOCK_HELD));
	assert_int_equal(s.given_back[0], 1); /* those that were taken before the one that was refused */
	assert_int_equal(s.asked[1], 1);
	fleet_free(s.fleet);
}

static void a_halt_ends_the_waiting_of_those_who_have_not_begun(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 2);
	answer_taken(&s, 0);
	assert_int_equal(lets(&s, 0), FLEET_GO);
	ends(&s, 0, (struct rebuild){ .course = COURSE_PARKED });
	assert_true(fleet_has_halted(s.fleet));
	assert_int_equal(lets(&s, 1), FLEET_DROP);
	ends(&s, 1, (struct rebuild){ .course = COURSE_INTERRUPTED });
	assert_int_equal(s.given_back[1], 1); /* it may have been taken since */
	assert_int_equal(count(&s, MACHINE_WAITING), MACHINES - 1);
	fleet_free(s.fleet);
}

static void a_window_that_closed_meanwhile_makes_it_wait_for_the_next_one(void **state)
{
	const struct moment late = { 1000, 14 * 3600 * 1000 };
	struct plan plan = plan_with_locks(1);
	struct stage s;

	(void)state;
	plan.rollout.window = (struct plan_window){ .from = "11:00", .to = "13:00", .zone = "UTC" };
	open_fleet(&s, plan, true);
	answer_taken(&s, 0);
	assert_int_equal(fleet_lets(s.fleet, 0, late), FLEET_DROP);
	fleet_ended(s.fleet, 0, &(struct rebuild){ .course = COURSE_INTERRUPTED }, late);
	fleet_turn(s.fleet, &UNLIMITED, late);
	assert_int_equal(s.given_back[0], 1);
	assert_int_equal(count(&s, MACHINE_WAITING), MACHINES);
	assert_string_equal(
		s.note, "the rollout waits for its window, which opens at 1970-01-02T11:00:00.000Z");
	fleet_free(s.fleet);
}

/* ... and is not asked again whether the window is open. */
static void who_has_begun_goes_on_after_a_halt(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, 2);
	answer_taken(&s, 0);
	answer_taken(&s, 1);
	assert_int_equal(lets(&s, 0), FLEET_GO);
	assert_int_equal(lets(&s, 1), FLEET_GO);
	ends(&s, 0, (struct rebuild){ .course = COURSE_ROLLED_BACK });
	assert_true(fleet_has_halted(s.fleet));
	assert_int_equal(lets(&s, 1), FLEET_GO);
	fleet_free(s.fleet);
}

static void locks_are_given_back_after_a_good_end_and_kept_after_another(void **state)
{
	static const struct {
		struct rebuild r;
		bool keeps;
	} ENDS[] = {
		{ { .course = COURSE_DONE, .changed_something = true }, false },
		{ { .course = COURSE_UNCHANGED }, false },
		{ { .course = COURSE_REFUSED }, false },
		{ { .course = COURSE_ROLLED_BACK, .changed_something = true }, false },
		{ { .course = COURSE_PARKED, .changed_something = true }, true },
		{ { .course = COURSE_TAKEN_OVER }, true },
		{ { .course = COURSE_INTERRUPTED }, false },
		{ { .course = COURSE_INTERRUPTED, .changed_something = true }, true },
		{ { .course = COURSE_INTERRUPTED, .adopted = true }, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ENDS); i++) {
		struct stage s;

		open_stage(&s, 1);
		answer_taken(&s, 0);
		assert_int_equal(lets(&s, 0), FLEET_GO);
		ends(&s, 0, ENDS[i].r);
		assert_int_equal(s.kept[0], ENDS[i].keeps);
		assert_int_equal(s.given_back[0], !ENDS[i].keeps);
		fleet_free(s.fleet);
	}
}

static void it_is_not_over_before_all_locks_are_given_back(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s, MACHINES);
	for (uint32_t i = 0; i < MACHINES; i++) {
		answer_taken(&s, i);
		ends(&s, i, (struct rebuild){ .course = COURSE_DONE });
	}
	s.changes = 0;
	for (uint32_t i = 0; i < MACHINES; i++) {
		assert_false(fleet_is_over(s.fleet));
		answer_given_back(&s, i);
	}
	assert_true(fleet_is_over(s.fleet));
	assert_int_equal(s.changes, 1); /* whoever gives it its turns is told */
	fleet_free(s.fleet);
}

static void without_a_provider_nothing_is_asked_for(void **state)
{
	struct stage s;

	(void)state;
	open_fleet(&s, plan_with_locks(1), false);
	assert_int_equal(lets(&s, 0), FLEET_GO);
	ends(&s, 0, (struct rebuild){ .course = COURSE_DONE });
	assert_int_equal(s.asked[0] + s.given_back[0] + s.kept[0], 0);
	fleet_free(s.fleet);
}

/* A group is named after the tag of machines that are only named, too: rollbacks begin with those. */
static void a_machine_that_is_named_has_the_group_that_the_list_shows(void **state)
{
	static const struct plan_lock BY_GROUP = { .kind = PLAN_LOCK_FDLM, .url = "u", .name = "{{group}}" };
	auto_error err = ERROR_INIT;
	struct listing list;
	struct listed *m;
	struct stage s = { .plan = plan_with_locks(1) };
	const struct query *question;

	(void)state;
	s.plan.machines.instance_count = 1;
	s.plan.machines.group_by = "Cluster";
	s.plan.rollout.locks = &BY_GROUP;
	s.plan.rollout.lock_count = 1;
	listing_init(&list);
	m = listing_add(&list, "i-0", INSTANCE_RUNNING);
	m->group = "web";
	m->role = "retired";
	s.fleet = fleet_new(&(struct fleet_options){
		.plan = &s.plan, .unlimited = true, .begin = begin, .note = note, .self = &s });
	fleet_set_locks(s.fleet, (struct locks){ &s, ask, give_back, keep });
	assert_true(fleet_ask(s.fleet, &question, &err));
	assert_string_equal(question->selector->group_by, "Cluster");
	assert_true(fleet_listed(s.fleet, listing_answer(&list, question->subject), &err));
	fleet_turn(s.fleet, &UNLIMITED, NOW);
	assert_string_equal(s.wanted, "0 u web -; ");
	fleet_free(s.fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_goes_once_all_its_locks_are_there),
		cmocka_unit_test(who_waits_holds_up_the_others_only_as_far_as_so_many_are_in_flight),
		cmocka_unit_test(whose_lock_is_not_to_be_had_is_left_as_it_is_and_told),
		cmocka_unit_test(a_halt_ends_the_waiting_of_those_who_have_not_begun),
		cmocka_unit_test(a_window_that_closed_meanwhile_makes_it_wait_for_the_next_one),
		cmocka_unit_test(who_has_begun_goes_on_after_a_halt),
		cmocka_unit_test(locks_are_given_back_after_a_good_end_and_kept_after_another),
		cmocka_unit_test(it_is_not_over_before_all_locks_are_given_back),
		cmocka_unit_test(without_a_provider_nothing_is_asked_for),
		cmocka_unit_test(a_machine_that_is_named_has_the_group_that_the_list_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
