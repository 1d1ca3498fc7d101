/* validate.c: `changeover validate`: everything that is wrong with plan files, without looking at the cloud. */
#include "cli/commands.h"
#include "cli/message.h"
#include "plan/plan.h"
#include "report/member.h"

static json_t *diagnostic_json(const struct diagnostic *d)
{
	json_t *o = json_object();

	member_number(o, "line", d->line);
	member_number(o, "column", d->column);
	member_text(o, "message", d->message);
	return o;
}

static json_t *plan_json(
	const char *path, const struct plan *p, const struct diagnostics *d, const struct error *err)
{
	json_t *o = json_object(), *list = json_array();

	member_text(o, "path", path);
	json_object_set_new(o, "valid", json_boolean(p != NULL));
	if (p) {
		member_text(o, "name", p->name);
		member_text(o, "digest", p->digest);
	}
	for (size_t i = 0; i < d->count; i++)
		json_array_append_new(list, diagnostic_json(&d->items[i]));
	json_object_set_new(o, "diagnostics", list);
	if (d->dropped)
		member_number(o, "more_diagnostics", (int64_t)d->dropped);
	if (!p)
		json_object_set_new(o, "error", message_error_json(err, NULL));
	return o;
}

static void print(const struct cli *cli, const char *path, const struct plan *p, const struct diagnostics *d,
	const struct error *err)
{
	message_diagnostics(cli, d);
	if (!p && !d->count)
		fprintf(cli->err, "%s: %s\n", path, err->message);
	if (p && !cli->shared.json && !cli->shared.quiet)
		fprintf(cli->out, "%s: valid\n", path);
}

static enum exit_code validate_one(const struct cli *cli, const char *path, json_t *list)
{
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct plan *p = NULL;
	enum exit_code code = EXIT_DONE;

	if (!plan_load(path, &p, &d, &err))
		code = exit_of_error(&err);
	print(cli, path, p, &d, &err);
	json_array_append_new(list, plan_json(path, p, &d, &err));
	plan_free(p);
	return code;
}

static enum exit_code validate_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	enum exit_code worst = EXIT_DONE;
	json_auto_t *document = json_object();
	json_t *list = json_array();

	(void)settings;
	for (size_t i = 0; i < args->count; i++) {
		enum exit_code code = validate_one(cli, args->items[i], list);

		worst = code > worst ? code : worst;
	}
	json_object_set_new(document, "valid", json_boolean(worst == EXIT_DONE));
	json_object_set_new(document, "plans", list);
	if (cli->shared.json)
		message_document(cli, document);
	return worst;
}

static const struct example EXAMPLES[] = {
	{ "changeover validate plans/*.yaml", "check all plans before they are committed" },
	{ "changeover validate --json acme.yaml | jq .plans[].diagnostics", "for editors and pipelines" },
	{ NULL, NULL },
};

const struct command command_validate = {
	.name = "validate",
	.summary = "Check plan files, without looking at the cloud",
	.arguments = "PLAN...",
	.min_arguments = 1,
	.max_arguments = COMMAND_ANY,
	.help = "Reads each plan and prints everything that is wrong with it as file:line:column. Nothing "
		"is asked of AWS or of any machine; `changeover plan` does that.",
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_BAD_PLAN },
	.run = validate_run,
};
