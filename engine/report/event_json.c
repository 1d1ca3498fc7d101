#include "report/event_json.h"

#include "base/clock.h"

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, json_text(text));
}

static void set_outcome(json_t *object, const struct event *e)
{
	json_object_set_new(object, "ok", json_boolean(e->error == ERROR_NONE));
	if (e->error == ERROR_NONE)
		return;
	set_text(object, "error", error_kind_name(e->error));
	set_text(object, "happened", error_happened_name(e->happened));
}

json_t *event_json(const struct event *e)
{
	char time[CLOCK_TEXT_SIZE];
	json_t *o = json_object();

	json_object_set_new(o, "seq", json_integer(e->seq));
	set_text(o, "time", clock_format(e->at_ms, time));
	set_text(o, "type", event_kind_name(e->kind));
	set_text(o, "rebuild", e->rebuild);
	set_text(o, "step", e->step);
	set_text(o, "effect", e->effect);
	set_text(o, "token", e->token);
	set_text(o, "detail", e->detail);
	if (e->kind == EVENT_OUTCOME)
		set_outcome(o, e);
	set_text(o, "request_id", e->request_id);
	if (e->took_ms)
		json_object_set_new(o, "took_ms", json_integer(e->took_ms));
	if (e->epoch)
		json_object_set_new(o, "epoch", json_integer(e->epoch));
	return o;
}
