#include "run/rollout_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cloud/world.h"
#include "journal/lease.h"
#include "rollout/rollout.h"

struct rollout_ledger {
	struct rollout_ledger_options options;
	char id[CLOUD_NAME_SIZE];
	struct lease lease;
	bool leased;
	int64_t renewed_ms; /* wall clock */
	int64_t version;
	bool is_unsure;           /* whether the last change was written: nobody could hear of it */
	enum rollout_state state; /* as last written */

	struct arena arena;              /* of the machines */
	struct machine_record *machines; /* as they were taken up */
	size_t count, size;

	struct arena notes; /* texts of the rows below */
	struct machine_record *noted;
	size_t noted_count, noted_size;
};

struct rollout_ledger *rollout_ledger_new(const struct rollout_ledger_options *o)
{
	struct rollout_ledger *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->options = *o;
	return l;
}

static void release_lease(struct rollout_ledger *l)
{
	auto_error err = ERROR_INIT;

	if (l->leased && lease_release(l->options.journal, &l->lease, &err))
		l->leased = false;
}

void rollout_ledger_free(struct rollout_ledger *l)
{
	if (!l)
		return;
	release_lease(l);
	arena_release(&l->arena);
	arena_release(&l->notes);
	free(l->machines);
	free(l->noted);
	free(l);
}

static int64_t now_ms(const struct rollout_ledger *l)
{
	return clock_wall_ms(l->options.clock);
}

static bool take_lease(struct rollout_ledger *l, struct error *err)
{
	l->lease = (struct lease){ .rebuild = l->id, .version = l->options.version };
	holder_self(l->options.user, &l->lease.holder);
	l->renewed_ms = now_ms(l);
	l->leased = lease_take(l->options.journal, &l->lease, l->renewed_ms, err);
	return l->leased;
}

/* ---- taking up ---- */

static struct machine_record *room_for_one(struct machine_record **list, size_t *count, size_t *size)
{
	if (*count == *size) {
		*size = *size ? *size * 2 : 64;
		*list = realloc(*list, *size * sizeof(**list));
		if (!*list)
			abort();
	}
	return &(*list)[(*count)++];
}

static struct machine_record copy_row(struct arena *a, const struct machine_record *m)
{
	struct machine_record copy = *m;

	copy.machine = arena_copy(a, m->machine ? m->machine : "");
	copy.group = arena_copy(a, m->group ? m->group : "");
	copy.zone = arena_copy(a, m->zone ? m->zone : "");
	copy.stage = arena_copy(a, m->stage ? m->stage : "");
	copy.state = arena_copy(a, m->state);
	copy.rebuild = arena_copy(a, m->rebuild ? m->rebuild : "");
	copy.cause = arena_copy(a, m->cause ? m->cause : "");
	return copy;
}

static bool keep(void *self, const struct machine_record *m)
{
	struct rollout_ledger *l = self;

	*room_for_one(&l->machines, &l->count, &l->size) = copy_row(&l->arena, m);
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

/* Nothing of it is under way: the plan as it is now begins anew. */
static bool give_up(struct rollout_ledger *l, struct error *err)
{
	const struct rollout_standing s = { .state = ROLLOUT_IS_ABORTED, .cause = "the plan was changed" };

	if (!rollout_ledger_commit(l, s, err))
		return false;
	release_lease(l);
	l->id[0] = '\0';
	l->count = 0;
	return true;
}

static bool find(
	struct rollout_ledger *l, struct arena *a, struct rollout_record *ret, bool *found, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;

	if (o->puts_back)
		return rollout_record_find_back(o->journal, o->puts_back, a, ret, found, err);
	return rollout_record_find_open(o->journal, o->plan->name, a, ret, found, err);
}

/* Its rows as they are now that nobody else changes them. */
static bool read_rows(struct rollout_ledger *l, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!rollout_record_find(l->options.journal, l->id, &a, &r, &found, err))
		return false;
	l->version = r.version;
	l->state = r.state;
	return rollout_record_machines(l->options.journal, l->id, 0, keep, l, err);
}

