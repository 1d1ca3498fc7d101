#include "report/rollout_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/causes.h"
#include "report/member.h"

enum { HEADLINE_MAX_BYTES = 4096, NAMED_MAX = 20 /* machines of one cause, in a text */ };

struct account {
	const struct standing *standing;
	struct arena arena;
	struct causes causes;
	const char *headline;
};

/* ---- the headline ---- */

/* Behind a figure stands its most frequent cause, and for how many, if it is not that of all. */
static const char *why(const struct account *a, enum machine_state s, struct arena *arena)
{
	for (size_t i = 0; i < a->causes.count; i++) {
		const struct cause *c = &a->causes.list[i];

		if (c->state != s || !*c->reason)
			continue;
		if ((int64_t)c->count == a->standing->tally.counts[s])
			return c->reason;
		return arena_printf(arena, "%zu of them: %s", c->count, c->reason);
	}
	return NULL;
}

static void make_headline(struct account *a)
{
	struct tally t = a->standing->tally;
	auto_text line = { 0 };
	auto_text clean = { 0 };

	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		t.why[i] = why(a, (enum machine_state)i, &a->arena);
	text_init(&line, HEADLINE_MAX_BYTES);
	text_init(&clean, HEADLINE_MAX_BYTES);
	tally_line(&t, &line);
	style_clean(line.bytes, &clean);
	a->headline = arena_copy(&a->arena, clean.bytes);
}

static void account_init(struct account *a, const struct standing *s)
{
	*a = (struct account){ .standing = s };
	causes_find(s, &a->arena, &a->causes);
	make_headline(a);
}

static int64_t took_ms(const struct standing *s)
{
	bool over = s->phase == STANDING_OVER;

	return (over ? s->record.updated_ms : s->now_ms) - s->record.created_ms;
}

/* ---- text ---- */

static void add_head(const struct account *a, const struct style *style, struct text *ret)
{
	const struct rollout_record *r = &a->standing->record;
	char begun[CLOCK_TEXT_SIZE], span[CLOCK_SPAN_SIZE];

	style_bold(style, a->headline, ret);
	text_addf(ret, "\n%s of %s: %s, begun %s, %s %s\n", r->id, *r->plan_name ? r->plan_name : "?",
		rollout_state_name(r->state), clock_format_seconds(r->created_ms, begun),
		a->standing->phase == STANDING_OVER ? "took" : "so far",
		clock_format_span(took_ms(a->standing), span));
}

static void add_names(const struct cause *c, struct text *ret)
{
	text_add(ret, "   ");
	for (size_t i = 0; i < c->count && i < NAMED_MAX; i++)
		text_addf(ret, " %s", c->machines[i]->row.machine);
	if (c->count > NAMED_MAX)
		text_addf(ret, " and %zu more", c->count - NAMED_MAX);
	text_add_char(ret, '\n');
}

static void add_cause(
	const struct account *a, const struct cause *c, const struct style *style, struct text *ret)
{
	style_sign(style, tally_sign(c->state), ret);
	text_addf(ret, " %zu %s", c->count, tally_word(c->state, a->standing->tally.back));
	if (*c->reason) {
		text_add(ret, ": ");
		style_clean(c->reason, ret);
	}
	text_add_char(ret, '\n');
	add_names(c, ret);
}

void rollout_report_text(const struct standing *s, const struct style *style, struct text *ret)
{
	struct account a;

	account_init(&a, s);
	add_head(&a, style, ret);
	if (a.causes.count)
		text_add(ret, "\nby cause\n");
	for (size_t i = 0; i < a.causes.count; i++)
		add_cause(&a, &a.causes.list[i], style, ret);
	text_add(ret, "\nby machine\n");
	for (size_t i = 0; i < s->count; i++) {
		standing_machine_line(s, &s->machines[i], style, ret);
		text_add_char(ret, '\n');
	}
	arena_release(&a.arena);
}

/* ---- Markdown ---- */

