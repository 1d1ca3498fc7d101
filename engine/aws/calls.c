#include "aws/calls.h"

#include <stdlib.h>
#include <string.h>

#include "aws/buckets.h"
#include "aws/failure.h"
#include "aws/parameters.h"
#include "aws/permits.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "net/http.h"
#include "wire/form.h"

enum {
	CONNECT_LIMIT_MS = 5000,
	READ_LIMIT_MS = 15000,     /* one attempt; a Describe that takes longer is better asked again */
	MUTATION_LIMIT_MS = 45000, /* RunInstances has been seen to take many seconds */
	LATE_MS = 4000,            /* a mutation is not sent so long after it was decided on */
	CROWDED_MS = 1000,         /* no machine begins while a call has waited so long for its token */
	CROWDED_LAUNCH_MS =
		2500, /* likewise a launch: some have to wait, or tokens of the scarcest kind would be lost */
	CALL_LIMIT_MS = 90000,   /* all attempts with their back-off */
	ATTEMPT_LEAST_MS = 1000, /* the last attempt before the deadline may pass it by this */
	HEADERS_MAX = 5,
	/*
	 * Each one under way holds a connection and some 12 KiB, and EC2 throttles whoever asks faster:
	 * what a fleet wants to see takes turns. What is to be changed never waits for it.
	 */
	READS_MAX = 8,
};

struct call {
	struct call *next; /* in the queue's list */
	struct calls *queue;
	enum action_id id;
	const struct action *action; /* its row */
	char *body;
	bool dry_run, too_large;
	bool in_doubt; /* an attempt may have taken hold */
	uint32_t subject;
	calls_done *done;
	void *ctx;
	struct http_call *http;      /* under way; NULL while it waits */
	int64_t wanted_ms;           /* monotonic: since when it waits */
	int64_t decided_ms;          /* monotonic */
	int64_t due_ms, deadline_ms; /* monotonic */
	int64_t asked_ms;            /* monotonic: when the last attempt left */
	int64_t signed_ms;           /* wall clock: what it was signed with */
	unsigned attempts;
};

struct calls {
	struct calls_options o;
	struct http_client *http;
	uv_timer_t timer; /* for the call that is due first */
	struct call *all;
	size_t reads; /* under way, dry runs included */
	struct buckets buckets;
	struct permits permits;
	struct aws_counts counts;
	bool closing;
};

static void call_free(struct call *call)
{
	free(call->body);
	free(call);
}

static void unlink_call(struct call *call)
{
	struct call **at = &call->queue->all;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
}

/* Exactly one of reply and err is not NULL. The answer may send further calls. */
static void finish(struct call *call, const struct call_reply *reply, const struct error *err)
{
	unlink_call(call);
	call->done(call->ctx, reply, err);
	call_free(call);
}

static void finish_error(struct call *call, struct error *err)
{
	error_wrap(err, "%s", call->action->name);
	finish(call, NULL, err);
}

static bool changes_something(const struct call *call)
{
	return call->action->mutates && !call->dry_run;
}

/* It waits, and neither for an answer nor for a read to end. */
static bool may_start(const struct call *call)
{
	const struct calls *c = call->queue;

	return !call->http &&
	       (changes_something(call) || c->reads < READS_MAX || urgency_of(c->o.urgency, call->subject));
}

static void on_timer(uv_timer_t *timer);

/*
 * Somebody decided on it long ago, and may have been stopped (SIGSTOP) since, or it waited for its token: who
 * drives the rebuild now is looked at anew before it is sent (engine/rebuild/claim.h).
 */
static bool is_overdue(const struct call *call, int64_t now)
{
	return changes_something(call) && now - call->decided_ms > LATE_MS;
}

/* It is answered without being sent. */
static bool needs_no_token(const struct call *call)
{
	int64_t now = clock_mono_ms(call->queue->o.clock);

	return call->too_large || is_overdue(call, now) ||
	       (call->dry_run && permits_believes(&call->queue->permits, call->id, now));
}

