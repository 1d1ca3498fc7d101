#include "run/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/fleet.h"

enum {
	HELD_MS = 1000,        /* one that is held is looked at again so often */
	MANY = 30,             /* under way: from there on turns wait for more */
	PATIENCE_MAX_MS = 100, /* so long at most */
};

static void grow(struct members *all)
{
	size_t of_endings = all->size, of_active = all->size, needed = all->count + 1;

	all->endings = alloc_room(all->endings, &of_endings, needed, sizeof(*all->endings));
	all->active = alloc_room(all->active, &of_active, needed, sizeof(*all->active));
	all->all = alloc_room(all->all, &all->size, needed, sizeof(*all->all));
}

struct member *members_add(struct members *all)
{
	struct member *m = alloc_zeroed(1, sizeof(*m));

	grow(all);
	all->endings[all->count] = (struct ending){ .machine = FLEET_NO_MACHINE };
	all->all[all->count++] = m;
	all->active[all->active_count++] = m;
	return m;
}

static void free_member(struct member *m)
{
	member_release(m);
	free(m);
}

void members_drop_last(struct members *all)
{
	free_member(all->all[--all->count]);
	all->active_count--; /* it is the last one there, too */
}

void members_end(struct members *all, struct member *m, const struct clock *clock)
{
	all->endings[m->rebuild.subject] = member_ending(m, &all->arena, clock);
}

static void let_go(struct members *all, struct member *m)
{
	if (m->unanswered || all->keeps_all)
		return;
	all->all[m->rebuild.subject] = NULL;
	free_member(m);
}

void members_leave(struct members *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->active_count; i++) {
		if (all->active[i]->ended)
			let_go(all, all->active[i]);
		else
			all->active[kept++] = all->active[i];
	}
	all->active_count = kept;
}

void members_answered(struct members *all, struct member *m)
{
	if (m->ended)
		let_go(all, m);
}

struct member *members_find_active(const struct members *all, const char *rebuild)
{
	for (size_t i = 0; i < all->active_count; i++)
		if (!strcmp(all->active[i]->rebuild.id, rebuild) && all->active[i]->ledger.recorded)
			return all->active[i];
	return NULL;
}

void members_supersede(struct members *all, uint32_t machine)
{
	for (size_t i = 0; machine != FLEET_NO_MACHINE && i < all->count; i++)
		if (all->endings[i].machine == machine)
			all->endings[i].superseded = true;
}

int64_t members_patience_ms(const struct members *all)
{
	int64_t many = (int64_t)all->active_count;

	if (many < MANY)
		return 0;
	return many < PATIENCE_MAX_MS ? many : PATIENCE_MAX_MS;
}

int64_t members_wake_ms(const struct members *all, int64_t now_ms)
{
	int64_t first = INT64_MAX, soon = now_ms + members_patience_ms(all);

	for (size_t i = 0; i < all->active_count; i++) {
		const struct member *m = all->active[i];
		/* While it is held its lease is kept, and operators are heard. */
		int64_t at = m->held ? now_ms + HELD_MS : m->wake_ms;

		if (!m->urgent && at < soon)
			at = soon;
		first = clock_earlier(first, at);
	}
	return first;
}

void members_release(struct members *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->all[i])
			free_member(all->all[i]);
	arena_release(&all->arena);
	free(all->all);
	free(all->endings);
	free(all->active);
	*all = (struct members){ .count = 0 };
}
