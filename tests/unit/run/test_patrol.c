/* What a patrol asks, how often, and what it believes of what lists show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "listing.h"

enum { MACHINES = 3, SUBJECT = 7 };

static const char *const IDS[MACHINES] = { "i-c", "i-a", "i-b" };
static const struct tag TAG = { "Service", "demo" };

static struct patrol *make(const struct tag *tags)
{
	struct patrol *p = patrol_new(&(struct patrol_options){
		.tags = tags, .tag_count = 1, .count = MACHINES, .subject = SUBJECT, .pace_percent = 100 });

	for (uint32_t i = 0; i < MACHINES; i++)
		patrol_follow(p, i, IDS[i]);
	return p;
}

/* What is asked at that time; there is something, and checks are always part of it. */
static const struct selector *asked(struct patrol *p, int64_t at_ms)
{
	const struct query *q = patrol_question(p, at_ms);

	assert_non_null(q);
	assert_int_equal(q->kind, QUERY_FLEET);
	assert_int_equal(q->subject, SUBJECT);
	assert_true(q->selector->with_checks);
	return q->selector;
}

/* The machines run, but for one that is left out if state is INSTANCE_UNSEEN. */
static void hear(struct patrol *p, const char *id, enum instance_state state, int64_t at_ms)
{
	struct listing l;

	listing_init(&l);
	for (size_t i = 0; i < MACHINES; i++) {
		if (IDS[i] != id)
			listing_add(&l, IDS[i], INSTANCE_RUNNING);
		else if (state != INSTANCE_UNSEEN)
			listing_add(&l, id, state);
	}
	patrol_hear(p, listing_answer(&l, SUBJECT), at_ms);
}

/* All run, and the checks of that one fail. */
static void hear_impaired(struct patrol *p, const char *id, int64_t at_ms)
{
	struct listing l;

	listing_init(&l);
	for (size_t i = 0; i < MACHINES; i++)
		if (IDS[i] == id)
			listing_add_impaired(&l, id);
		else
			listing_add(&l, IDS[i], INSTANCE_RUNNING);
	patrol_hear(p, listing_answer(&l, SUBJECT), at_ms);
}

static void all_machines_are_asked_about_at_once_and_then_there_is_a_pause(void **state)
{
	struct patrol *p = make(&TAG);
	const struct selector *s;

	(void)state;
	assert_false(patrol_has_looked(p));
	s = asked(p, 1000);
	assert_ptr_equal(s->tags, &TAG);
	assert_null(s->ids);
	assert_null(patrol_question(p, 1000000)); /* the answer is awaited */
	assert_int_equal(patrol_wake_ms(p), INT64_MAX);
	hear(p, NULL, INSTANCE_RUNNING, 1100);
	assert_true(patrol_has_looked(p));
	assert_int_equal(patrol_wake_ms(p), 1100 + PATROL_PAUSE_MS);
	assert_null(patrol_question(p, 1100 + PATROL_PAUSE_MS - 1));
	asked(p, 1100 + PATROL_PAUSE_MS);
	patrol_free(p);
}

static void looking_takes_no_more_than_a_fifth_of_the_time(void **state)
{
	struct patrol *p = make(&TAG);

	(void)state;
	asked(p, 0);
	hear(p, NULL, INSTANCE_RUNNING, 60000);
	assert_int_equal(patrol_wake_ms(p), 60000 + 4 * 60000);
	patrol_free(p);
}

static void machines_that_a_plan_names_are_asked_about_by_their_ids(void **state)
{
	struct patrol *p = make(NULL);
	const struct selector *s = asked(p, 0);

	(void)state;
	assert_int_equal(s->id_count, MACHINES);
	assert_string_equal(s->ids[0], "i-c");
	hear(p, NULL, INSTANCE_RUNNING, 1);
	patrol_follow(p, 0, "i-green");
	assert_string_equal(asked(p, 1 + PATROL_PAUSE_MS)->ids[0], "i-green");
	patrol_free(p);
}

