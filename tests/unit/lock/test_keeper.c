/* Taking, keeping and giving back locks, against a service that answers as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "lock/keeper.h"
#include "service.h"

#define HELD "{\"name\":\"web\",\"host\":{\"name\":\"us\"}}"
#define FREE "{\"name\":\"web\",\"host\":null}"

static const char TAKEN[] = "200 " HELD, GIVEN[] = "200 " FREE;
static const char BUSY[] = "412 {\"error\":{\"message\":\"held by web3\"}}";

enum { MACHINES = 3 };

struct stage {
	uv_loop_t loop;
	struct service service;
	struct keeper *keeper;
	struct locks locks;
	int taken[MACHINES], refused[MACHINES], given_back[MACHINES];
	struct error err, back_err;
	char waits[512];
	int wait_count;
};

static void on_taken(void *self, uint32_t subject, const struct error *err)
{
	struct stage *s = self;

	if (!err->kind) {
		s->taken[subject]++;
		return;
	}
	s->refused[subject]++;
	error_release(&s->err);
	error_copy(&s->err, err);
}

static void on_waits(void *self, uint32_t subject, const char *text)
{
	struct stage *s = self;

	(void)subject;
	text_copy(s->waits, sizeof(s->waits), text);
	s->wait_count++;
}

static void on_given_back(void *self, uint32_t subject, const struct error *err)
{
	struct stage *s = self;

	s->given_back[subject]++;
	error_release(&s->back_err);
	if (err->kind)
		error_copy(&s->back_err, err);
}

static void open_stage(struct stage *s, const char *const *replies, size_t count)
{
	auto_error err = ERROR_INIT;

	*s = (struct stage){ .wait_count = 0 };
	uv_loop_init(&s->loop);
	service_start(&s->service, &s->loop, replies, count);
	assert_true(keeper_open(&s->loop, &(struct keeper_options){ .first_pause_ms = 5 }, &s->keeper, &err));
	s->locks = keeper_locks(s->keeper, (struct lock_sink){ s, on_taken, on_waits, on_given_back });
}

static void close_stage(struct stage *s)
{
	keeper_close(s->keeper);
	service_stop(&s->service);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0); /* no handle is left */
	error_release(&s->err);
	error_release(&s->back_err);
}

#define OPEN(s, ...)                                                                                         \
	static const char *const REPLIES[] = { __VA_ARGS__ };                                                \
	open_stage(s, REPLIES, ARRAY_SIZE(REPLIES))

static struct lock_want want(const struct stage *s, const char *name, int64_t wait_ms)
{
	return (struct lock_want){
		.protocol = LOCK_FDLM, .url = s->service.url, .name = name, .wait_ms = wait_ms
	};
}

static void ask(struct stage *s, uint32_t machine, const char *name, int64_t wait_ms)
{
	const struct lock_want w = want(s, name, wait_ms);

	s->locks.ask(s->locks.self, machine, &w, 1);
}

static void give_back(struct stage *s, uint32_t machine)
{
	s->locks.give_back(s->locks.self, machine);
}

