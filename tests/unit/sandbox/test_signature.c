/* SigV4 as the sandbox checks it, against a request that botocore signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sandbox/api/access.h"
#include "sandbox/api/signature.h"

/* Made by botocore 1.43.67 with the example credentials of AWS's documentation. */
static const char BODY[] = "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0123456789abcdef0"
			   "&Filter.1.Name=tag%3AName&Filter.1.Value.1=a+b~%2A";
static const char AUTHORIZATION[] =
	"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, "
	"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
	"Signature=158a8c4cfe412e5dbfe767edc44dbc393edc77a8cd527846feb60a182b4d9289";
static const char SECRET[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const int64_t SIGNED_MS = 1440938160000; /* 20150830T123600Z */

enum { AGENT, HEADER_HOST, TYPE, DATE, TOKEN, AUTH, HEADER_COUNT };

struct signed_call {
	struct signed_header headers[HEADER_COUNT];
	struct signed_request request;
	struct secret secret;
	struct access access;
};

static void make_call(struct signed_call *c)
{
	const struct signed_header headers[HEADER_COUNT] = {
		[AGENT] = { "User-Agent", "test" },
		[HEADER_HOST] = { "Host", "ec2.us-east-1.amazonaws.com" },
		[TYPE] = { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" },
		[DATE] = { "X-Amz-Date", "20150830T123600Z" },
		[TOKEN] = { "X-Amz-Security-Token", "TOKEN/+=" },
		[AUTH] = { "Authorization", AUTHORIZATION },
	};
	*c = (struct signed_call){ .secret = SECRET_INIT };
	memcpy(c->headers, headers, sizeof(headers));
	c->request = (struct signed_request){
		.method = "POST",
		.path = "/",
		.query = "",
		.headers = c->headers,
		.header_count = HEADER_COUNT,
		.body = BODY,
		.body_len = strlen(BODY),
	};
	secret_set(&c->secret, SECRET, strlen(SECRET));
	c->access =
		(struct access){ .access_key = "AKIDEXAMPLE", .secret = &c->secret, .region = "us-east-1" };
}

/* The code with which the call is refused, or "" if it is let in. */
static const char *outcome(const struct signed_call *c, int64_t now_ms)
{
	static char code[64];
	struct access access = c->access;
	struct signature_claim claim;
	auto_error err = ERROR_INIT;

	code[0] = '\0';
	access.wall_ms = now_ms;
	if (!access_check(&access, &c->request, &claim, &err))
		text_copy(code, sizeof(code), err.code);
	return code;
}

static void a_request_that_botocore_signed_is_let_in(void **state)
{
	struct signed_call c;

	(void)state;
	make_call(&c);
	assert_string_equal(outcome(&c, SIGNED_MS), "");
	secret_release(&c.secret);
}

static void whatever_is_changed_after_signing_is_noticed(void **state)
{
	struct signed_call c;

	(void)state;
	make_call(&c);
	c.request.body_len--;
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	c.request.body_len++;
	c.request.query = "x=1";
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	c.request.query = "";
	c.request.method = "GET";
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	c.request.method = "POST";
	c.headers[HEADER_HOST].value = "ec2.eu-west-1.amazonaws.com";
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	secret_release(&c.secret);
}

static void a_wrong_secret_key_or_region_is_refused_by_its_own_name(void **state)
{
	struct signed_call c;

	(void)state;
	make_call(&c);
	secret_set(&c.secret, "wrong", 5);
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	secret_set(&c.secret, SECRET, strlen(SECRET));
	c.access.access_key = "AKIDOTHER";
	assert_string_equal(outcome(&c, SIGNED_MS), "AuthFailure");
	c.access.access_key = "AKIDEXAMPLE";
	c.access.region = "eu-west-1";
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	secret_release(&c.secret);
}

static void a_clock_may_be_off_by_a_quarter_of_an_hour(void **state)
{
	enum { MINUTE_MS = 60 * 1000 };
	struct signed_call c;

	(void)state;
	make_call(&c);
	assert_string_equal(outcome(&c, SIGNED_MS + 14 * MINUTE_MS), "");
	assert_string_equal(outcome(&c, SIGNED_MS - 14 * MINUTE_MS), "");
	assert_string_equal(outcome(&c, SIGNED_MS + 16 * MINUTE_MS), "RequestExpired");
	assert_string_equal(outcome(&c, SIGNED_MS - 16 * MINUTE_MS), "RequestExpired");
	secret_release(&c.secret);
}

static void an_unsigned_request_is_refused(void **state)
{
	static const char *const BROKEN[] = { "", "Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256",
		"AWS4-HMAC-SHA256 Credential=A/B",
		"AWS4-HMAC-SHA256 Credential=A/20150830/r/ec2/aws4_request, SignedHeaders=host" };
	struct signed_call c;

	(void)state;
	make_call(&c);
	c.request.header_count = AUTH;
	assert_string_equal(outcome(&c, SIGNED_MS), "MissingAuthenticationToken");
	c.request.header_count = HEADER_COUNT;
	for (size_t i = 0; i < ARRAY_SIZE(BROKEN); i++) {
		c.headers[AUTH].value = BROKEN[i];
		assert_string_equal(outcome(&c, SIGNED_MS), "IncompleteSignature");
	}
	secret_release(&c.secret);
}

static void an_amazon_header_that_is_not_signed_is_refused(void **state)
{
	struct signed_call c;

	(void)state;
	make_call(&c);
	c.headers[AGENT].name = "X-Amz-Target";
	assert_string_equal(outcome(&c, SIGNED_MS), "SignatureDoesNotMatch");
	secret_release(&c.secret);
}

/* Route 53's golden case: queries are sorted and encoded AWS's way whatever the order on the wire. */
static void queries_are_sorted_and_encoded_before_they_are_compared(void **state)
{
	const struct signed_header host = { "host", "example.amazonaws.com" };
	const struct signed_request r = {
		.method = "GET",
		.path = "/a b/",
		.query = "b=2&a=%20x&a=+",
		.headers = &host,
		.header_count = 1,
		.body = "",
	};
	const struct signature_claim claim = { .signed_headers = "host" };
	auto_text canonical = { .bytes = NULL };

	(void)state;
	text_init(&canonical, 4096);
	assert_true(signature_canonical(&r, &claim, &canonical));
	assert_non_null(strstr(
		canonical.bytes, "GET\n/a%20b/\na=%20x&a=%2B&b=2\nhost:example.amazonaws.com\n\nhost\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_that_botocore_signed_is_let_in),
		cmocka_unit_test(whatever_is_changed_after_signing_is_noticed),
		cmocka_unit_test(a_wrong_secret_key_or_region_is_refused_by_its_own_name),
		cmocka_unit_test(a_clock_may_be_off_by_a_quarter_of_an_hour),
		cmocka_unit_test(an_unsigned_request_is_refused),
		cmocka_unit_test(an_amazon_header_that_is_not_signed_is_refused),
		cmocka_unit_test(queries_are_sorted_and_encoded_before_they_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
