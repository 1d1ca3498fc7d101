/* plan.c: `changeover plan`: what apply would do. Reads and dry runs only. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/session.h"
#include "cli/store.h"
#include "rebuild/rebuild.h"
#include "rebuild/steps/steps.h"
#include "run/lineage.h"

static void print_header(FILE *out, const struct rebuild *r)
{
	char span[CLOCK_SPAN_SIZE];

	fprintf(out, "%s", r->world.blue.id);
	if (r->world.blue.name[0])
		fprintf(out, " (%s)", r->world.blue.name);
	fprintf(out, " will be rebuilt: %s -> %s", r->world.blue.image_id, r->world.image.id);
	fprintf(out, "\n  clients wait for about %s\n",
		clock_format_span(rebuild_predicted_outage_ms(), span));
}

static void print_things(FILE *out, const struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		fprintf(out, "  volume   %s at %s, %s (%d GiB) moves to green\n", r->volumes[i].id,
			r->volumes[i].device, r->volumes[i].plan->mount,
			world_find_volume(&r->world, r->volumes[i].id)->size_gib);
	for (size_t i = 0; i < r->world.address_count; i++)
		fprintf(out, "  address  %s (%s) is switched to green\n", r->world.addresses[i].public_ip,
			r->world.addresses[i].allocation_id);
}

static void print_steps(FILE *out)
{
	char span[CLOCK_SPAN_SIZE];

	for (const struct step *const *s = steps_move; *s; s++)
		if (!(*s)->only_back)
			fprintf(out, "  %s %-10s %8s  %s\n", (*s)->in_window ? "|" : " ", (*s)->name,
				(*s)->typical_ms ? clock_format_span((*s)->typical_ms, span) : "",
				(*s)->summary);
	fputs("  | while these run, clients wait\n", out);
}

static bool is_to_do(const struct rebuild *r)
{
	return r->course == COURSE_DONE;
}

static void print_one(FILE *out, const struct rebuild *r)
{
	if (r->course == COURSE_UNCHANGED) {
		fprintf(out, "%s runs %s already: nothing to do\n", r->world.blue.id, r->world.image.id);
		return;
	}
	if (!is_to_do(r))
		return;
	print_header(out, r);
	print_things(out, r);
	print_steps(out);
}

static json_t *things_json(const struct rebuild *r, bool addresses)
{
	json_t *list = json_array();

	for (size_t i = 0; i < (addresses ? r->world.address_count : r->volume_count); i++)
		json_array_append_new(
			list, json_string(addresses ? r->world.addresses[i].public_ip : r->volumes[i].id));
	return list;
}

static json_t *steps_json(void)
{
	json_t *list = json_array();

	for (const struct step *const *s = steps_move; *s; s++) {
		json_t *o;

		if ((*s)->only_back)
			continue;
		o = json_object();
		json_object_set_new(o, "step", json_string((*s)->name));
		json_object_set_new(o, "summary", json_string((*s)->summary));
		json_object_set_new(o, "typical_ms", json_integer((*s)->typical_ms));
		json_object_set_new(o, "in_window", json_boolean((*s)->in_window));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *machine_json(const struct rebuild *r)
{
	static const char *const ACTIONS[] = { [COURSE_DONE] = "rebuild", [COURSE_UNCHANGED] = "nothing" };
	bool known = r->course == COURSE_DONE || r->course == COURSE_UNCHANGED;
	json_t *o = json_object();

	json_object_set_new(o, "blue", json_string(r->world.blue.id));
	json_object_set_new(o, "action", json_string(known ? ACTIONS[r->course] : "refused"));
	if (r->cause[0])
		json_object_set_new(o, "cause", json_string(r->cause));
	json_object_set_new(o, "image_before", json_string(r->world.blue.image_id));
	json_object_set_new(o, "image_after", json_string(r->world.image.id));
	json_object_set_new(o, "volumes", things_json(r, false));
	json_object_set_new(o, "addresses", things_json(r, true));
	json_object_set_new(
		o, "predicted_outage_ms", json_integer(is_to_do(r) ? rebuild_predicted_outage_ms() : 0));
	return o;
}

static void print_json(const struct session *s)
{
	json_auto_t *document = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < run_count(s->run); i++)
		json_array_append_new(list, machine_json(run_rebuild(s->run, i)));
	json_object_set_new(document, "machines", list);
	json_object_set_new(document, "steps", steps_json());
	message_document(s->cli, document);
}

static enum exit_code show(const struct session *s)
{
	enum exit_code code = session_print_troubles(s);

	for (size_t i = 0; i < run_count(s->run); i++) {
		const struct rebuild *r = run_rebuild(s->run, i);

		if (!s->cli->shared.json)
			print_one(s->cli->out, r);
		session_print_cause(s, r);
		if (r->course == COURSE_REFUSED || r->course == COURSE_INTERRUPTED)
			code = EXIT_FAILED;
		else if (is_to_do(r) && code == EXIT_DONE)
			code = EXIT_CHANGES;
	}
	if (s->cli->shared.json)
		print_json(s);
	return code;
}

/* The machine that the plan means today, as far as there is a journal that knows. */
static bool begin(struct session *s, void *journal, const char *instance_id, struct error *err)
{
	struct lineage lineage = { .current = instance_id };

	if (journal && !lineage_find(journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (lineage.is_unfinished)
		message_note(s->cli, "rebuild %s of %s has not come to its end: apply goes on with it",
			lineage.unfinished.id, lineage.unfinished.blue);
	run_add(s->run, lineage.current);
	return true;
}

static bool open_journal(const struct cli *cli, struct journal **ret, struct error *err)
{
	if (store_open(cli, JOURNAL_READ, ret, err))
		return true;
	if (err->kind != ERROR_MISSING)
		return false;
	error_release(err);
	return true;
}

static bool look(struct session *s, struct journal *j, struct error *err)
{
	session_add_fleet(s, &(struct session_fleet){ .unlimited = true, .begin = begin, .arg = j });
	session_run(s);
	return session_outcome(s, err);
}

static enum exit_code plan_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	enum exit_code code;
	struct session s;
	bool seen;

	(void)settings;
	seen = session_open(&s, cli, args->items[0], (struct session_options){ .only_look = true }, &err) &&
	       open_journal(cli, &j, &err) && look(&s, j, &err);
	code = seen ? show(&s) : message_error(cli, &err, NULL);
	session_close(&s);
	return code;
}

static const struct example EXAMPLES[] = {
	{ "changeover plan acme.yaml", "show what apply would do, and how long clients would wait" },
	{ "changeover plan acme.yaml --json || [ $? = 2 ]",
		"in a pipeline: exit code 2 means that there is something to do" },
	{ NULL, NULL },
};

const struct command command_plan = {
	.name = "plan",
	.summary = "Show what apply would do, without changing anything",
	.arguments = "PLAN",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Looks at the machines, their volumes, addresses and the image, logs in, and asks AWS by "
		"dry\n"
		"runs whether everything is permitted. Nothing is changed and nothing is recorded.",
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_CHANGES, EXIT_USAGE, EXIT_BAD_PLAN },
	.run = plan_run,
};
