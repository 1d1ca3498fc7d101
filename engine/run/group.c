#include "run/group.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "journal/journal.h"

bool group_add(struct group *g, struct member *m, const struct member_world *w)
{
	g->turns[g->count++] = member_decide(m, w);
	return g->count == GROUP_MAX;
}

/* ---- turns ---- */

struct writing {
	const struct group *group;
	const struct member_world *world;
};

static bool write_turns(struct journal *j, void *arg, struct error *err)
{
	const struct writing *w = arg;

	(void)j;
	for (size_t i = 0; i < w->group->count; i++)
		if (member_has_to_write(&w->group->turns[i]) &&
			!member_write(&w->group->turns[i], w->world, err))
			return false;
	return true;
}

static bool is_anything_to_write(const struct group *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (member_has_to_write(&g->turns[i]))
			return true;
	return false;
}

static bool write_together(struct group *g, const struct member_world *w)
{
	struct writing all = { g, w };
	auto_error err = ERROR_INIT;

	if (!w->options->journal || !is_anything_to_write(g))
		return false;
	if (journal_together(w->options->journal, write_turns, &all, &err))
		return true;
	for (size_t i = 0; i < g->count; i++)
		ledger_go_back(&g->turns[i].member->ledger, &g->turns[i].mark);
	return false;
}

/* What one of them cannot write, because it has lost its lease say, is no reason for the others not to. */
void group_record(struct group *g, const struct member_world *w)
{
	bool written = write_together(g, w);

	for (size_t i = 0; i < g->count; i++) {
		if (written)
			member_written(&g->turns[i]);
		else
			member_record_alone(&g->turns[i], w);
	}
}

/* ---- leases ---- */

struct renewal {
	struct member **members; /* owned */
	size_t count;
};

/* It may run twice, so whose lease is old is no question to be asked here. */
static bool renew_all(struct journal *j, void *arg, struct error *err)
{
	const struct renewal *r = arg;

	(void)j;
	for (size_t i = 0; i < r->count; i++)
		if (!ledger_renew(&r->members[i]->ledger, err))
			return false;
	return true;
}

static struct renewal collect_old(struct member *const *members, size_t count)
{
	struct renewal r = { .members = alloc_zeroed(count, sizeof(*members)) };

	for (size_t i = 0; i < count; i++)
		if (member_is_old(members[i], LEASE_RENEW_MS / 2))
			r.members[r.count++] = members[i];
	return r;
}

static bool is_one_due(struct member *const *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (member_is_old(members[i], LEASE_RENEW_MS))
			return true;
	return false;
}

void group_renew(struct member *const *members, size_t count, const struct member_world *w)
{
	auto_error err = ERROR_INIT;
	struct renewal r;

	if (!is_one_due(members, count))
		return;
	r = collect_old(members, count);
	if (!journal_together(w->options->journal, renew_all, &r, &err))
		for (size_t i = 0; i < r.count; i++)
			member_renew(r.members[i]);
	free(r.members);
}
