#include "server/fdlm_words.h"

#include <string.h>
#include <time.h>

/* The only type of lock that the plug-in has. */
static const char TYPE[] = "ForemanDlm::Dlmlock::Update";

/* Foreman's own words for what happened to a lock. */
static const char *const EVENTS[HOLDING_CHANGE_COUNT] = {
	[HOLDING_LOCK_ENABLED] = "enable",
	[HOLDING_LOCK_DISABLED] = "disable",
	[HOLDING_TAKEN] = "acquire",
	[HOLDING_GIVEN_BACK] = "release",
	[HOLDING_RELEASED] = "release",
};

/* "2026-11-22 01:02:03 UTC" */
static json_t *time_json(int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[64];

	if (!gmtime_r(&at, &parts) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts))
		return json_null();
	return json_string(text);
}

/* Foreman numbers its hosts. We know names: a number that is always the same for one name (FNV-1a, 31 bits). */
static json_t *host_id_json(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return json_integer(hash & 0x7fffffff);
}

const struct lock_holder *fdlm_holder_for(const struct lock *l, const char *asker)
{
	const struct lock_holder *own = lock_find_holder(l, asker);

	if (own || !l->count)
		return own;
	return (int64_t)l->count >= l->slots ? &l->holders[0] : NULL;
}

static json_t *host_json(const struct lock_holder *h, const char *asker)
{
	json_t *host = json_object();

	json_object_set_new(host, "name", json_text(h->name));
	if (asker)
		json_object_set_new(host, "self", json_boolean(!strcmp(h->name, asker)));
	return host;
}

json_t *fdlm_lock_json(const struct lock *l, const struct lock_holder *h, const char *asker)
{
	json_t *o = json_object();

	json_object_set_new(o, "id", json_integer(l->id));
	json_object_set_new(o, "host_id", h ? host_id_json(h->name) : json_null());
	json_object_set_new(o, "name", json_text(l->name));
	json_object_set_new(o, "enabled", json_boolean(l->enabled));
	json_object_set_new(o, "type", json_string(TYPE));
	json_object_set_new(o, "created_at", time_json(l->created_ms));
	json_object_set_new(o, "updated_at", time_json(l->updated_ms));
	json_object_set_new(o, "host", h ? host_json(h, asker) : json_null());
	return o;
}

json_t *fdlm_event_json(const struct holding_event *e)
{
	json_t *o;

	if (!EVENTS[e->kind])
		return NULL;
	o = json_object();
	json_object_set_new(o, "id", json_integer(e->id));
	json_object_set_new(o, "event_type", json_string(EVENTS[e->kind]));
	json_object_set_new(o, "created_at", time_json(e->at_ms));
	json_object_set_new(o, "updated_at", time_json(e->at_ms));
	json_object_set_new(
		o, "host", *e->holder ? json_pack("{s:o}", "name", json_text(e->holder)) : json_null());
	return o;
}

bool fdlm_refuse(struct request *r, int status, int64_t id, const char *message)
{
	json_t *error = json_object();

	if (id)
		json_object_set_new(error, "id", json_integer(id));
	json_object_set_new(error, "message", json_text(message));
	request_answer(r, status, json_pack("{s:o}", "error", error));
	return false;
}

void fdlm_ask(struct request *r, enum lock_act act, const char *who, const char *via)
{
	r->ask.act = act;
	r->ask.name = r->name;
	r->ask.may_be_id = true;
	r->ask.who = who;
	r->ask.via = via;
}

void fdlm_refuse_verdict(struct request *r, enum lock_verdict verdict)
{
	if (verdict == LOCK_MISSING)
		fdlm_refuse(r, 404, 0, arena_printf(r->arena, "there is no lock %s", r->ask.name));
	else if (verdict == LOCK_TOO_MANY)
		fdlm_refuse(r, 507, 0, "no more locks can be made");
	else
		fdlm_refuse(r, 500, 0, "a decision that the protocol does not know");
}

void fdlm_failed(struct request *r, const char *text)
{
	fdlm_refuse(r, 503, 0, text);
}
