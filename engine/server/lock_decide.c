#include "server/lock_decide.h"

#include <stdlib.h>

#include "base/alloc.h"

/* One question being answered. */
struct deciding {
	struct lock_table *table;
	const struct lock_ask *ask;
	struct lock_changes *changes;
	struct lock *lock; /* NULL: there is none */
};

static struct holding_change *add_change(struct lock_changes *c)
{
	c->items = alloc_room(c->items, &c->size, c->count + 1, sizeof(*c->items));
	return &c->items[c->count++];
}

/* Says of d's lock, as it is now, what happened to it. */
static void note(struct deciding *d, enum holding_change_kind kind)
{
	struct arena *a = &d->changes->arena;
	struct lock *l = d->lock;

	l->updated_ms = d->ask->now_ms;
	*add_change(d->changes) = (struct holding_change){
		.kind = kind,
		.lock = { .id = l->id,
			.name = arena_copy(a, l->name),
			.slots = l->slots,
			.enabled = l->enabled,
			.created_ms = l->created_ms,
			.updated_ms = l->updated_ms },
		.event_id = ++d->table->last_id,
		.holder = arena_copy(a, d->ask->who),
		.via = arena_copy(a, d->ask->via),
	};
}

/* Makes the lock that is asked for; false if there are too many. */
static bool make(struct deciding *d)
{
	const struct lock_ask *a = d->ask;

	if (d->table->count >= LOCK_COUNT_MAX)
		return false;
	d->lock = lock_table_add(d->table, &(struct holding_lock){ .id = ++d->table->last_id,
						   .name = a->name,
						   .slots = a->new_slots,
						   .enabled = true,
						   .created_ms = a->now_ms });
	note(d, HOLDING_LOCK_CREATED);
	return true;
}

static enum lock_verdict show(struct deciding *d)
{
	return d->lock ? LOCK_GRANTED : LOCK_MISSING;
}

static enum lock_verdict take_slot(struct deciding *d)
{
	const struct lock_ask *a = d->ask;

	if (!d->lock && !make(d))
		return LOCK_TOO_MANY;
	if (!d->lock->enabled)
		return LOCK_IS_DISABLED;
	if (lock_find_holder(d->lock, a->who))
		return LOCK_GRANTED;
	if ((int64_t)d->lock->count >= d->lock->slots)
		return LOCK_FULL;
	lock_add_holder(d->lock, a->who, a->via, a->now_ms);
	note(d, HOLDING_TAKEN);
	return LOCK_GRANTED;
}

static enum lock_verdict give_back(struct deciding *d)
{
	if (!d->lock && !make(d))
		return LOCK_TOO_MANY;
	if (!lock_find_holder(d->lock, d->ask->who))
		return LOCK_NOT_HOLDER;
	if (!d->lock->enabled)
		return LOCK_IS_DISABLED;
	lock_remove_holder(d->lock, d->ask->who);
	note(d, HOLDING_GIVEN_BACK);
	return LOCK_GRANTED;
}

static enum lock_verdict release(struct deciding *d)
{
	if (!d->lock)
		return LOCK_MISSING;
	if (!lock_find_holder(d->lock, d->ask->who))
		return LOCK_NOT_HOLDER;
	lock_remove_holder(d->lock, d->ask->who);
	note(d, HOLDING_RELEASED);
	return LOCK_GRANTED;
}

static enum lock_verdict create(struct deciding *d)
{
	if (d->lock)
		return LOCK_EXISTS;
	return make(d) ? LOCK_GRANTED : LOCK_TOO_MANY;
}

static enum lock_verdict set_enabled(struct deciding *d, bool enabled)
{
	if (!d->lock)
		return LOCK_MISSING;
	if (d->lock->enabled == enabled)
		return LOCK_GRANTED;
	d->lock->enabled = enabled;
	note(d, enabled ? HOLDING_LOCK_ENABLED : HOLDING_LOCK_DISABLED);
	return LOCK_GRANTED;
}

static enum lock_verdict enable(struct deciding *d)
{
	return set_enabled(d, true);
}

static enum lock_verdict disable(struct deciding *d)
{
	return set_enabled(d, false);
}

/* Not while it is held: the next one who asks would make it anew, and go away as well. */
static enum lock_verdict destroy(struct deciding *d)
{
	if (!d->lock)
		return LOCK_MISSING;
	if (d->lock->count)
		return LOCK_IN_USE;
	note(d, HOLDING_LOCK_DELETED);
	lock_table_remove(d->table, d->lock);
	d->lock = NULL;
	return LOCK_GRANTED;
}

struct lock_decision lock_decide(struct lock_table *t, const struct lock_ask *a, struct lock_changes *changes)
{
	static enum lock_verdict (*const ACTS[LOCK_ACT_COUNT])(struct deciding * d) = {
		[LOCK_SHOW] = show,
		[LOCK_TAKE] = take_slot,
		[LOCK_GIVE_BACK] = give_back,
		[LOCK_RELEASE] = release,
		[LOCK_CREATE] = create,
		[LOCK_ENABLE] = enable,
		[LOCK_DISABLE] = disable,
		[LOCK_DELETE] = destroy,
	};
	struct deciding d = { t, a, changes, lock_table_find(t, a->name, a->may_be_id) };
	enum lock_verdict verdict = ACTS[a->act](&d);

	return (struct lock_decision){ verdict, d.lock };
}

void lock_resize(
	struct lock_table *t, struct lock *l, int64_t slots, int64_t now_ms, struct lock_changes *changes)
{
	const struct lock_ask a = { .name = l->name, .now_ms = now_ms };
	struct deciding d = { t, &a, changes, l };

	if (l->slots == slots)
		return;
	l->slots = slots;
	note(&d, HOLDING_LOCK_RESIZED);
}

void lock_changes_clear(struct lock_changes *c)
{
	arena_release(&c->arena);
	c->count = 0;
}

void lock_changes_release(struct lock_changes *c)
{
	lock_changes_clear(c);
	free(c->items);
	*c = (struct lock_changes){ .count = 0 };
}
