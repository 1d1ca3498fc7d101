/* What is asked of lock services, and what each of their answers means: one row per answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "lock/protocol.h"

static const struct lock_want FOREMAN = {
	.protocol = LOCK_FDLM, .url = "https://foreman.example.com/", .name = "web cluster/1"
};
static const struct lock_want SLOT = { .protocol = LOCK_FLEETLOCK,
	.url = "https://locks.example.com/base//",
	.name = "eu-1",
	.id = "i-1 \"a\"" };

static void ask(const struct lock_want *w, enum lock_action action, struct lock_request *r)
{
	*r = (struct lock_request){ .method = NULL };
	text_init(&r->url, LOCK_REQUEST_MAX);
	text_init(&r->body, LOCK_REQUEST_MAX);
	lock_protocol(w->protocol)->ask(w, action, r);
}

static const char *header(const struct lock_request *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (!strcmp(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

static void fdlm_is_asked_by_the_encoded_name_and_an_empty_body(void **state)
{
	auto_lock_request take, back;

	(void)state;
	ask(&FOREMAN, LOCK_TAKE, &take);
	ask(&FOREMAN, LOCK_GIVE_BACK, &back);
	assert_string_equal(take.method, "PUT");
	assert_string_equal(back.method, "DELETE");
	assert_string_equal(
		take.url.bytes, "https://foreman.example.com/api/dlmlocks/web%20cluster%2F1/lock");
	assert_string_equal(back.url.bytes, take.url.bytes);
	assert_string_equal(take.body.bytes, "");
	assert_string_equal(header(&take, "Content-Type"), "application/json");
}

static void fleetlock_is_asked_with_its_header_and_who_we_are(void **state)
{
	auto_lock_request take, back;

	(void)state;
	ask(&SLOT, LOCK_TAKE, &take);
	ask(&SLOT, LOCK_GIVE_BACK, &back);
	assert_string_equal(take.method, "POST");
	assert_string_equal(take.url.bytes, "https://locks.example.com/base/v1/pre-reboot");
	assert_string_equal(back.url.bytes, "https://locks.example.com/base/v1/steady-state");
	assert_string_equal(
		take.body.bytes, "{\"client_params\":{\"id\":\"i-1 \\\"a\\\"\",\"group\":\"eu-1\"}}");
	assert_string_equal(back.body.bytes, take.body.bytes);
	assert_string_equal(header(&take, "fleet-lock-protocol"), "true");
}

struct row {
	enum lock_action action;
	int status;
	const char *body;
	enum lock_answer answer;
	const char *reason;
};

static void assert_rows(enum lock_protocol p, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		const struct lock_reply reply = { row->status, row->body, strlen(row->body) };
		struct lock_verdict v = lock_protocol(p)->judge(row->action, &reply);

		if (v.answer != row->answer || strcmp(v.reason, row->reason) != 0)
			fail_msg("%d %s: answer %d, '%s'", row->status, row->body, v.answer, v.reason);
	}
}

#define FREE_LOCK "{\"id\":1,\"name\":\"web\",\"enabled\":true,\"host\":null}"
#define HELD_LOCK "{\"id\":1,\"name\":\"web\",\"enabled\":true,\"host\":{\"name\":\"web3.example.com\"}}"
#define PAGE "<!DOCTYPE html><title>Please log in</title>"

static void each_answer_of_fdlm_means_what_it_says(void **state)
{
	static const struct row ROWS[] = {
		{ LOCK_TAKE, 200, HELD_LOCK, LOCK_YES, "" },
		{ LOCK_TAKE, 200, FREE_LOCK, LOCK_TROUBLE, "the server says yes, and nobody holds the lock" },
		{ LOCK_TAKE, 200, PAGE, LOCK_TROUBLE, "the server's answer is not that of a lock" },
		{ LOCK_TAKE, 200, "", LOCK_TROUBLE, "the server's answer is not that of a lock" },
		{ LOCK_TAKE, 200, "[]", LOCK_TROUBLE, "the server's answer is not that of a lock" },
		{ LOCK_TAKE, 412, HELD_LOCK, LOCK_NO, "held by web3.example.com" },
		{ LOCK_TAKE, 412, "{\"error\":{\"id\":\"x\",\"message\":\"lock is\\ndisabled\"}}", LOCK_NO,
			"lock is disabled" },
		{ LOCK_TAKE, 412, "?", LOCK_NO, "the server does not say who has it" },
		{ LOCK_TAKE, 401, "{\"error\":{\"message\":\"Unable to authenticate\"}}", LOCK_NEVER,
			"the server answers 401: Unable to authenticate" },
		{ LOCK_TAKE, 403, "{}", LOCK_NEVER, "the server answers 403" },
		{ LOCK_TAKE, 404, "{}", LOCK_NEVER, "the server answers 404" },
		{ LOCK_TAKE, 429, "", LOCK_TROUBLE, "the server answers 429" },
		{ LOCK_TAKE, 500, PAGE, LOCK_TROUBLE, "the server answers 500" },
		{ LOCK_TAKE, 302, "", LOCK_TROUBLE, "the server answers 302" },
		{ LOCK_GIVE_BACK, 200, FREE_LOCK, LOCK_YES, "" },
		{ LOCK_GIVE_BACK, 200, HELD_LOCK, LOCK_YES, "" }, /* by another of several */
		{ LOCK_GIVE_BACK, 200, PAGE, LOCK_TROUBLE, "the server's answer is not that of a lock" },
		{ LOCK_GIVE_BACK, 404, "{\"error\":{\"message\":\"not found\"}}", LOCK_YES, "" },
		{ LOCK_GIVE_BACK, 404, PAGE, LOCK_NEVER, "the server answers 404" },
		{ LOCK_GIVE_BACK, 412, HELD_LOCK, LOCK_NO, "held by web3.example.com" },
		{ LOCK_GIVE_BACK, 503, "", LOCK_TROUBLE, "the server answers 503" },
	};

	(void)state;
	assert_rows(LOCK_FDLM, ROWS, ARRAY_SIZE(ROWS));
}

