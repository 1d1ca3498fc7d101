/* check.c: `changeover check`: what was left behind, and what resolves it. */
#include <signal.h>
#include <string.h>
#include <uv.h>

#include "aws/aws.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/message.h"
#include "cli/store.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "plan/plan.h"
#include "report/member.h"
#include "run/asking.h"
#include "run/resolve.h"

enum { TEXT_BYTES = 16 * 1024 * 1024, ANSWER_BYTES = 128 };

struct check_settings {
	bool resolve;
};

struct checkup {
	const struct cli *cli;
	struct arena arena;
	struct plan *plan;       /* NULL: none was named */
	struct journal *journal; /* NULL: there is none that can be used */
	uv_loop_t loop;
	struct aws *aws; /* NULL: not opened */
	struct asking asking;
	struct inventory in;
	struct audit_options options;
	struct findings found;
	struct finding_end *ends; /* one for each finding */
	bool resolving;
	const char *const *names; /* of the findings that are to be resolved */
	size_t name_count;
};

/* Arguments that name a finding have its kind before a colon; any other is the plan. */
static bool names_finding(const char *word)
{
	for (const struct finding_row *row = audit_rows(); row->name; row++) {
		size_t len = strlen(row->name);

		if (!strncmp(word, row->name, len) && word[len] == ':')
			return true;
	}
	return false;
}

static bool sort_arguments(
	struct checkup *c, const struct arguments *args, const char **ret_plan, struct error *err)
{
	const char **names = arena_array(&c->arena, args->count, sizeof(*names));

	*ret_plan = NULL;
	for (size_t i = 0; i < args->count; i++) {
		if (names_finding(args->items[i])) {
			names[c->name_count++] = args->items[i];
			continue;
		}
		if (*ret_plan)
			return error_set(err, ERROR_USAGE,
				"neither %s nor %s is a finding, and one plan is enough", *ret_plan,
				args->items[i]);
		*ret_plan = args->items[i];
	}
	c->names = names;
	if (c->name_count && !c->resolving)
		return error_set(
			err, ERROR_USAGE, "%s is named, but not what to do with it: --resolve", names[0]);
	return true;
}

static bool load_plan(struct checkup *c, const char *path, struct error *err)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	bool loaded;

	if (!path)
		return true;
	loaded = plan_load(path, &c->plan, &d, err);
	message_diagnostics(c->cli, &d);
	if (loaded)
		c->options = (struct audit_options){ .plan_name = c->plan->name,
			.plan_path = c->plan->path,
			.keep_ms = c->plan->keep_ms,
			.snapshots_kept = c->plan->backup.keep };
	return loaded;
}

/*
 * A journal that is missing or damaged is no reason not to look: tags are enough. But one that can be read
 * and not written is: without its leases nothing may be resolved.
 */
static bool open_journal(struct checkup *c, struct error *err)
{
	auto_error trouble = ERROR_INIT;

	if (!store_open(c->cli, JOURNAL_READ, &c->journal, &trouble)) {
		message_note(c->cli, "going by tags alone: %s", trouble.message);
		return true;
	}
	if (!c->resolving)
		return true;
	journal_close(c->journal);
	c->journal = NULL;
	return store_open(c->cli, JOURNAL_WRITE, &c->journal, err);
}

static bool open_aws(struct checkup *c, struct error *err)
{
	const struct aws_options o = {
		.region = c->plan ? c->plan->cloud.region : NULL,
		.profile = c->plan ? c->plan->cloud.profile : NULL,
		.environment = c->cli->environment,
		.clock = c->cli->clock,
		.entropy = c->cli->entropy,
	};

	if (!aws_open(&c->loop, &o, asking_sink(&c->asking), &c->aws, err))
		return false;
	c->asking.provider = aws_provider(c->aws);
	return true;
}

