#include "cli/rollout_view.h"

#include <string.h>

#include "base/text.h"
#include "cli/message.h"
#include "journal/seat.h"

/* Whoever drives it went by these bytes; another version of the file says nothing about it. */
static struct plan *find_plan(const struct rollout_record *r)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *plan = NULL;

	if (!*r->plan_path || !plan_load(r->plan_path, &plan, &d, &err))
		return NULL;
	if (!strcmp(plan->digest, r->plan_digest))
		return plan;
	plan_free(plan);
	return NULL;
}

/* The row first: machines that change in between are read once more with the next look. */
static bool read_rows(struct rollout_view *v, const char *id, struct rollout_record *ret, struct error *err)
{
	bool found;

	if (!rollout_record_find(v->journal, id, &v->arena, ret, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "rollout %s is not in the journal any more", id);
	if (!rollout_record_machines(v->journal, id, v->version, standing_take, &v->standing, err))
		return false;
	v->version = ret->version;
	return true;
}

/* Who drives it first: whoever leaves after that has written its last row before it did. */
static bool look_at(struct rollout_view *v, const struct cli *cli, const char *id, struct error *err)
{
	struct standing_view w = {
		.plan = v->plan, .driver = v->driver, .now_ms = clock_wall_ms(cli->clock)
	};
	struct rollout_record r;
	struct seats s;

	if (!seats_look(v->journal, id, w.now_ms, &s, err) || !read_rows(v, id, &r, err))
		return false;
	text_copy(v->driver, sizeof(v->driver), s.who);
	standing_sum(&v->standing, &r, &w);
	return true;
}

bool rollout_view_open(struct rollout_view *v, const struct cli *cli, struct journal *j,
	const struct rollout_record *r, struct error *err)
{
	*v = (struct rollout_view){ .journal = j, .plan = find_plan(r) };
	standing_init(&v->standing);
	return look_at(v, cli, r->id, err);
}

bool rollout_view_look(struct rollout_view *v, const struct cli *cli, struct error *err)
{
	struct arena before = v->arena; /* has the id */
	bool done;

	v->arena = (struct arena)ARENA_INIT;
	done = look_at(v, cli, v->standing.record.id, err);
	arena_release(&before);
	return done;
}

void rollout_view_close(struct rollout_view *v)
{
	standing_release(&v->standing);
	plan_free(v->plan);
	arena_release(&v->arena);
}

void rollout_view_document(const struct rollout_view *v, const struct cli *cli)
{
	json_auto_t *document = json_object();
	json_t *list = json_array();

	json_array_append_new(list, standing_json(&v->standing));
	json_object_set_new(document, "rollouts", list);
	message_document(cli, document);
}
