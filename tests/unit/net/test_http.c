/* What callers of net/http rely on, against a server that misbehaves: above all, whether it happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/http.h"
#include "web.h"

struct fixture {
	struct web web;
	uv_loop_t loop;
	struct http_client *client;
	int answers;
	int status;
	char body[4096], date[64], request_id[64];
	struct error err;
	char url[128];
};

static void on_done(void *ctx, const struct http_reply *reply, const struct error *err)
{
	struct fixture *f = ctx;

	assert_true((reply == NULL) != (err == NULL));
	f->answers++;
	uv_stop(&f->loop); /* it may come by a timer, after which the turn would wait for the socket */
	error_release(&f->err);
	if (err) {
		error_copy(&f->err, err);
		return;
	}
	f->status = reply->status;
	assert_int_equal(reply->body[reply->body_len], '\0');
	snprintf(f->body, sizeof(f->body), "%s", reply->body);
	snprintf(f->date, sizeof(f->date), "%s", reply->date);
	snprintf(f->request_id, sizeof(f->request_id), "%s", reply->request_id);
}

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	auto_error err = ERROR_INIT;

	web_start(&f->web, false);
	uv_loop_init(&f->loop);
	assert_true(
		http_client_open(&f->loop, &(struct http_options){ .user_agent = NULL }, &f->client, &err));
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	http_client_close(f->client);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0); /* no handle is left */
	web_stop(&f->web);
	error_release(&f->err);
	free(f);
	return 0;
}

static struct http_request request(struct fixture *f, const char *method, const char *path)
{
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s", f->web.port, path);
	return (struct http_request){
		.method = method,
		.url = f->url,
		.connect_limit_ms = 20 * 1000,
		.limit_ms = 20 * 1000,
		.reply_cap = 100 * 1000,
	};
}

static void await(struct fixture *f, int answers)
{
	while (f->answers < answers)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void ask(struct fixture *f, const struct http_request *r)
{
	int before = f->answers;

	http_send(f->client, r, on_done, f);
	assert_int_equal(f->answers, before); /* never from within */
	await(f, before + 1);
}

static void assert_failed(
	const struct fixture *f, enum error_kind kind, enum error_happened happened, const char *words)
{
	assert_int_equal(f->err.kind, kind);
	assert_int_equal(f->err.happened, happened);
	if (!strstr(f->err.message, words))
		fail_msg("'%s' does not contain '%s'", f->err.message, words);
}

static void a_reply_comes_with_its_date_and_request_id(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/ok");

	ask(f, &r);
	assert_int_equal(f->status, 200);
	assert_string_equal(f->body, "fine");
	assert_string_equal(f->date, "Sun, 22 Nov 2026 01:02:03 GMT");
	assert_string_equal(f->request_id, "request-1");
}

static void only_the_given_headers_are_sent(void **state)
{
	struct fixture *f = *state;
	const struct http_header headers[] = { { "X-One", "1" }, { "X-Empty", "" } };
	struct http_request r = request(f, "POST", "/echo");
	char expected[512];

	r.headers = headers;
	r.header_count = 2;
	r.body = "a=1";
	r.body_len = 3;
	ask(f, &r);
	snprintf(expected, sizeof(expected),
		"POST /echo HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-One: 1\r\nX-Empty:\r\nContent-Length: "
		"3\r\n\r\na=1",
		f->web.port);
	assert_string_equal(f->body, expected);
}

static void a_large_body_is_sent_without_expecting_to_be_asked(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "PUT", "/ok");
	char *body = calloc(1, 60000);

	r.body = body;
	r.body_len = 60000;
	ask(f, &r);
	assert_int_equal(f->status, 200);
	free(body);
}

static void a_mutation_is_sent_once_though_a_kept_connection_would_do(void **state)
{
	struct fixture *f = *state;
	struct http_request warm = request(f, "GET", "/ok"), r;

	ask(f, &warm);
	r = request(f, "POST", "/drop");
	r.fresh = true;
	ask(f, &r);
	assert_int_equal(*f->web.requests, 2);
	assert_failed(f, ERROR_REMOTE, HAPPENED_UNKNOWN, "without a reply");
}