static void until(struct stage *s, const int *what)
{
	while (!*what)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void until_asked(struct stage *s, size_t requests)
{
	while (s->service.count < requests)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void assert_requests(const struct stage *s, const char *const *expected, size_t count)
{
	assert_int_equal(s->service.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(s->service.requests[i], expected[i]);
}

#define PUT(name) "PUT /api/dlmlocks/" name "/lock"
#define DELETE(name) "DELETE /api/dlmlocks/" name "/lock"
#define REQUESTS(s, ...)                                                                                     \
	assert_requests(                                                                                     \
		s, (const char *const[]){ __VA_ARGS__ }, ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

static void a_busy_lock_is_asked_for_again_and_who_has_it_is_told_once(void **state)
{
	struct stage s;
	char told[512];

	(void)state;
	OPEN(&s, BUSY, BUSY, "503 ", BUSY, TAKEN);
	ask(&s, 0, "web", 60000);
	assert_int_equal(s.service.count, 0); /* never from within */
	until(&s, &s.taken[0]);
	assert_int_equal(s.service.count, 5);
	assert_int_equal(s.wait_count, 3); /* busy, not as it should be, busy again */
	snprintf(told, sizeof(told), "waits for lock web on %s: held by web3", s.service.url);
	assert_string_equal(s.waits, told);
	close_stage(&s);
}

static void what_is_not_to_be_had_in_time_is_given_up(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, BUSY);
	ask(&s, 0, "web", 400);
	until(&s, &s.refused[0]);
	assert_true(error_is(&s.err, LOCK_HELD));
	assert_non_null(strstr(s.err.message, "was not to be had within 400 ms: held by web3"));
	assert_true(s.service.count >= 2); /* at least at the beginning and at the end */
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	assert_int_equal(s.taken[0], 0);
	assert_string_equal(s.service.requests[s.service.count - 1], PUT("web")); /* it never was ours */
	close_stage(&s);
}

static void what_waiting_does_not_help_is_given_up_at_once(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, "403 {\"error\":{\"message\":\"no such host\"}}");
	ask(&s, 0, "web", 60000);
	until(&s, &s.refused[0]);
	assert_non_null(strstr(s.err.message, "cannot be taken: the server answers 403: no such host"));
	assert_int_equal(s.service.count, 1);
	close_stage(&s);
}

static void locks_are_taken_in_order_and_given_back_the_other_way_round(void **state)
{
	struct stage s;
	struct lock_want wants[2];

	(void)state;
	OPEN(&s, TAKEN, TAKEN, GIVEN, GIVEN);
	wants[0] = want(&s, "a", 0);
	wants[1] = want(&s, "b", 0);
	s.locks.ask(s.locks.self, 0, wants, 2);
	until(&s, &s.taken[0]);
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	REQUESTS(&s, PUT("a"), PUT("b"), DELETE("b"), DELETE("a"));
	assert_int_equal(s.back_err.kind, ERROR_NONE);
	close_stage(&s);
}

static void if_a_later_one_is_refused_those_before_it_are_given_back(void **state)
{
	struct stage s;
	struct lock_want wants[2];

	(void)state;
	OPEN(&s, TAKEN, BUSY, GIVEN);
	wants[0] = want(&s, "a", 0);
	wants[1] = want(&s, "b", 0);
	s.locks.ask(s.locks.self, 0, wants, 2);
	until(&s, &s.refused[0]);
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	REQUESTS(&s, PUT("a"), PUT("b"), DELETE("a"));
	close_stage(&s);
}

static void what_may_be_ours_is_given_back_too(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, NULL, GIVEN); /* it hangs up, and may have done it */
	ask(&s, 0, "web", 0);
	until(&s, &s.refused[0]);
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	REQUESTS(&s, PUT("web"), DELETE("web"));
	close_stage(&s);
}

static void who_leaves_in_the_middle_of_a_request_awaits_its_answer(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, GIVEN);
	s.service.held_back = 1;
	ask(&s, 0, "web", 0);
	until_asked(&s, 1);
	give_back(&s, 0);
	for (int i = 0; i < 10; i++)
		uv_run(&s.loop, UV_RUN_NOWAIT);
	assert_int_equal(s.service.count, 1);
	service_answer(&s.service);
	until(&s, &s.given_back[0]);
	assert_int_equal(s.taken[0], 0);
	REQUESTS(&s, PUT("web"), DELETE("web"));
	close_stage(&s);
}

static void a_lock_of_two_machines_is_given_back_by_the_last_of_them(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, TAKEN, GIVEN);
	ask(&s, 0, "web", 0);
	ask(&s, 1, "web", 0);
	until(&s, &s.taken[0]);
	until(&s, &s.taken[1]);
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	assert_int_equal(s.service.count, 2);
	give_back(&s, 1);
	until(&s, &s.given_back[1]);
	REQUESTS(&s, PUT("web"), PUT("web"), DELETE("web"));
	close_stage(&s);
}

