/* standing_json.c: how a rollout stands, for programs. */
#include "report/member.h"
#include "report/standing.h"

enum { WORDS_MAX_BYTES = 1024 };

static const char *const WISHES[] = {
	[ROLLOUT_WISH_NONE] = NULL,
	[ROLLOUT_WISH_KEEP] = "keep",
	[ROLLOUT_WISH_REVERT] = "revert",
};

json_t *rollout_json(const struct rollout_record *r)
{
	json_t *o = json_object();

	member_text(o, "rollout", r->id);
	member_text(o, "kind", r->kind == ROLLOUT_GOES_BACK ? "back" : "forward");
	member_text(o, "parent", r->parent);
	member_text(o, "state", rollout_state_name(r->state));
	member_text(o, "cause", r->cause);
	member_text(o, "plan", r->plan_name);
	member_text(o, "plan_path", r->plan_path);
	member_text(o, "plan_digest", r->plan_digest);
	json_object_set_new(o, "paused", json_boolean(r->paused));
	member_number(o, "gates_open", r->promoted);
	member_number(o, "known_failures", r->known_failures);
	member_text(o, "to_end", WISHES[r->wish]);
	member_time(o, "created", r->created_ms);
	member_time(o, "updated", r->updated_ms);
	member_time(o, "expected_end", rollout_state_is_final(r->state) ? 0 : r->expected_ms);
	return o;
}

json_t *standing_machine_json(const struct standing_machine *m)
{
	const struct machine_record *row = &m->row;
	json_t *o = json_object();

	member_text(o, "machine", row->machine);
	member_text(o, "group", row->group);
	member_text(o, "stage", row->stage);
	member_text(o, "state", row->state);
	member_text(o, "cause", row->cause);
	member_text(o, "rebuild", row->rebuild);
	if (row->tries)
		member_number(o, "tries", row->tries);
	if (m->state == MACHINE_SET_ASIDE)
		member_time(o, "tried_again", row->due_ms);
	if (row->took_ms)
		member_number(o, "took_ms", row->took_ms);
	member_time(o, "began", row->began_ms);
	member_time(o, "ended", row->ended_ms);
	return o;
}

static json_t *stages_json(const struct standing *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->stage_count; i++) {
		json_t *o = json_object(), *figures = tally_object(&s->stages[i].tally);

		member_text(o, "stage", s->stages[i].name);
		json_object_update(o, figures);
		json_decref(figures);
		json_array_append_new(list, o);
	}
	return list;
}

/* Those that failed, wait to be tried again or are under way: a fleet that goes well is a short document. */
static json_t *machines_json(const struct standing *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->count; i++)
		if (standing_shows(s->machines[i].state))
			json_array_append_new(list, standing_machine_json(&s->machines[i]));
	return list;
}

static void add_words(json_t *o, const char *key, const struct standing *s,
	void (*words)(const struct standing *s, struct text *ret))
{
	auto_text line = { 0 };

	text_init(&line, WORDS_MAX_BYTES);
	words(s, &line);
	member_text(o, key, line.bytes);
}

json_t *standing_json(const struct standing *s)
{
	json_t *o = rollout_json(&s->record);

	json_object_set_new(o, "figures", tally_object(&s->tally));
	member_text(o, "driven_by", s->driver);
	add_words(o, "waits_for", s, standing_waits);
	add_words(o, "next", s, standing_next);
	json_object_set_new(o, "stages", stages_json(s));
	json_object_set_new(o, "machines", machines_json(s));
	return o;
}