static void a_machine_that_is_shown_as_stopped_was_seen_so(void **state)
{
	struct patrol *p = make(&TAG);

	(void)state;
	asked(p, 0);
	hear(p, "i-a", INSTANCE_STOPPED, 1);
	assert_int_equal(patrol_sees(p, 1).state, INSTANCE_STOPPED);
	assert_int_equal(patrol_sees(p, 0).state, INSTANCE_RUNNING);
	asked(p, patrol_wake_ms(p));
	hear(p, "i-a", INSTANCE_RUNNING, PATROL_PAUSE_MS + 2);
	assert_int_equal(patrol_sees(p, 1).state, INSTANCE_RUNNING);
	patrol_free(p);
}

static void one_that_is_missing_once_is_asked_for_by_its_id(void **state)
{
	struct patrol *p = make(&TAG);
	const struct selector *s;

	(void)state;
	asked(p, 0);
	hear(p, "i-b", INSTANCE_UNSEEN, 1);
	assert_int_equal(patrol_sees(p, 2).state, INSTANCE_RUNNING);
	assert_int_equal(patrol_wake_ms(p), 1 + PATROL_AGAIN_MS);
	s = asked(p, 1 + PATROL_AGAIN_MS);
	assert_int_equal(s->id_count, 1);
	assert_string_equal(s->ids[0], "i-b");
	hear(p, NULL, INSTANCE_RUNNING, 2 + PATROL_AGAIN_MS); /* only its tags were lost */
	assert_int_equal(patrol_sees(p, 2).state, INSTANCE_RUNNING);
	patrol_free(p);
}

/* The list does not show i-b, and nor does the question about it alone. */
static void i_b_goes(struct patrol *p)
{
	struct listing nothing;

	listing_init(&nothing);
	asked(p, 0);
	hear(p, "i-b", INSTANCE_UNSEEN, 1);
	asked(p, patrol_wake_ms(p));
	patrol_hear(p, listing_answer(&nothing, SUBJECT), PATROL_AGAIN_MS + 2);
}

static void one_that_is_missing_twice_is_gone(void **state)
{
	struct patrol *p = make(&TAG);

	(void)state;
	i_b_goes(p);
	assert_int_equal(patrol_sees(p, 2).state, INSTANCE_UNSEEN);
	assert_int_equal(patrol_sees(p, 0).state, INSTANCE_RUNNING); /* it was not asked about */
	assert_ptr_equal(asked(p, patrol_wake_ms(p))->tags, &TAG);
	patrol_free(p);
}

static void checks_that_fail_once_may_be_an_old_answer(void **state)
{
	struct patrol *p = make(&TAG);
	const struct selector *s;

	(void)state;
	asked(p, 0);
	hear_impaired(p, IDS[1], 1);
	assert_true(sight_serves(patrol_sees(p, 1)));
	assert_false(patrol_has_looked(p)); /* it is looked for once more before anything begins */
	assert_int_equal(patrol_wake_ms(p), 1 + PATROL_AGAIN_MS);
	s = asked(p, patrol_wake_ms(p));
	assert_int_equal(s->id_count, 1);
	assert_string_equal(s->ids[0], IDS[1]);
	hear(p, NULL, INSTANCE_RUNNING, 2 + PATROL_AGAIN_MS);
	assert_true(sight_serves(patrol_sees(p, 1)));
	assert_true(patrol_has_looked(p));
	patrol_free(p);
}

static void checks_that_fail_twice_in_a_row_are_believed_and_that_they_pass_again_at_once(void **state)
{
	struct patrol *p = make(&TAG);
	char words[SIGHT_WORDS_SIZE];

	(void)state;
	for (int64_t at_ms = 0; at_ms <= 200000; at_ms += 100000) { /* the third look is no news */
		asked(p, at_ms);
		hear_impaired(p, IDS[1], at_ms + 1);
	}
	assert_false(sight_serves(patrol_sees(p, 1)));
	assert_int_equal(patrol_sees(p, 1).state, INSTANCE_RUNNING);
	assert_string_equal(sight_words(patrol_sees(p, 1), words), "fails its status checks");
	assert_int_equal(patrol_wake_ms(p), 200001 + PATROL_PAUSE_MS);
	asked(p, patrol_wake_ms(p));
	hear(p, NULL, INSTANCE_RUNNING, 300000);
	assert_true(sight_serves(patrol_sees(p, 1)));
	patrol_free(p);
}