static void of_two_that_leave_at_once_one_gives_their_lock_back(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, TAKEN, GIVEN, GIVEN);
	ask(&s, 0, "web", 0);
	ask(&s, 1, "web", 0);
	until(&s, &s.taken[0]);
	until(&s, &s.taken[1]);
	give_back(&s, 0);
	give_back(&s, 1);
	until(&s, &s.given_back[0]);
	until(&s, &s.given_back[1]);
	REQUESTS(&s, PUT("web"), PUT("web"), DELETE("web"));
	close_stage(&s);
}

static void what_one_machine_keeps_no_other_gives_back(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN);
	ask(&s, 0, "web", 0);
	ask(&s, 1, "web", 0);
	until(&s, &s.taken[0]);
	until(&s, &s.taken[1]);
	s.locks.keep(s.locks.self, 0);
	give_back(&s, 1);
	until(&s, &s.given_back[1]);
	REQUESTS(&s, PUT("web"), PUT("web"));
	close_stage(&s);
}

static void who_asks_while_another_gives_back_asks_after_that(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, GIVEN, TAKEN);
	ask(&s, 0, "web", 0);
	until(&s, &s.taken[0]);
	s.service.held_back = 1;
	give_back(&s, 0);
	ask(&s, 1, "web", 60000);
	until_asked(&s, 2);
	for (int i = 0; i < 20; i++)
		uv_run(&s.loop, UV_RUN_NOWAIT);
	service_answer(&s.service);
	until(&s, &s.taken[1]);
	REQUESTS(&s, PUT("web"), DELETE("web"), PUT("web"));
	assert_int_equal(s.given_back[0], 1);
	close_stage(&s);
}

static void a_service_that_fails_is_asked_several_times_to_take_a_lock_back_and_then_it_is_told(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, "500 ");
	ask(&s, 0, "web", 0);
	until(&s, &s.taken[0]);
	give_back(&s, 0);
	until(&s, &s.given_back[0]);
	assert_int_equal(s.service.count, 1 + 5);
	assert_int_equal(s.wait_count, 1);
	assert_non_null(strstr(s.waits, "waits to give back lock web on "));
	assert_non_null(strstr(s.back_err.message, "could not be given back: the server answers 500"));
	close_stage(&s);
}

static void closing_drops_what_is_under_way(void **state)
{
	struct stage s;

	(void)state;
	OPEN(&s, TAKEN, BUSY);
	ask(&s, 0, "a", 0);
	until(&s, &s.taken[0]);
	ask(&s, 1, "b", 60000);
	until_asked(&s, 2);
	close_stage(&s);
	assert_int_equal(s.given_back[0] + s.given_back[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_lock_is_asked_for_again_and_who_has_it_is_told_once),
		cmocka_unit_test(what_is_not_to_be_had_in_time_is_given_up),
		cmocka_unit_test(what_waiting_does_not_help_is_given_up_at_once),
		cmocka_unit_test(locks_are_taken_in_order_and_given_back_the_other_way_round),
		cmocka_unit_test(if_a_later_one_is_refused_those_before_it_are_given_back),
		cmocka_unit_test(what_may_be_ours_is_given_back_too),
		cmocka_unit_test(who_leaves_in_the_middle_of_a_request_awaits_its_answer),
		cmocka_unit_test(a_lock_of_two_machines_is_given_back_by_the_last_of_them),
		cmocka_unit_test(of_two_that_leave_at_once_one_gives_their_lock_back),
		cmocka_unit_test(what_one_machine_keeps_no_other_gives_back),
		cmocka_unit_test(who_asks_while_another_gives_back_asks_after_that),
		cmocka_unit_test(
			a_service_that_fails_is_asked_several_times_to_take_a_lock_back_and_then_it_is_told),
		cmocka_unit_test(closing_drops_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
