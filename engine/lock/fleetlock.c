/*
 * fleetlock.c: FleetLock (coreos.github.io/zincati/development/fleetlock/protocol): a group has slots, held by
 * ids. 200 says yes, anything else no for now, with {"kind", "value"} as the reason: airlock answers 500
 * failed_lock when all slots are taken, poseidon's server 423 lock_held.
 */
#include <string.h>

#include "lock/protocol.h"

enum { SHOWN = 100 };

static void ask(const struct lock_want *w, enum lock_action action, struct lock_request *ret)
{
	static const char *const PATHS[] = {
		[LOCK_TAKE] = "/v1/pre-reboot", [LOCK_GIVE_BACK] = "/v1/steady-state"
	};
	json_auto_t *body = json_object();
	json_t *params = json_object();

	ret->method = "POST";
	lock_add_url(&ret->url, w, PATHS[action]);
	json_object_set_new(params, "id", json_text(w->id));
	json_object_set_new(params, "group", json_text(w->name));
	json_object_set_new(body, "client_params", params);
	json_write(body, JSON_ON_ONE_LINE, &ret->body);
	ret->headers[ret->header_count++] = (struct http_header){ "fleet-lock-protocol", "true" };
	ret->headers[ret->header_count++] = (struct http_header){ "Content-Type", "application/json" };
}

/* Other errors of a server may come after it did what was asked. */
static bool is_taken(int status, const char *kind)
{
	return status == 409 || status == 423 || !strcmp(kind, "failed_lock");
}

static struct lock_verdict judge_no(int status, const json_t *o)
{
	const char *kind = lock_text_at(o, "kind"), *value = lock_text_at(o, "value");

	if (!is_taken(status, kind))
		return lock_judge_status(status, value[0] ? value : kind);
	if (!kind[0])
		return lock_verdict(LOCK_NO, "somebody else has the slot");
	return lock_verdict(LOCK_NO, "%.*s%s%.*s", SHOWN, kind, value[0] ? ": " : "", SHOWN, value);
}

/* The protocol does not say what stands in a yes. A page for people is none: a portal or a proxy sent it. */
static bool is_a_page(const struct lock_reply *reply)
{
	return reply->body[strspn(reply->body, " \t\r\n")] == '<';
}

static struct lock_verdict judge(enum lock_action action, const struct lock_reply *reply)
{
	auto_error err = ERROR_INIT;
	json_auto_t *o = NULL;

	(void)action;
	if (reply->status == 200)
		return is_a_page(reply)
			       ? lock_verdict(LOCK_TROUBLE, "the server answers with a page for people")
			       : lock_yes();
	(void)!json_read(reply->body, reply->body_len, &o, &err); /* without words it is a no all the same */
	return judge_no(reply->status, o);
}

const struct lock_protocol_row lock_fleetlock = { .ask = ask, .judge = judge };
