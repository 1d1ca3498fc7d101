/* Questions of many rebuilds wait for each other; those of one alone do not. The times are a tenth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "aws/gather.h"
#include "base/text.h"

enum { ASKED_MAX = 512 };

struct scene {
	uv_loop_t loop;
	struct urgency urgency;
	struct gather *gather;
	struct text asked; /* "volume:1,2 " for each question that went */
};

static void note(void *ctx, const struct query *queries, size_t count)
{
	struct scene *s = ctx;

	text_addf(&s->asked, "%s:", queries[0].kind == QUERY_VOLUME ? "volume" : "instance");
	for (size_t i = 0; i < count; i++)
		text_addf(&s->asked, "%s%u", i ? "," : "", queries[i].subject);
	text_add_char(&s->asked, ' ');
}

static void scene_open(struct scene *s)
{
	*s = (struct scene){ .urgency = { .size = 0 } };
	uv_loop_init(&s->loop);
	text_init(&s->asked, ASKED_MAX);
	s->gather = gather_new(&(struct gather_options){
		.loop = &s->loop,
		.clock = &clock_system,
		.urgency = &s->urgency,
		.pace_percent = 10,
		.ask = note,
		.ctx = s,
	});
}

static void scene_close(struct scene *s)
{
	gather_free(s->gather);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	urgency_release(&s->urgency);
	text_release(&s->asked);
}

static void want(struct scene *s, enum query_kind kind, uint32_t subject)
{
	gather_hold(s->gather, &(struct query){ .kind = kind, .subject = subject });
	gather_ask_due(s->gather);
}

/* Until nothing is held any more; returns how long that took. */
static int64_t pass(struct scene *s)
{
	int64_t began_ms = clock_mono_ms(&clock_system);

	uv_run(&s->loop, UV_RUN_DEFAULT);
	return clock_mono_ms(&clock_system) - began_ms;
}

enum { USUAL_MS = 1500 }; /* as long as few are under way */

static void a_rebuild_that_is_alone_is_never_held_up(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	want(&s, QUERY_VOLUME, 1);
	want(&s, QUERY_VOLUME, 1);
	want(&s, QUERY_INSTANCE, 1);
	assert_string_equal(s.asked.bytes, "volume:1 volume:1 instance:1 ");
	scene_close(&s);
}

static void the_questions_of_many_go_together(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	for (uint32_t subject = 1; subject <= 4; subject++)
		want(&s, QUERY_VOLUME, subject);
	want(&s, QUERY_INSTANCE, 1);
	assert_string_equal(s.asked.bytes, "volume:1 instance:1 ");
	assert_in_range(pass(&s), USUAL_MS / 10 - 20, 10 * USUAL_MS);
	assert_string_equal(s.asked.bytes, "volume:1 instance:1 volume:2,3,4 ");
	scene_close(&s);
}

static void clients_that_wait_do_not_wait_for_the_others(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	urgency_set(&s.urgency, 3, true);
	for (uint32_t subject = 1; subject <= 3; subject++)
		want(&s, QUERY_VOLUME, subject);
	assert_in_range(pass(&s), 0, USUAL_MS / 10 - 30);
	assert_string_equal(s.asked.bytes, "volume:1 volume:2,3 ");
	scene_close(&s);
}

static void questions_wait_the_longer_the_more_rebuilds_are_under_way(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(gather_pause(QUERY_VOLUME, 2).usual_ms, USUAL_MS);
	for (size_t n = 1; n < 2 * GATHER_MANY; n++) {
		struct gather_pause fewer = gather_pause(QUERY_VOLUME, n),
				    more = gather_pause(QUERY_VOLUME, n + 1);

		assert_true(more.usual_ms >= fewer.usual_ms && more.urgent_ms >= fewer.urgent_ms);
		assert_true(more.urgent_ms * 4 < more.usual_ms);
		assert_true(more.urgent_ms <= 500); /* clients wait */
	}
	scene_open(&s);
	gather_crowd(s.gather, GATHER_MANY);
	want(&s, QUERY_VOLUME, 1);
	want(&s, QUERY_VOLUME, 2);
	assert_in_range(pass(&s), USUAL_MS / 10 + 50, 10 * USUAL_MS);
	scene_close(&s);
}

static void what_is_held_when_all_ends_is_not_asked(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	want(&s, QUERY_VOLUME, 1);
	want(&s, QUERY_VOLUME, 2);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rebuild_that_is_alone_is_never_held_up),
		cmocka_unit_test(the_questions_of_many_go_together),
		cmocka_unit_test(clients_that_wait_do_not_wait_for_the_others),
		cmocka_unit_test(questions_wait_the_longer_the_more_rebuilds_are_under_way),
		cmocka_unit_test(what_is_held_when_all_ends_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
