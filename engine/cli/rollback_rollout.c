#include "cli/rollback_rollout.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/result.h"
#include "cli/rollouts.h"
#include "cli/session.h"
#include "cli/store.h"
#include "cli/way_back.h"
#include "journal/seat.h"

/* Machines of the rollout that have a rebuild to be put back. */
struct way {
	struct arena arena;
	struct rollout_record record;
	struct machine_record *machines; /* newest first */
	const struct machine_record **by_machine;
	size_t count;
};

/* What was under way when its process died, or parked, may have moved something: its rebuild knows. */
static bool was_touched(const struct machine_record *m)
{
	enum machine_state s = machine_state_parse(m->state);

	return *m->rebuild && (s == MACHINE_REBUILT || s == MACHINE_PARKED || s == MACHINE_UNDER_WAY);
}

static bool take_in(void *self, const struct machine_record *m)
{
	struct way *w = self;

	if (!was_touched(m))
		return true;
	if (w->count == (size_t)w->record.machines)
		return false; /* more rows than the rollout has machines: the journal is damaged */
	w->machines[w->count++] = (struct machine_record){ .machine = arena_copy(&w->arena, m->machine),
		.group = arena_copy(&w->arena, m->group),
		.zone = "",
		.rebuild = arena_copy(&w->arena, m->rebuild),
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

static void sort(struct way *w)
{
	qsort(w->machines, w->count, sizeof(*w->machines), newest_first);
	w->by_machine = arena_array(&w->arena, w->count, sizeof(*w->by_machine));
	for (size_t i = 0; i < w->count; i++)
		w->by_machine[i] = &w->machines[i];
	qsort(w->by_machine, w->count, sizeof(*w->by_machine), by_machine);
}

static bool read_machines(struct journal *j, struct way *w, struct error *err)
{
	w->machines = arena_array(&w->arena, (size_t)w->record.machines, sizeof(*w->machines));
	if (!rollout_record_machines(j, w->record.id, 0, take_in, w, err))
		return false;
	if (!w->count)
		return error_set(err, ERROR_MISSING, "rollout %s has rebuilt nothing that could be put back",
			w->record.id);
	sort(w);
	return true;
}

static bool refuse_back(const struct rollout_record *r, struct error *err)
{
	error_set(err, ERROR_USAGE, "rollout %s puts back %s itself", r->id, r->parent);
	return error_hint(err, "`changeover rollback REBUILD` puts single machines back");
}

static bool check_undriven(
	const struct cli *cli, struct journal *j, const struct rollout_record *r, struct error *err)
{
	struct seats s;

	if (!seats_look(j, r->id, clock_wall_ms(cli->clock), &s, err))
		return false;
	if (!s.alive || s.ours != SEAT_NONE)
		return true;
	error_set(err, ERROR_CONFLICT, "rollout %s is being driven by %s", r->id, s.who);
	error_set_code(err, LEASE_HELD);
	return error_hint(err, "`changeover abort --revert ROLLOUT` asks whoever drives it to put it back");
}

static bool choose(const struct cli *cli, const char *id, struct way *w, struct error *err)
{
	auto_journal *j = NULL;

	if (!store_open(cli, JOURNAL_WRITE, &j, err) ||
		!rollouts_find_newest(j, id, &w->arena, &w->record, err))
		return false;
	if (w->record.kind == ROLLOUT_GOES_BACK)
		return refuse_back(&w->record, err);
	return check_undriven(cli, j, &w->record, err) && read_machines(j, w, err);
}

/* NULL: the rollout has none of that machine. */
static const char *rebuild_of(const struct way *w, const char *machine)
{
	const struct machine_record key = { .machine = machine }, *wanted = &key;
	const struct machine_record **found =
		bsearch(&wanted, w->by_machine, w->count, sizeof(*w->by_machine), by_machine);

	return found ? (*found)->rebuild : NULL;
}

/* Its blue is there as long as it is kept. */
static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	const char *rebuild = rebuild_of(arg, instance_id);
	struct record r;
	bool found = false;

	if (rebuild && !record_find(s->journal, rebuild, &s->arena, &r, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "the journal has no rebuild of %s", instance_id);
	if (r.state == RECORD_ROLLED_BACK)
		return true;
	if (r.state == RECORD_DONE && !(way_back_is_free(s->journal, &r, &s->arena, err) &&
					      way_back_has_blue(s->journal, &r, &s->arena, err)))
		return false;
	return run_add_rollback(s->run, &r, err);
}

enum exit_code rollback_rollout(const struct cli *cli, const char *id)
{
	struct way w = { .count = 0 };
	auto_error err = ERROR_INIT;
	enum exit_code code;
	struct session s;
	bool ready;

	if (!choose(cli, id, &w, &err)) {
		arena_release(&w.arena);
		return message_error(cli, &err, NULL);
	}
	ready = session_open(&s, cli, w.record.plan_path, (struct session_options){ 0 }, &err);
	if (ready)
		session_add_fleet(&s, &(struct session_fleet){ .begin = begin,
					      .arg = &w,
					      .puts_back = w.record.id,
					      .machines = w.machines,
					      .machine_count = w.count });
	code = result_finish(&s, ready, true, &err);
	arena_release(&w.arena);
	return code;
}