/* When it can go: its time has come, and there is a token for it; or it is to be given back. */
static int64_t ready_ms(const struct call *call, int64_t now)
{
	int64_t token_ms = now + buckets_wait_ms(&call->queue->buckets, call->id, now);
	int64_t late_ms = call->decided_ms + LATE_MS + 1;

	if (needs_no_token(call))
		return call->due_ms;
	if (token_ms > late_ms && changes_something(call))
		token_ms = late_ms;
	return call->due_ms > token_ms ? call->due_ms : token_ms;
}

/* Sets the timer for the waiting call that can go first. */
static void wait_for_next(struct calls *c)
{
	int64_t now = clock_mono_ms(c->o.clock), first = INT64_MAX;

	for (const struct call *call = c->all; call; call = call->next) {
		int64_t ready = may_start(call) ? ready_ms(call, now) : INT64_MAX;

		first = ready < first ? ready : first;
	}
	if (first == INT64_MAX)
		uv_timer_stop(&c->timer);
	else
		uv_timer_start(&c->timer, on_timer, first > now ? (uint64_t)(first - now) : 0, 0);
}

/* Decides between another attempt and the end. Takes what is in err. */
static void failed(struct call *call, enum failure_class class, struct error *err)
{
	struct calls *c = call->queue;
	int64_t now = clock_mono_ms(c->o.clock), delay_ms;
	const struct retry_question q = {
		.action = call->action,
		.dry_run = call->dry_run,
		.class = class,
		.happened = err->happened,
		.attempts = call->attempts,
		.left_ms = (changes_something(call) ? call->decided_ms + LATE_MS : call->deadline_ms) - now,
	};

	call->in_doubt = call->in_doubt || err->happened != HAPPENED_NO;
	if (class == FAILURE_THROTTLED) {
		c->counts.throttled++;
		buckets_throttled(&c->buckets, call->id, now);
	}
	if (!retry_wanted(&q, c->o.entropy, &delay_ms)) {
		finish_error(call, err);
		return;
	}
	c->counts.retries++;
	call->due_ms = now + delay_ms;
	wait_for_next(c);
}

/* A success must be in the action's own words: a proxy's page with status 200 is none. */
static bool read_success(const struct call *call, const struct http_reply *reply, struct arena *arena,
	struct call_reply *ret, struct error *err)
{
	const char *name = call->action->name;

	if (!xml_read(reply->body, reply->body_len, arena, &ret->root, err))
		return error_wrap(err, "could not understand the reply");
	if (!text_starts_with(ret->root->name, name) ||
		strcmp(ret->root->name + strlen(name), "Response") != 0)
		return error_set(
			err, ERROR_REMOTE, "the reply is <%.64s>, not <%sResponse>", ret->root->name, name);
	ret->request_id = xml_text(ret->root, "requestId");
	if (!*ret->request_id)
		ret->request_id = reply->request_id;
	return true;
}

static void on_success(struct call *call, const struct http_reply *reply)
{
	struct call_reply parsed = { .asked_ms = call->asked_ms };
	auto_arena arena = ARENA_INIT;
	auto_error err = ERROR_INIT;

	if (!read_success(call, reply, &arena, &parsed, &err)) {
		err.happened = HAPPENED_UNKNOWN;
		failed(call, FAILURE_TRANSIENT, &err);
	} else if (call->dry_run) {
		error_set(
			&err, ERROR_REMOTE, "the endpoint does not honour DryRun: it carried the action out");
		err.happened = HAPPENED_YES;
		finish_error(call, &err);
	} else {
		finish(call, &parsed, NULL);
	}
}

static void on_failure(struct call *call, const struct http_reply *reply)
{
	auto_error err = ERROR_INIT;
	enum failure_class class = failure_of_reply(call->action, reply, call->signed_ms, &err);

	bool permitted = call->dry_run && error_is(&err, "DryRunOperation");

	/* A volume that is in use, say, is told to those only who may attach it. */
	if (call->dry_run && class == FAILURE_FINAL)
		permits_note(&call->queue->permits, call->id, err.kind != ERROR_DENIED, call->asked_ms);
	if (permitted)
		finish(call, &(struct call_reply){ .request_id = err.request_id, .asked_ms = call->asked_ms },
			NULL);
	else
		failed(call, class, &err);
}

