#include "telling.h"

#include <inttypes.h>

#include "base/text.h"

enum { LINE_MAX = 4000 };

static void add_share(struct text *t, const char *name, struct plan_share share)
{
	if (share.amount)
		text_addf(t, ", %s %d%s", name, share.amount, share.percent ? "%" : "");
}

static void add_stages(struct text *t, const struct plan *p)
{
	for (size_t i = 0; i < p->rollout.wave_count; i++)
		add_share(t, i ? "then" : "waves", p->rollout.waves[i]);
	for (size_t i = 0; i < p->rollout.gate_count; i++)
		text_addf(t, ", gate after %s", p->rollout.gates[i].after);
	if (p->rollout.zone_by_zone)
		text_addf(t, ", zone by zone");
}

static void add_window(struct text *t, const struct plan_window *w)
{
	if (!w->from)
		return;
	text_addf(t, ", window %s to %s %s", w->from, w->to, w->zone);
	for (size_t i = 0; i < w->day_count; i++)
		text_addf(t, "%s%d", i ? " " : " on days ", w->days[i]);
}

static void tell_plan(struct story *s)
{
	const struct plan *p = &s->plan;
	auto_text line;

	text_init(&line, LINE_MAX);
	text_addf(&line, "%zu machines in %zu groups", s->size, s->group_count);
	add_share(&line, "canary", p->rollout.canary);
	add_stages(&line, p);
	add_share(&line, "in flight", p->rollout.in_flight);
	add_share(&line, "of a group", p->rollout.per_group);
	add_share(&line, "may fail", p->rollout.failure_rate);
	add_share(&line, "in any case", (struct plan_share){ p->rollout.failures, false });
	add_share(&line, "may not serve", p->rollout.not_serving);
	add_window(&line, &p->rollout.window);
	story_tell(s, "plan", "%s", line.bytes);
}

static const char *const KINDS[] = {
	[CHANGE_BEGINS] = "begins",
	[CHANGE_ENDS] = "ends",
	[CHANGE_RETRIES] = "tries again",
	[CHANGE_ADOPTS] = "adopts",
};

static const char *const VERDICTS[] = {
	[CHANGE_TAKEN] = "taken",
	[CHANGE_MOVED] = "refused, the rows have moved on",
	[CHANGE_FENCED] = "refused, its seat is lost",
	[CHANGE_DRIVEN] = "refused, somebody drives it",
};

static void tell_change(struct story *s, const struct parcel *p)
{
	const struct change *c = &p->change;
	auto_text line;

	text_init(&line, LINE_MAX);
	text_add(&line, c->returns ? " puts it all back" : "");
	for (size_t i = 0; i < c->count; i++) {
		const struct changed_row *n = &c->rows[i];

		if (!i || n->kind != c->rows[i - 1].kind)
			text_addf(&line, "%s%s", i ? ", " : " ", KINDS[n->kind]);
		text_addf(&line, " %" PRIu32, n->number);
		if (n->kind == CHANGE_ENDS)
			text_addf(&line, " %s", machine_state_name(n->row.state));
	}
	story_tell(s, "rows", "worker %d%s: %s, %s", p->worker, line.bytes, rollout_state_name(c->state),
		VERDICTS[p->verdict]);
}

void telling_plan(struct story *s)
{
	if (s->trace)
		tell_plan(s);
}

void telling_change(struct story *s, const struct parcel *p)
{
	if (s->trace)
		tell_change(s, p);
}
