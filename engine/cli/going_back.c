#include "cli/going_back.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/way_back.h"
#include "run/lineage.h"

/* ---- which machines ---- */

/* What was under way when its process died, or parked, may have moved something: the journal knows. */
static bool was_touched(const struct machine_record *m)
{
	enum machine_state s = machine_state_parse(m->state);

	return s == MACHINE_UNDER_WAY || (*m->rebuild && (s == MACHINE_REBUILT || s == MACHINE_PARKED));
}

static bool take_in(void *self, const struct machine_record *m)
{
	struct going_back *g = self;

	if (!was_touched(m))
		return true;
	if (g->count == (size_t)g->parent.machines)
		return false; /* more rows than the rollout has machines: the journal is damaged */
	g->machines[g->count++] = (struct machine_record){ .machine = arena_copy(&g->arena, m->machine),
		.group = arena_copy(&g->arena, m->group),
		.zone = "",
		.stage = "wave 1",
		.state = machine_state_name(MACHINE_WAITING),
		.rebuild = arena_copy(&g->arena, m->rebuild),
		.ended_ms = m->ended_ms };
	return true;
}

/* What is under way still comes first, then what ended last. */
static int newest_first(const void *a, const void *b)
{
	const struct machine_record *x = a, *y = b;

	if (!x->ended_ms != !y->ended_ms)
		return x->ended_ms ? 1 : -1;
	return (x->ended_ms < y->ended_ms) - (x->ended_ms > y->ended_ms);
}

static int by_machine(const void *a, const void *b)
{
	const struct machine_record *const *x = a, *const *y = b;

	return strcmp((*x)->machine, (*y)->machine);
}

static void sort(struct going_back *g)
{
	qsort(g->machines, g->count, sizeof(*g->machines), newest_first);
	g->by_machine = arena_array(&g->arena, g->count, sizeof(*g->by_machine));
	for (size_t i = 0; i < g->count; i++) {
		g->machines[i].number = (int64_t)i;
		g->machines[i].ended_ms = 0; /* it waits again */
		g->by_machine[i] = &g->machines[i];
	}
	qsort(g->by_machine, g->count, sizeof(*g->by_machine), by_machine);
}

static void forget(struct going_back *g)
{
	arena_release(&g->arena);
	*g = (struct going_back){
		.journal = g->journal, .parent_id = g->parent_id, .only_if_wanted = g->only_if_wanted
	};
}

static bool read_parent(struct going_back *g, struct error *err)
{
	bool found;

	forget(g);
	if (!rollout_record_find(g->journal, g->parent_id, &g->arena, &g->parent, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "there is no rollout %s", g->parent_id);
	g->machines = arena_array(&g->arena, (size_t)g->parent.machines, sizeof(*g->machines));
	if (!rollout_record_machines(g->journal, g->parent_id, 0, take_in, g, err))
		return false;
	sort(g);
	return true;
}

bool going_back_read(struct going_back *g, const char *id, struct error *err)
{
	if (!read_parent(g, err))
		return false;
	g->id = arena_copy(&g->arena, id);
	return true;
}

/* ---- its beginning ---- */

static bool find(struct going_back *g, bool *found, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rollout_record r;

	if (!rollout_record_find_back(g->journal, g->parent_id, &a, &r, found, err))
		return false;
	return !*found || going_back_read(g, r.id, err);
}

static bool refuse_unwanted(const char *parent, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "nobody wants rollout %s put back any more", parent);
	error_set_code(err, GOING_BACK_UNWANTED);
	return error_hint(err, "`changeover status` tells how it stands");
}

/* Nothing was rebuilt when an operator wanted it back: nobody has to do anything for that. */
static bool end_parent(struct going_back *g, const struct cli *cli, struct error *err)
{
	struct rollout_change c = { .id = g->parent_id,
		.version = g->parent.version,
		.state = ROLLOUT_IS_REVERTED,
		.cause = "nothing had been rebuilt",
		.now_ms = clock_wall_ms(cli->clock) };

	if (!rollout_record_is_wanted_back(&g->parent))
		return error_set(err, ERROR_MISSING, "rollout %s has rebuilt nothing that could be put back",
			g->parent_id);
	if (!rollout_record_change(g->journal, &c, err))
		return false;
	message_note(cli, "rollout %s had rebuilt nothing: there is nothing to be put back", g->parent_id);
	return true;
}

