/* status.c: `changeover status`: where rollouts and rebuilds stand, as the journal has it. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/procedure.h"
#include "cli/rollout_view.h"
#include "cli/rollouts.h"
#include "cli/store.h"
#include "cli/terminal.h"
#include "journal/lease.h"
#include "report/member.h"
#include "report/step_line.h"
#include "report/summary.h"

enum { TEXT_BYTES = 1024 * 1024, MACHINES_SHOWN = 40 };

struct status_settings {
	int64_t limit;
};

/* One rebuild with what its events and its lease tell. */
struct telling {
	struct arena arena; /* of all texts below */
	struct summary_rebuild summary;
	struct track track;
	char holder[LEASE_TEXT_SIZE]; /* "" if nobody drives it */
	int64_t now_ms;
};

static bool take_in(void *self, const struct event *e)
{
	track_event(self, e);
	return true;
}

/* The command that goes on with it, if it needs one. */
static const char *next_command(struct telling *s, const struct record *r)
{
	if (record_state_is_final(r->state) || s->holder[0] || !*r->plan_path)
		return NULL;
	return arena_printf(&s->arena, "changeover apply %s", r->plan_path);
}

static int64_t took_ms(const struct telling *s)
{
	int64_t end_ms = s->track.ended_ms ? s->track.ended_ms : s->now_ms;

	return s->track.started_ms ? end_ms - s->track.started_ms : 0;
}

static void sum_up(struct telling *s, const struct record *r)
{
	s->summary = (struct summary_rebuild){
		.record = *r,
		.outage_ms = s->track.window_opened_ms ? track_outage_ms(&s->track, s->now_ms) : -1,
		.took_ms = took_ms(s),
		.next = next_command(s, r),
	};
}

/* Who drives it, and then how it stands: whoever leaves after that has closed the record. */
static bool read_record(
	struct telling *s, struct journal *j, const char *id, struct record *ret, struct error *err)
{
	bool found;

	return store_find(j, id, &s->arena, ret, err) &&
	       lease_describe(j, ret->id, s->now_ms, s->holder, err) &&
	       record_find(j, ret->id, &s->arena, ret, &found, err);
}

/* Fills in s, whose now_ms is set; in any case telling_release() comes after it. */
static bool telling_read(struct telling *s, struct journal *j, const char *id, struct error *err)
{
	const struct report_step *rows;
	struct record r;
	size_t count;

	if (!read_record(s, j, id, &r, err))
		return false;
	rows = procedure_steps(&s->arena, &count);
	track_init(&s->track, r.id, rows, count);
	if (!journal_events(j, r.id, 0, take_in, &s->track, err))
		return false;
	sum_up(s, &r);
	return true;
}

static void telling_release(struct telling *s)
{
	track_release(&s->track);
	arena_release(&s->arena);
}

static json_t *steps_json(const struct track *t, int64_t now_ms)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->step_count; i++) {
		json_t *o = json_object();

		member_text(o, "step", t->rows[i].name);
		member_text(o, "state", track_state_name(t->steps[i].state));
		member_number(o, "took_ms", track_step_ms(&t->steps[i], now_ms));
		member_text(o, "detail", t->steps[i].why);
		json_array_append_new(list, o);
	}
	return list;
}

static void print_one_json(const struct cli *cli, const struct telling *s)
{
	const struct summary whole = {
		.result = record_state_name(s->summary.record.state), .rebuilds = &s->summary, .count = 1
	};
	json_auto_t *document = summary_json(&whole);
	json_t *rebuild = json_array_get(json_object_get(document, "rebuilds"), 0);

	json_object_set_new(rebuild, "steps", steps_json(&s->track, s->now_ms));
	member_text(rebuild, "driven_by", s->holder);
	message_document(cli, document);
}

static void print_one(const struct cli *cli, const struct telling *s)
{
	struct style style = terminal_style(cli, cli->out);
	auto_text text = { 0 };

	text_init(&text, TEXT_BYTES);
	summary_text(&(struct summary){ .rebuilds = &s->summary, .count = 1 }, &style, &text);
	if (s->holder[0])
		text_addf(&text, "  %-15s %s\n", "driven by", s->holder);
	for (size_t i = 0; i < s->track.step_count; i++) {
		step_line(&s->track, i, &style, s->now_ms, &text);
		text_add(&text, "\n");
	}
	fputs(text.bytes, cli->out);
}

static enum exit_code show_rebuild(const struct cli *cli, struct journal *j, const char *id)
{
	struct telling s = { .now_ms = clock_wall_ms(cli->clock) };
	auto_error err = ERROR_INIT;
	bool found = telling_read(&s, j, id, &err);

	if (found && cli->shared.json)
		print_one_json(cli, &s);
	else if (found)
		print_one(cli, &s);
	telling_release(&s);
	return found ? EXIT_DONE : message_error(cli, &err, "changeover status");
}

static void print_rollout(const struct cli *cli, const struct rollout_view *v)
{
	struct style style = terminal_style(cli, cli->out);
	auto_text text = { 0 };

	text_init(&text, TEXT_BYTES);
	standing_text(&v->standing, &style, MACHINES_SHOWN, &text);
	fputs(text.bytes, cli->out);
}

static enum exit_code show_rollout(const struct cli *cli, struct journal *j, const char *id)
{
	struct rollout_view v = { .journal = j };
	auto_error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool found = rollouts_find(j, id, &a, &r, &err) && rollout_view_open(&v, cli, j, &r, &err);

	if (found && cli->shared.json)
		rollout_view_document(&v, cli);
	else if (found)
		print_rollout(cli, &v);
	rollout_view_close(&v);
	return found ? EXIT_DONE : message_error(cli, &err, "changeover status");
}