static void a_read_uses_the_connection_again_and_a_mutation_does_not(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/ok");

	for (int i = 0; i < 5; i++)
		ask(f, &r);
	assert_int_equal(*f->web.requests, 5);
	assert_int_equal(*f->web.connections, 1);
	r.fresh = true;
	ask(f, &r);
	assert_int_equal(*f->web.connections, 2);
}

static void a_reply_that_ends_early_leaves_it_unknown(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/short");

	ask(f, &r);
	assert_failed(f, ERROR_REMOTE, HAPPENED_UNKNOWN, "ended early");
}

/* What the kernel has taken for it reaches a busy server later than the caller's limit. */
static void await_requests(const struct fixture *f, int requests)
{
	for (int i = 0; *f->web.requests < requests && i < 20 * 1000; i++)
		usleep(1000);
}

static void a_reply_that_does_not_come_leaves_it_unknown(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/slow");

	r.limit_ms = 200;
	ask(f, &r);
	await_requests(f, 1);
	assert_failed(f, ERROR_TIMEOUT, HAPPENED_UNKNOWN, "no complete reply within 200 ms");
	assert_int_equal(*f->web.requests, 1);
}

static void a_reply_past_the_cap_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/big");

	ask(f, &r);
	assert_failed(f, ERROR_REMOTE, HAPPENED_UNKNOWN, "larger than 100000 bytes");
}

static void a_reply_that_is_not_http_leaves_it_unknown(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/noise");

	ask(f, &r);
	assert_int_equal(f->err.happened, HAPPENED_UNKNOWN);
}

static void nothing_happened_where_nobody_listens(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/ok");

	r.url = "http://127.0.0.1:1/ok?secret=1";
	ask(f, &r);
	assert_failed(
		f, ERROR_REMOTE, HAPPENED_NO, "http://127.0.0.1:1: could not connect: Connection refused");
	assert_non_null(f->err.hint);
	assert_null(strstr(f->err.message, "secret"));
}

/* A label of more than 63 letters is no name: no name server is asked about it. */
static void nothing_happened_where_there_is_no_such_name(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/ok");

	r.url = "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/";
	ask(f, &r);
	assert_failed(f, ERROR_REMOTE, HAPPENED_NO, "the name was not found");
}

static void nothing_happened_by_a_url_that_is_none(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/ok");

	r.url = "ftp://127.0.0.1/";
	ask(f, &r);
	assert_failed(f, ERROR_USAGE, HAPPENED_NO, "not an http or https URL");
}

static void start_secure(struct fixture *f, struct web *w, const char *path)
{
	web_start(w, true);
	snprintf(f->url, sizeof(f->url), "https://127.0.0.1:%d%s", w->port, path);
}

/* And none of the machine's authorities: to read them all takes seconds under a sanitizer. */
static void trust_only(struct fixture *f, const struct web *authority)
{
	auto_error err = ERROR_INIT;

	http_client_close(f->client);
	assert_true(http_client_open(
		&f->loop, &(struct http_options){ .ca_file = authority->certificate }, &f->client, &err));
}

static void a_certificate_that_is_not_trusted_ends_it_before_anything_is_sent(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/ok");
	struct web secure, other;

	start_secure(f, &other, "/ok");
	start_secure(f, &secure, "/ok");
	trust_only(f, &other);
	ask(f, &r);
	assert_failed(f, ERROR_DENIED, HAPPENED_NO, "the TLS certificate is not trusted");
	assert_non_null(strstr(f->err.hint, "AWS_CA_BUNDLE"));
	assert_int_equal(*secure.requests, 0);
	web_stop(&secure);
	web_stop(&other);
}

static void a_certificate_of_the_given_authority_is_trusted(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "POST", "/ok");
	struct web secure;

	start_secure(f, &secure, "/ok");
	trust_only(f, &secure);
	for (int i = 0; i < 2; i++) {
		r.fresh = true;
		ask(f, &r);
		assert_int_equal(f->status, 200);
	}
	web_stop(&secure);
}

