#include "lock/keeper.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "lock/set.h"
#include "net/http.h"

enum {
	FIRST_PAUSE_MS = 1000,
	LONGEST_PAUSE_MS = 30 * 1000,
	TURN_PAUSE_MS = 50, /* before it is looked again whether a lock of ours was given back */
	CONNECT_LIMIT_MS = 10 * 1000,
	TAKE_LIMIT_MS = 30 * 1000,
	GIVE_BACK_LIMIT_MS = 10 * 1000, /* somebody waits for the program to end */
	GIVE_BACK_TRIES = 5,            /* a quarter of a minute with the pauses between them */
	MAYBE_BACK_TRIES = 2,           /* of what may never have been ours */
};

struct keeper {
	uv_loop_t *loop;
	struct keeper_options options;
	struct lock_sink sink;
	struct http_client *http;
	struct set *sets;
};

static void on_timer(uv_timer_t *timer);

static void arm(struct set *s, int64_t pause_ms)
{
	uv_timer_start(&s->timer, on_timer, (uint64_t)pause_ms, 0);
}

static int64_t now_ms(const struct set *s)
{
	return (int64_t)uv_now(s->keeper->loop);
}

static int64_t pause_ms(const struct set *s)
{
	int64_t pause = s->keeper->options.first_pause_ms;

	for (unsigned i = 1; i < s->asked && pause < LONGEST_PAUSE_MS; i++)
		pause *= 2;
	return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}

/* ---- ending ---- */

static void on_closed(uv_handle_t *timer)
{
	set_free(timer->data);
}

