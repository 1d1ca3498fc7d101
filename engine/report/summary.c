#include "report/summary.h"

#include <string.h>

#include "base/clock.h"
#include "report/fact.h"
#include "report/member.h"

static const enum sign STATE_SIGNS[RECORD_STATE_COUNT] = {
	[RECORD_PLANNED] = SIGN_PENDING,
	[RECORD_RUNNING] = SIGN_RUNNING,
	[RECORD_DONE] = SIGN_DONE,
	[RECORD_ROLLED_BACK] = SIGN_UNDONE,
	[RECORD_PARKED] = SIGN_FAILED,
	[RECORD_FAILED] = SIGN_FAILED,
};

/* The names in a JSON array of texts or of objects with an id: "vol-1, vol-2". */
static void add_list(const char *name, const char *json, struct text *ret)
{
	auto_error err = ERROR_INIT;
	json_auto_t *list = NULL;
	auto_text names = { 0 };
	json_t *item;
	size_t i;

	if (text_is_empty(json) || !json_read(json, strlen(json), &list, &err))
		return;
	text_init(&names, 1024);
	json_array_foreach(list, i, item)
	{
		const char *id = json_string_value(json_is_object(item) ? json_object_get(item, "id") : item);

		text_addf(&names, "%s%s", i ? ", " : "", id ? id : "?");
	}
	fact_add(name, names.bytes, NULL, ret);
}

static void add_outage(int64_t outage_ms, struct text *ret)
{
	char span[CLOCK_SPAN_SIZE];

	fact_add("outage window", outage_ms < 0 ? "never opened" : clock_format_span(outage_ms, span), NULL,
		ret);
}

static void add_rebuild(const struct summary_rebuild *s, const struct style *style, struct text *ret)
{
	const struct record *r = &s->record;
	char span[CLOCK_SPAN_SIZE];

	style_sign(style, STATE_SIGNS[r->state], ret);
	text_add_char(ret, ' ');
	style_bold(style, r->id, ret);
	text_addf(ret, " %s after %s\n", record_state_name(r->state), clock_format_span(s->took_ms, span));
	fact_add("cause", r->cause, NULL, ret);
	fact_add("blue", r->blue, r->image_from, ret);
	fact_add("green", r->green, r->image_to, ret);
	add_list("volumes", r->volumes, ret);
	add_list("addresses", r->addresses, ret);
	add_outage(s->outage_ms, ret);
	fact_add("next", s->next, NULL, ret);
}

void summary_text(const struct summary *s, const struct style *style, struct text *ret)
{
	for (size_t i = 0; i < s->count; i++)
		add_rebuild(&s->rebuilds[i], style, ret);
	if (s->api.calls)
		text_addf(ret, "%u API calls: %u mutations, %u throttled, %u tried again\n", s->api.calls,
			s->api.mutations, s->api.throttled, s->api.retries);
}

static void set_list(json_t *object, const char *key, const char *json)
{
	auto_error err = ERROR_INIT;
	json_t *list;

	if (!text_is_empty(json) && json_read(json, strlen(json), &list, &err))
		json_object_set_new(object, key, list);
}

json_t *record_json(const struct record *r)
{
	json_t *o = json_object();

	member_text(o, "rebuild", r->id);
	member_text(o, "state", record_state_name(r->state));
	member_text(o, "cause", r->cause);
	member_text(o, "plan", r->plan_name);
	member_text(o, "plan_path", r->plan_path);
	member_text(o, "plan_digest", r->plan_digest);
	member_text(o, "blue", r->blue);
	member_text(o, "green", r->green);
	member_text(o, "image_before", r->image_from);
	member_text(o, "image_after", r->image_to);
	set_list(o, "volumes", r->volumes);
	set_list(o, "addresses", r->addresses);
	member_time(o, "created", r->created_ms);
	member_time(o, "updated", r->updated_ms);
	return o;
}

static json_t *rebuild_json(const struct summary_rebuild *s)
{
	json_t *o = record_json(&s->record);

	json_object_set_new(o, "outage_ms", s->outage_ms < 0 ? json_null() : json_integer(s->outage_ms));
	member_number(o, "took_ms", s->took_ms);
	member_text(o, "next", s->next);
	return o;
}

static json_t *api_json(const struct summary *s)
{
	json_t *o = json_object();

	member_number(o, "calls", s->api.calls);
	member_number(o, "mutations", s->api.mutations);
	member_number(o, "throttled", s->api.throttled);
	member_number(o, "retries", s->api.retries);
	return o;
}

json_t *summary_json(const struct summary *s)
{
	json_t *o = json_object(), *rebuilds = json_array();

	member_number(o, "format_version", 1);
	member_text(o, "result", s->result);
	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(rebuilds, rebuild_json(&s->rebuilds[i]));
	json_object_set_new(o, "rebuilds", rebuilds);
	if (s->api.calls)
		json_object_set_new(o, "api", api_json(s));
	return o;
}
