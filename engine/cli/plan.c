/*
 * plan.c: `changeover plan`: what apply would do. Reads and dry runs only.
 *
 * Of many machines only some are looked at closely, logged in to and asked about one by one: EC2 itself allows no more
 * than some ten such looks a second. The others are told as one list shows them all.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/plan_machine.h"
#include "cli/session.h"
#include "cli/store.h"
#include "rebuild/rebuild.h"
#include "run/lineage.h"

struct plan_settings {
	int64_t closely;
};

/* One look at all machines of a plan. */
struct looking {
	struct journal *journal; /* NULL: there is none */
	size_t closely, looked;  /* so many may be looked at closely if there are more; so many are */
	size_t next;             /* number of the machine that is begun with next */
	const struct appearance **listed; /* those that are not */
	size_t listed_count;
};

/* The plan's image, as far as it is known. */
static const char *image_of(const struct session *s)
{
	if (s->plan->image.id)
		return s->plan->image.id;
	for (size_t i = 0; i < run_count(s->run); i++)
		if (run_rebuild(s->run, i)->world.image.id[0])
			return run_rebuild(s->run, i)->world.image.id;
	return NULL;
}

/* ---- what was seen ---- */

static void print_json(const struct session *s, const struct looking *l)
{
	const char *image = image_of(s);
	json_auto_t *document = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < run_count(s->run); i++)
		json_array_append_new(list, plan_machine_json(run_rebuild(s->run, i)));
	for (size_t i = 0; image && i < l->listed_count; i++)
		json_array_append_new(list, plan_listed_json(l->listed[i], image));
	json_object_set_new(document, "machines", list);
	json_object_set_new(document, "steps", plan_steps_json());
	message_document(s->cli, document);
}

static void print_text(const struct session *s, const struct looking *l)
{
	const char *image = image_of(s);

	for (size_t i = 0; i < run_count(s->run); i++)
		plan_machine_print(s->cli->out, run_rebuild(s->run, i));
	for (size_t i = 0; image && i < l->listed_count; i++)
		plan_listed_print(s->cli->out, l->listed[i], image);
}

static enum exit_code code_of(enum plan_action action)
{
	static const enum exit_code CODES[] = {
		[PLAN_REBUILD] = EXIT_CHANGES,
		[PLAN_NOTHING] = EXIT_DONE,
		[PLAN_REFUSED] = EXIT_FAILED,
	};

	return CODES[action];
}

/* That something cannot be done outweighs what there is to do. */
static enum exit_code graver(enum exit_code a, enum exit_code b)
{
	return a == EXIT_DONE || (a == EXIT_CHANGES && b == EXIT_FAILED) ? b : a;
}

static enum exit_code show(const struct session *s, const struct looking *l)
{
	enum exit_code code = session_print_troubles(s);
	const char *image = image_of(s);

	for (size_t i = 0; i < run_count(s->run); i++) {
		session_print_cause(s, run_ending(s->run, i));
		code = graver(code, code_of(plan_action_of(run_rebuild(s->run, i))));
	}
	for (size_t i = 0; image && i < l->listed_count; i++)
		code = graver(code, code_of(plan_action_listed(l->listed[i], image)));
	if (s->cli->shared.json)
		print_json(s, l);
	else
		print_text(s, l);
	if (l->listed_count)
		message_note(s->cli, "%zu machines were looked at closely, %zu are told as a list shows them",
			l->looked, l->listed_count);
	return code;
}

/* ---- looking ---- */

/* Whether the list is enough to go by. It shows nothing of a machine that has taken the place of a listed one. */
static bool is_listed(
	const struct session *s, const struct looking *l, const struct appearance *seen, const char *current)
{
	const char *image = s->plan->image.id;

	if (fleet_muster(s->fleet)->count <= l->closely || seen->state == INSTANCE_UNSEEN ||
		strcmp(seen->id, current) != 0)
		return false;
	return l->looked >= l->closely || (image && !strcmp(seen->image_id, image));
}

/* The machine that the plan means today, as far as there is a journal that knows. */
static bool begin(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	struct looking *l = arg;
	const struct appearance *seen = &fleet_muster(s->fleet)->machines[l->next++].seen;
	struct lineage lineage = { .current = instance_id };

	if (l->journal && !lineage_find(l->journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (lineage.is_unfinished)
		message_note(s->cli, "rebuild %s of %s has not come to its end: apply goes on with it",
			lineage.unfinished.id, lineage.unfinished.blue);
	if (!l->listed)
		l->listed =
			arena_array(&s->arena, fleet_muster(s->fleet)->count, sizeof(struct appearance *));
	if (is_listed(s, l, seen, lineage.current)) {
		l->listed[l->listed_count++] = seen;
		return true;
	}
	l->looked++;
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

static bool look(struct session *s, struct looking *l, struct error *err)
{
	session_add_fleet(
		s, &(struct session_fleet){ .unlimited = true, .lists = true, .begin = begin, .arg = l });
	session_run(s);
	return session_outcome(s, err);
}

static enum exit_code plan_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct plan_settings *given = settings;
	struct looking l = { .closely = (size_t)given->closely };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	enum exit_code code;
	struct session s;
	bool seen;

	seen = session_open(&s, cli, args->items[0], (struct session_options){ .only_look = true }, &err) &&
	       open_journal(cli, &j, &err);
	l.journal = j;
	seen = seen && look(&s, &l, &err);
	code = seen ? show(&s, &l) : message_error(cli, &err, NULL);
	session_close(&s);
	return code;
}

static const struct option_row OPTIONS[] = {
	{ .name = "closely",
		.kind = OPTION_NUMBER,
		.value = "MACHINES",
		.offset = offsetof(struct plan_settings, closely),
		.fallback = "10",
		.least = 1,
		.most = 1000000,
		.help = "how many to look at closely if there are more; the others as a list shows them" },
	{ .name = NULL },
};

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
		"dry runs whether everything is permitted. Nothing is changed and nothing is "
		"recorded.\n\n"
		"Of more machines than --closely says, the first ones that are to be rebuilt are looked "
		"at like that; of the others it is told what one list of all machines shows: their image, "
		"and whether they run.",
	.options = OPTIONS,
	.settings_size = sizeof(struct plan_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_CHANGES, EXIT_USAGE, EXIT_BAD_PLAN },
	.run = plan_run,
};
