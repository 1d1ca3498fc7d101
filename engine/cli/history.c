/* history.c: `changeover history`: each intent, outcome and proof of a rebuild, from the journal. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/procedure.h"
#include "cli/store.h"
#include "cli/terminal.h"
#include "report/event_json.h"
#include "report/event_line.h"
#include "report/summary.h"

enum { LINE_BYTES = 4096 };

/* What the lines are made with, while the journal shows its events. */
struct telling {
	const struct cli *cli;
	struct track track;
	struct style style;
	int64_t day; /* of the last line, counted from 1970 */
};

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* Lines have the time only; the date stands above the first line of each day. */
static void print_day(struct telling *t, const struct event *e)
{
	char time[CLOCK_TEXT_SIZE];

	if (e->at_ms / DAY_MS == t->day)
		return;
	t->day = e->at_ms / DAY_MS;
	fprintf(t->cli->out, "%.10s\n", clock_format(e->at_ms, time));
}

static bool print_line(void *self, const struct event *e)
{
	struct telling *t = self;
	auto_text line = { 0 };

	track_event(&t->track, e);
	print_day(t, e);
	text_init(&line, LINE_BYTES);
	event_line(e, &t->track, &t->style, &line);
	fprintf(t->cli->out, "%s\n", line.bytes);
	return true;
}

static bool print_lines(const struct cli *cli, struct journal *j, const struct record *r, struct error *err)
{
	struct telling t = { .cli = cli, .style = terminal_style(cli, cli->out) };
	auto_arena a = ARENA_INIT;
	size_t count;
	const struct report_step *rows = procedure_steps(&a, &count);
	bool done;

	track_init(&t.track, r->id, rows, count);
	done = journal_events(j, r->id, 0, print_line, &t, err);
	track_release(&t.track);
	return done;
}

static bool add_to_list(void *list, const struct event *e)
{
	json_array_append_new(list, event_json(e));
	return true;
}

static bool print_json(const struct cli *cli, struct journal *j, const struct record *r, struct error *err)
{
	json_auto_t *document = record_json(r);
	json_t *events = json_array();

	json_object_set_new(document, "events", events);
	if (!journal_events(j, r->id, 0, add_to_list, events, err))
		return false;
	message_document(cli, document);
	return true;
}

static enum exit_code history_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_journal *j = NULL;
	struct record r;
	bool done;

	(void)settings;
	done = store_open(cli, JOURNAL_READ, &j, &err) &&
	       store_find(j, args->count ? args->items[0] : NULL, &a, &r, &err) &&
	       (cli->shared.json ? print_json(cli, j, &r, &err) : print_lines(cli, j, &r, &err));
	return done ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct example EXAMPLES[] = {
	{ "changeover history", "the newest rebuild" },
	{ "changeover history --json rb-7h2k9m3x0q | jq '.events[] | select(.request_id)'",
		"every call that AWS knows of, with its request id" },
	{ NULL, NULL },
};

const struct command command_history = {
	.name = "history",
	.summary = "Show everything that a rebuild did, and when",
	.arguments = "[REBUILD]",
	.max_arguments = 1,
	.help = "Each intent, outcome and proof as the journal recorded it, with times and AWS's request "
		"ids. Without a rebuild, that of the newest one.",
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = history_run,
};
