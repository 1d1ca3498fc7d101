/* watch_rebuild.c: one rebuild, as its events in the journal tell it, looked at every second. */
#include "cli/message.h"
#include "cli/operator.h"
#include "cli/procedure.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "journal/event.h"
#include "journal/lease.h"
#include "report/summary.h"

struct watching {
	const struct cli *cli;
	struct journal *journal;
	struct progress *progress;
	struct arena arena; /* of the record */
	struct record record;
	char driver[LEASE_TEXT_SIZE];
	int64_t seen; /* seq of the last event */
};

static bool take_in(void *self, const struct event *e)
{
	struct watching *w = self;

	w->seen = e->seq;
	progress_event(w->progress, e);
	return true;
}

/*
 * Who drives it before the record: whoever leaves after that has closed it. The record before its events: what ends it
 * is told before it is found to be over.
 */
static bool look(struct watching *w, const char *id, struct error *err)
{
	int64_t now_ms = clock_wall_ms(w->cli->clock);
	bool found;

	if (!lease_describe(w->journal, id, now_ms, w->driver, err) ||
		!record_find(w->journal, id, &w->arena, &w->record, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_MISSING, "rebuild %s is not in the journal any more", id);
	if (!journal_events(w->journal, id, w->seen, take_in, w, err))
		return false;
	progress_tick(w->progress, now_ms);
	return true;
}

static bool is_at_rest(const struct watching *w)
{
	return record_state_is_final(w->record.state) || !w->driver[0];
}

static bool watch(struct watching *w, const char *id, struct error *err)
{
	if (!look(w, id, err))
		return false;
	while (!is_at_rest(w)) {
		watch_pause();
		arena_release(&w->arena);
		if (!look(w, id, err))
			return false;
	}
	return true;
}

static void print_document(const struct watching *w)
{
	json_auto_t *document = json_object();
	json_t *list = json_array();

	json_array_append_new(list, record_json(&w->record));
	json_object_set_new(document, "rebuilds", list);
	message_document(w->cli, document);
}

static void tell_end(const struct watching *w)
{
	if (w->cli->shared.json)
		print_document(w);
	if (!record_state_is_final(w->record.state))
		message_note(w->cli, "nobody drives rebuild %s: `changeover resume %s` goes on", w->record.id,
			w->record.id);
}

enum exit_code watch_rebuild(const struct cli *cli, struct journal *j, const struct record *r)
{
	struct progress_options o = terminal_watch(cli);
	struct watching w = { .cli = cli, .journal = j };
	auto_error err = ERROR_INIT;
	auto_arena steps = ARENA_INIT;
	bool watched;

	o.steps = procedure_steps(&steps, &o.step_count);
	w.progress = progress_new(&o);
	watched = watch(&w, r->id, &err);
	progress_free(w.progress);
	if (watched)
		tell_end(&w);
	arena_release(&w.arena);
	return watched ? operator_code(w.record.state) : message_error(cli, &err, NULL);
}
