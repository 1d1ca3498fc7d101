#include "report/event_json.h"

#include "report/member.h"

static void set_outcome(json_t *object, const struct event *e)
{
	json_object_set_new(object, "ok", json_boolean(e->error == ERROR_NONE));
	if (e->error == ERROR_NONE)
		return;
	member_text(object, "error", error_kind_name(e->error));
	member_text(object, "happened", error_happened_name(e->happened));
}

json_t *event_json(const struct event *e)
{
	json_t *o = json_object();

	if (e->seq)
		member_number(o, "seq", e->seq);
	member_time(o, "time", e->at_ms);
	member_text(o, "type", event_kind_name(e->kind));
	member_text(o, "rebuild", e->rebuild);
	member_text(o, "step", e->step);
	member_text(o, "effect", e->effect);
	member_text(o, "token", e->token);
	member_text(o, "detail", e->detail);
	if (e->kind == EVENT_OUTCOME)
		set_outcome(o, e);
	member_text(o, "request_id", e->request_id);
	if (e->took_ms)
		member_number(o, "took_ms", e->took_ms);
	if (e->epoch)
		member_number(o, "epoch", e->epoch);
	return o;
}
