#include "run/lineage.h"

#include <string.h>

#include "journal/event.h"
#include "rebuild/steps/steps.h"
#include "wire/json.h"

enum { REBUILDS_MAX = 1000 }; /* of one machine; a longer chain can only be a circle */

static bool see_end_of_blue(void *self, const struct event *e)
{
	bool *terminated = self;

	if (e->kind == EVENT_STEP_PROVED && !strcmp(e->step, step_terminate.name))
		*terminated = true;
	return !*terminated;
}

static bool keep_if_blue_is_there(
	struct journal *j, const struct record *r, struct lineage *ret, struct error *err)
{
	bool terminated = false;

	if (!journal_events(j, r->id, 0, see_end_of_blue, &terminated, err))
		return false;
	ret->is_kept = !terminated;
	if (ret->is_kept)
		ret->kept = *r;
	return true;
}

bool lineage_find(
	struct journal *j, const char *instance_id, struct arena *a, struct lineage *ret, struct error *err)
{
	struct record r;
	bool found;

	*ret = (struct lineage){ .current = instance_id };
	for (int i = 0; i < REBUILDS_MAX; i++) {
		if (!record_find_by_blue(j, ret->current, a, &r, &found, err))
			return false;
		if (!found || r.state == RECORD_ROLLED_BACK || r.state == RECORD_FAILED)
			return true;
		if (r.state != RECORD_DONE) {
			ret->unfinished = r;
			ret->is_unfinished = true;
			return true;
		}
		if (!ret->is_kept && !keep_if_blue_is_there(j, &r, ret, err))
			return false;
		ret->current = r.green;
	}
	return error_set(err, ERROR_BUG, "the journal's rebuilds of %s go round in a circle", instance_id);
}

/* What an event adds to the past. */
struct reading {
	struct rebuild_past *past;
	struct arena *arena;
	int unanswered; /* calls to the cloud that were begun and not answered */
	int64_t begun_ms;
};

static bool is_call(const struct event *e)
{
	return *e->effect && !effect_is_guest(effect_kind_parse(e->effect));
}

/* What was under way when a process died may take hold a little later. */
static void read_call(struct reading *r, const struct event *e)
{
	if (e->kind == EVENT_INTENT) {
		r->unanswered++;
		r->begun_ms = e->at_ms;
		r->past->launch_begun = r->past->launch_begun || !strcmp(e->step, step_launch.name);
		if (!strcmp(e->step, step_preflight.name)) /* which changes nothing but that */
			r->past->claim_begun_wall_ms = e->at_ms;
	} else if (e->kind == EVENT_OUTCOME && r->unanswered) {
		r->unanswered--;
	}
	r->past->unanswered_wall_ms = r->unanswered ? r->begun_ms : 0;
}

static bool read_event(void *self, const struct event *e)
{
	struct reading *r = self;

	if (e->kind == EVENT_RESUMED)
		r->unanswered = 0; /* that was waited for then */
	if (is_call(e))
		read_call(r, e);
	if (e->kind == EVENT_WINDOW_OPENED)
		r->past->window_opened = true;
	if (e->kind == EVENT_STEP_PROVED && !strcmp(e->step, step_confirm.name))
		r->past->confirmed_wall_ms = e->at_ms;
	if (e->kind == EVENT_TURNED_BACK) {
		r->past->turned_back = true;
		r->past->cause = arena_copy(r->arena, e->detail);
	}
	return true;
}

static bool read_volumes(
	const struct record *record, struct arena *a, struct rebuild_past *ret, struct error *err)
{
	json_auto_t *list = NULL;
	size_t i;
	json_t *id;

	if (!json_read(record->volumes, strlen(record->volumes), &list, err))
		return error_wrap(err, "the journal's record of %s is damaged", record->id);
	json_array_foreach(list, i, id)
	{
		if (i == CLOUD_VOLUMES_MAX || !json_is_string(id))
			return error_set(
				err, ERROR_LOCAL, "the journal's record of %s is damaged", record->id);
		ret->volumes[ret->volume_count++] = arena_copy(a, json_string_value(id));
	}
	return true;
}

/* Green of a finished rebuild may have become the blue of a later one, and have been replaced itself. */
static bool find_whether_replaced(struct journal *j, const struct record *record, struct arena *a,
	struct rebuild_past *ret, struct error *err)
{
	struct record later;
	bool found = false;

	if (record->green[0] && !record_find_by_blue(j, record->green, a, &later, &found, err))
		return false;
	ret->green_replaced = found && later.state == RECORD_DONE;
	return true;
}

bool lineage_past(struct journal *j, const struct record *record, const struct plan *plan, struct arena *a,
	struct rebuild_past *ret, struct error *err)
{
	struct reading reading = { .past = ret, .arena = a };

	*ret = (struct rebuild_past){ .finished = record->state == RECORD_DONE };
	if (!ret->finished && strcmp(record->plan_digest, plan->digest) != 0) {
		error_set(err, ERROR_CONFLICT, "rebuild %s of %s was begun with another version of the plan",
			record->id, record->blue);
		return error_hint(err, "apply the plan as it was then; the change can be applied when that "
				       "rebuild has ended");
	}
	return read_volumes(record, a, ret, err) && find_whether_replaced(j, record, a, ret, err) &&
	       journal_events(j, record->id, 0, read_event, &reading, err);
}
