/* standing_text.c: how a rollout stands, as a tree for people. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/fact.h"
#include "report/standing.h"

enum { LINE_MAX_BYTES = 4096 };

static const enum sign PHASE_SIGNS[STANDING_PHASE_COUNT] = {
	[STANDING_OVER] = SIGN_DONE,
	[STANDING_HALTED] = SIGN_FAILED,
	[STANDING_PAUSED] = SIGN_WAITING,
	[STANDING_LEFT] = SIGN_FAILED,
	[STANDING_ENDS] = SIGN_WAITING,
	[STANDING_AT_GATE] = SIGN_WAITING,
	[STANDING_CLOSED] = SIGN_WAITING,
	[STANDING_GOES_ON] = SIGN_RUNNING,
};

static enum sign sign_of(const struct standing *s)
{
	if (s->phase != STANDING_OVER)
		return PHASE_SIGNS[s->phase];
	if (s->record.state == ROLLOUT_IS_REVERTED)
		return SIGN_UNDONE;
	return s->record.state != ROLLOUT_IS_DONE || standing_failures(s) ? SIGN_FAILED : SIGN_DONE;
}

static void add_head(const struct standing *s, const struct style *style, struct text *ret)
{
	const struct rollout_record *r = &s->record;
	bool over = s->phase == STANDING_OVER;
	char span[CLOCK_SPAN_SIZE];

	style_sign(style, sign_of(s), ret);
	text_add_char(ret, ' ');
	style_bold(style, r->id, ret);
	text_addf(ret, " %s %s %s\n", rollout_state_name(r->state), over ? "after" : "for",
		clock_format_span((over ? r->updated_ms : s->now_ms) - r->created_ms, span));
}

/* Without the reason why it halted, which is its cause. */
static void add_figures(const struct standing *s, struct text *ret)
{
	struct tally t = s->tally;

	t.halted = NULL;
	tally_line(&t, ret);
}

static void add_expected(const struct standing *s, struct text *ret)
{
	int64_t left_ms = s->record.expected_ms - s->now_ms;
	char when[CLOCK_TEXT_SIZE], span[CLOCK_SPAN_SIZE];
	auto_text line = { 0 };

	if (!s->record.expected_ms || s->phase != STANDING_GOES_ON)
		return; /* nobody knows how long it will wait */
	text_init(&line, LINE_MAX_BYTES);
	text_add(&line, clock_format_seconds(s->record.expected_ms, when));
	if (left_ms > 0)
		text_addf(&line, ", in %s", clock_format_span(left_ms, span));
	fact_add("expected end", line.bytes, NULL, ret);
}

static void add_words(const struct standing *s, const char *name,
	void (*words)(const struct standing *s, struct text *ret), struct text *ret)
{
	auto_text line = { 0 };

	text_init(&line, LINE_MAX_BYTES);
	words(s, &line);
	fact_add(name, line.bytes, NULL, ret);
}

static void add_facts(const struct standing *s, struct text *ret)
{
	const struct rollout_record *r = &s->record;

	add_words(s, "in all", add_figures, ret);
	fact_add(r->state == ROLLOUT_IS_HALTED ? "halted" : "cause", r->cause, NULL, ret);
	fact_add("plan", r->plan_name, r->plan_path, ret);
	fact_add("puts back", r->parent, NULL, ret);
	fact_add("driven by", s->driver, NULL, ret);
	add_words(s, "waits for", standing_waits, ret);
	add_expected(s, ret);
	add_words(s, "next", standing_next, ret);
}

/* ---- stages ---- */

static enum sign stage_sign(const struct tally *t)
{
	const int64_t *n = t->counts;

	if (n[MACHINE_UNDER_WAY] || n[MACHINE_SET_ASIDE])
		return SIGN_RUNNING;
	if (n[MACHINE_WAITING])
		return n[MACHINE_WAITING] == t->machines ? SIGN_PENDING : SIGN_RUNNING;
	return n[MACHINE_REBUILT] + n[MACHINE_UNCHANGED] == t->machines ? SIGN_DONE : SIGN_FAILED;
}

static void add_stage(const struct standing_stage *stage, const struct style *style, struct text *ret)
{
	text_add(ret, "  ");
	style_sign(style, stage_sign(&stage->tally), ret);
	text_addf(ret, " %-13s", *stage->name ? stage->name : "all");
	tally_line(&stage->tally, ret);
	text_add_char(ret, '\n');
}

/* ---- machines ---- */

static void add_times(const struct standing *s, const struct standing_machine *m, struct text *ret)
{
	const struct machine_record *row = &m->row;
	char span[CLOCK_SPAN_SIZE], when[CLOCK_TEXT_SIZE];

	if (m->state == MACHINE_UNDER_WAY && row->began_ms)
		text_addf(ret, " for %s", clock_format_span(s->now_ms - row->began_ms, span));
	else if (m->state == MACHINE_SET_ASIDE && row->due_ms)
		text_addf(ret, ", tried again at %s", clock_format_seconds(row->due_ms, when));
	else if (m->state == MACHINE_REBUILT && row->took_ms)
		text_addf(ret, " in %s", clock_format_span(row->took_ms, span));
}

void standing_machine_line(const struct standing *s, const struct standing_machine *m,
	const struct style *style, struct text *ret)
{
	style_sign(style, tally_sign(m->state), ret);
	text_addf(ret, " %-19s  %s", m->row.machine, tally_word(m->state, s->tally.back));
	add_times(s, m, ret);
	if (*m->row.cause) {
		text_add(ret, ": ");
		style_clean(m->row.cause, ret);
	}
	if (*m->row.rebuild)
		text_addf(ret, "  (%s)", m->row.rebuild);
}

void standing_phase_line(const struct standing *s, const struct style *style, struct text *ret)
{
	style_sign(style, sign_of(s), ret);
	text_addf(ret, " %s: ", rollout_state_name(s->record.state));
	add_figures(s, ret);
	if (*s->record.cause) {
		text_add(ret, "; ");
		style_clean(s->record.cause, ret);
	}
	if (s->phase == STANDING_GOES_ON || s->phase == STANDING_OVER || s->phase == STANDING_HALTED)
		return;
	text_add(ret, "; waits for ");
	standing_waits(s, ret);
}

static size_t count_shown(const struct standing *s)
{
	int64_t count = 0;

	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		if (standing_shows((enum machine_state)i))
			count += s->tally.counts[i];
	return (size_t)count;
}

/* Those in that state, while there is room; gives the room that is left. */
static size_t add_machines(const struct standing *s, enum machine_state state, const struct style *style,
	size_t room, struct text *ret)
{
	for (size_t i = 0; i < s->count && room; i++) {
		if (s->machines[i].state != state)
			continue;
		text_add(ret, "  ");
		standing_machine_line(s, &s->machines[i], style, ret);
		text_add_char(ret, '\n');
		room--;
	}
	return room;
}

void standing_text(const struct standing *s, const struct style *style, size_t machines, struct text *ret)
{
	size_t room = machines;

	add_head(s, style, ret);
	add_facts(s, ret);
	for (size_t i = 0; i < s->stage_count; i++)
		add_stage(&s->stages[i], style, ret);
	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		if (standing_shows(tally_state(i)) && s->tally.counts[tally_state(i)])
			room = add_machines(s, tally_state(i), style, room, ret);
	if (count_shown(s) > machines)
		text_addf(ret, "  and %zu more: changeover report %s\n", count_shown(s) - machines,
			s->record.id);
}
