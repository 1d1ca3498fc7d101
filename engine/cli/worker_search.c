#include "cli/worker_search.h"

#include <string.h>

#include "base/text.h"
#include "journal/event.h"
#include "journal/lease.h"
#include "journal/seat.h"

enum {
	SETTLED_MS = 3000, /* who has written a row and means to drive it has its lease by then */
	LEFT_ALONE_MS = 60 * 1000,
	ROLLOUTS_MAX = 1000,
};

/* Rollouts, newest first. */
struct rollouts {
	struct rollout_record *list;
	size_t count;
};

/* ---- what is left to others ---- */

void worker_leave_alone(struct worker_search *w, const char *id)
{
	struct left_alone *l = &w->left[w->left_next++ % WORKER_LEFT_ALONE_MAX];

	text_copy(l->id, sizeof(l->id), id);
	l->until_ms = clock_mono_ms(w->clock) + LEFT_ALONE_MS;
}

static bool is_left_alone(const struct worker_search *w, const char *id)
{
	int64_t now_ms = clock_mono_ms(w->clock);

	for (size_t i = 0; i < WORKER_LEFT_ALONE_MAX; i++)
		if (now_ms < w->left[i].until_ms && !strcmp(w->left[i].id, id))
			return true;
	return false;
}

/* ---- rollouts ---- */

/* What has halted is for people, who may have said that it is to be put back. */
static bool is_for_workers(const struct rollout_record *r)
{
	return r->state == ROLLOUT_IS_RUNNING || rollout_record_is_wanted_back(r);
}

/* Whoever wrote the row may be about to drive it alone. */
static bool is_settled(const struct worker_search *w, const struct rollout_record *r)
{
	return r->updated_ms < clock_wall_ms(w->clock) - SETTLED_MS || !strcmp(r->id, w->known);
}

/* How many drive it already; -1: it is not for us. */
static bool rate(struct worker_search *w, const struct rollout_record *r, int64_t *ret, struct error *err)
{
	struct seats s;

	*ret = -1;
	if (!is_for_workers(r) || is_left_alone(w, r->id))
		return true;
	w->is_idle = false;
	if (!seats_look(w->journal, r->id, clock_wall_ms(w->clock), &s, err))
		return false;
	if (seats_has_alive(&s, SEAT_ALONE) || (s.alive && rollout_record_is_wanted_back(r)))
		return true;
	if (s.state != LEASE_FREE || is_settled(w, r))
		*ret = (int64_t)s.alive;
	return true;
}

static enum work_kind kind_of(const struct rollout_record *r)
{
	if (rollout_record_is_wanted_back(r))
		return WORK_RETURN;
	return r->kind == ROLLOUT_GOES_BACK ? WORK_BACK : WORK_FORWARD;
}

static struct work rollout_work(const struct rollout_record *r)
{
	return (struct work){ .kind = kind_of(r),
		.id = r->id,
		.plan_path = r->plan_path,
		.plan_digest = r->plan_digest,
		.parent = r->parent };
}

/* The one that the fewest drive; of those the oldest. */
static bool find_rollout(
	struct worker_search *w, const struct rollouts *all, struct work *ret, bool *found, struct error *err)
{
	int64_t fewest = INT64_MAX, drivers;

	for (size_t i = all->count; i--;) {
		if (!rate(w, &all->list[i], &drivers, err))
			return false;
		if (drivers < 0 || drivers >= fewest)
			continue;
		fewest = drivers;
		*found = true;
		*ret = rollout_work(&all->list[i]);
	}
	return true;
}

/* ---- rebuilds ---- */

/* Nobody drives it, and whoever wrote the row does not mean to. */
static bool is_free(struct worker_search *w, const struct record *r, bool *ret, struct error *err)
{
	int64_t now_ms = clock_wall_ms(w->clock);
	struct lease_view view;

	*ret = false;
	if (is_left_alone(w, r->id))
		return true;
	if (!lease_look(w->journal, r->id, now_ms, &view, err))
		return false;
	*ret = view.state == LEASE_HELD_DEAD ||
	       (view.state == LEASE_FREE && r->updated_ms < now_ms - SETTLED_MS);
	w->is_idle = w->is_idle && view.state == LEASE_HELD_ALIVE;
	return true;
}

/* The rollout of its plan that is not over; or NULL. */
static const struct rollout_record *rollout_of(const struct rollouts *all, const struct record *r)
{
	for (size_t i = 0; i < all->count; i++)
		if (!rollout_state_is_final(all->list[i].state) &&
			!strcmp(all->list[i].plan_name, r->plan_name))
			return &all->list[i];
	return NULL;
}

static bool note_window(void *self, const struct event *e)
{
	bool *is_open = self;

	if (e->kind == EVENT_WINDOW_OPENED || e->kind == EVENT_WINDOW_CLOSED)
		*is_open = e->kind == EVENT_WINDOW_OPENED;
	return true;
}

/*
 * Whoever has the rollout of its plan goes on with it, forward or back. One that has halted waits for people; the
 * clients of its machines do not.
 */
static bool is_for_us(struct worker_search *w, const struct rollouts *all, const struct record *r, bool *ret,
	struct error *err)
{
	const struct rollout_record *rollout = rollout_of(all, r);
	bool do_clients_wait = false;

	*ret = false;
	if ((r->state != RECORD_RUNNING && r->state != RECORD_PLANNED) ||
		(rollout && is_for_workers(rollout)))
		return true;
	if (rollout && !journal_events(w->journal, r->id, 0, note_window, &do_clients_wait, err))
		return false;
	return (rollout && !do_clients_wait) || is_free(w, r, ret, err);
}

static struct work rebuild_work(const struct record *r)
{
	return (struct work){ .kind = WORK_REBUILD,
		.id = r->id,
		.plan_path = r->plan_path,
		.plan_digest = r->plan_digest,
		.record = *r };
}

static bool find_rebuild(struct worker_search *w, const struct rollouts *all, struct arena *a,
	struct work *ret, struct error *err)
{
	struct record *list;
	bool found = false;
	size_t count;

	if (!record_list_open(w->journal, a, &list, &count, err))
		return false;
	for (size_t i = count; i-- && !found;) {
		if (!is_for_us(w, all, &list[i], &found, err))
			return false;
		if (found)
			*ret = rebuild_work(&list[i]);
	}
	return true;
}

bool worker_search(struct worker_search *w, struct arena *a, struct work *ret, bool *found, struct error *err)
{
	struct rollouts all;

	*found = false;
	w->is_idle = true;
	if (!rollout_record_list(w->journal, ROLLOUTS_MAX, a, &all.list, &all.count, err) ||
		!find_rollout(w, &all, ret, found, err))
		return false;
	if (*found)
		return true;
	ret->id = NULL;
	if (!find_rebuild(w, &all, a, ret, err))
		return false;
	*found = ret->id != NULL;
	return true;
}