/* Fresh connections share TLS sessions: one with a certificate must not lend it to one without. */
static void a_request_shows_its_own_certificate_and_no_other(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "PUT", "/who");
	struct web secure;

	start_secure(f, &secure, "/who");
	for (int i = 0; i < 4; i++) {
		r.fresh = true;
		r.tls = (struct http_client_tls){ .ca_file = secure.certificate };
		if (i % 2 == 0) {
			r.tls.certificate = secure.certificate;
			r.tls.key = secure.key;
		}
		ask(f, &r);
		assert_int_equal(f->status, 200);
		assert_string_equal(f->body, i % 2 == 0 ? "test" : "nobody");
	}
	web_stop(&secure);
}

static void a_certificate_of_ours_that_cannot_be_used_is_told_before_anything_is_sent(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "PUT", "/who");
	struct web secure;

	start_secure(f, &secure, "/who");
	r.tls = (struct http_client_tls){ secure.certificate, "/nowhere/host.pem", secure.key };
	ask(f, &r);
	assert_failed(f, ERROR_LOCAL, HAPPENED_NO, "our TLS certificate or its key could not be used");
	assert_non_null(strstr(f->err.message, "/nowhere/host.pem"));
	r.tls = (struct http_client_tls){ secure.certificate, secure.certificate, "/nowhere/host.key" };
	ask(f, &r);
	assert_failed(f, ERROR_LOCAL, HAPPENED_NO, "/nowhere/host.key");
	assert_int_equal(*secure.requests, 0);
	web_stop(&secure);
}

static void a_cancelled_call_is_not_answered(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/slow"), ok;
	struct http_call *call = http_send(f->client, &r, on_done, f);

	while (!*f->web.requests)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	http_cancel(call);
	ok = request(f, "GET", "/ok");
	ask(f, &ok);
	assert_int_equal(f->answers, 1);
	assert_string_equal(f->body, "fine");
}

static void closing_drops_what_is_under_way(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/slow");

	http_send(f->client, &r, on_done, f);
	while (!*f->web.requests)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	http_send(f->client, &r, on_done, f);
	/* end() closes, and finds no handle left */
}

static void on_done_close(void *ctx, const struct http_reply *reply, const struct error *err)
{
	struct fixture *f = ctx;
	struct error open_err = ERROR_INIT;

	(void)reply;
	(void)err;
	f->answers++;
	http_client_close(f->client);
	assert_true(http_client_open(
		&f->loop, &(struct http_options){ .user_agent = "changeover" }, &f->client, &open_err));
}

static void the_client_can_be_closed_from_an_answer(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request(f, "GET", "/ok");

	http_send(f->client, &r, on_done_close, f);
	http_send(f->client, &r, on_done_close, f);
	await(f, 1);
	r = request(f, "GET", "/echo");
	ask(f, &r);
	assert_non_null(strstr(f->body, "User-Agent: changeover\r\n"));
	assert_int_equal(f->answers, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_reply_comes_with_its_date_and_request_id),
		TEST(only_the_given_headers_are_sent),
		TEST(a_large_body_is_sent_without_expecting_to_be_asked),
		TEST(a_mutation_is_sent_once_though_a_kept_connection_would_do),
		TEST(a_read_uses_the_connection_again_and_a_mutation_does_not),
		TEST(a_reply_that_ends_early_leaves_it_unknown),
		TEST(a_reply_that_does_not_come_leaves_it_unknown),
		TEST(a_reply_past_the_cap_is_an_error),
		TEST(a_reply_that_is_not_http_leaves_it_unknown),
		TEST(nothing_happened_where_nobody_listens),
		TEST(nothing_happened_where_there_is_no_such_name),
		TEST(nothing_happened_by_a_url_that_is_none),
		TEST(a_certificate_that_is_not_trusted_ends_it_before_anything_is_sent),
		TEST(a_certificate_of_the_given_authority_is_trusted),
		TEST(a_request_shows_its_own_certificate_and_no_other),
		TEST(a_certificate_of_ours_that_cannot_be_used_is_told_before_anything_is_sent),
		TEST(a_cancelled_call_is_not_answered),
		TEST(closing_drops_what_is_under_way),
		TEST(the_client_can_be_closed_from_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
