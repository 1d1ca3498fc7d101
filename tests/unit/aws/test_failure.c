/* What error replies mean, and when a call is sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "aws/failure.h"
#include "aws/moment.h"
#include "aws/retry.h"

static const char NOON[] = "Sun, 22 Nov 2026 12:00:00 GMT";

/* EC2's error document with that code. */
static enum failure_class fail_with(int status, const char *code, int64_t wall_ms, struct error *err)
{
	char body[512];

	snprintf(body, sizeof(body),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>%s</Code>"
		"<Message>The volume 'vol-1' is odd.</Message></Error></Errors><RequestID>req-7"
		"</RequestID></Response>",
		code);
	return failure_of_reply(action_get(ACTION_ATTACH_VOLUME),
		&(struct http_reply){ .status = status,
			.body = body,
			.body_len = strlen(body),
			.date = NOON,
			.request_id = "" },
		wall_ms, err);
}

struct expectation {
	int status;
	const char *code;
	enum error_kind kind;
	enum error_happened happened;
	enum failure_class class;
};

static void codes_decide_before_the_status_does(void **state)
{
	static const struct expectation EXPECTED[] = {
		{ 503, "RequestLimitExceeded", ERROR_THROTTLED, HAPPENED_NO, FAILURE_THROTTLED },
		{ 400, "Throttling", ERROR_THROTTLED, HAPPENED_NO, FAILURE_THROTTLED },
		{ 500, "InsufficientInstanceCapacity", ERROR_CAPACITY, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "VcpuLimitExceeded", ERROR_CAPACITY, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "RequestTimeout", ERROR_TIMEOUT, HAPPENED_NO, FAILURE_TRANSIENT },
		{ 400, "InvalidVolume.NotFound", ERROR_MISSING, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "InvalidInstanceID.Malformed", ERROR_MISSING, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "InvalidInstanceID", ERROR_CONFLICT, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "VolumeInUse", ERROR_CONFLICT, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "InvalidVolume.ZoneMismatch", ERROR_CONFLICT, HAPPENED_NO, FAILURE_FINAL },
		{ 403, "UnauthorizedOperation", ERROR_DENIED, HAPPENED_NO, FAILURE_FINAL },
		{ 401, "AuthFailure", ERROR_DENIED, HAPPENED_NO, FAILURE_FINAL },
		{ 400, "ExpiredToken", ERROR_DENIED, HAPPENED_NO, FAILURE_FINAL },
		{ 500, "InternalError", ERROR_REMOTE, HAPPENED_UNKNOWN, FAILURE_TRANSIENT },
		{ 503, "Unavailable", ERROR_REMOTE, HAPPENED_UNKNOWN, FAILURE_TRANSIENT },
		{ 501, "Whatever", ERROR_REMOTE, HAPPENED_UNKNOWN, FAILURE_FINAL },
		{ 400, "SomethingNew", ERROR_REMOTE, HAPPENED_NO, FAILURE_FINAL },
		{ 429, "", ERROR_THROTTLED, HAPPENED_NO, FAILURE_THROTTLED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(EXPECTED); i++) {
		const struct expectation *x = &EXPECTED[i];
		auto_error err = ERROR_INIT;
		enum failure_class class = fail_with(x->status, x->code, moment_of_http_date(NOON), &err);

		if (err.kind != x->kind || err.happened != x->happened || class != x->class)
			fail_msg("%s: %s, %s, class %d", x->code, error_kind_name(err.kind),
				error_happened_name(err.happened), class);
		assert_true(error_is(&err, x->code));
		assert_string_equal(err.request_id, "req-7");
	}
}

static void messages_are_in_house_style(void **state)
{
	auto_error zone = ERROR_INIT, denied = ERROR_INIT;

	(void)state;
	fail_with(400, "InvalidVolume.ZoneMismatch", 0, &zone);
	assert_string_equal(zone.message, "the volume 'vol-1' is odd (InvalidVolume.ZoneMismatch)");
	assert_non_null(zone.hint);
	fail_with(403, "UnauthorizedOperation", 0, &denied);
	assert_string_equal(denied.message, "not permitted: ec2:AttachVolume (UnauthorizedOperation)");
}

static void a_page_that_is_not_ec2s_is_said_to_be_none(void **state)
{
	auto_error err = ERROR_INIT;
	const char *body = "<html><body>407</body></html>";

	(void)state;
	failure_of_reply(action_get(ACTION_ATTACH_VOLUME),
		&(struct http_reply){
			.status = 407, .body = body, .body_len = strlen(body), .date = "", .request_id = "" },
		0, &err);
	assert_int_equal(err.kind, ERROR_REMOTE);
	assert_string_equal(
		err.message, "the endpoint did not answer as EC2 does (no code, HTTP status 407)");
}

static void a_refused_signature_is_the_clocks_fault_only_beyond_five_minutes(void **state)
{
	const int64_t noon = moment_of_http_date(NOON);
	auto_error behind = ERROR_INIT, expired = ERROR_INIT, near = ERROR_INIT, other = ERROR_INIT;

	(void)state;
	fail_with(401, "AuthFailure", noon - 3600 * 1000, &behind);
	assert_non_null(strstr(behind.message, "clock is 1 h 0 min"));
	assert_non_null(strstr(behind.message, "behind AWS's"));
	assert_int_equal(behind.kind, ERROR_DENIED);
	fail_with(400, "RequestExpired", noon, &expired);
	assert_non_null(strstr(expired.hint, "session credentials have expired"));
	fail_with(403, "SignatureDoesNotMatch", noon + 299 * 1000, &near);
	assert_null(strstr(near.message, "clock"));
	fail_with(400, "VolumeInUse", noon - 3600 * 1000, &other);
	assert_int_equal(other.kind, ERROR_CONFLICT);
}

static void times_are_read_as_aws_writes_them(void **state)
{
	(void)state;
	assert_true(moment_of_http_date(NOON) == INT64_C(1795348800000));
	assert_true(moment_of_timestamp("2026-11-22T12:00:00.000Z") == INT64_C(1795348800000));
	assert_true(moment_of_http_date("") == 0);
	assert_true(moment_of_http_date("Sun, 22 anF 2026 12:00:00 GMT") == 0);
	assert_true(moment_of_timestamp("yesterday") == 0);
}

/* Always the largest number: the longest delay. */
static void all_ones(void *self, void *bytes, size_t len)
{
	(void)self;
	memset(bytes, 0xff, len);
}

static const struct entropy LONGEST = { .fill = all_ones };

static bool asks_again(enum action_id action, enum failure_class class, enum error_happened happened)
{
	const struct retry_question q = {
		.action = action_get(action),
		.class = class,
		.happened = happened,
		.attempts = 1,
		.left_ms = 60000,
	};
	int64_t delay_ms;

	return retry_wanted(&q, &LONGEST, &delay_ms);
}

static void only_what_is_safe_is_sent_again(void **state)
{
	(void)state;
	assert_true(asks_again(ACTION_DESCRIBE_VOLUMES, FAILURE_TRANSIENT, HAPPENED_UNKNOWN));
	assert_true(asks_again(ACTION_ATTACH_VOLUME, FAILURE_TRANSIENT, HAPPENED_NO));
	assert_false(asks_again(ACTION_ATTACH_VOLUME, FAILURE_TRANSIENT, HAPPENED_UNKNOWN));
	assert_false(asks_again(ACTION_CREATE_SNAPSHOT, FAILURE_TRANSIENT, HAPPENED_UNKNOWN));
	assert_true(asks_again(ACTION_RUN_INSTANCES, FAILURE_TRANSIENT, HAPPENED_UNKNOWN));
	assert_false(asks_again(ACTION_RUN_INSTANCES, FAILURE_FINAL, HAPPENED_NO));
}

static void back_off_doubles_to_twenty_seconds_and_ends(void **state)
{
	static const int64_t CEILINGS[] = { 1000, 2000, 4000, 8000, 16000, 20000, 20000 };
	struct retry_question q = {
		.action = action_get(ACTION_DESCRIBE_VOLUMES),
		.class = FAILURE_THROTTLED,
		.left_ms = 60000,
	};
	int64_t delay_ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(CEILINGS); i++) {
		q.attempts = (unsigned)i + 1;
		assert_true(retry_wanted(&q, &LONGEST, &delay_ms));
		assert_in_range(delay_ms, CEILINGS[i] - 1, CEILINGS[i]);
	}
	q.attempts = RETRY_THROTTLED_ATTEMPTS;
	assert_false(retry_wanted(&q, &LONGEST, &delay_ms));
	q.class = FAILURE_TRANSIENT;
	q.attempts = 2;
	assert_true(retry_wanted(&q, &LONGEST, &delay_ms));
	q.left_ms = 1500;
	assert_false(retry_wanted(&q, &LONGEST, &delay_ms)); /* it would end after the deadline */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_decide_before_the_status_does),
		cmocka_unit_test(messages_are_in_house_style),
		cmocka_unit_test(a_page_that_is_not_ec2s_is_said_to_be_none),
		cmocka_unit_test(a_refused_signature_is_the_clocks_fault_only_beyond_five_minutes),
		cmocka_unit_test(times_are_read_as_aws_writes_them),
		cmocka_unit_test(only_what_is_safe_is_sent_again),
		cmocka_unit_test(back_off_doubles_to_twenty_seconds_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
