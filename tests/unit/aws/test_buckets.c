/* Who may call when, in virtual time: token buckets, the order of those that wait, shared dry runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "aws/buckets.h"
#include "aws/permits.h"
#include "aws/urgency.h"

enum { START_MS = 1000000, SECOND_MS = 1000 };

/* What EC2 keeps: one token more. Calls reach it up to `late_ms` after they left. */
struct server {
	double tokens;
	int64_t counted_ms;
	unsigned refused;
};

static void serve(struct server *s, int64_t at_ms)
{
	s->tokens += (double)(at_ms - s->counted_ms) / SECOND_MS * 2;
	s->tokens = s->tokens > 5 ? 5 : s->tokens;
	s->counted_ms = at_ms;
	if (s->tokens < 1)
		s->refused++;
	else
		s->tokens -= 1;
}

static void a_thousand_launches_are_never_throttled_and_take_as_long_as_they_must(void **state)
{
	struct server s = { .tokens = 5, .counted_ms = START_MS };
	struct buckets b = { .admissions = { .tokens = 0 } };
	int64_t now = START_MS;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		while (!buckets_take(&b, ACTION_RUN_INSTANCES, now))
			now += buckets_wait_ms(&b, ACTION_RUN_INSTANCES, now);
		serve(&s, now + 40 + n % 3 * 15);
	}
	assert_int_equal(s.refused, 0);
	assert_in_range(now - START_MS, 495 * SECOND_MS, 501 * SECOND_MS);
}

static void what_is_throttled_all_the_same_is_asked_for_more_slowly_and_grows_back(void **state)
{
	struct buckets b = { .admissions = { .tokens = 0 } };
	int64_t now = START_MS;

	(void)state;
	assert_int_equal(buckets_wait_ms(&b, ACTION_ATTACH_VOLUME, now), 0);
	buckets_throttled(&b, ACTION_ATTACH_VOLUME, now);
	assert_in_range(buckets_wait_ms(&b, ACTION_ATTACH_VOLUME, now), 300, 400);
	buckets_throttled(&b, ACTION_ATTACH_VOLUME, now + 10); /* sent before the cut */
	assert_in_range(buckets_wait_ms(&b, ACTION_ATTACH_VOLUME, now + 10), 300, 400);
	assert_int_equal(buckets_wait_ms(&b, ACTION_DETACH_VOLUME, now), 0);
	now += BUCKETS_RECOVERY_MS;
	while (buckets_take(&b, ACTION_ATTACH_VOLUME, now))
		;
	assert_in_range(buckets_wait_ms(&b, ACTION_ATTACH_VOLUME, now), 1, 201);
}

static void however_often_it_is_throttled_it_never_stops(void **state)
{
	struct buckets b = { .admissions = { .tokens = 0 } };
	int64_t now = START_MS;

	(void)state;
	for (int i = 0; i < 100; i++, now += BUCKETS_ONE_CUT_MS)
		buckets_throttled(&b, ACTION_RUN_INSTANCES, now);
	assert_in_range(buckets_wait_ms(&b, ACTION_RUN_INSTANCES, now), 1, 6 * SECOND_MS);
}

static void machines_begin_as_fast_as_they_can_be_launched(void **state)
{
	struct buckets b = { .admissions = { .tokens = 0 } };
	int64_t now = START_MS, wait;
	int begun = 0;

	(void)state;
	while (now < START_MS + 100 * SECOND_MS) {
		wait = buckets_admit(&b, now);
		begun += !wait;
		now += wait;
	}
	assert_in_range(begun, 203, 205);
	buckets_throttled(&b, ACTION_RUN_INSTANCES, now);
	for (begun = 0; now < START_MS + 110 * SECOND_MS; now += wait) {
		wait = buckets_admit(&b, now);
		begun += !wait;
	}
	assert_in_range(begun, 8, 14);
}

static bool goes_before(const struct urgency *u, struct urgency_call a, struct urgency_call b, int64_t now_ms)
{
	bool before = urgency_goes_before(u, &a, &b, now_ms);

	assert_int_not_equal(before, urgency_goes_before(u, &b, &a, now_ms));
	return before;
}

