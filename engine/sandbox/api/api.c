#include "sandbox/api/api.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "sandbox/api/access.h"
#include "sandbox/api/actions.h"
#include "sandbox/api/damage.h"
#include "sandbox/api/fault_page.h"
#include "sandbox/api/guest_page.h"
#include "sandbox/api/memory.h"
#include "sandbox/api/pages.h"
#include "sandbox/api/throttle.h"
#include "sandbox/api/throttle_page.h"
#include "sandbox/model/incidents.h"
#include "sandbox/model/places.h"

enum { REPLY_MAX = 64 * 1024 * 1024 };

static const char XML_TYPE[] = "text/xml;charset=UTF-8";
static const char STS_VERSION[] = "2011-06-15";

struct api {
	struct api_options options;
	struct throttle *throttle; /* owned; NULL: off */
	struct memory *memory;     /* owned; of answers, for stale ones */
};

struct api *api_new(const struct api_options *o)
{
	struct api *a = alloc_zeroed(1, sizeof(*a));

	a->options = *o;
	a->memory = memory_new();
	a->throttle = o->throttle ? throttle_new(action_count()) : NULL;
	return a;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	throttle_free(a->throttle);
	memory_free(a->memory);
	free(a);
}

/* A random UUID (version 4), as AWS's request ids are. */
static void make_request_id(const struct api *a, char ret[API_REQUEST_ID_SIZE])
{
	char hex[33];

	id_random_hex(hex, 16, a->options.entropy);
	snprintf(ret, API_REQUEST_ID_SIZE, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		hex + 20);
}

/* One call on its way through. */
struct call {
	struct api *api;
	const struct signed_request *http;
	struct request request;
	struct signature_claim claim;
	enum dialect dialect;
	size_t number; /* of the action */
	int64_t wall_ms;
	struct fault_question question;
	const struct fault *fault; /* what happens to it; never NULL */
};

/* The Query protocol takes parameters from the body of a POST, or from the query of a GET. */
static bool read_form(struct call *c, struct error *err)
{
	const struct signed_request *h = c->http;
	bool post = !strcmp(h->method, "POST");
	const char *bytes = post ? h->body : h->query;
	size_t len = post ? h->body_len : strlen(h->query);

	if (form_read(bytes, len, c->request.arena, &c->request.form, err))
		return true;
	error_set_code(err, "MalformedQueryString");
	return false;
}

static bool find_action(struct call *c, struct error *err)
{
	const char *name = request_text(&c->request, "Action");
	const char *version = request_text(&c->request, "Version");

	if (!name || !*name)
		return model_refuse(err, "MissingAction", "The request must contain the parameter Action");
	c->request.action = action_find(name, &c->number);
	if (!c->request.action || c->request.action->dialect != c->dialect)
		return model_refuse(
			err, "InvalidAction", "The action %s is not valid for this web service.", name);
	if (!version)
		return model_refuse(
			err, "MissingParameter", "The request must contain the parameter Version");
	return true;
}

static bool is_unfiltered(const struct request *r)
{
	for (size_t i = 0; i < r->form.count; i++) {
		const char *name = r->form.pairs[i].name;

		if (strcmp(name, "Action") != 0 && strcmp(name, "Version") != 0 &&
			strcmp(name, "DryRun") != 0)
			return false;
	}
	return true;
}

static unsigned count_resources(const struct request *r)
{
	int count = (int)request_list(r, "InstanceId").count;
	auto_error err = ERROR_INIT;

	if (!request_int(r, "MaxCount", &count, &err) || count < 1)
		count = 1;
	return (unsigned)count;
}

static bool check_throttle(struct call *c, struct error *err)
{
	const struct action *action = c->request.action;
	enum throttle_class class = action->throttle;
	int64_t now_ms = model_now(c->request.model);
	struct throttle *t = c->api->throttle;

	if (class == THROTTLE_READ && is_unfiltered(&c->request))
		class = THROTTLE_UNFILTERED;
	if (!t ||
		(throttle_take(t, c->number, class, 1, now_ms) &&
			throttle_take(t, c->number, action->resources, count_resources(&c->request), now_ms)))
		return true;
	return model_refuse(err, "RequestLimitExceeded", "Request limit exceeded.");
}

/* While answers can be stale, each is kept, or given once more. */
static void remember(struct call *c)
{
	bool repeat = fault_kind_row(c->fault->kind)->reply == FAULT_REPLY_OLD;
	const char *old;
	uint64_t question;

	if (c->request.action->mutates || !faults_wait_at(model_faults(c->request.model), FAULT_AT_CALL))
		return;
	question = request_fingerprint(&c->request);
	old = memory_find(c->api->memory, question);
	if (!repeat || !old) {
		memory_keep(c->api->memory, question, c->request.reply->bytes);
		return;
	}
	text_clear(c->request.reply);
	text_add(c->request.reply, old);
}