static void checks_of_a_machine_that_does_not_run_do_not_matter(void **state)
{
	struct patrol *p = make(&TAG);
	struct listing l;

	(void)state;
	listing_init(&l);
	listing_add(&l, IDS[0], INSTANCE_STOPPED)->is_impaired = true; /* it was asked about a little later */
	listing_add(&l, IDS[1], INSTANCE_RUNNING);
	listing_add(&l, IDS[2], INSTANCE_RUNNING);
	asked(p, 0);
	patrol_hear(p, listing_answer(&l, SUBJECT), 1);
	assert_int_equal(patrol_sees(p, 0).state, INSTANCE_STOPPED);
	assert_false(patrol_sees(p, 0).fails_checks);
	patrol_free(p);
}

static void one_that_is_gone_is_asked_for_by_its_id_no_more(void **state)
{
	struct patrol *p = make(&TAG);

	(void)state;
	i_b_goes(p);
	asked(p, patrol_wake_ms(p));
	hear(p, "i-b", INSTANCE_UNSEEN, 27000);
	assert_int_equal(patrol_wake_ms(p), 27000 + PATROL_PAUSE_MS);
	patrol_free(p);
}

static void an_answer_from_before_a_machine_was_replaced_is_not_about_the_new_one(void **state)
{
	struct patrol *p = make(&TAG);

	(void)state;
	asked(p, 0);
	patrol_follow(p, 2, "i-green");
	hear(p, NULL, INSTANCE_RUNNING, 1);
	assert_int_equal(patrol_wake_ms(p), 1 + PATROL_PAUSE_MS); /* it is not missing */
	asked(p, patrol_wake_ms(p));
	hear(p, NULL, INSTANCE_RUNNING, 2 + PATROL_PAUSE_MS);
	assert_int_equal(patrol_wake_ms(p), 2 + PATROL_PAUSE_MS + PATROL_AGAIN_MS);
	patrol_free(p);
}

static void a_look_that_fails_shows_nothing_and_is_made_again(void **state)
{
	struct patrol *p = make(&TAG);
	struct listing l;

	(void)state;
	listing_init(&l);
	error_set(&l.err, ERROR_REMOTE, "no route");
	asked(p, 0);
	patrol_hear(p, listing_answer(&l, SUBJECT), 1);
	error_release(&l.err);
	assert_false(patrol_has_looked(p));
	assert_int_equal(patrol_sees(p, 0).state, INSTANCE_RUNNING);
	asked(p, patrol_wake_ms(p));
	patrol_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_machines_are_asked_about_at_once_and_then_there_is_a_pause),
		cmocka_unit_test(looking_takes_no_more_than_a_fifth_of_the_time),
		cmocka_unit_test(machines_that_a_plan_names_are_asked_about_by_their_ids),
		cmocka_unit_test(a_machine_that_is_shown_as_stopped_was_seen_so),
		cmocka_unit_test(one_that_is_missing_once_is_asked_for_by_its_id),
		cmocka_unit_test(one_that_is_missing_twice_is_gone),
		cmocka_unit_test(one_that_is_gone_is_asked_for_by_its_id_no_more),
		cmocka_unit_test(checks_that_fail_once_may_be_an_old_answer),
		cmocka_unit_test(
			checks_that_fail_twice_in_a_row_are_believed_and_that_they_pass_again_at_once),
		cmocka_unit_test(checks_of_a_machine_that_does_not_run_do_not_matter),
		cmocka_unit_test(an_answer_from_before_a_machine_was_replaced_is_not_about_the_new_one),
		cmocka_unit_test(a_look_that_fails_shows_nothing_and_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
