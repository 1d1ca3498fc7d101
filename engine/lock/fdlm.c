/*
 * fdlm.c: Foreman's distributed lock manager (the plug-in foreman_dlm): one holder per lock, who is the host
 * that the client certificate names. PUT takes, DELETE gives back, 412 says that somebody else has it; the body tells
 * who. A lock that does not exist is made by taking it (app/controllers/api/v2/dlmlocks_controller.rb).
 */
#include <string.h>

#include "lock/protocol.h"
#include "wire/form.h"

enum { MESSAGE_SHOWN = 160 };

static void ask(const struct lock_want *w, enum lock_action action, struct lock_request *ret)
{
	static const char *const METHODS[] = { [LOCK_TAKE] = "PUT", [LOCK_GIVE_BACK] = "DELETE" };

	ret->method = METHODS[action];
	lock_add_url(&ret->url, w, "/api/dlmlocks/");
	form_encode(&ret->url, w->name);
	text_add(&ret->url, "/lock");
	ret->headers[ret->header_count++] = (struct http_header){ "Content-Type", "application/json" };
	ret->headers[ret->header_count++] = (struct http_header){ "Accept", "application/json" };
}

/* NULL if it is no object. */
static json_t *object_of(const struct lock_reply *reply)
{
	auto_error err = ERROR_INIT;
	json_t *o = NULL;

	if (json_read(reply->body, reply->body_len, &o, &err) && json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

static const char *message_of(const json_t *o)
{
	return lock_text_at(json_object_get(o, "error"), "message");
}

/*
 * A 200 alone proves nothing: the page of a portal that wants a login has it, too. Once the lock is taken its
 * holder stands in the answer. Once it is given back there is none, unless the service lets several hold one.
 */
static struct lock_verdict judge_yes(enum lock_action action, const json_t *o)
{
	if (!json_is_string(json_object_get(o, "name")))
		return lock_verdict(LOCK_TROUBLE, "the server's answer is not that of a lock");
	if (action == LOCK_TAKE && !json_is_object(json_object_get(o, "host")))
		return lock_verdict(LOCK_TROUBLE, "the server says yes, and nobody holds the lock");
	return lock_yes();
}

/* The answer may be the lock with its holder, or an error in words. */
static struct lock_verdict judge_no(const json_t *o)
{
	const char *holder = lock_text_at(json_object_get(o, "host"), "name"), *message = message_of(o);

	if (holder[0])
		return lock_verdict(LOCK_NO, "held by %.*s", MESSAGE_SHOWN, holder);
	return lock_verdict(
		LOCK_NO, "%.*s", MESSAGE_SHOWN, message[0] ? message : "the server does not say who has it");
}

static struct lock_verdict judge(enum lock_action action, const struct lock_reply *reply)
{
	json_auto_t *o = object_of(reply);

	switch (reply->status) {
	case 200:
		return judge_yes(action, o);
	case 404: /* taking makes it, so the address is wrong; and what is not there cannot be held */
		if (action == LOCK_GIVE_BACK && o)
			return lock_yes();
		break;
	case 412:
		return judge_no(o);
	}
	return lock_judge_status(reply->status, message_of(o));
}

const struct lock_protocol_row lock_fdlm = { .ask = ask, .judge = judge };
