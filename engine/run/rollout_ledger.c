#include "run/rollout_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"
#include "cloud/world.h"
#include "rollout/rollout.h"
#include "run/namesake.h"

struct rollout_ledger {
	struct rollout_ledger_options options;
	char id[CLOUD_NAME_SIZE];
	struct seat seat;
	bool seated;
	int64_t renewed_ms; /* wall clock */
	int64_t version;
	enum rollout_state state;        /* as last read or written */
	char cause[ROLLOUT_REASON_SIZE]; /* as last read */
	struct rollout_order order;      /* likewise */

	struct arena arena;              /* of the machines */
	struct machine_record *machines; /* as they were taken up */
	size_t count, size;
};

struct rollout_ledger *rollout_ledger_new(const struct rollout_ledger_options *o)
{
	struct rollout_ledger *l = alloc_zeroed(1, sizeof(*l));

	l->options = *o;
	return l;
}

/* Whatever was said meanwhile. */
static void leave_seat(struct rollout_ledger *l)
{
	auto_error err = ERROR_INIT;

	if (l->seated && seat_release(l->options.journal, &l->seat, &err))
		l->seated = false;
}

void rollout_ledger_free(struct rollout_ledger *l)
{
	if (!l)
		return;
	leave_seat(l);
	arena_release(&l->arena);
	free(l->machines);
	free(l);
}

static int64_t now_ms(const struct rollout_ledger *l)
{
	return clock_wall_ms(l->options.clock);
}

static bool take_seat(struct rollout_ledger *l, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;

	l->seat.lease.version = o->version;
	holder_self(o->user, &l->seat.lease.holder);
	l->renewed_ms = now_ms(l);
	l->seated = seat_take(o->journal, l->id, o->shared, &l->seat, l->renewed_ms, err);
	return l->seated;
}

/* ---- taking up ---- */

static struct machine_record *room_for_one(struct rollout_ledger *l)
{
	l->machines = alloc_room(l->machines, &l->size, l->count + 1, sizeof(*l->machines));
	return &l->machines[l->count++];
}

static struct machine_record copy_row(struct arena *a, const struct machine_record *m)
{
	struct machine_record copy = *m;

	copy.machine = arena_copy(a, m->machine);
	copy.group = arena_copy(a, m->group);
	copy.zone = arena_copy(a, m->zone);
	copy.stage = arena_copy(a, m->stage);
	copy.state = arena_copy(a, m->state);
	copy.rebuild = arena_copy(a, m->rebuild);
	copy.cause = arena_copy(a, m->cause);
	return copy;
}

static bool keep(void *self, const struct machine_record *m)
{
	struct rollout_ledger *l = self;

	*room_for_one(l) = copy_row(&l->arena, m);
	return true;
}

static bool is_at_rest(const struct rollout_ledger *l)
{
	for (size_t i = 0; i < l->count; i++) {
		enum machine_state s = machine_state_parse(l->machines[i].state);

		if (s == MACHINE_UNDER_WAY || s == MACHINE_PARKED)
			return false;
	}
	return true;
}

static bool refuse_changed_plan(const struct rollout_ledger *l, struct error *err)
{
	error_set(err, ERROR_CONFLICT,
		"rollout %s was begun with another version of the plan, and machines of it are "
		"under way or parked",
		l->id);
	return error_hint(err,
		"apply the plan as it was then, or give that rollout up: `changeover abort --keep ROLLOUT`");
}

static void note_order(struct rollout_ledger *l, const struct rollout_record *r)
{
	l->order = rollout_record_said(r);
	l->order.id = l->id; /* the record's is gone with its arena */
}

bool rollout_ledger_refresh(struct rollout_ledger *l, machine_sink *show, void *self, struct error *err)
{
	int64_t known = l->version;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!rollout_record_find(l->options.journal, l->id, &a, &r, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "rollout %s is not in the journal any more", l->id);
	/* Rows that are changed while we read are shown again the next time. */
	l->version = r.version;
	l->state = r.state;
	text_copy(l->cause, sizeof(l->cause), r.cause);
	note_order(l, &r);
	return rollout_record_machines(l->options.journal, l->id, known, show, self, err);
}