bool rollout_ledger_take_up(struct rollout_ledger *l, bool *found, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;

	if (!find(l, &a, &r, found, err))
		return false;
	if (!*found)
		return true;
	text_copy(l->id, sizeof(l->id), r.id);
	if (!take_lease(l, err) || !read_rows(l, err))
		return false;
	if (l->options.puts_back || !strcmp(r.plan_digest, l->options.plan->digest))
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

static bool close_parent(struct rollout_ledger *l, enum rollout_state state, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	struct rollout_change c;
	bool found;

	if (!rollout_record_find(l->options.journal, l->options.puts_back, &a, &r, &found, err))
		return false;
	c = (struct rollout_change){ .id = r.id,
		.version = r.version,
		.state = state,
		.cause = arena_printf(&a, "put back by %s", l->id),
		.now_ms = now_ms(l) };
	return rollout_record_change(l->options.journal, &c, err);
}

bool rollout_ledger_begin(
	struct rollout_ledger *l, const struct machine_record *machines, size_t count, struct error *err)
{
	const struct rollout_ledger_options *o = &l->options;
	struct rollout_record r = {
		.id = l->id,
		.kind = o->puts_back ? ROLLOUT_GOES_BACK : ROLLOUT_GOES_FORWARD,
		.parent = o->puts_back,
		.plan_name = o->plan->name,
		.plan_path = o->plan->path,
		.plan_digest = o->plan->digest,
		.machines = (int64_t)count,
	};

	id_random(l->id, sizeof(l->id), "ro-", o->entropy);
	r.created_ms = r.updated_ms = now_ms(l);
	if (!rollout_record_create(o->journal, &r, machines, count, err)) {
		l->id[0] = '\0';
		return false;
	}
	l->version = 1;
	return take_lease(l, err) && (!o->puts_back || close_parent(l, ROLLOUT_IS_ABORTED, err));
}

/* ---- going on ---- */

void rollout_ledger_note(struct rollout_ledger *l, const struct machine_record *m)
{
	*room_for_one(&l->noted, &l->noted_count, &l->noted_size) = copy_row(&l->notes, m);
}

void rollout_ledger_drop(struct rollout_ledger *l)
{
	l->noted_count = 0;
	arena_release(&l->notes);
}

/* Nobody else changes the rows: if they have moved on, it was us. */
static bool find_out(struct rollout_ledger *l, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!rollout_record_find(l->options.journal, l->id, &a, &r, &found, err))
		return false;
	if (found && r.version == l->version + 1)
		l->version = r.version;
	l->is_unsure = false;
	return true;
}

bool rollout_ledger_commit(struct rollout_ledger *l, struct rollout_standing s, struct error *err)
{
	struct rollout_change c = { .id = l->id,
		.machines = l->noted,
		.count = l->noted_count,
		.state = s.state,
		.cause = s.cause,
		.expected_ms = s.expected_ms,
		.now_ms = now_ms(l) };
	bool done;

	if (!l->noted_count && l->state == s.state)
		return true;
	if (l->is_unsure && !find_out(l, err))
		return false;
	c.version = l->version;
	done = rollout_record_change(l->options.journal, &c, err);
	l->is_unsure = !done && err->happened == HAPPENED_UNKNOWN;
	if (!done)
		return false;
	l->version = c.version;
	rollout_ledger_drop(l);
	if (s.state == ROLLOUT_IS_DONE && l->state != s.state && l->options.puts_back &&
		!close_parent(l, ROLLOUT_IS_REVERTED, err))
		return false;
	l->state = s.state;
	return true;
}

static bool renew(struct rollout_ledger *l, struct error *err)
{
	if (now_ms(l) < l->renewed_ms + LEASE_RENEW_MS)
		return true;
	l->renewed_ms = now_ms(l);
	return lease_renew(l->options.journal, &l->lease, l->renewed_ms, err);
}

bool rollout_ledger_hear(struct rollout_ledger *l, struct rollout_order *ret, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found;

	if (!renew(l, err) || !rollout_record_find(l->options.journal, l->id, &a, &r, &found, err))
		return false;
	*ret = rollout_record_said(&r);
	ret->id = l->id; /* the record's is gone with the arena */
	return true;
}

bool rollout_ledger_say(struct rollout_ledger *l, struct rollout_order o, struct error *err)
{
	o.id = l->id;
	return rollout_record_order(l->options.journal, &o, now_ms(l), err);
}

const char *rollout_ledger_id(const struct rollout_ledger *l)
{
	return l->id;
}
