#include "cli/abort_rollout.h"

#include <inttypes.h>

#include "cli/message.h"
#include "cli/rollout_view.h"
#include "cli/rollouts.h"
#include "cli/store.h"
#include "cli/terminal.h"

struct ending {
	const struct cli *cli;
	struct rollout_view *view;
	bool revert;
	const char *next; /* the command that the operator needs instead */
};

static bool refuse_back(const struct ending *e, struct error *err)
{
	const struct rollout_record *r = &e->view->standing.record;

	error_set(err, ERROR_CONFLICT, "rollout %s puts back %s itself", r->id, r->parent);
	return error_hint(err, "--keep ends it: what is back stays back");
}

static bool ask_driver(struct ending *e, struct error *err)
{
	const struct standing *s = &e->view->standing;
	enum rollout_wish wish = e->revert ? ROLLOUT_WISH_REVERT : ROLLOUT_WISH_KEEP;

	if (!rollout_order_end(e->view->journal, s->record.id, wish, s->now_ms, err))
		return false;
	message_note(
		e->cli, "asked %s; `changeover watch %s` waits until it has ended", s->driver, s->record.id);
	return true;
}

static bool refuse_revert(struct ending *e, struct error *err)
{
	const struct rollout_record *r = &e->view->standing.record;

	e->next = arena_printf(&e->view->arena, "changeover rollback %s", r->id);
	error_set(err, ERROR_CONFLICT, "nobody drives rollout %s: nobody would put machines back", r->id);
	return error_hint(err, "with --detach, workers do it");
}

static bool end_it(struct ending *e, struct error *err)
{
	const struct standing *s = &e->view->standing;
	int64_t under_way = s->tally.counts[MACHINE_UNDER_WAY];
	struct rollout_change c = { .id = s->record.id,
		.version = s->record.version,
		.state = ROLLOUT_IS_ABORTED,
		.cause = "an operator gave it up",
		.now_ms = s->now_ms };

	if (!rollout_record_change(e->view->journal, &c, err))
		return false;
	if (under_way)
		message_note(e->cli,
			"%" PRId64 " of its machines had been begun with: `changeover resume` goes on with "
			"them, `changeover rollback REBUILD` puts one back",
			under_way);
	return true;
}

/* By who drives it, as we have seen it; that is looked at again in the moment in which it is written. */
static bool end_as_seen(struct ending *e, struct error *err)
{
	const struct standing *s = &e->view->standing;

	if (!rollouts_check_open(&s->record, err))
		return false;
	if (e->revert && s->record.kind == ROLLOUT_GOES_BACK)
		return refuse_back(e, err);
	if (*s->driver)
		return ask_driver(e, err);
	return e->revert ? refuse_revert(e, err) : end_it(e, err);
}

/* Somebody took it up, changed it or left it since we looked. */
static bool was_overtaken(const struct error *err)
{
	return error_is(err, LEASE_HELD) || error_is(err, ROLLOUT_MOVED) || error_is(err, ROLLOUT_UNDRIVEN);
}

static bool end(struct ending *e, struct error *err)
{
	while (!end_as_seen(e, err)) {
		if (!was_overtaken(err))
			return false;
		error_release(err);
		if (!rollout_view_look(e->view, e->cli, err))
			return false;
	}
	return true;
}

static void print(const struct ending *e)
{
	struct style style = terminal_style(e->cli, e->cli->out);
	auto_text line = { 0 };

	if (e->cli->shared.json) {
		rollout_view_document(e->view, e->cli);
		return;
	}
	text_init(&line, 4096);
	standing_phase_line(&e->view->standing, &style, &line);
	fprintf(e->cli->out, "%s %s\n", e->view->standing.record.id, line.bytes);
}

enum exit_code abort_rollout(const struct cli *cli, const char *id, bool revert)
{
	struct rollout_view v = { .plan = NULL };
	struct ending e = { .cli = cli, .view = &v, .revert = revert };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool done = store_open(cli, JOURNAL_WRITE, &j, &err) && rollouts_find(j, id, &a, &r, &err) &&
		    rollout_view_open(&v, cli, j, &r, &err) && end(&e, &err) &&
		    rollout_view_look(&v, cli, &err);
	enum exit_code code = EXIT_DONE;

	if (done)
		print(&e);
	else
		code = message_error(cli, &err, e.next);
	rollout_view_close(&v);
	return code;
}