static bool carry_out(struct call *c, struct error *err)
{
	const struct access access = {
		.access_key = c->api->options.access_key,
		.secret = c->api->options.secret,
		.region = model_region(c->request.model),
		.dialect = c->dialect,
		.wall_ms = c->wall_ms + c->fault->off_ms,
	};

	if (!access_check(&access, c->http, &c->claim, err))
		return false;
	c->request.access_key = c->claim.access_key;
	if (!find_action(c, err) || !action_check_params(c->request.action, &c->request, err) ||
		!request_bool(&c->request, "DryRun", &c->request.dry_run, err) || !check_throttle(c, err) ||
		!c->request.action->handle(&c->request, err))
		return false;
	if (!model_commits(c->request.dry_run, err)) /* mutations have refused already; this is for reads */
		return false;
	if (c->request.reply->cut)
		return model_refuse(err, "InternalError", "The reply would be too large: ask for pages");
	remember(c);
	return true;
}

static void note(const struct call *c, const struct error *err)
{
	const char *name = request_text(&c->request, "Action");
	const struct ledger_call call = {
		.access_key = c->claim.access_key,
		.action = name ? name : "",
		.mutation = c->request.action && c->request.action->mutates && !c->request.dry_run,
		.dry_run = c->request.dry_run,
		.error = err->code,
	};

	ledger_add_call(c->api->options.ledger, &call);
}

static void write_reply(struct call *c, const struct error *err, struct api_reply *ret)
{
	enum latency latency = c->request.action ? c->request.action->latency : LATENCY_API_CALL;

	ret->content_type = XML_TYPE;
	ret->delay_ms = model_draw(c->request.model, err->kind == ERROR_NONE ? latency : LATENCY_API_CALL);
	if (err->kind != ERROR_NONE) {
		ret->status = reply_error(c->dialect, err, ret->request_id, &ret->body);
		return;
	}
	ret->status = 200;
	reply_wrap(c->dialect, c->request.action->name, ret->request_id, c->request.reply->bytes, &ret->body);
}

static enum dialect dialect_of(const struct request *r)
{
	const char *version = request_text(r, "Version");

	return version && !strcmp(version, STS_VERSION) ? DIALECT_STS : DIALECT_EC2;
}

/* Carries it out as often as its fault says. The last time is what the client hears of. */
static void serve(struct call *c, struct error *err)
{
	static const int TIMES[] = {
		[FAULT_EFFECT_NONE] = 0,
		[FAULT_EFFECT_ONCE] = 1,
		[FAULT_EFFECT_TWICE] = 2,
	};
	const struct fault_kind_row *row = fault_kind_row(c->fault->kind);

	c->request.without_newest = row->reply == FAULT_REPLY_SHORTER;
	if (row->effect == FAULT_EFFECT_NONE) {
		damage_refuse(c->fault, &c->question, err);
		note(c, err);
	}
	for (int n = 0; n < TIMES[row->effect]; n++) {
		error_release(err);
		text_clear(c->request.reply);
		if (!carry_out(c, err))
			text_clear(c->request.reply);
		note(c, err);
	}
}

static void handle_call(struct api *a, const struct signed_request *r, int64_t wall_ms, struct api_reply *ret)
{
	auto_arena arena = ARENA_INIT;
	auto_error err = ERROR_INIT;
	auto_text inner = { .bytes = NULL };
	struct call c = {
		.api = a,
		.http = r,
		.wall_ms = wall_ms,
		.fault = &damage_none,
		.request = {
			.model = a->options.model,
			.machines = &a->options.machines,
			.arena = &arena,
			.reply = &inner,
		},
	};

	text_init(&inner, REPLY_MAX);
	if (read_form(&c, &err)) {
		c.dialect = dialect_of(&c.request);
		c.question = damage_question(&c.request);
		c.fault = damage_find(&c.request, &c.question);
		serve(&c, &err);
		model_after_call(a->options.model, &c.question);
	} else {
		note(&c, &err);
	}
	write_reply(&c, &err, ret);
	ret->date_ms = c.fault->off_ms ? wall_ms + c.fault->off_ms : 0;
	damage_reply(c.fault, ret);
}

static void refuse_path(struct api_reply *ret)
{
	ret->status = 404;
	ret->content_type = "text/plain";
	text_add(&ret->body, "not found: the API is at /, the sandbox's own pages are below /_sandbox/\n");
}

void api_handle(struct api *a, const struct signed_request *r, int64_t wall_ms, struct api_reply *ret)
{
	const struct pages_source source = {
		.model = a->options.model,
		.ledger = a->options.ledger,
		.machines = &a->options.machines,
	};
	const struct fault_page faults = { .model = a->options.model, .ssh = a->options.ssh_faults };

	ret->delay_ms = 0;
	make_request_id(a, ret->request_id);
	if (!strcmp(r->path, "/") || !*r->path) {
		handle_call(a, r, wall_ms, ret);
		return;
	}
	if (fault_page_answer(&faults, r, ret) || guest_page_answer(&a->options.machines, r, ret) ||
		throttle_page_answer(&a->throttle, r, ret))
		return;
	if (!strcmp(r->method, "GET") && pages_write(&source, r->path, &ret->body)) {
		ret->status = 200;
		ret->content_type = "application/json";
	} else
		refuse_path(ret);
}