static void on_reply(void *ctx, const struct http_reply *reply, const struct error *transport)
{
	struct call *call = ctx;
	auto_error err = ERROR_INIT;

	call->http = NULL;
	call->queue->reads -= !changes_something(call);
	wait_for_next(call->queue);
	if (reply && reply->status >= 200 && reply->status < 300) {
		on_success(call, reply);
	} else if (reply) {
		on_failure(call, reply);
	} else {
		error_copy(&err, transport);
		failed(call, failure_of_transport(&err), &err);
	}
}

/* Host is among them so that what was signed is what is sent, whatever curl would write itself. */
static size_t write_headers(const struct calls *c, const char *time, struct http_header headers[HEADERS_MAX])
{
	const struct secret *token = &c->o.credentials->session_token;
	size_t count = 0;

	headers[count++] =
		(struct http_header){ "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" };
	headers[count++] = (struct http_header){ "Host", c->o.endpoint->host };
	headers[count++] = (struct http_header){ "X-Amz-Date", time };
	if (!secret_is_empty(token))
		headers[count++] = (struct http_header){ "X-Amz-Security-Token", secret_reveal(token) };
	return count;
}

static bool sign(const struct call *call, const struct http_header *headers, size_t count, struct text *ret,
	struct error *err)
{
	const struct calls_options *o = &call->queue->o;

	return sigv4_sign(
		&(struct sigv4_request){
			.method = "POST",
			.path = o->endpoint->path,
			.query = "",
			.headers = headers,
			.header_count = count,
			.body = call->body,
			.body_len = strlen(call->body),
		},
		&(struct sigv4_signer){ o->credentials->access_key_id, &o->credentials->secret_key },
		&(struct sigv4_scope){
			.wall_ms = call->signed_ms, .region = o->endpoint->region, .service = "ec2" },
		ret, err);
}

static int attempt_limit(const struct call *call)
{
	int64_t limit = changes_something(call) ? MUTATION_LIMIT_MS : READ_LIMIT_MS;
	int64_t left = call->deadline_ms - call->asked_ms;

	if (left < ATTEMPT_LEAST_MS)
		left = ATTEMPT_LEAST_MS;
	return (int)(left < limit ? left : limit);
}

static void post(struct call *call, const struct http_header *headers, size_t count)
{
	struct calls *c = call->queue;
	bool mutates = changes_something(call);

	c->reads += !mutates;
	c->counts.calls++;
	c->counts.mutations += mutates;
	call->attempts++;
	call->http = http_send(c->http,
		&(struct http_request){
			.method = "POST",
			.url = c->o.endpoint->url,
			.headers = headers,
			.header_count = count,
			.body = call->body,
			.body_len = strlen(call->body),
			.fresh = mutates,
			.connect_limit_ms = CONNECT_LIMIT_MS,
			.limit_ms = attempt_limit(call),
			.reply_cap = XML_BYTES_MAX,
		},
		on_reply, call);
}

/* Every attempt is signed anew, with its own time. */
static void send_signed(struct call *call)
{
	struct http_header headers[HEADERS_MAX];
	char time[CLOCK_COMPACT_SIZE];
	auto_error err = ERROR_INIT;
	auto_text authorization;
	size_t count;

	text_init(&authorization, SIGV4_TEXT_MAX);
	call->signed_ms = clock_wall_ms(call->queue->o.clock);
	count = write_headers(call->queue, clock_format_compact(call->signed_ms, time), headers);
	if (!sign(call, headers, count, &authorization, &err)) {
		finish_error(call, &err);
		return;
	}
	headers[count++] = (struct http_header){ "Authorization", authorization.bytes };
	post(call, headers, count);
}

