#include "laws.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* ---- what begins ---- */

/* The rows as they are, to be changed row by row. In the oracle's hands for as long as it is asked. */
static struct shared_row *copy_rows(const struct story *s)
{
	struct shared_row *rows = malloc(s->size * sizeof(*rows));

	if (!rows)
		abort();
	memcpy(rows, s->rows.machines, s->size * sizeof(*rows));
	return rows;
}

/* What operators have said counts in the moment in which it is taken. */
static struct view view_of(const struct story *s, const struct shared_row *rows, const struct change *c)
{
	return (struct view){ rows, &s->rows.orders, c->decided_ms, c->decided_wall_ms };
}

static void judge_begun(struct story *s, uint32_t machine)
{
	enum bar bar = oracle_bar(s->oracle, machine);
	uint32_t first = oracle_first(s->oracle);

	if (bar != BAR_NONE)
		story_broken(s, bar_rules[bar], "machine %" PRIu32 " begins, with %zu of %zu under way",
			machine, oracle_under_way(s->oracle), oracle_in_flight(s->oracle));
	else if (first != machine &&
		 !(oracle_is_again(s->oracle, machine) && oracle_is_again(s->oracle, first)))
		story_broken(s, "in-order", "machine %" PRIu32 " begins, and %" PRIu32 " was first", machine,
			first);
}

static void judge_retried(struct story *s, uint32_t machine)
{
	if (s->rows.machines[machine].version > s->rows.orders.retry)
		story_broken(
			s, "begun-once", "machine %" PRIu32 " is tried again, and nobody said so", machine);
	if (oracle_under_way(s->oracle) >= oracle_in_flight(s->oracle))
		story_broken(s, "in-flight", "machine %" PRIu32 " is tried again, with %zu of %zu under way",
			machine, oracle_under_way(s->oracle), oracle_in_flight(s->oracle));
}

static void judge_adopted(struct story *s, const struct changed_row *n)
{
	if (!rows_is_orphan(&s->rows, n->number) || n->row.state != MACHINE_UNDER_WAY)
		story_broken(
			s, "one-driver", "machine %" PRIu32 " is adopted, and somebody has it", n->number);
	s->tally.adopted++;
}

/* ---- what ends ---- */

/* So long it is left alone after so many tries. */
static int64_t pause_ms(const struct story *s, int tries)
{
	const int64_t most_ms = 24 * 3600 * 1000;
	int64_t pause = s->plan.rollout.pause_ms;

	for (int i = 1; i < tries && pause < most_ms; i++)
		pause *= 2;
	return pause < most_ms ? pause : most_ms;
}

static bool is_end_of(enum machine_end end, const struct machine_row *row, int most_tries)
{
	switch (end) {
	case END_REBUILT:
		return row->state == MACHINE_REBUILT;
	case END_UNCHANGED:
		return row->state == MACHINE_UNCHANGED;
	case END_ROLLED_BACK:
		return row->state == MACHINE_ROLLED_BACK;
	case END_REFUSED:
		return row->state == MACHINE_REFUSED;
	case END_PARKED:
		return row->state == MACHINE_PARKED;
	case END_UNREACHABLE:
		return row->state == (row->tries < most_tries ? MACHINE_SET_ASIDE : MACHINE_UNREACHABLE);
	case END_LOCKED_OUT:
		return row->state == MACHINE_LOCKED_OUT;
	case END_WITHDRAWN:
		return row->state == MACHINE_WAITING;
	}
	return false;
}

static void judge_ended(struct story *s, const struct change *c, const struct changed_row *n)
{
	const struct body *b = &s->bodies[n->number];
	int unreached = b->unreached + (b->end == END_UNREACHABLE);

	if (s->rows.machines[n->number].row.state != MACHINE_UNDER_WAY)
		story_broken(s, "begun-once", "machine %" PRIu32 " ends, and was not under way", n->number);
	if (b->stage != BODY_ENDED || !is_end_of(b->end, &n->row, s->plan.rollout.tries))
		story_broken(s, "has-a-cause",
			"machine %" PRIu32 " becomes %s, and its rebuild did not end so", n->number,
			machine_state_name(n->row.state));
	if (n->row.tries != unreached)
		story_broken(s, "pauses", "machine %" PRIu32 " was not reached %d times, and its row says %d",
			n->number, unreached, n->row.tries);
	if (n->row.state == MACHINE_SET_ASIDE &&
		n->row.due_ms != c->decided_wall_ms + pause_ms(s, n->row.tries))
		story_broken(s, "pauses",
			"machine %" PRIu32 " is set aside for %" PRId64 " ms after %d tries", n->number,
			n->row.due_ms - c->decided_wall_ms, n->row.tries);
}

