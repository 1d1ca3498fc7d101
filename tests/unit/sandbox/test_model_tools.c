/* What the model stands on: the index, the agenda, latencies and their file, the generator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/model/agenda.h"
#include "sandbox/model/index.h"
#include "sandbox/model/latency.h"

enum { MANY = 10000 };

static void an_index_finds_what_was_added_and_not_what_was_removed(void **state)
{
	static char keys[MANY][8];
	struct index x;

	(void)state;
	index_init(&x);
	for (int i = 0; i < MANY; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		index_add(&x, keys[i], keys[i]);
	}
	for (int i = 0; i < MANY; i += 2)
		assert_ptr_equal(index_remove(&x, keys[i]), keys[i]);
	assert_null(index_remove(&x, keys[0]));
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(index_find(&x, keys[i]), i % 2 ? keys[i] : NULL);
	assert_int_equal(x.live, MANY / 2);
	index_release(&x);
}

/* Removing and adding for ever must not grow it. */
static void an_index_reuses_the_room_of_what_was_removed(void **state)
{
	static char keys[MANY][8];
	struct index x;

	(void)state;
	index_init(&x);
	for (int i = 0; i < MANY; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		index_add(&x, keys[i], keys[i]);
		if (i >= 10)
			assert_non_null(index_remove(&x, keys[i - 10]));
	}
	assert_true(x.size <= 64);
	index_release(&x);
}

static void a_walk_goes_on_where_it_stopped_whatever_was_removed(void **state)
{
	static const char *const KEYS[] = { "a", "b", "c", "d" };
	struct index x;
	uint64_t at = 0;

	(void)state;
	index_init(&x);
	for (size_t i = 0; i < ARRAY_SIZE(KEYS); i++)
		index_add(&x, KEYS[i], (void *)(uintptr_t)KEYS[i]);
	assert_string_equal(index_next(&x, &at), "a");
	index_remove(&x, "a");
	index_remove(&x, "b");
	assert_string_equal(index_next(&x, &at), "c");
	assert_string_equal(index_next(&x, &at), "d");
	assert_null(index_next(&x, &at));
	index_release(&x);
}

static void an_agenda_is_in_order_of_time_then_of_arrival(void **state)
{
	struct agenda a;
	struct random r = { .state = 5 };
	struct agenda_event event, before = { .due_ms = -1 };
	int taken = 0;

	(void)state;
	agenda_init(&a);
	for (int i = 0; i < MANY; i++)
		agenda_put(&a, random_between(&r, 0, 50), i, "i-1"); /* its kind says when it arrived */
	assert_false(agenda_take(&a, -1, &event));
	while (agenda_take(&a, 50, &event)) {
		assert_true(event.due_ms > before.due_ms ||
			    (event.due_ms == before.due_ms && event.kind > before.kind));
		before = event;
		taken++;
	}
	assert_int_equal(taken, MANY);
	assert_int_equal(agenda_next_due(&a), INT64_MAX);
	agenda_release(&a);
}

static void jitter_stays_in_its_spread_and_equal_seeds_give_equal_jitter(void **state)
{
	struct latency_table t;
	struct random one = { .state = 9 }, two = { .state = 9 };
	auto_error err = ERROR_INIT;

	(void)state;
	assert_true(latency_read("ec2", &t, &err));
	for (int i = 0; i < 1000; i++) {
		int64_t ms = latency_draw(&t, LATENCY_ATTACH, &one);

		assert_in_range(ms, 1800, 2200);
		assert_int_equal(ms, latency_draw(&t, LATENCY_ATTACH, &two));
	}
	assert_true(latency_read("none", &t, &err));
	assert_int_equal(latency_draw(&t, LATENCY_ATTACH, &one), 0);
}

static void every_latency_has_a_name_and_says_what_it_is(void **state)
{
	(void)state;
	for (int i = 0; i < LATENCY_COUNT; i++) {
		assert_non_null(latency_name((enum latency)i));
		assert_non_null(latency_help((enum latency)i));
	}
}

static bool read_file(const char *content, struct latency_table *ret, struct error *err)
{
	char path[] = "/tmp/latency-XXXXXX";
	int fd = mkstemp(path);
	bool done;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	done = latency_read(path, ret, err);
	unlink(path);
	return done;
}

static void a_file_overrides_single_latencies(void **state)
{
	struct latency_table t;
	auto_error err = ERROR_INIT;

	(void)state;
	assert_true(read_file("# mine\nattach = 3000 500\n  detach=4000  # slow\n\n", &t, &err));
	assert_int_equal(t.spans[LATENCY_ATTACH].typical_ms, 3000);
	assert_int_equal(t.spans[LATENCY_ATTACH].spread_ms, 500);
	assert_int_equal(t.spans[LATENCY_DETACH].typical_ms, 4000);
	assert_int_equal(t.spans[LATENCY_DETACH].spread_ms, 0);
	assert_int_equal(t.spans[LATENCY_API_CALL].typical_ms, 40);
	assert_true(read_file("profile = none\nstop = 5\n", &t, &err));
	assert_int_equal(t.spans[LATENCY_API_CALL].typical_ms, 0);
	assert_int_equal(t.spans[LATENCY_STOP].typical_ms, 5);
}

static void a_misspelt_latency_is_refused_with_its_line_and_the_likely_word(void **state)
{
	static const char *const BAD[] = { "atach = 5\n", "attach 5\n", "attach = -5\n", "attach = 5 s\n",
		"attach = 1 2 3\n", "profile = fast\n", "attach = 99999999999999999999\n" };
	struct latency_table t;
	auto_error err = ERROR_INIT;

	(void)state;
	assert_false(read_file("stop = 1\natach = 5\n", &t, &err));
	assert_non_null(strstr(err.message, ":2:"));
	assert_non_null(strstr(err.message, "did you mean \"attach\""));
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
		error_release(&err);
		assert_false(read_file(BAD[i], &t, &err));
		assert_int_equal(err.kind, ERROR_USAGE);
	}
	error_release(&err);
	assert_false(latency_read("/nonexistent", &t, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_finds_what_was_added_and_not_what_was_removed),
		cmocka_unit_test(an_index_reuses_the_room_of_what_was_removed),
		cmocka_unit_test(a_walk_goes_on_where_it_stopped_whatever_was_removed),
		cmocka_unit_test(an_agenda_is_in_order_of_time_then_of_arrival),
		cmocka_unit_test(jitter_stays_in_its_spread_and_equal_seeds_give_equal_jitter),
		cmocka_unit_test(every_latency_has_a_name_and_says_what_it_is),
		cmocka_unit_test(a_file_overrides_single_latencies),
		cmocka_unit_test(a_misspelt_latency_is_refused_with_its_line_and_the_likely_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
