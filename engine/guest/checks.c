#include "guest/checks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "guest/report.h"
#include "net/probe.h"

enum {
	ONE_LIMIT_MS = 5000, /* of a single check */
	TEXT_MAX = 16 * 1024,
	SCRIPT_MAX = 512 * 1024,
	REPLY_MAX = 1024 * 1024,
	BODY_SHOWN = 80,
};

struct check_run {
	struct check_round *round;
	const struct check *check;
	struct probe *probe;    /* under way, or NULL */
	struct http_call *call; /* under way, or NULL */
	bool failed;
	char why[CLOUD_REASON_SIZE];
};

struct check_round {
	const struct check_tools *tools;
	struct machine *machine;
	const struct guest_order *order;
	checks_done *done;
	void *ctx;
	uv_timer_t start; /* so that nothing answers before checks_begin() has returned */
	int64_t asked_ms;
	size_t left;
	struct check_run runs[];
};

static void on_closed(uv_handle_t *start)
{
	free(start->data);
}

static void finish(struct check_round *r)
{
	struct verdict v = {
		.asked_ms = r->asked_ms, .passed = true, .through_switch = r->order->through_switch
	};

	text_copy(v.instance_id, sizeof(v.instance_id), r->order->instance_id);
	for (size_t i = 0; v.passed && i < r->order->check_count; i++) {
		v.passed = !r->runs[i].failed;
		if (!v.passed)
			text_copy(v.failing, sizeof(v.failing), r->runs[i].why);
	}
	uv_close((uv_handle_t *)&r->start, on_closed);
	r->done(r->ctx, &v);
}

static void passed(struct check_run *run)
{
	if (--run->round->left == 0)
		finish(run->round);
}

static void failed(struct check_run *run, const struct text *why)
{
	run->failed = true;
	text_copy(run->why, sizeof(run->why), why->bytes);
	passed(run);
}

static void failed_for(struct check_run *run, const char *what, const struct error *err)
{
	auto_text why;

	text_init(&why, CLOUD_REASON_SIZE - 1);
	text_addf(&why, "%s: %s", what, err->message);
	failed(run, &why);
}

/* ---- tcp ---- */

static void on_probed(void *ctx, const struct error *err)
{
	struct check_run *run = ctx;
	char what[32];

	run->probe = NULL;
	snprintf(what, sizeof(what), "tcp %d", run->check->port);
	if (err)
		failed_for(run, what, err);
	else
		passed(run);
}

static void begin_tcp(struct check_run *run, int limit_ms)
{
	struct check_round *r = run->round;

	run->probe = probe_tcp(
		r->tools->loop, r->order->check_address, run->check->port, limit_ms, on_probed, run);
}

/* ---- http ---- */

/* The beginning of the body, on one line. */
static void add_body(struct text *why, const struct http_reply *reply)
{
	size_t len = reply->body_len < BODY_SHOWN ? reply->body_len : BODY_SHOWN;

	if (len)
		text_add(why, ": ");
	for (size_t i = 0; i < len; i++)
		text_add_char(why, iscntrl((unsigned char)reply->body[i]) ? ' ' : reply->body[i]);
	if (len < reply->body_len)
		text_add(why, "...");
}

static void on_reply(void *ctx, const struct http_reply *reply, const struct error *err)
{
	struct check_run *run = ctx;
	auto_text why;

	run->call = NULL;
	text_init(&why, CLOUD_REASON_SIZE - 1);
	if (err) {
		failed_for(run, "http", err);
	} else if (reply->status == run->check->status) {
		passed(run);
	} else {
		text_addf(&why, "http %s: status %d, not %d", run->check->url, reply->status,
			run->check->status);
		add_body(&why, reply);
		failed(run, &why);
	}
}

/* Always on a connection of its own: a kept one would still lead to where the address pointed before. */
static void begin_http(struct check_run *run, int limit_ms)
{
	struct check_round *r = run->round;
	auto_text url;
	struct http_request request = {
		.method = "GET",
		.fresh = true,
		.connect_limit_ms = limit_ms,
		.limit_ms = limit_ms,
		.reply_cap = REPLY_MAX,
	};

	text_init(&url, TEXT_MAX);
	check_expand(&url, run->check->url, r->order->check_address, true);
	request.url = url.bytes;
	run->call = http_send(r->tools->http, &request, on_reply, run);
}

/* ---- command ---- */

static void on_command_done(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct check_run *run = ctx;
	auto_error failure = ERROR_INIT;
	struct report report;

	if (err)
		failed_for(run, "command", err);
	else if (!report_read(result, &report, &failure))
		failed_for(run, "command", &failure);
	else
		passed(run);
}

static void begin_command(struct check_run *run, int limit_ms)
{
	struct check_round *r = run->round;
	auto_text command, script;

	text_init(&command, TEXT_MAX);
	text_init(&script, SCRIPT_MAX);
	check_expand(&command, run->check->command, r->order->check_address, false);
	script_write(r->tools->scripts, SCRIPT_CHECK,
		&(struct script_input){ .command = command.bytes, .limit_ms = limit_ms }, &script);
	machine_run(r->machine, r->order, &script, on_command_done, run);
}

/* ---- the round ---- */

static void (*const BEGIN[])(struct check_run *run, int limit_ms) = {
	[CHECK_TCP] = begin_tcp,
	[CHECK_COMMAND] = begin_command,
	[CHECK_HTTP] = begin_http,
};

static void on_start(uv_timer_t *start)
{
	struct check_round *r = start->data;
	int limit_ms = r->order->limit_ms < ONE_LIMIT_MS ? r->order->limit_ms : ONE_LIMIT_MS;

	if (!r->left) {
		finish(r);
		return;
	}
	for (size_t i = 0; i < r->order->check_count; i++)
		BEGIN[r->runs[i].check->kind](&r->runs[i], limit_ms);
}

struct check_round *checks_begin(const struct check_tools *t, struct machine *m, const struct guest_order *o,
	checks_done *done, void *ctx)
{
	struct check_round *r = alloc_zeroed(1, sizeof(*r) + o->check_count * sizeof(r->runs[0]));

	r->tools = t;
	r->machine = m;
	r->order = o;
	r->done = done;
	r->ctx = ctx;
	r->left = o->check_count;
	r->asked_ms = clock_mono_ms(t->clock);
	for (size_t i = 0; i < o->check_count; i++) {
		r->runs[i].round = r;
		r->runs[i].check = &o->checks[i];
	}
	uv_timer_init(t->loop, &r->start);
	r->start.data = r;
	uv_timer_start(&r->start, on_start, 0, 0);
	return r;
}

void checks_cancel(struct check_round *r)
{
	for (size_t i = 0; i < r->order->check_count; i++) {
		if (r->runs[i].probe)
			probe_cancel(r->runs[i].probe);
		if (r->runs[i].call)
			http_cancel(r->runs[i].call);
	}
	uv_close((uv_handle_t *)&r->start, on_closed);
}

void check_expand(struct text *ret, const char *text, const char *address, bool url)
{
	static const char MARK[] = "{{address}}";
	bool brackets = url && strchr(address, ':');

	for (const char *at; (at = strstr(text, MARK)); text = at + strlen(MARK)) {
		text_add_bytes(ret, text, (size_t)(at - text));
		text_addf(ret, brackets ? "[%s]" : "%s", address);
	}
	text_add(ret, text);
}