static bool write_down(
	struct going_back *g, const struct cli *cli, const struct plan *plan, struct error *err)
{
	char id[CLOUD_NAME_SIZE];
	const struct rollout_record r = { .id = id,
		.kind = ROLLOUT_GOES_BACK,
		.parent = g->parent_id,
		.plan_name = plan->name,
		.plan_path = plan->path,
		.plan_digest = plan->digest,
		.machines = (int64_t)g->count,
		.created_ms = clock_wall_ms(cli->clock),
		.updated_ms = clock_wall_ms(cli->clock) };

	id_random(id, sizeof(id), "ro-", cli->entropy);
	if (!rollout_record_return(g->journal,
		    &(struct rollout_return){ &r, g->parent.version, g->machines, g->count }, err))
		return false;
	g->id = arena_copy(&g->arena, id);
	message_note(cli, "rollout %s puts %zu machines of %s back", id, g->count, g->parent_id);
	return true;
}

/* The parent is read before it is asked who has begun: who begins after that has changed it. */
static bool find_or_write(
	struct going_back *g, const struct cli *cli, const struct plan *plan, struct error *err)
{
	bool found;

	if (!read_parent(g, err) || !find(g, &found, err))
		return false;
	if (found)
		return true;
	if (g->only_if_wanted && !rollout_record_is_wanted_back(&g->parent))
		return refuse_unwanted(g->parent_id, err);
	return g->count ? write_down(g, cli, plan, err) : end_parent(g, cli, err);
}

bool going_back_begin(struct going_back *g, const struct cli *cli, const struct plan *plan, struct error *err)
{
	while (!find_or_write(g, cli, plan, err)) {
		if (!error_is(err, ROLLOUT_MOVED))
			return false;
		error_release(err); /* somebody was faster */
	}
	return true;
}

bool going_back_load_plan(const struct cli *cli, const char *path, struct plan **ret, struct error *err)
{
	auto_free char *real = realpath(path, NULL);
	auto_diagnostics d = DIAGNOSTICS_INIT;
	bool loaded = plan_load(real ? real : path, ret, &d, err);

	message_diagnostics(cli, &d);
	return loaded;
}

/* ---- one machine ---- */

/* Its blue is there as long as it is kept. */
static bool put_back(struct session *s, const struct record *r, struct error *err)
{
	if (r->state == RECORD_ROLLED_BACK)
		return true;
	if (r->state == RECORD_DONE && !(way_back_is_free(s->journal, r, &s->arena, err) &&
					       way_back_has_blue(s->journal, r, &s->arena, err)))
		return false;
	return run_add_rollback(s->run, r, err);
}

/* Who had it under way died before it wrote down which rebuild that was, or before there was one. */
static bool put_back_unfinished(struct session *s, const char *machine, struct error *err)
{
	struct lineage lineage;

	if (!lineage_find(s->journal, machine, &s->arena, &lineage, err))
		return false;
	return !lineage.is_unfinished || run_add_rollback(s->run, &lineage.unfinished, err);
}

/* NULL: the parent has moved none of that name. */
static const char *rebuild_of(const struct going_back *g, const char *machine)
{
	const struct machine_record key = { .machine = machine }, *wanted = &key;
	const struct machine_record **found =
		bsearch(&wanted, g->by_machine, g->count, sizeof(*g->by_machine), by_machine);

	return found ? (*found)->rebuild : NULL;
}

static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const char *rebuild = rebuild_of(arg, instance_id);
	struct record r;
	bool found = false;

	if (rebuild && !*rebuild)
		return put_back_unfinished(s, instance_id, err);
	if (rebuild && !record_find(s->journal, rebuild, &s->arena, &r, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "the journal has no rebuild of %s", instance_id);
	return put_back(s, &r, err);
}

struct session_fleet going_back_fleet(struct going_back *g)
{
	return (struct session_fleet){ .goes_back = true, .rollout = g->id, .begin = begin, .arg = g };
}

void going_back_release(struct going_back *g)
{
	arena_release(&g->arena);
}