/* ---- changes and turns ---- */

/* One of so many, and none of a fleet that is too large to be counted each time. */
static bool is_skipped(const struct story *s)
{
	return s->rule_name || (s->sparse > 1 && s->tally.events % s->sparse);
}

static void judge_row(struct story *s, const struct change *c, const struct changed_row *n)
{
	switch (n->kind) {
	case CHANGE_BEGINS:
		judge_begun(s, n->number);
		break;
	case CHANGE_RETRIES:
		judge_retried(s, n->number);
		break;
	case CHANGE_ENDS:
		judge_ended(s, c, n);
		break;
	case CHANGE_ADOPTS:
		judge_adopted(s, n);
		break;
	}
}

void laws_taken(struct story *s, const struct change *c)
{
	struct shared_row *rows;

	if (is_skipped(s))
		return;
	rows = copy_rows(s);
	for (size_t i = 0; i < c->count && !s->rule_name; i++) {
		const struct changed_row *n = &c->rows[i];

		if (n->kind == CHANGE_BEGINS || n->kind == CHANGE_RETRIES)
			oracle_count(s->oracle, s, view_of(s, rows, c));
		judge_row(s, c, n);
		rows[n->number].row = n->row;
	}
	free(rows);
}

/* Whether that is why nothing begins, and whether it wakes up in time. */
static bool is_true(const struct story *s, const struct rollout_turn *t)
{
	bool is_idle = !oracle_under_way(s->oracle);

	switch (t->phase) {
	case ROLLOUT_GATE:
		return oracle_is_shut(s->oracle);
	case ROLLOUT_CLOSED:
		return !oracle_fits_now(s->oracle) && oracle_opens_at(s->oracle, t->wake_ms);
	case ROLLOUT_FULL: /* an end will wake it */
		return !is_idle;
	case ROLLOUT_PAUSED:
		return is_idle && t->wake_ms <= oracle_again_ms(s->oracle);
	case ROLLOUT_BLOCKED:
		return is_idle && oracle_again_ms(s->oracle) == INT64_MAX;
	case ROLLOUT_HELD:
		return s->rows.orders.held;
	case ROLLOUT_OVER:
		return oracle_is_over(s->oracle);
	case ROLLOUT_BEGIN:
	case ROLLOUT_HALTED:
		break;
	}
	return true;
}

static void judge_turn(struct story *s, const struct worker *w)
{
	uint32_t first = oracle_first(s->oracle);
	enum halt halt = oracle_halt(s->oracle);

	if (w->turn.phase == ROLLOUT_HALTED && halt != rollout_halt(w->rollout))
		story_broken(s, "halts-as-agreed", "halt %d is seen, and there is %d",
			rollout_halt(w->rollout), halt);
	else if (!is_true(s, &w->turn) || (oracle_is_over(s->oracle) && w->turn.phase != ROLLOUT_OVER))
		story_broken(s, "phase", "phase %d is not how the rows stand", w->turn.phase);
	else if (first < s->size && w->turn.phase != ROLLOUT_OVER)
		story_broken(s, "begins-something", "machine %" PRIu32 " could begin, and phase %d is seen",
			first, w->turn.phase);
}

/* As it sees the rows, with what it has just decided. */
static void count_with(struct story *s, const struct change *c, struct shared_row *rows)
{
	for (size_t i = 0; i < c->count; i++)
		rows[c->rows[i].number].row = c->rows[i].row;
	oracle_count(s->oracle, s, view_of(s, rows, c));
}

void laws_turn(struct story *s, const struct worker *w, const struct change *c)
{
	struct shared_row *rows;

	if (is_skipped(s))
		return;
	rows = copy_rows(s);
	count_with(s, c, rows);
	judge_turn(s, w);
	free(rows);
}

void laws_let_go(struct story *s, const struct change *c, uint32_t machine, bool goes)
{
	struct shared_row *rows;
	bool may;

	if (is_skipped(s))
		return;
	rows = copy_rows(s);
	count_with(s, c, rows);
	may = oracle_halt(s->oracle) == HALT_NONE && oracle_fits_now(s->oracle);
	if (may != goes)
		story_broken(s, "let-go", "machine %" PRIu32 " has its lock and %s, though halt %d is seen",
			machine, goes ? "goes" : "is withdrawn", oracle_halt(s->oracle));
	free(rows);
}

/* ---- at all times ---- */