static void each_answer_of_fleetlock_means_what_it_says(void **state)
{
	static const struct row ROWS[] = {
		{ LOCK_TAKE, 200, "", LOCK_YES, "" },
		{ LOCK_TAKE, 200, "{}", LOCK_YES, "" },
		{ LOCK_TAKE, 200, "\n " PAGE, LOCK_TROUBLE, "the server answers with a page for people" },
		{ LOCK_TAKE, 500, "{\"kind\":\"failed_lock\",\"value\":\"all 1 slots are taken\"}", LOCK_NO,
			"failed_lock: all 1 slots are taken" },
		{ LOCK_TAKE, 423, "{\"kind\":\"lock_held\",\"value\":\"reboot lease held by b\"}", LOCK_NO,
			"lock_held: reboot lease held by b" },
		{ LOCK_TAKE, 500, "{\"kind\":\"failed_lock\"}", LOCK_NO, "failed_lock" },
		{ LOCK_TAKE, 500, "{}", LOCK_TROUBLE, "the server answers 500" },
		{ LOCK_TAKE, 502, PAGE, LOCK_TROUBLE, "the server answers 502" },
		{ LOCK_TAKE, 423, "", LOCK_NO, "somebody else has the slot" },
		{ LOCK_TAKE, 423, "[]", LOCK_NO, "somebody else has the slot" },
		{ LOCK_TAKE, 503, "{\"kind\":\"store_failed\",\"value\":\"disk full\"}", LOCK_TROUBLE,
			"the server answers 503: disk full" },
		{ LOCK_TAKE, 400, "{\"kind\":\"bad_group\",\"value\":\"group is unknown\"}", LOCK_NEVER,
			"the server answers 400: group is unknown" },
		{ LOCK_TAKE, 403, "{\"kind\":\"denied\"}", LOCK_NEVER, "the server answers 403: denied" },
		{ LOCK_TAKE, 404, PAGE, LOCK_NEVER, "the server answers 404" },
		{ LOCK_GIVE_BACK, 200, "", LOCK_YES, "" },
		{ LOCK_GIVE_BACK, 503, "", LOCK_TROUBLE, "the server answers 503" },
	};

	(void)state;
	assert_rows(LOCK_FLEETLOCK, ROWS, ARRAY_SIZE(ROWS));
}

static void what_a_server_writes_cannot_reach_the_terminal_as_it_is(void **state)
{
	struct lock_verdict v = lock_verdict(LOCK_NO, "held by %s", "a\033[2Jb\x7f");

	(void)state;
	assert_string_equal(v.reason, "held by a [2Jb ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fdlm_is_asked_by_the_encoded_name_and_an_empty_body),
		cmocka_unit_test(fleetlock_is_asked_with_its_header_and_who_we_are),
		cmocka_unit_test(each_answer_of_fdlm_means_what_it_says),
		cmocka_unit_test(each_answer_of_fleetlock_means_what_it_says),
		cmocka_unit_test(what_a_server_writes_cannot_reach_the_terminal_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