static void let_go(struct rollout_ledger *l)
{
	leave_seat(l);
	l->id[0] = '\0';
	l->count = 0;
}

static bool refuse_to_revert(const struct rollout_ledger *l, struct error *err)
{
	error_set(err, ERROR_CONFLICT,
		"rollout %s was begun with another version of the plan, and is to be put back, as an "
		"operator asked",
		l->id);
	return error_hint(err,
		"`changeover rollback ROLLOUT` puts it back, `changeover abort --keep ROLLOUT` leaves it as "
		"it is");
}

/* Nothing of it is under way: the plan as it is now begins anew. */
static bool give_up(struct rollout_ledger *l, struct error *err)
{
	const struct rollout_standing s = { .state = ROLLOUT_IS_ABORTED, .cause = "the plan was changed" };

	if (l->order.wish == ROLLOUT_WISH_REVERT)
		return refuse_to_revert(l, err);
	if (!rollout_ledger_commit(l, &s, err))
		return false;
	let_go(l);
	return true;
}

static bool find(
	struct rollout_ledger *l, struct arena *a, struct rollout_record *ret, bool *found, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;

	if (!o->id)
		return rollout_record_find_open(o->journal, o->plan->name, a, ret, found, err);
	if (!rollout_record_find(o->journal, o->id, a, ret, found, err))
		return false;
	*found = *found && !rollout_state_is_final(ret->state);
	return true;
}

/* Others may have brought it to its end since it was chosen: it is not begun anew then. */
static bool find_none(const struct rollout_ledger *l, struct error *err)
{
	return !l->options.id || error_set(err, ERROR_CONFLICT, "rollout %s is over", l->options.id);
}

/* The rows are read last: who ends a rollout that nobody drives has seen no seat of ours then. */
static bool sit_down(struct rollout_ledger *l, bool *found, struct error *err)
{
	if (!take_seat(l, err) || !rollout_ledger_refresh(l, keep, l, err))
		return false;
	*found = !rollout_state_is_final(l->state);
	if (*found)
		return true;
	let_go(l);
	return find_none(l, err);
}

/*
 * What goes back does so by its rows alone: the plan of the rebuilds that it undoes may be another one by
 * now.
 */
static bool is_of_plan(const struct rollout_ledger *l, const struct rollout_record *r)
{
	return r->kind == ROLLOUT_GOES_BACK || !strcmp(r->plan_digest, l->options.plan->digest);
}

bool rollout_ledger_take_up(struct rollout_ledger *l, bool *found, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;

	if (!find(l, &a, &r, found, err))
		return false;
	if (!*found)
		return find_none(l, err);
	if (r.kind == ROLLOUT_GOES_FORWARD && !namesake_check(l->options.plan, &r, err))
		return false;
	text_copy(l->id, sizeof(l->id), r.id);
	if (!sit_down(l, found, err))
		return false;
	if (!*found || is_of_plan(l, &r))
		return true;
	*found = false;
	return is_at_rest(l) ? give_up(l, err) : refuse_changed_plan(l, err);
}

const struct machine_record *rollout_ledger_machines(const struct rollout_ledger *l, size_t *ret_count)
{
	*ret_count = l->count;
	return l->machines;
}

/* ---- beginning ---- */

struct beginning {
	struct rollout_ledger *ledger;
	const struct rollout_record *record;
	const struct machine_record *machines;
	size_t count;
};

/* With its seat: a worker that finds the row finds us. */
static bool begin_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct beginning *b = arg;

	return rollout_record_create(j, b->record, b->machines, b->count, err) && take_seat(b->ledger, err);
}

