/* Requests that reach us: shown whole, answered when their time has come, together for one turn of the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "net/http.h"
#include "net/http_server.h"

enum { AT_ONCE_MAX = 8, BODY_MAX = 100 };

/* A server and its clients on one loop. Requests wait until on_rest. */
struct site {
	uv_loop_t loop;
	struct http_server *server;
	struct http_client *client;
	struct peer address;
	struct http_exchange *waiting[AT_ONCE_MAX];
	int waiting_count, shown, most_at_once;
	bool keep_waiting;
	char seen[512]; /* of the last request */
	/* what clients got */
	int answers, failures, status;
	char body[512];
};

static void on_request(void *ctx, struct http_exchange *x, const struct http_question *q)
{
	struct site *s = ctx;
	const char *header = http_exchange_header(x, "x-test");

	s->shown++;
	snprintf(s->seen, sizeof(s->seen), "%s %s ?%s %s [%.*s]%s", q->method, q->path, q->query,
		header ? header : "-", (int)q->body_len, (const char *)q->body, q->client ? q->client : "");
	s->waiting[s->waiting_count++] = x;
}

static void on_rest(void *ctx)
{
	struct site *s = ctx;

	if (s->keep_waiting)
		return;
	if (s->waiting_count > s->most_at_once)
		s->most_at_once = s->waiting_count;
	for (int i = 0; i < s->waiting_count; i++) {
		struct http_answer *a = http_exchange_answer(s->waiting[i]);

		a->status = 418;
		text_add(&a->body, "short and stout");
		http_exchange_reply(s->waiting[i]);
	}
	s->waiting_count = 0;
}

static int open_site(void **state)
{
	static struct site site;
	struct error err = ERROR_INIT;
	struct http_server_options o = { .on_request = on_request,
		.on_rest = on_rest,
		.ctx = &site,
		.body_max = BODY_MAX,
		.answer_max = 1000 };

	site = (struct site){ .status = 0 };
	uv_loop_init(&site.loop);
	if (!http_listen("127.0.0.1", 0, &o.fd, &site.address, &err) ||
		!http_server_open(&site.loop, &o, &site.server, &err) ||
		!http_client_open(
			&site.loop, &(struct http_options){ .user_agent = "test" }, &site.client, &err))
		fail_msg("%s", err.message);
	*state = &site;
	return 0;
}

static int close_site(void **state)
{
	struct site *s = *state;

	http_client_close(s->client);
	http_server_close(s->server);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	return uv_loop_close(&s->loop);
}

static void on_answer(void *ctx, const struct http_reply *reply, const struct error *err)
{
	struct site *s = ctx;

	s->failures += err != NULL;
	s->answers += reply != NULL;
	if (!reply)
		return;
	s->status = reply->status;
	snprintf(s->body, sizeof(s->body), "%s", reply->body);
}

static void ask(struct site *s, const char *path, const char *body)
{
	char url[128];
	const struct http_header header = { "X-Test", "yes" };

	snprintf(url, sizeof(url), "http://%s%s", s->address.text, path);
	http_send(s->client,
		&(struct http_request){ .method = "POST",
			.url = url,
			.headers = &header,
			.header_count = 1,
			.body = body,
			.body_len = strlen(body),
			.connect_limit_ms = 5000,
			.limit_ms = 5000,
			.reply_cap = 1000 },
		on_answer, s);
}

static void run_until_answered(struct site *s, int count)
{
	while (s->answers + s->failures < count)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void a_request_is_shown_whole_and_its_answer_arrives(void **state)
{
	struct site *s = *state;

	ask(s, "/a%20b?c=d", "some body");
	run_until_answered(s, 1);
	assert_string_equal(s->seen, "POST /a%20b ?c=d yes [some body]");
	assert_int_equal(s->status, 418);
	assert_string_equal(s->body, "short and stout");
}

static void requests_of_one_turn_are_answered_together(void **state)
{
	struct site *s = *state;

	for (int i = 0; i < AT_ONCE_MAX; i++)
		ask(s, "/", "x");
	run_until_answered(s, AT_ONCE_MAX);
	assert_int_equal(s->answers, AT_ONCE_MAX);
	assert_true(s->most_at_once > 1);
}

static void a_body_that_is_too_large_is_refused_and_never_shown(void **state)
{
	struct site *s = *state;
	char large[BODY_MAX + 2];

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	ask(s, "/", large);
	run_until_answered(s, 1);
	assert_int_equal(s->status, 413);
	assert_int_equal(s->shown, 0);
}

static void closing_drops_what_was_not_answered(void **state)
{
	struct site *s = *state;

	s->keep_waiting = true;
	ask(s, "/", "x");
	while (!s->shown)
		uv_run(&s->loop, UV_RUN_ONCE);
	http_server_close(s->server);
	s->server = NULL;
	run_until_answered(s, 1);
	assert_int_equal(s->failures, 1);
}

static void an_address_or_port_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *address;
		int port;
	} BAD[] = { { "localhost", 0 }, { "127.0.0.1", 65536 }, { "127.0.0.1", -1 }, { "", 80 },
		{ "192.0.2.1", 0 } };
	struct peer ignored;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		auto_error err = ERROR_INIT;

		assert_false(http_listen(BAD[i].address, BAD[i].port, &fd, &ignored, &err));
	}
}

static void two_cannot_listen_on_one_port(void **state)
{
	struct site *s = *state;
	auto_error err = ERROR_INIT;
	struct peer ignored;
	int fd;

	assert_false(http_listen("127.0.0.1", ntohs(s->address.address.v4.sin_port), &fd, &ignored, &err));
	assert_int_equal(err.kind, ERROR_LOCAL);
	assert_non_null(err.hint);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_shown_whole_and_its_answer_arrives),
		TEST(requests_of_one_turn_are_answered_together),
		TEST(a_body_that_is_too_large_is_refused_and_never_shown),
		TEST(closing_drops_what_was_not_answered),
		cmocka_unit_test(an_address_or_port_that_is_none_is_refused),
		TEST(two_cannot_listen_on_one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