static unsigned taken_in_ms(struct buckets *b, int64_t from_ms, int64_t to_ms)
{
	unsigned taken = 0;

	for (int64_t now = from_ms; now < to_ms; now++)
		taken += buckets_take(b, ACTION_RUN_INSTANCES, now);
	return taken;
}

static void who_shares_an_account_with_three_others_takes_a_fourth(void **state)
{
	struct buckets alone = { .admissions = { .tokens = 0 } }, shared = alone;
	int64_t later = START_MS + 100 * SECOND_MS;

	(void)state;
	buckets_split(&shared, 4, START_MS);
	assert_in_range(taken_in_ms(&alone, START_MS, later), 203, 204);
	assert_in_range(taken_in_ms(&shared, START_MS, later), 50, 51);
	buckets_split(&shared, 1, later); /* the others have left */
	assert_in_range(taken_in_ms(&shared, later, later + 100 * SECOND_MS), 199, 201);
}

static void whose_clients_wait_goes_first_then_who_began_first(void **state)
{
	struct urgency u = { .size = 0 };

	(void)state;
	urgency_set(&u, 70, true);
	assert_true(goes_before(
		&u, (struct urgency_call){ 70, false, 100 }, (struct urgency_call){ 1, false, 0 }, 200));
	assert_true(goes_before(
		&u, (struct urgency_call){ 1, false, 100 }, (struct urgency_call){ 2, false, 0 }, 200));
	assert_true(goes_before(
		&u, (struct urgency_call){ 2, false, 100 }, (struct urgency_call){ 70, true, 0 }, 200));
	urgency_set(&u, 70, false);
	assert_true(goes_before(
		&u, (struct urgency_call){ 1, false, 100 }, (struct urgency_call){ 70, false, 0 }, 200));
	urgency_release(&u);
}

static void who_has_waited_long_is_not_passed_by(void **state)
{
	struct urgency u = { .size = 0 };

	(void)state;
	urgency_set(&u, 1, true);
	assert_true(goes_before(&u, (struct urgency_call){ 9, false, 0 },
		(struct urgency_call){ 1, false, 100 }, URGENCY_PATIENCE_MS));
	urgency_release(&u);
}

static void a_question_for_many_is_as_urgent_as_the_most_urgent_of_them(void **state)
{
	const struct query queries[] = { { .subject = 4 }, { .subject = 2 }, { .subject = 9 } };
	struct urgency u = { .size = 0 };

	(void)state;
	assert_int_equal(urgency_first(&u, queries, 3), 2);
	urgency_set(&u, 9, true);
	assert_int_equal(urgency_first(&u, queries, 3), 9);
	urgency_release(&u);
}

static void what_was_permitted_is_believed_until_it_is_refused_or_old(void **state)
{
	struct permits p = { .of[0].granted = 0 };

	(void)state;
	permits_note(&p, ACTION_RUN_INSTANCES, true, START_MS);
	assert_false(permits_believes(&p, ACTION_RUN_INSTANCES, START_MS));
	permits_note(&p, ACTION_RUN_INSTANCES, true, START_MS);
	assert_true(permits_believes(&p, ACTION_RUN_INSTANCES, START_MS + PERMITS_FRESH_MS));
	assert_false(permits_believes(&p, ACTION_RUN_INSTANCES, START_MS + PERMITS_FRESH_MS + 1));
	assert_false(permits_believes(&p, ACTION_STOP_INSTANCES, START_MS));
	permits_note(&p, ACTION_RUN_INSTANCES, false, START_MS);
	assert_false(permits_believes(&p, ACTION_RUN_INSTANCES, START_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_launches_are_never_throttled_and_take_as_long_as_they_must),
		cmocka_unit_test(what_is_throttled_all_the_same_is_asked_for_more_slowly_and_grows_back),
		cmocka_unit_test(however_often_it_is_throttled_it_never_stops),
		cmocka_unit_test(machines_begin_as_fast_as_they_can_be_launched),
		cmocka_unit_test(who_shares_an_account_with_three_others_takes_a_fourth),
		cmocka_unit_test(whose_clients_wait_goes_first_then_who_began_first),
		cmocka_unit_test(who_has_waited_long_is_not_passed_by),
		cmocka_unit_test(a_question_for_many_is_as_urgent_as_the_most_urgent_of_them),
		cmocka_unit_test(what_was_permitted_is_believed_until_it_is_refused_or_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
