/* promote.c: `changeover promote`: open a gate at which a rollout waits, or will wait. */
#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/rollout_view.h"
#include "cli/rollouts.h"
#include "cli/store.h"
#include "report/member.h"

struct promote_settings {
	int64_t gate; /* 0: the next one */
};

enum { GATES_UNKNOWN = -1 };

struct promotion {
	const struct cli *cli;
	struct rollout_view *view;
	int64_t given; /* this gate was asked for by its number; 0: the next one */
	int64_t asked;
	int64_t before, after; /* so many gates were open, and are */
	bool waited;           /* it waited at the first of them */
};

static int64_t gate_count(const struct rollout_view *v)
{
	return v->plan ? (int64_t)v->plan->rollout.gate_count : GATES_UNKNOWN;
}

/* Gates have numbers from 1 on; "" if the plan is not there to say it. */
static const char *stage_before_gate(const struct rollout_view *v, int64_t gate)
{
	return gate <= gate_count(v) ? v->plan->rollout.gates[gate - 1].after : "";
}

static bool refuse(const struct promotion *p, struct error *err)
{
	const char *id = p->view->standing.record.id;
	int64_t count = gate_count(p->view);

	if (!count)
		error_set(err, ERROR_CONFLICT, "rollout %s has no gates", id);
	else if (!p->given)
		error_set(
			err, ERROR_CONFLICT, "all gates of rollout %s are open: it has %" PRId64, id, count);
	else
		error_set(err, ERROR_USAGE, "rollout %s has %" PRId64 " gates, and no gate %" PRId64, id,
			count, p->asked);
	return error_hint(err, "gates stand in the plan under `rollout.gates`");
}

static bool refuse_back(const struct standing *s, struct error *err)
{
	return error_set(err, ERROR_CONFLICT, "rollout %s puts back %s: it has no gates", s->record.id,
		s->record.parent);
}

/* Opens all gates up to the one that was asked for. */
static bool promote(struct promotion *p, struct error *err)
{
	const struct standing *s = &p->view->standing;
	int64_t count = gate_count(p->view);

	if (!rollouts_check_open(&s->record, err))
		return false;
	if (s->record.kind == ROLLOUT_GOES_BACK)
		return refuse_back(s, err);
	p->before = p->after = s->record.promoted;
	p->asked = p->given ? p->given : p->before + 1;
	if (count != GATES_UNKNOWN && p->asked > count)
		return refuse(p, err);
	if (p->asked <= p->before)
		return true;
	p->after = p->asked;
	return rollout_order_promote(
		p->view->journal, s->record.id, p->asked, clock_wall_ms(p->cli->clock), err);
}

/* ---- what it says ---- */

/* The stage that stands behind a gate; NULL if that is not known. */
static const char *stage_after_gate(const struct rollout_view *v, int64_t gate)
{
	const struct standing *s = &v->standing;
	const char *before = stage_before_gate(v, gate);

	for (size_t i = 0; i + 1 < s->stage_count; i++)
		if (!strcmp(s->stages[i].name, before))
			return s->stages[i + 1].name;
	return NULL;
}

static void print_gate(const struct promotion *p, int64_t gate, const char *what)
{
	const char *before = stage_before_gate(p->view, gate);

	fprintf(p->cli->out, "gate %" PRId64 "%s%s %s\n", gate, *before ? ", after " : "", before, what);
}

static void print_next(const struct promotion *p)
{
	const char *stage = stage_after_gate(p->view, p->after);
	int64_t count = gate_count(p->view);

	if (stage)
		fprintf(p->cli->out, "%s is next\n", stage);
	if (count > p->after)
		print_gate(p, p->after + 1, "is the next one that is shut");
	else if (count != GATES_UNKNOWN)
		fprintf(p->cli->out, "no gate is shut any more\n");
}

static void print(const struct promotion *p)
{
	const struct standing *s = &p->view->standing;

	for (int64_t gate = p->before + 1; gate <= p->after; gate++)
		print_gate(p, gate,
			p->waited && gate == p->before + 1 ? "is open" : "is open ahead of its time");
	if (p->after == p->before)
		print_gate(p, p->asked, "was open already");
	print_next(p);
	if (!*s->driver)
		message_note(p->cli, "nobody drives it: `changeover resume %s` goes on", s->record.id);
}

static json_t *gate_json(const struct promotion *p, int64_t gate)
{
	json_t *o = json_object();

	member_number(o, "gate", gate);
	member_text(o, "after", stage_before_gate(p->view, gate));
	return o;
}

static void print_json(const struct promotion *p)
{
	json_auto_t *document = rollout_json(&p->view->standing.record);
	json_t *opened = json_array();

	for (int64_t gate = p->before + 1; gate <= p->after; gate++)
		json_array_append_new(opened, gate_json(p, gate));
	json_object_set_new(document, "opened", opened);
	if (gate_count(p->view) > p->after)
		json_object_set_new(document, "next_gate", gate_json(p, p->after + 1));
	message_document(p->cli, document);
}

/* Before it is promoted: whether it waits for that. */
static bool open_view(
	struct promotion *p, struct journal *j, const struct rollout_record *r, struct error *err)
{
	if (!rollout_view_open(p->view, p->cli, j, r, err))
		return false;
	p->waited = p->view->standing.gate || !p->view->plan;
	return true;
}

static enum exit_code promote_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct promote_settings *given = settings;
	struct rollout_view v = { .plan = NULL };
	struct promotion p = { .cli = cli, .view = &v, .given = given->gate };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	bool done = store_open(cli, JOURNAL_WRITE, &j, &err) &&
		    rollouts_find(j, args->items[0], &a, &r, &err) && open_view(&p, j, &r, &err) &&
		    promote(&p, &err) && rollout_view_look(&v, cli, &err);

	if (done)
		(cli->shared.json ? print_json : print)(&p);
	rollout_view_close(&v);
	return done ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "gate",
		.kind = OPTION_NUMBER,
		.value = "N",
		.least = 1,
		.most = PLAN_GATES_MAX,
		.offset = offsetof(struct promote_settings, gate),
		.help = "open all gates up to the N-th of the plan" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover promote", "open the next gate of the rollout that is not over" },
	{ "changeover promote ro-5d8w1c6f3h --gate 2", "open the first two gates, waited for or not" },
	{ NULL, NULL },
};

const struct command command_promote = {
	.name = "promote",
	.summary = "Open a gate at which a rollout waits",
	.arguments = "[ROLLOUT]",
	.max_arguments = 1,
	.help = "Opens the next gate that is shut, says which one that was and what comes next. A gate "
		"with a command can be opened so, too. An open gate stays open. Whoever drives the "
		"rollout hears it within seconds.\n\n"
		"Without a rollout, the only one that is not over.",
	.options = OPTIONS,
	.settings_size = sizeof(struct promote_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = promote_run,
};