/* What needs no token ends here. */
static void answer_unsent(struct call *call)
{
	auto_error err = ERROR_INIT;

	if (call->too_large) {
		error_set(&err, ERROR_USAGE, "the request is larger than %d bytes", PARAMETERS_MAX);
		finish_error(call, &err);
	} else if (call->dry_run) {
		finish(call, &(struct call_reply){ .request_id = "", .asked_ms = call->asked_ms }, NULL);
	} else {
		error_set(&err, ERROR_TIMEOUT, "it was not sent in time");
		err.happened = call->in_doubt ? HAPPENED_UNKNOWN : HAPPENED_NO;
		finish_error(call, &err);
	}
}

static void start(struct call *call)
{
	bool unsent = needs_no_token(call);

	call->asked_ms = clock_mono_ms(call->queue->o.clock);
	if (unsent)
		answer_unsent(call);
	else if (buckets_take(&call->queue->buckets, call->id, call->asked_ms))
		send_signed(call);
}

static bool goes_before(const struct call *a, const struct call *b, int64_t now)
{
	const struct urgency_call one = { a->subject, a->dry_run, a->wanted_ms };
	const struct urgency_call other = { b->subject, b->dry_run, b->wanted_ms };

	return urgency_goes_before(a->queue->o.urgency, &one, &other, now);
}

/* The call that can go now and goes before the others. */
static struct call *find_ready(const struct calls *c, int64_t now)
{
	struct call *first = NULL;

	for (struct call *call = c->all; call; call = call->next)
		if (may_start(call) && ready_ms(call, now) <= now &&
			(!first || goes_before(call, first, now)))
			first = call;
	return first;
}

static void on_timer(uv_timer_t *timer)
{
	struct calls *c = timer->data;
	int64_t now = clock_mono_ms(c->o.clock);
	struct call *call;

	while (!c->closing && (call = find_ready(c, now)))
		start(call);
	if (!c->closing)
		wait_for_next(c);
}

static bool has_waited_long(const struct call *call, int64_t now)
{
	int64_t limit = call->action->class == ACTION_LAUNCHES ? CROWDED_LAUNCH_MS : CROWDED_MS;

	return !call->http && call->due_ms <= now && now - call->wanted_ms > limit;
}

int64_t calls_admit(struct calls *c)
{
	int64_t now = clock_mono_ms(c->o.clock);

	for (const struct call *call = c->all; call; call = call->next)
		if (has_waited_long(call, now))
			return CROWDED_MS;
	return buckets_admit(&c->buckets, now);
}

void calls_split(struct calls *c, unsigned parts)
{
	buckets_split(&c->buckets, parts, clock_mono_ms(c->o.clock));
}

void calls_send(struct calls *c, const struct call_order *o)
{
	struct call *call = alloc_zeroed(1, sizeof(*call));
	int64_t now = clock_mono_ms(c->o.clock);

	if (o->dry_run)
		form_add(o->form, "DryRun", "true");
	*call = (struct call){
		.next = c->all,
		.queue = c,
		.id = o->action,
		.action = action_get(o->action),
		.dry_run = o->dry_run,
		.too_large = o->form->cut,
		.subject = o->subject,
		.done = o->done,
		.ctx = o->ctx,
		.wanted_ms = now,
		.decided_ms = o->decided_ms ? o->decided_ms : now,
		.due_ms = now,
		.deadline_ms = now + CALL_LIMIT_MS,
	};
	call->body = text_take(o->form);
	c->all = call;
	wait_for_next(c);
}

struct aws_counts calls_counts(const struct calls *c)
{
	return c->counts;
}

bool calls_open(const struct calls_options *o, struct calls **ret, struct error *err)
{
	const struct http_options http = { .ca_file = o->endpoint->ca_file, .user_agent = "changeover" };
	struct calls *c = alloc_zeroed(1, sizeof(*c));

	c->o = *o;
	if (!http_client_open(o->loop, &http, &c->http, err)) {
		free(c);
		return false;
	}
	uv_timer_init(o->loop, &c->timer);
	c->timer.data = c;
	*ret = c;
	return true;
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void calls_close(struct calls *c)
{
	c->closing = true;
	http_client_close(c->http);
	while (c->all) {
		struct call *call = c->all;

		c->all = call->next;
		call_free(call);
	}
	uv_close((uv_handle_t *)&c->timer, on_closed);
}
