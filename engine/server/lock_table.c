#include "server/lock_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static void free_holder(struct lock_holder *h)
{
	free(h->name);
	free(h->via);
}

static void free_lock(struct lock *l)
{
	for (size_t i = 0; i < l->count; i++)
		free_holder(&l->holders[i]);
	free(l->holders);
	free(l->name);
	free(l);
}

/* Where a lock of that name is, or would have to be. */
static size_t place_of(const struct lock_table *t, const char *name, bool *found)
{
	size_t low = 0, high = t->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(t->locks[middle]->name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct lock *find_by_id(const struct lock_table *t, int64_t id)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->locks[i]->id == id)
			return t->locks[i];
	return NULL;
}

static bool is_number(const char *s, int64_t *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*ret = strtoll(s, &end, 10);
	return !*end && !errno;
}

struct lock *lock_table_find(const struct lock_table *t, const char *name, bool may_be_id)
{
	bool found;
	size_t place = place_of(t, name, &found);
	int64_t id;

	if (found)
		return t->locks[place];
	return may_be_id && is_number(name, &id) ? find_by_id(t, id) : NULL;
}

struct lock *lock_table_add(struct lock_table *t, const struct holding_lock *l)
{
	struct lock *added = alloc_zeroed(1, sizeof(*added));
	bool found;
	size_t place = place_of(t, l->name, &found);

	added->id = l->id;
	added->name = alloc_text(l->name);
	added->slots = l->slots;
	added->enabled = l->enabled;
	added->created_ms = l->created_ms;
	added->updated_ms = l->updated_ms;
	t->locks = alloc_room(t->locks, &t->size, t->count + 1, sizeof(struct lock *));
	memmove(t->locks + place + 1, t->locks + place, (t->count - place) * sizeof(struct lock *));
	t->locks[place] = added;
	t->count++;
	return added;
}

void lock_table_remove(struct lock_table *t, struct lock *l)
{
	bool found;
	size_t place = place_of(t, l->name, &found);

	free_lock(l);
	t->count--;
	memmove(t->locks + place, t->locks + place + 1, (t->count - place) * sizeof(struct lock *));
}

void lock_table_clear(struct lock_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free_lock(t->locks[i]);
	t->count = 0;
}

static void put_lock(void *self, const struct holding_lock *l)
{
	lock_table_add(self, l);
}

static void put_holder(void *self, const struct holding *h)
{
	struct lock *l = lock_table_find(self, h->lock, false);

	if (l)
		lock_add_holder(l, h->holder, h->via, h->since_ms);
}

static void set_lock(struct lock *l, const struct holding_change *c)
{
	l->slots = c->lock.slots;
	l->enabled = c->lock.enabled;
}

static void take_slot(struct lock *l, const struct holding_change *c)
{
	lock_add_holder(l, c->holder, c->via, c->lock.updated_ms);
}

static void leave_slot(struct lock *l, const struct holding_change *c)
{
	lock_remove_holder(l, c->holder);
}

/* What a change does to the lock; the two that are missing make it and remove it. */
static void (*const CHANGES[HOLDING_CHANGE_COUNT])(struct lock *l, const struct holding_change *c) = {
	[HOLDING_LOCK_RESIZED] = set_lock,
	[HOLDING_LOCK_ENABLED] = set_lock,
	[HOLDING_LOCK_DISABLED] = set_lock,
	[HOLDING_TAKEN] = take_slot,
	[HOLDING_GIVEN_BACK] = leave_slot,
	[HOLDING_RELEASED] = leave_slot,
};

static void put_change(void *self, const struct holding_change *c)
{
	struct lock *l = lock_table_find(self, c->lock.name, false);

	if (!l && c->kind == HOLDING_LOCK_CREATED)
		l = lock_table_add(self, &c->lock);
	if (!l)
		return;
	if (CHANGES[c->kind])
		CHANGES[c->kind](l, c);
	l->updated_ms = c->lock.updated_ms;
	if (c->kind == HOLDING_LOCK_DELETED)
		lock_table_remove(self, l);
}

struct holding_sink lock_table_sink(struct lock_table *t)
{
	return (struct holding_sink){
		.lock = put_lock, .holder = put_holder, .change = put_change, .self = t
	};
}

void lock_table_release(struct lock_table *t)
{
	lock_table_clear(t);
	free(t->locks);
	*t = (struct lock_table){ .count = 0 };
}

const struct lock_holder *lock_find_holder(const struct lock *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->holders[i].name, name))
			return &l->holders[i];
	return NULL;
}

const struct lock_holder *lock_first_holder(const struct lock *l)
{
	return l->count ? &l->holders[0] : NULL;
}

void lock_add_holder(struct lock *l, const char *name, const char *via, int64_t since_ms)
{
	l->holders = alloc_room(l->holders, &l->size, l->count + 1, sizeof(*l->holders));
	l->holders[l->count++] = (struct lock_holder){ alloc_text(name), alloc_text(via), since_ms };
}

void lock_remove_holder(struct lock *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->holders[i].name, name) != 0)
			continue;
		free_holder(&l->holders[i]);
		l->count--;
		memmove(l->holders + i, l->holders + i + 1, (l->count - i) * sizeof(*l->holders));
		return;
	}
}

bool lock_is_stale(const struct lock *l, int64_t now_ms)
{
	return l->count && now_ms - l->holders[0].since_ms >= LOCK_STALE_MS;
}