static bool look(struct checkup *c, struct error *err)
{
	const struct inventory_sources from = { &c->asking, c->journal, clock_wall_ms(c->cli->clock) };

	if (!inventory_look(&from, &c->arena, &c->in, err))
		return false;
	audit(&c->in, &c->options, &c->arena, &c->found);
	c->ends = arena_array(&c->arena, c->found.count, sizeof(*c->ends));
	return true;
}

/* Dangerous things are confirmed by typing the name of what they are done to. */
static bool is_confirmed(const struct checkup *c, const struct finding *f)
{
	char answer[ANSWER_BYTES] = "";

	if (c->cli->shared.json || !terminal_can_ask(c->cli))
		return false;
	fprintf(c->cli->err, "%s %s: %s? Type %s to do it, or nothing to leave it: ", f->object, f->what,
		f->row->action, f->object);
	fflush(c->cli->err);
	if (!fgets(answer, sizeof(answer), c->cli->in))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return !strcmp(answer, f->object);
}

static bool is_named(const struct checkup *c, const struct finding *f)
{
	for (size_t i = 0; i < c->name_count; i++)
		if (findings_find(&c->found, c->names[i]) == f)
			return true;
	return false;
}

/* Those that are named; without names all safe ones, and those that a person at the terminal confirms. */
static bool is_chosen(const struct checkup *c, const struct finding *f)
{
	if (c->name_count)
		return is_named(c, f);
	return f->remedy != REMEDY_NONE && (f->row->safe || is_confirmed(c, f));
}

static void told(void *self, const struct finding *f, const char *why)
{
	struct checkup *c = self;

	c->ends[f - c->found.items] =
		(struct finding_end){ .tried = true, .why = why ? arena_copy(&c->arena, why) : NULL };
	if (c->cli->shared.json)
		return;
	if (why)
		fprintf(c->cli->out, "left      %s:%s: %s\n", f->row->name, f->object, why);
	else
		fprintf(c->cli->out, "resolved  %s:%s: %s\n", f->row->name, f->object, f->row->action);
}

static bool names_are_there(const struct checkup *c, struct error *err)
{
	for (size_t i = 0; i < c->name_count; i++) {
		if (findings_find(&c->found, c->names[i]))
			continue;
		error_set(err, ERROR_MISSING, "there is no finding %s", c->names[i]);
		return error_hint(err, "it may be resolved already; nothing was changed");
	}
	return true;
}

static bool resolve_chosen(struct checkup *c, struct error *err)
{
	const struct finding **chosen = arena_array(&c->arena, c->found.count, sizeof(*chosen));
	const struct resolve_options o = {
		.asking = &c->asking,
		.journal = c->journal,
		.audit = c->options,
		.clock = c->cli->clock,
		.user = store_user(c->cli, &c->arena),
		.version = CHANGEOVER_VERSION,
		.told = told,
		.told_self = c,
	};
	size_t count = 0;

	if (!names_are_there(c, err))
		return false;
	for (size_t i = 0; i < c->found.count; i++)
		if (is_chosen(c, &c->found.items[i]))
			chosen[count++] = &c->found.items[i];
	return !count || resolve(&o, chosen, count, err);
}

static void print_findings(const struct checkup *c)
{
	struct style style = terminal_style(c->cli, c->cli->out);
	auto_text text = { 0 };

	if (c->cli->shared.json)
		return;
	text_init(&text, TEXT_BYTES);
	findings_text(&c->found, c->in.now_ms, &style, &text);
	if (!c->found.count)
		text_addf(&text,
			"nothing was left behind: looked at %zu instances, %zu volumes and %zu snapshots of "
			"rebuilds, and %zu addresses in %s\n",
			c->in.instance_count, c->in.volume_count, c->in.snapshot_count, c->in.address_count,
			aws_region(c->aws));
	fputs(text.bytes, c->cli->out);
}

