#include "server/fleetlock.h"

#include <string.h>

static bool refuse(struct request *r, int status, const char *kind, const char *value)
{
	json_t *document = json_object();

	json_object_set_new(document, "kind", json_string(kind));
	json_object_set_new(document, "value", json_text(value));
	request_answer(r, status, document);
	return false;
}

/* The protocol's ^[a-zA-Z0-9.-]+$. */
static bool is_group(const char *s)
{
	static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	return request_name_is_fit(s) && !s[strspn(s, ALLOWED)];
}

/* A member of the client's parameters; "" if it is missing or no text, or has a NUL in it. */
static const char *parameter(const json_t *document, const char *name)
{
	const json_t *value = json_object_get(json_object_get(document, "client_params"), name);
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : "";
}

/* Reads the body into r->ask. */
static bool read_body(struct request *r)
{
	json_auto_t *document = NULL;
	auto_error err = ERROR_INIT;

	if (!json_read(r->question.body, r->question.body_len, &document, &err))
		return refuse(r, 400, "invalid_body", err.message);
	r->ask.name = arena_copy(r->arena, parameter(document, "group"));
	r->ask.who = arena_copy(r->arena, parameter(document, "id"));
	if (!is_group(r->ask.name))
		return refuse(r, 400, "invalid_group",
			"client_params.group must be letters, digits, dots and hyphens, 255 at most");
	if (!request_name_is_fit(r->ask.who))
		return refuse(r, 400, "invalid_id", "client_params.id must be a text of 1 to 255 bytes");
	return true;
}

static bool read_request(struct request *r, enum lock_act act)
{
	if (strcmp(request_header(r, "fleet-lock-protocol"), "true") != 0)
		return refuse(
			r, 400, "invalid_protocol", "the header `fleet-lock-protocol: true` is missing");
	if (r->options->fleetlock_needs_certificate && !r->question.client)
		return refuse(r, 401, "unauthorized", "a client certificate is needed");
	r->ask.act = act;
	r->ask.via = "fleetlock";
	return read_body(r);
}

static bool read_pre_reboot(struct request *r)
{
	return read_request(r, LOCK_TAKE);
}

static bool read_steady_state(struct request *r)
{
	return read_request(r, LOCK_GIVE_BACK);
}

static void answer(struct request *r, const struct lock_decision *d)
{
	switch (d->verdict) {
	case LOCK_GRANTED:
	case LOCK_NOT_HOLDER: /* giving back what one does not hold succeeds */
		request_answer(r, 200, json_object());
		return;
	case LOCK_FULL:
		refuse(r, 423, "lock_held", request_held_text(r, d->lock));
		return;
	case LOCK_IS_DISABLED:
		refuse(r, 423, "lock_disabled", "this group was disabled by an operator");
		return;
	case LOCK_TOO_MANY:
		refuse(r, 507, "too_many_groups", "no more groups can be made");
		return;
	case LOCK_MISSING:
	case LOCK_IN_USE:
	case LOCK_EXISTS:
	case LOCK_VERDICT_COUNT:
		refuse(r, 500, "bug", "a decision that the protocol does not know");
		return;
	}
}

static void failed(struct request *r, const char *text)
{
	refuse(r, 503, "store_failed", text);
}

const struct route fleetlock_pre_reboot = {
	.method = "POST",
	.path = "/v1/pre-reboot",
	.protocol = METRICS_FLEETLOCK,
	.read = read_pre_reboot,
	.answer = answer,
	.failed = failed,
};

const struct route fleetlock_steady_state = {
	.method = "POST",
	.path = "/v1/steady-state",
	.protocol = METRICS_FLEETLOCK,
	.read = read_steady_state,
	.answer = answer,
	.failed = failed,
};