/* Nothing in a foreign text may end a cell, begin a tag or a link, or mention anybody. */
static void add_escaped(const char *foreign, struct text *ret)
{
	auto_text clean = { 0 };

	text_init(&clean, HEADLINE_MAX_BYTES);
	style_clean(foreign, &clean);
	for (const char *c = clean.bytes; *c; c++) {
		if (*c == '@') {
			text_add(ret, "&#64;");
			continue;
		}
		if (strchr("\\`*_{}[]()<>#|!~", *c))
			text_add_char(ret, '\\');
		text_add_char(ret, *c);
	}
}

static void add_cause_row(const struct account *a, const struct cause *c, struct text *ret)
{
	text_addf(ret, "| %zu | %s | ", c->count, tally_word(c->state, a->standing->tally.back));
	add_escaped(c->reason, ret);
	text_add(ret, " |");
	for (size_t i = 0; i < c->count && i < NAMED_MAX; i++)
		text_addf(ret, " `%s`", c->machines[i]->row.machine);
	if (c->count > NAMED_MAX)
		text_addf(ret, " and %zu more", c->count - NAMED_MAX);
	text_add(ret, " |\n");
}

static void add_machine_row(const struct standing *s, const struct standing_machine *m, struct text *ret)
{
	char span[CLOCK_SPAN_SIZE];

	text_addf(ret, "| `%s` | %s | %s | %s | ", m->row.machine, m->row.stage,
		tally_word(m->state, s->tally.back),
		m->row.took_ms ? clock_format_span(m->row.took_ms, span) : "");
	add_escaped(m->row.cause, ret);
	text_addf(ret, " | %s |\n", m->row.rebuild);
}

static void add_machine_rows(const struct standing *s, struct text *ret)
{
	text_addf(ret, "\n<details><summary>%zu machines</summary>\n\n", s->count);
	text_add(ret, "| machine | stage | state | took | cause | rebuild |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < s->count && i < REPORT_ROWS_MAX; i++)
		add_machine_row(s, &s->machines[i], ret);
	if (s->count > REPORT_ROWS_MAX)
		text_addf(ret, "\nand %zu more: `changeover report %s`\n", s->count - REPORT_ROWS_MAX,
			s->record.id);
	text_add(ret, "\n</details>\n");
}

void rollout_report_markdown(const struct standing *s, struct text *ret)
{
	struct account a;
	char span[CLOCK_SPAN_SIZE];

	account_init(&a, s);
	text_addf(ret, "### Rollout %s of ", s->record.id);
	add_escaped(s->record.plan_name, ret);
	text_add(ret, "\n\n**");
	add_escaped(a.headline, ret);
	text_addf(ret, "**\n\n%s, %s\n", rollout_state_name(s->record.state),
		clock_format_span(took_ms(s), span));
	if (a.causes.count)
		text_add(ret, "\n| machines | state | cause | |\n|---:|---|---|---|\n");
	for (size_t i = 0; i < a.causes.count; i++)
		add_cause_row(&a, &a.causes.list[i], ret);
	add_machine_rows(s, ret);
	arena_release(&a.arena);
}

/* ---- JSON ---- */

static json_t *cause_json(const struct cause *c)
{
	json_t *o = json_object(), *names = json_array();

	member_text(o, "state", machine_state_name(c->state));
	member_text(o, "cause", c->reason);
	member_number(o, "count", (int64_t)c->count);
	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(names, json_text(c->machines[i]->row.machine));
	json_object_set_new(o, "machines", names);
	return o;
}

json_t *rollout_report_json(const struct standing *s)
{
	json_t *o = rollout_json(&s->record), *causes = json_array(), *machines = json_array();
	struct account a;

	account_init(&a, s);
	member_text(o, "summary", a.headline);
	member_number(o, "took_ms", took_ms(s));
	json_object_set_new(o, "figures", tally_object(&s->tally));
	for (size_t i = 0; i < a.causes.count; i++)
		json_array_append_new(causes, cause_json(&a.causes.list[i]));
	json_object_set_new(o, "causes", causes);
	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(machines, standing_machine_json(&s->machines[i]));
	json_object_set_new(o, "machines", machines);
	arena_release(&a.arena);
	return o;
}
