/* Two engines never both drive one rebuild. */
#include "fixture.h"

static void a_second_engine_is_refused_and_told_who_drives(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");

	must(lease_take(f->j, &far, 86400000, &err), &err);
	assert_false(lease_take(f->j, &own, 86400000 + LEASE_LIFE_MS, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_true(error_is(&err, LEASE_HELD));
	assert_non_null(strstr(err.message, "rb-1"));
	assert_non_null(strstr(err.message, "bert@far pid 7 (changeover 0.2.0), since 1970-01-02T00:00:00"));
}

static void a_holder_that_is_not_heard_of_is_taken_over_from_with_a_higher_epoch(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");

	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_take(f->j, &own, 1001 + LEASE_LIFE_MS, &err), &err);
	assert_true(own.epoch > far.epoch);
	assert_false(lease_renew(f->j, &far, 1002 + LEASE_LIFE_MS, &err));
	assert_true(error_is(&err, LEASE_LOST));
}

static void a_renewed_lease_lives_on(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");

	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_renew(f->j, &far, 50000, &err), &err);
	assert_false(lease_take(f->j, &own, 1001 + LEASE_LIFE_MS, &err));
}

static void take_and_end(void *arg)
{
	struct fixture *f = arg;
	struct error err = ERROR_INIT;
	struct lease l = lease_of("rb-1");
	struct journal *j = open_at(f->path, JOURNAL_WRITE);

	_exit(lease_take(j, &l, 1000, &err) ? 0 : 1);
}

/* A killed run is followed by the same command at once: nobody waits for a lease to run out. */
static void a_holder_that_ended_on_this_machine_is_taken_over_from_at_once(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease own = lease_of("rb-1");

	assert_int_equal(in_child(take_and_end, f), 0);
	must(lease_take(f->j, &own, 1001, &err), &err);
	assert_int_equal(own.epoch, 2);
}

static void a_process_that_lives_keeps_its_lease(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	struct lease parent = lease_of("rb-1"), own = lease_of("rb-1");

	holder_self("anna", &parent.holder);
	must(lease_take(f->j, &parent, 1000, &err), &err);
	own.holder.pid++; /* another process beside us, as far as the row can tell */
	assert_false(lease_take(f->j, &own, 1001, &err));
	assert_true(error_is(&err, LEASE_HELD));
}

static void a_number_given_to_a_new_process_does_not_keep_the_old_lease(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease old = lease_of("rb-1"), own = lease_of("rb-1");

	old.holder.started--;
	must(lease_take(f->j, &old, 1000, &err), &err);
	must(lease_take(f->j, &own, 1001, &err), &err);
}

static void a_released_lease_is_free_but_its_epoch_never_repeats(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");
	struct event late = { .kind = EVENT_INTENT, .rebuild = "rb-1" };

	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_release(f->j, &far, &err), &err);
	late.epoch = far.epoch;
	assert_false(journal_append(f->j, &late, 1, &err));
	error_release(&err);
	must(lease_take(f->j, &own, 1001, &err), &err);
	assert_int_equal(own.epoch, far.epoch + 1);
}

static void giving_back_a_lost_lease_leaves_the_new_holder_alone(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");
	char who[LEASE_TEXT_SIZE];

	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_take(f->j, &own, 1001 + LEASE_LIFE_MS, &err), &err);
	must(lease_release(f->j, &far, &err), &err);
	must(lease_describe(f->j, "rb-1", 1002 + LEASE_LIFE_MS, who, &err), &err);
	assert_non_null(strstr(who, "anna@"));
}

static void a_holder_is_named_only_while_it_lives(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1");
	char who[LEASE_TEXT_SIZE];

	must(lease_describe(f->j, "rb-1", 1000, who, &err), &err);
	assert_string_equal(who, "");
	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_describe(f->j, "rb-1", 2000, who, &err), &err);
	assert_string_equal(who, "bert@far pid 7 (changeover 0.2.0), since 1970-01-01T00:00:01.000Z");
	must(lease_describe(f->j, "rb-1", 1001 + LEASE_LIFE_MS, who, &err), &err);
	assert_string_equal(who, "");
}

static void leases_of_other_rebuilds_do_not_matter(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-2"), own = lease_of("rb-1");

	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_take(f->j, &own, 1000, &err), &err);
}

static void a_look_tells_the_living_from_the_dead_and_names_both(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct lease far = lease_elsewhere("rb-1"), own = lease_of("rb-1");
	struct lease_view view;

	must(lease_look(f->j, "rb-1", 1000, &view, &err), &err);
	assert_int_equal(view.state, LEASE_FREE);
	assert_string_equal(view.who, "");
	must(lease_take(f->j, &far, 1000, &err), &err);
	must(lease_look(f->j, "rb-1", 2000, &view, &err), &err);
	assert_int_equal(view.state, LEASE_HELD_ALIVE);
	assert_false(view.is_ours);
	must(lease_look(f->j, "rb-1", 1001 + LEASE_LIFE_MS, &view, &err), &err);
	assert_int_equal(view.state, LEASE_HELD_DEAD);
	assert_non_null(strstr(view.who, "bert@far pid 7"));
	assert_int_equal(view.renewed_ms, 1000);
	must(lease_take(f->j, &own, 1001 + LEASE_LIFE_MS, &err), &err);
	must(lease_look(f->j, "rb-1", 1001 + LEASE_LIFE_MS, &view, &err), &err);
	assert_true(view.is_ours);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(a_second_engine_is_refused_and_told_who_drives),
		TEST(a_holder_that_is_not_heard_of_is_taken_over_from_with_a_higher_epoch),
		TEST(a_renewed_lease_lives_on),
		TEST(a_holder_that_ended_on_this_machine_is_taken_over_from_at_once),
		TEST(a_process_that_lives_keeps_its_lease),
		TEST(a_number_given_to_a_new_process_does_not_keep_the_old_lease),
		TEST(a_released_lease_is_free_but_its_epoch_never_repeats),
		TEST(giving_back_a_lost_lease_leaves_the_new_holder_alone),
		TEST(a_holder_is_named_only_while_it_lives),
		TEST(a_look_tells_the_living_from_the_dead_and_names_both),
		TEST(leases_of_other_rebuilds_do_not_matter),
	};

	return RUN_ON_BOTH(tests);
}