static enum exit_code show_one(const struct cli *cli, struct journal *j, const char *id)
{
	return rollouts_means(id) ? show_rollout(cli, j, id) : show_rebuild(cli, j, id);
}

/* ---- lists ---- */

/* What both lists are made of, newest first. */
struct lists {
	struct rollout_record *rollouts;
	size_t rollout_count;
	struct record *rebuilds;
	size_t rebuild_count;
};

static bool count_machines(const struct cli *cli, struct journal *j, const struct rollout_record *r,
	struct standing *ret, struct error *err)
{
	const struct standing_view v = { .driver = "", .now_ms = clock_wall_ms(cli->clock) };

	standing_init(ret);
	if (!rollout_record_machines(j, r->id, 0, standing_take, ret, err))
		return false;
	standing_sum(ret, r, &v);
	return true;
}

static void add_rollout(const struct standing *s, struct text *ret)
{
	const struct rollout_record *r = &s->record;
	char time[CLOCK_TEXT_SIZE];

	text_addf(ret, "%s  %-11s  %s  ", r->id, rollout_state_name(r->state),
		clock_format_seconds(r->updated_ms, time));
	style_clean(r->plan_name, ret);
	text_add(ret, ": ");
	tally_line(&s->tally, ret);
	text_add(ret, "\n");
}

static json_t *counted_json(const struct standing *s)
{
	json_t *o = rollout_json(&s->record);

	json_object_set_new(o, "figures", tally_object(&s->tally));
	return o;
}

/* To the text, or to the list if there is one. */
static bool tell_rollout(const struct cli *cli, struct journal *j, const struct rollout_record *r,
	json_t *list, struct text *text, struct error *err)
{
	struct standing s;
	bool counted = count_machines(cli, j, r, &s, err);

	if (counted && list)
		json_array_append_new(list, counted_json(&s));
	else if (counted)
		add_rollout(&s, text);
	standing_release(&s);
	return counted;
}

static bool print_lists_json(
	const struct cli *cli, struct journal *j, const struct lists *l, struct error *err)
{
	json_auto_t *document = json_object();
	json_t *rollouts = json_array(), *rebuilds = json_array();

	json_object_set_new(document, "rollouts", rollouts);
	json_object_set_new(document, "rebuilds", rebuilds);
	for (size_t i = 0; i < l->rollout_count; i++)
		if (!tell_rollout(cli, j, &l->rollouts[i], rollouts, NULL, err))
			return false;
	for (size_t i = 0; i < l->rebuild_count; i++)
		json_array_append_new(rebuilds, record_json(&l->rebuilds[i]));
	message_document(cli, document);
	return true;
}

static void add_row(const struct record *r, struct text *ret)
{
	char time[CLOCK_TEXT_SIZE];

	text_addf(ret, "%s  %-11s  %s  %s%s%s", r->id, record_state_name(r->state),
		clock_format_seconds(r->updated_ms, time), r->blue, *r->green ? " -> " : "", r->green);
	if (*r->cause) {
		text_add(ret, "  ");
		style_clean(r->cause, ret);
	}
	text_add(ret, "\n");
}

/* Rollouts first: a rebuild of theirs says less. */
static bool print_lists(const struct cli *cli, struct journal *j, const struct lists *l, struct error *err)
{
	auto_text text = { 0 };

	text_init(&text, TEXT_BYTES);
	for (size_t i = 0; i < l->rollout_count; i++)
		if (!tell_rollout(cli, j, &l->rollouts[i], NULL, &text, err))
			return false;
	if (l->rollout_count && l->rebuild_count)
		text_add(&text, "\n");
	for (size_t i = 0; i < l->rebuild_count; i++)
		add_row(&l->rebuilds[i], &text);
	fputs(text.bytes, cli->out);
	return true;
}

static enum exit_code show_lists(const struct cli *cli, struct journal *j, int64_t limit)
{
	auto_error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lists l;

	if (!rollout_record_list(j, (size_t)limit, &a, &l.rollouts, &l.rollout_count, &err) ||
		!record_list(j, (size_t)limit, &a, &l.rebuilds, &l.rebuild_count, &err) ||
		!(cli->shared.json ? print_lists_json : print_lists)(cli, j, &l, &err))
		return message_error(cli, &err, NULL);
	if (!l.rebuild_count && !l.rollout_count)
		message_note(cli, "there are no rebuilds in %s yet", journal_path(j));
	return EXIT_DONE;
}

static enum exit_code status_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct status_settings *s = settings;
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;

	if (!store_open(cli, JOURNAL_READ, &j, &err))
		return message_error(cli, &err, NULL);
	return args->count ? show_one(cli, j, args->items[0]) : show_lists(cli, j, s->limit);
}

static const struct option_row OPTIONS[] = {
	{ .name = "limit",
		.letter = 'n',
		.kind = OPTION_NUMBER,
		.value = "N",
		.fallback = "20",
		.least = 1,
		.most = 100000,
		.offset = offsetof(struct status_settings, limit),
		.help = "list no more than N rollouts, and N rebuilds" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover status", "list the newest rollouts and rebuilds" },
	{ "changeover status ro-5d8w1c6f3h",
		"show its stages, the machines that failed, and what it waits for" },
	{ "changeover status rb-7h2k9m3x0q", "show its steps, its machines and who drives it" },
	{ NULL, NULL },
};

const struct command command_status = {
	.name = "status",
	.summary = "Show where rollouts and rebuilds stand",
	.arguments = "[ROLLOUT|REBUILD]",
	.max_arguments = 1,
	.help = "Reads the journal and nothing else: it works while a rebuild runs, and without credentials.",
	.options = OPTIONS,
	.settings_size = sizeof(struct status_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = status_run,
};
