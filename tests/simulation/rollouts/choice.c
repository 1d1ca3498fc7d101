#include "choice.h"

#include "breakage.h"
#include "deciding.h"
#include "laws.h"
#include "nature.h"
#include "plan/share.h"

static void set(struct story *s, struct worker *w, struct change *c, struct changed_row n)
{
	deciding_set(s, w, n.number, n.row);
	change_add(c, n.kind, n.number, n.row);
}

static void note_end(struct story *s, struct worker *w, struct change *c, uint32_t machine)
{
	const struct body *b = &s->bodies[machine];
	struct machine_row row = rollout_ended(w->rollout, machine, b->end, c->decided_wall_ms);

	if (b->end == END_REBUILT)
		row.took_ms = c->decided_wall_ms - b->begun_wall_ms;
	breakage_ended(s, &row);
	set(s, w, c, (struct changed_row){ machine, CHANGE_ENDS, row });
}

static void let_go(struct story *s, struct worker *w, const struct change *c, uint32_t machine)
{
	bool goes = deciding_lets_go(s, w);

	laws_let_go(s, c, machine, goes);
	nature_word(s, machine, goes);
}

static bool has_arrived(const struct body *b)
{
	return b->stage == BODY_MAY_GO || b->stage == BODY_ENDED;
}

/* Machines of its own that have arrived somewhere; others have none of its business any more. */
static void note_arrivals(struct story *s, struct worker *w, struct change *c)
{
	size_t count = w->arrived_count;

	for (size_t i = 0; i < count; i++) {
		uint32_t m = w->arrived[i];
		bool is_ours = s->rows.machines[m].seat == w->seat || breakage_breaks(s, BREAKS_FENCE);
		bool is_open = rollout_row(w->rollout, m).state == MACHINE_UNDER_WAY;

		if (!is_ours || !is_open || !has_arrived(&s->bodies[m]))
			continue;
		nature_acts(s, (int)(w - s->workers), m);
		if (s->bodies[m].stage == BODY_MAY_GO)
			let_go(s, w, c, m);
		if (s->bodies[m].stage == BODY_ENDED)
			note_end(s, w, c, m);
	}
	w->arrived_count = 0; /* what was let go or withdrawn just now is noted above, or comes again */
}

/* What nobody has that is under way becomes its own. */
static void adopt(const struct story *s, struct change *c)
{
	if (!rows_has_orphans(&s->rows))
		return;
	for (uint32_t i = 0; i < s->size; i++)
		if (rows_is_orphan(&s->rows, i))
			change_add(c, CHANGE_ADOPTS, i, s->rows.machines[i].row);
}

/* Operators want those that were parked to be tried again; no more of them at a time than may be under way. */
static void retry_parked(struct story *s, struct worker *w, struct change *c)
{
	size_t most = share_at_most(s->plan.rollout.in_flight, s->size);

	for (uint32_t i = 0; s->rows.orders.retry > w->retried && i < s->size; i++) {
		const struct shared_row *r = &s->rows.machines[i];
		struct machine_row row = r->row;

		if (r->row.state != MACHINE_PARKED || r->version > s->rows.orders.retry)
			continue;
		if (rollout_count(w->rollout, MACHINE_UNDER_WAY) >= (most ? most : 1))
			return;
		row.state = MACHINE_UNDER_WAY;
		set(s, w, c, (struct changed_row){ i, CHANGE_RETRIES, row });
		s->tally.retried++;
	}
	w->retried = s->rows.orders.retry;
}

/* The cloud may let fewer begin than the rollout does: the next one is put back. */
static void begin_round(struct story *s, struct worker *w, struct change *c)
{
	size_t begun = 0;

	while ((w->turn = deciding_next(s, w)).phase == ROLLOUT_BEGIN && !s->rule_name) {
		struct machine_row row = rollout_row(w->rollout, w->turn.machine);

		if (s->pace && begun == s->pace) {
			deciding_set(s, w, w->turn.machine, row);
			return;
		}
		row.state = MACHINE_UNDER_WAY;
		set(s, w, c, (struct changed_row){ w->turn.machine, CHANGE_BEGINS, row });
		begun++;
	}
	s->tally.phases[w->turn.phase]++;
	if (w->turn.phase == ROLLOUT_HALTED)
		s->tally.halts[rollout_halt(w->rollout)]++;
	laws_turn(s, w, c);
}

static void put_back(struct story *s, const struct worker *w)
{
	for (uint32_t i = 0; i < s->size; i++)
		if (s->rows.machines[i].seat == w->seat && s->bodies[i].driver == (int)(w - s->workers))
			nature_withdraw(s, i);
}

/* No machine is left; it may be to be put back from here. */
static enum rollout_state over(const struct story *s)
{
	bool is_to_revert = s->rows.orders.wish == ROLLOUT_WISH_REVERT && !breakage_breaks(s, BREAKS_WISH);

	return is_to_revert ? ROLLOUT_IS_HALTED : ROLLOUT_IS_DONE;
}

static enum rollout_state state_of(const struct story *s, const struct worker *w)
{
	if (w->turn.phase == ROLLOUT_OVER)
		return over(s);
	if (s->rows.orders.wish == ROLLOUT_WISH_KEEP && !rollout_count(w->rollout, MACHINE_UNDER_WAY))
		return ROLLOUT_IS_ABORTED;
	return w->turn.phase == ROLLOUT_HALTED ? ROLLOUT_IS_HALTED : ROLLOUT_IS_RUNNING;
}

void choice_make(struct story *s, struct worker *w, struct change *c)
{
	note_arrivals(s, w, c);
	adopt(s, c);
	retry_parked(s, w, c);
	begin_round(s, w, c);
	if (w->turn.phase == ROLLOUT_HALTED)
		put_back(s, w);
	c->state = state_of(s, w);
}
