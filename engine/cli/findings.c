#include "cli/findings.h"

#include "report/member.h"

enum { LABEL_COLUMNS = 8 };

static const enum sign SIGNS[SEVERITY_COUNT] = {
	[SEVERITY_URGENT] = SIGN_FAILED,
	[SEVERITY_WRONG] = SIGN_UNDONE,
	[SEVERITY_WASTE] = SIGN_WAITING,
	[SEVERITY_NOTE] = SIGN_PENDING,
};

static void add_line(const char *label, const char *value, struct text *ret)
{
	text_addf(ret, "    %-*s ", LABEL_COLUMNS, label);
	style_clean(value, ret);
	text_add(ret, "\n");
}

static void add_since(int64_t since_ms, int64_t now_ms, struct text *ret)
{
	char time[CLOCK_TEXT_SIZE], span[CLOCK_SPAN_SIZE];

	if (!since_ms)
		return;
	text_addf(ret, "    %-*s %s", LABEL_COLUMNS, "since", clock_format_seconds(since_ms, time));
	if (now_ms > since_ms)
		text_addf(ret, " (%s ago)", clock_format_span(now_ms - since_ms, span));
	text_add(ret, "\n");
}

/* What to do: by hand, or by us; where both are there, each has its line. */
static void add_ways(const struct finding *f, struct text *ret)
{
	if (f->by_hand)
		add_line("do", f->by_hand, ret);
	if (f->remedy == REMEDY_NONE)
		return;
	text_addf(ret, "    %-*s ", LABEL_COLUMNS, f->by_hand ? "or" : "do");
	if (f->row->safe)
		text_addf(ret, "changeover check --resolve (%s; that is safe)\n", f->row->action);
	else
		text_addf(ret, "changeover check --resolve %s:%s (%s)\n", f->row->name, f->object,
			f->row->action);
}

static void add_finding(const struct finding *f, int64_t now_ms, const struct style *style, struct text *ret)
{
	style_sign(style, SIGNS[f->row->severity], ret);
	text_add(ret, " ");
	style_bold(style, f->row->name, ret);
	text_addf(ret, ":%s\n", f->object);
	text_addf(ret, "    %-*s %s ", LABEL_COLUMNS, severity_name(f->row->severity), f->object);
	style_clean(f->what, ret);
	text_add(ret, "\n");
	if (f->row->about != ABOUT_REBUILD)
		add_line("rebuild", f->rebuild, ret);
	if (f->where)
		add_line("where", f->where, ret);
	add_since(f->since_ms, now_ms, ret);
	add_line("matters", f->row->matters, ret);
	add_ways(f, ret);
}

void findings_text(const struct findings *all, int64_t now_ms, const struct style *style, struct text *ret)
{
	for (size_t i = 0; i < all->count; i++)
		add_finding(&all->items[i], now_ms, style, ret);
}

static json_t *remedy_json(const struct finding *f)
{
	json_t *o = json_object();

	member_text(o, "action", f->row->action);
	json_object_set_new(o, "safe", json_boolean(f->row->safe));
	if (f->remedy == REMEDY_EFFECT)
		member_text(o, "effect", effect_kind_name(f->effect.kind));
	return o;
}

static json_t *finding_json(const struct finding *f, const struct finding_end *end)
{
	auto_arena a = ARENA_INIT;
	json_t *o = json_object();

	member_text(o, "name", finding_name(f, &a));
	member_text(o, "kind", f->row->name);
	member_text(o, "object", f->object);
	member_text(o, "rebuild", f->rebuild);
	member_text(o, "severity", severity_name(f->row->severity));
	member_text(o, "what", f->what);
	member_text(o, "where", f->where);
	member_text(o, "matters", f->row->matters);
	member_time(o, "since", f->since_ms);
	member_text(o, "by_hand", f->by_hand);
	if (f->remedy != REMEDY_NONE)
		json_object_set_new(o, "remedy", remedy_json(f));
	json_object_set_new(o, "resolved", json_boolean(end->tried && !end->why));
	member_text(o, "left_because", end->why);
	return o;
}

json_t *findings_json(const struct findings *all, const struct finding_end *ends)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->count; i++)
		json_array_append_new(list, finding_json(&all->items[i], &ends[i]));
	return list;
}