bool rollout_ledger_begin(
	struct rollout_ledger *l, const struct machine_record *machines, size_t count, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;
	struct rollout_record r = {
		.id = l->id,
		.kind = ROLLOUT_GOES_FORWARD,
		.plan_name = o->plan->name,
		.plan_path = o->plan->path,
		.plan_digest = o->plan->digest,
		.machines = (int64_t)count,
	};
	struct beginning b = { l, &r, machines, count };

	id_random(l->id, sizeof(l->id), "ro-", o->entropy);
	r.created_ms = r.updated_ms = now_ms(l);
	l->seated = journal_together(o->journal, begin_in_transaction, &b, err);
	if (l->seated)
		l->version = 1;
	else
		l->id[0] = '\0';
	return l->seated;
}

/* ---- going on ---- */

bool rollout_ledger_commit(struct rollout_ledger *l, const struct rollout_standing *s, struct error *err)
{
	enum rollout_state before = l->state;
	struct rollout_change c = { .id = l->id,
		.seat = &l->seat,
		.version = l->version,
		.machines = s->machines,
		.count = s->count,
		.state = rollout_state_is_final(before) ? before : s->state,
		.cause = s->cause,
		.expected_ms = s->expected_ms,
		.now_ms = now_ms(l) };

	if (!s->count && c.state == before && !s->is_cause_new)
		return true;
	if (!rollout_record_change(l->options.journal, &c, err))
		return false;
	l->version = c.version;
	l->state = c.state;
	return true;
}

static bool renew(struct rollout_ledger *l, struct error *err)
{
	int64_t now = now_ms(l);

	if (now < l->renewed_ms + LEASE_RENEW_MS)
		return true;
	if (!seat_renew(l->options.journal, &l->seat, now, err))
		return false;
	l->renewed_ms = now;
	return true;
}

bool rollout_ledger_hear(struct rollout_ledger *l, bool *ret_moved, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!renew(l, err) || !rollout_record_find(l->options.journal, l->id, &a, &r, &found, err))
		return false;
	*ret_moved = r.version != l->version;
	return true;
}

struct rollout_order rollout_ledger_order(const struct rollout_ledger *l)
{
	return l->order;
}

bool rollout_ledger_promote(struct rollout_ledger *l, int64_t gates, struct error *err)
{
	return rollout_order_promote(l->options.journal, l->id, gates, now_ms(l), err);
}

bool rollout_ledger_acknowledge(struct rollout_ledger *l, struct rollout_known known, struct error *err)
{
	return rollout_order_acknowledge(l->options.journal, l->id, known, now_ms(l), err);
}

bool rollout_ledger_go_on(struct rollout_ledger *l, struct rollout_known known, struct error *err)
{
	return rollout_order_go_on(l->options.journal, &l->order, known, now_ms(l), err);
}

bool rollout_ledger_leave(struct rollout_ledger *l, struct error *err)
{
	if (l->seated && !rollout_order_leave(l->options.journal, l->id, &l->seat, l->version, err))
		return false;
	l->seated = false;
	return true;
}

/* ---- those who share it ---- */

bool rollout_ledger_came_first(const struct rollout_ledger *l)
{
	return l->seat.came_first;
}

int64_t rollout_ledger_seat(const struct rollout_ledger *l)
{
	return l->seat.number;
}

bool rollout_ledger_look(struct rollout_ledger *l, struct seats *ret, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;

	if (!seats_look(o->journal, l->id, now_ms(l), ret, err))
		return false;
	for (int64_t n = 0; n <= SEAT_MAX; n++)
		if (ret->states[n] == LEASE_HELD_DEAD &&
			!seat_clear(o->journal, l->id, n, &l->seat.lease.holder, now_ms(l), err))
			return false;
	return true;
}

enum rollout_state rollout_ledger_state(const struct rollout_ledger *l)
{
	return l->state;
}

const char *rollout_ledger_cause(const struct rollout_ledger *l)
{
	return l->cause;
}

const char *rollout_ledger_id(const struct rollout_ledger *l)
{
	return l->id;
}