static void print_json(const struct checkup *c, enum exit_code code)
{
	json_auto_t *document = json_object();
	json_t *looked = json_object();

	member_text(document, "result", code == EXIT_DONE ? "clean" : "left");
	member_text(document, "region", aws_region(c->aws));
	member_text(document, "journal", c->journal ? journal_path(c->journal) : NULL);
	json_object_set_new(document, "findings", findings_json(&c->found, c->ends));
	member_number(looked, "instances", (int64_t)c->in.instance_count);
	member_number(looked, "volumes", (int64_t)c->in.volume_count);
	member_number(looked, "snapshots", (int64_t)c->in.snapshot_count);
	member_number(looked, "addresses", (int64_t)c->in.address_count);
	json_object_set_new(document, "looked_at", looked);
	message_document(c->cli, document);
}

/* Something is left for an operator to do; notes are not. */
static enum exit_code verdict(const struct checkup *c)
{
	for (size_t i = 0; i < c->found.count; i++)
		if ((!c->ends[i].tried || c->ends[i].why) &&
			(c->found.items[i].row->severity != SEVERITY_NOTE || c->ends[i].why))
			return EXIT_PARKED;
	return EXIT_DONE;
}

static bool check(struct checkup *c, const char *plan_path, struct error *err)
{
	if (!load_plan(c, plan_path, err) || !open_journal(c, err) || !open_aws(c, err) || !look(c, err))
		return false;
	print_findings(c);
	return !c->resolving || resolve_chosen(c, err);
}

static void close_check(struct checkup *c)
{
	aws_close(c->aws);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
	journal_close(c->journal);
	plan_free(c->plan);
	arena_release(&c->arena);
}

static enum exit_code check_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct check_settings *given = settings;
	struct checkup c = { .cli = cli, .arena = ARENA_INIT, .resolving = given->resolve };
	auto_error err = ERROR_INIT;
	enum exit_code code;
	const char *plan_path;

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&c.loop);
	asking_init(&c.asking, &c.loop);
	if (!sort_arguments(&c, args, &plan_path, &err) || !check(&c, plan_path, &err)) {
		code = message_error(cli, &err, NULL);
	} else {
		code = verdict(&c);
		if (cli->shared.json)
			print_json(&c, code);
	}
	close_check(&c);
	return code;
}

static const struct option_row OPTIONS[] = {
	{ .name = "resolve",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct check_settings, resolve),
		.help = "resolve the findings that are named; without names, all that are safe to resolve" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover check acme.yaml", "in the account and region of the plan" },
	{ "AWS_PROFILE=production changeover check --json || [ $? = 4 ]",
		"in a pipeline: exit code 4 means that something was left behind" },
	{ "changeover check acme.yaml --resolve", "clean up all that is safe" },
	{ "changeover check acme.yaml --resolve blue-stopped:i-0abc", "resolve this one" },
	{ NULL, NULL },
};

const struct command command_check = {
	.name = "check",
	.summary = "Find what was left behind, and resolve it",
	.arguments = "[PLAN] [FINDING...]",
	.max_arguments = COMMAND_ANY,
	.help = "Looks at everything in the account and region that carries Changeover's tags, and at "
		"what the journal knows: rebuilds that are half done or leased by the dead, machines and "
		"snapshots that were orphaned, volumes and addresses that are not where they should be. A "
		"journal is not needed. Each finding says what it is, why it matters, and what resolves "
		"it.\n\n"
		"The plan says which account and region; without one it is as for other AWS tools. Its "
		"retire.keep and backup.keep count for rebuilds of that plan.\n\n"
		"Nothing is changed without --resolve. A data volume is never detached and never deleted, "
		"and nothing of a rebuild that somebody drives is touched. On a terminal, --resolve asks "
		"about each finding that needs a decision.",
	.options = OPTIONS,
	.settings_size = sizeof(struct check_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_PARKED, EXIT_USAGE, EXIT_BAD_PLAN },
	.run = check_run,
};