static void check_driven(struct story *s, uint32_t machine)
{
	const struct body *b = &s->bodies[machine];
	const struct shared_row *r = &s->rows.machines[machine];

	if (b->stage != BODY_AT_REST && r->row.state != MACHINE_UNDER_WAY)
		story_broken(s, "begun-once", "machine %" PRIu32 " is being rebuilt, and its row says %s",
			machine, machine_state_name(r->row.state));
	if (b->rebuilt > 1)
		story_broken(
			s, "rebuilt-once", "machine %" PRIu32 " was rebuilt %d times", machine, b->rebuilt);
}

void laws_check(struct story *s)
{
	const struct view now = { s->rows.machines, &s->rows.orders, s->now_ms, story_wall_ms(s) };
	uint32_t group;

	if (is_skipped(s))
		return;
	oracle_count(s->oracle, s, now);
	group = oracle_crowded(s->oracle);
	if (oracle_under_way(s->oracle) > oracle_in_flight(s->oracle))
		story_broken(s, "in-flight", "%zu machines are under way, and %zu may be",
			oracle_under_way(s->oracle), oracle_in_flight(s->oracle));
	if (group != ROLLOUT_NO_GROUP)
		story_broken(s, "per-group", "group %" PRIu32 " has more members away than may be", group);
	for (uint32_t i = 0; i < s->size; i++)
		check_driven(s, i);
}

/* ---- in the end ---- */

static bool is_final(enum machine_state m, enum rollout_state s)
{
	if (s != ROLLOUT_IS_DONE && (m == MACHINE_WAITING || m == MACHINE_SET_ASIDE))
		return true; /* it was ended before, or is put back now */
	return m != MACHINE_WAITING && m != MACHINE_SET_ASIDE && m != MACHINE_UNDER_WAY;
}

static void judge_machine(struct story *s, uint32_t machine)
{
	const struct body *b = &s->bodies[machine];
	const struct machine_row *row = &s->rows.machines[machine].row;
	bool is_untouched = !b->begun && row->state == MACHINE_WAITING;

	if (b->stage != BODY_AT_REST || !is_final(row->state, s->rows.state))
		story_broken(s, "accounted-for", "machine %" PRIu32 " is %s in the end", machine,
			machine_state_name(row->state));
	if ((row->state == MACHINE_REBUILT) != (b->rebuilt == 1))
		story_broken(s, "rebuilt-once", "machine %" PRIu32 " is %s, and was rebuilt %d times",
			machine, machine_state_name(row->state), b->rebuilt);
	if (!is_untouched && !is_end_of(b->end, row, s->plan.rollout.tries))
		story_broken(s, "has-a-cause",
			"machine %" PRIu32 " is %s in the end, and its last rebuild was not", machine,
			machine_state_name(row->state));
}

static bool was_to_be_reverted(const struct rows *r)
{
	return r->orders.wish == ROLLOUT_WISH_REVERT && !r->is_back;
}

void laws_end(struct story *s)
{
	if (was_to_be_reverted(&s->rows) && s->rows.state != ROLLOUT_IS_REVERTED)
		story_broken(s, "reverted", "an operator wanted it put back, and it is %s",
			rollout_state_name(s->rows.state));
	for (uint32_t i = 0; i < s->size && !s->rule_name; i++) {
		judge_machine(s, i);
		s->tally.final[s->rows.machines[i].row.state]++;
	}
}

/* ---- the way back ---- */

/* By what it does, not by who has which seat. */
static bool is_driven(const struct story *s, const struct body *b)
{
	const struct worker *w = b->driver == NO_WORKER ? NULL : &s->workers[b->driver];
	const struct seat *seat;

	if (!w || !w->alive || w->seat == NO_SEAT)
		return false;
	seat = &s->rows.seats[w->seat];
	return seat->epoch == w->epoch && seat->is_held && seat->until_ms > story_wall_ms(s);
}

void laws_return(struct story *s)
{
	if (s->rows.is_back)
		story_broken(s, "returns-once", "a way back is begun, and there is one");
	if (s->rows.orders.wish != ROLLOUT_WISH_REVERT)
		story_broken(s, "returns-wanted", "a way back is begun, and nobody wants it any more");
	for (uint32_t i = 0; i < s->size; i++)
		if (is_driven(s, &s->bodies[i]))
			story_broken(s, "returns-undriven",
				"a way back is begun, and machine %" PRIu32 " is driven by worker %d", i,
				s->bodies[i].driver);
	for (uint32_t i = 0; i < s->size && !s->rule_name; i++)
		if (s->rows.machines[i].row.state != MACHINE_UNDER_WAY)
			judge_machine(s, i);
}