static void unlink_set(struct set *s)
{
	struct set **at = &s->keeper->sets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static void finish(struct set *s)
{
	const struct lock_sink *sink = &s->keeper->sink;

	unlink_set(s);
	sink->given_back(sink->self, s->subject, &s->trouble);
	uv_close((uv_handle_t *)&s->timer, on_closed);
}

/* The one at `at` is settled: on to the one that was taken before it. */
static void give_back_next(struct set *s)
{
	s->maybe = false;
	s->asked = 0;
	s->told[0] = '\0';
	s->done = s->at == 0;
	if (!s->done)
		s->at--;
	arm(s, 0);
}

static void begin_giving_back(struct set *s)
{
	s->leaving = true;
	s->told[0] = '\0';
	if (s->call)
		return; /* it may take hold yet: its answer is awaited */
	s->asked = 0;
	if (s->maybe)
		arm(s, 0);
	else
		give_back_next(s);
}

/* ---- what was answered ---- */

static void give_up(struct set *s, const struct lock_verdict *v)
{
	const struct lock_sink *sink = &s->keeper->sink;
	char name[LOCK_REASON_SIZE], span[CLOCK_SPAN_SIZE];
	auto_error err = ERROR_INIT;

	if (v->answer == LOCK_NEVER)
		error_set(&err, ERROR_DENIED, "%s cannot be taken: %s", set_name(s, name), v->reason);
	else
		error_set(&err, ERROR_CONFLICT, "%s was not to be had within %s: %s", set_name(s, name),
			clock_format_span(s->wants[s->at].wait_ms, span), v->reason);
	error_set_code(&err, LOCK_HELD);
	error_hint(&err,
		s->hint ? s->hint
			: "the machine is left as it is: the same command tries again once the lock is free");
	s->resting = true;
	sink->taken(sink->self, s->subject, &err);
}

static void tell_wait(struct set *s, const char *reason)
{
	const struct lock_sink *sink = &s->keeper->sink;
	char name[LOCK_REASON_SIZE], text[2 * LOCK_REASON_SIZE];

	if (!strcmp(s->told, reason))
		return;
	text_copy(s->told, sizeof(s->told), reason);
	snprintf(text, sizeof(text), "waits %s %s: %s", s->leaving ? "to give back" : "for",
		set_name(s, name), reason);
	sink->waits(sink->self, s->subject, text);
}

/* The last time it is asked is when the wait has passed. */
static void wait_or_give_up(struct set *s, const struct lock_verdict *v)
{
	int64_t left = s->since_ms + s->wants[s->at].wait_ms - now_ms(s), pause = pause_ms(s);

	if (v->answer == LOCK_NEVER || left <= 0) {
		give_up(s, v);
		return;
	}
	tell_wait(s, v->reason);
	arm(s, pause < left ? pause : left);
}

static void take_next(struct set *s)
{
	const struct lock_sink *sink = &s->keeper->sink;
	auto_error none = ERROR_INIT;

	s->at++;
	s->maybe = false;
	s->asked = 0;
	s->told[0] = '\0';
	if (s->at < s->count) {
		arm(s, 0);
		return;
	}
	s->resting = true;
	sink->taken(sink->self, s->subject, &none);
}

static void taking_answered(struct set *s, const struct lock_verdict *v)
{
	if (s->leaving)
		begin_giving_back(s);
	else if (s->resting)
		return;
	else if (v->answer == LOCK_YES)
		take_next(s);
	else
		wait_or_give_up(s, v);
}

static void giving_answered(struct set *s, const struct lock_verdict *v)
{
	unsigned tries = s->maybe ? MAYBE_BACK_TRIES : GIVE_BACK_TRIES;
	char name[LOCK_REASON_SIZE];

	if (v->answer == LOCK_TROUBLE && s->asked < tries) {
		tell_wait(s, v->reason);
		arm(s, pause_ms(s));
		return;
	}
	if (v->answer != LOCK_YES && !s->trouble.kind)
		error_set(&s->trouble, ERROR_REMOTE, "%s could not be given back: %s", set_name(s, name),
			v->reason);
	give_back_next(s);
}

/* A certificate that is not trusted, a file that cannot be read: waiting does not help. */
static struct lock_verdict judge_failure(struct set *s, const struct error *err)
{
	static const char TRUST[] = "if a private authority signed the server's certificate, name the "
				    "authority's file as `ca` of the lock in the plan";
	bool is_distrusted = err->kind == ERROR_DENIED;
	bool helpless = is_distrusted || err->kind == ERROR_LOCAL || err->kind == ERROR_USAGE;

	s->hint = is_distrusted ? TRUST : helpless ? err->hint : NULL;
	return lock_verdict(helpless ? LOCK_NEVER : LOCK_TROUBLE, "%s", err->message);
}

static struct lock_verdict judge(struct set *s, const struct http_reply *reply)
{
	const struct lock_reply r = { reply->status, reply->body, reply->body_len };

	s->hint = NULL;
	return lock_protocol(s->wants[s->at].protocol)->judge(s->action, &r);
}

static void answered(void *ctx, const struct http_reply *reply, const struct error *err)
{
	struct set *s = ctx;
	struct lock_verdict v = reply ? judge(s, reply) : judge_failure(s, err);

	s->call = NULL;
	if (s->action == LOCK_GIVE_BACK) {
		giving_answered(s, &v);
		return;
	}
	/* What failed with the service may have been done all the same. */
	if (v.answer == LOCK_TROUBLE && (reply || err->happened != HAPPENED_NO))
		s->maybe = true;
	else if (v.answer != LOCK_TROUBLE)
		s->maybe = v.answer == LOCK_YES;
	taking_answered(s, &v);
}

/* ---- asking ---- */

static void send_request(struct set *s, enum lock_action action)
{
	const struct lock_want *w = &s->wants[s->at];
	auto_lock_request r = { .method = NULL };
	struct http_request request;

	text_init(&r.url, LOCK_REQUEST_MAX);
	text_init(&r.body, LOCK_REQUEST_MAX);
	lock_protocol(w->protocol)->ask(w, action, &r);
	request = (struct http_request){
		.method = r.method,
		.url = r.url.bytes,
		.headers = r.headers,
		.header_count = r.header_count,
		.body = r.body.bytes,
		.body_len = r.body.len,
		.fresh = true,
		.connect_limit_ms = CONNECT_LIMIT_MS,
		.limit_ms = action == LOCK_TAKE ? TAKE_LIMIT_MS : GIVE_BACK_LIMIT_MS,
		.reply_cap = LOCK_REPLY_MAX,
		.tls = { w->ca, w->certificate, w->key },
	};
	s->action = action;
	s->asked++;
	s->call = http_send(s->keeper->http, &request, answered, s);
}

static void take_lock(struct set *s)
{
	if (!s->asked)
		s->since_ms = now_ms(s);
	if (set_is_being_given_back(s->keeper->sets, s))
		arm(s, TURN_PAUSE_MS);
	else
		send_request(s, LOCK_TAKE);
}

static void give_back_lock(struct set *s)
{
	if (s->done)
		finish(s);
	else if (set_is_shared(s->keeper->sets, s))
		give_back_next(s);
	else
		send_request(s, LOCK_GIVE_BACK);
}

static void on_timer(uv_timer_t *timer)
{
	struct set *s = timer->data;

	if (s->leaving)
		give_back_lock(s);
	else
		take_lock(s);
}

/* ---- the provider ---- */

static void ask_for_all(void *self, uint32_t subject, const struct lock_want *wants, size_t count)
{
	struct keeper *k = self;
	struct set *s = set_new(subject, wants, count, k->options.home);

	s->keeper = k;
	s->next = k->sets;
	k->sets = s;
	uv_timer_init(k->loop, &s->timer);
	s->timer.data = s;
	arm(s, 0);
}

/* The newest that is not leaving: a subject may take again what it has kept. */
static struct set *find(const struct keeper *k, uint32_t subject)
{
	for (struct set *s = k->sets; s; s = s->next)
		if (s->subject == subject && !s->leaving)
			return s;
	return NULL;
}

static void give_all_back(void *self, uint32_t subject)
{
	struct set *s = find(self, subject);

	assert(s);
	begin_giving_back(s);
}

static void keep_all(void *self, uint32_t subject)
{
	struct set *s = find(self, subject);

	assert(s);
	s->resting = true;
	uv_timer_stop(&s->timer);
}

bool keeper_open(uv_loop_t *loop, const struct keeper_options *o, struct keeper **ret, struct error *err)
{
	struct keeper *k = alloc_zeroed(1, sizeof(*k));

	*k = (struct keeper){ .loop = loop, .options = *o };
	if (!k->options.first_pause_ms)
		k->options.first_pause_ms = FIRST_PAUSE_MS;
	if (!http_client_open(loop, &(struct http_options){ .user_agent = o->user_agent }, &k->http, err)) {
		free(k);
		return false;
	}
	*ret = k;
	return true;
}

struct locks keeper_locks(struct keeper *k, struct lock_sink sink)
{
	k->sink = sink;
	return (struct locks){ .self = k, .ask = ask_for_all, .give_back = give_all_back, .keep = keep_all };
}

void keeper_close(struct keeper *k)
{
	http_client_close(k->http); /* with all calls */
	for (struct set *s = k->sets, *next; s; s = next) {
		next = s->next;
		uv_close((uv_handle_t *)&s->timer, on_closed);
	}
	free(k);
}
