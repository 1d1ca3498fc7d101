/* apply.c: `changeover apply`: rebuild the machines of a plan. */
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/summary.h"
#include "run/ledger.h"
#include "run/lineage.h"

enum { SUMMARY_BYTES = 1024 * 1024 };

struct apply_settings {
	int64_t pace;
};

/* The worse end wins: exit codes of one run with several machines. */
static const struct {
	enum rebuild_course course;
	enum exit_code code;
	const char *result;
} ENDS[] = {
	/* best first */
	{ COURSE_UNCHANGED, EXIT_DONE, "unchanged" },
	{ COURSE_DONE, EXIT_DONE, "done" },
	{ COURSE_REFUSED, EXIT_FAILED, "refused" },
	{ COURSE_ROLLED_BACK, EXIT_ROLLED_BACK, "rolled-back" },
	{ COURSE_INTERRUPTED, EXIT_INTERRUPTED, "interrupted" },
	{ COURSE_PARKED, EXIT_PARKED, "parked" },
};

static size_t rank(enum rebuild_course c)
{
	size_t i = 0;

	while (ENDS[i].course != c)
		i++;
	return i;
}

static size_t worst_end(const struct run *run)
{
	size_t worst = 0;

	for (size_t i = 0; i < run_count(run); i++) {
		size_t one = rank(run_rebuild(run, i)->course);

		worst = one > worst ? one : worst;
	}
	return worst;
}

static const char *json_list(struct arena *a, const struct rebuild *r, bool addresses)
{
	size_t count = addresses ? r->world.address_count : r->volumes_found;
	const char *list = "";

	for (size_t i = 0; i < count; i++)
		list = arena_printf(a, "%s%s\"%s\"", list, i ? "," : "",
			addresses ? r->world.addresses[i].public_ip : r->volumes[i].id);
	return arena_printf(a, "[%s]", list);
}

static struct summary_rebuild sum_up(struct session *s, const struct rebuild *r)
{
	return (struct summary_rebuild){
		.record = { .id = r->id,
			.plan_name = s->plan->name,
			.plan_path = s->plan->path,
			.plan_digest = s->plan->digest,
			.blue = r->world.blue.id,
			.green = r->world.green.id,
			.image_from = r->world.blue.image_id,
			.image_to = r->world.image.id,
			.cause = r->cause,
			.state = ledger_state(r),
			.volumes = json_list(&s->arena, r, false),
			.addresses = json_list(&s->arena, r, true) },
		.outage_ms = r->window_closed_ms ? r->window_closed_ms - r->window_opened_ms : -1,
		.took_ms = clock_mono_ms(s->cli->clock) - s->began_ms,
	};
}

static const struct guest *serving_guest(const struct rebuild *r)
{
	return r->course == COURSE_ROLLED_BACK ? &r->world.blue_guest : &r->world.green_guest;
}

/* What the service itself took of the outage, as its machines measured it. */
static void add_guest_times(json_t *o, const struct rebuild *r)
{
	const struct guest *serving = serving_guest(r);

	json_object_set_new(o, "stop_ms", json_integer(r->world.blue_guest.stop_ms));
	json_object_set_new(o, "unmount_ms", json_integer(r->world.blue_guest.unmount_ms));
	json_object_set_new(o, "mount_ms", json_integer(serving->mount_ms));
	json_object_set_new(o, "start_ms", json_integer(serving->start_ms));
}

static void print_json(struct session *s, const struct summary *sum)
{
	json_auto_t *document = summary_json(sum);
	json_t *list = json_object_get(document, "rebuilds");

	for (size_t i = 0; i < sum->count; i++) {
		const struct rebuild *r = run_rebuild(s->run, i);
		json_t *o = json_array_get(list, i);

		json_object_set_new(o, "result", json_string(ENDS[rank(r->course)].result));
		add_guest_times(o, r);
	}
	message_document(s->cli, document);
}

static void print_text(struct session *s, const struct summary *sum)
{
	struct style style = terminal_style(s->cli, s->cli->out);
	auto_text text = { 0 };

	text_init(&text, SUMMARY_BYTES);
	summary_text(sum, &style, &text);
	fputs(text.bytes, s->cli->out);
}

static void report(struct session *s, size_t worst)
{
	struct aws_counts counts = aws_counts(s->aws);
	size_t count = run_count(s->run);
	struct summary_rebuild *rebuilds = arena_array(&s->arena, count, sizeof(*rebuilds));
	struct summary sum = { .result = ENDS[worst].result, .rebuilds = rebuilds, .count = count };

	sum.api.calls = counts.calls;
	sum.api.mutations = counts.mutations;
	sum.api.throttled = counts.throttled;
	sum.api.retries = counts.retries;
	for (size_t i = 0; i < count; i++)
		rebuilds[i] = sum_up(s, run_rebuild(s->run, i));
	if (s->cli->shared.json)
		print_json(s, &sum);
	else
		print_text(s, &sum);
}

/* A blue that was kept for its time: its rebuild is gone on with when the time has passed. */
static bool add_kept(struct session *s, const struct record *kept, struct error *err)
{
	struct rebuild_past past;
	int64_t until_ms;
	char text[CLOCK_TEXT_SIZE];

	if (!lineage_past(s->journal, kept, s->plan, &s->arena, &past, err))
		return false;
	until_ms = past.confirmed_wall_ms + s->plan->keep_ms;
	if (past.volume_count != s->plan->data_count) {
		message_note(s->cli, "%s is kept: the plan has other volumes than when %s replaced it",
			kept->blue, kept->green);
		return true;
	}
	if (clock_wall_ms(s->cli->clock) >= until_ms)
		return run_add_unfinished(s->run, kept, err);
	message_note(s->cli, "%s, replaced by %s, is kept until %s", kept->blue, kept->green,
		clock_format(until_ms, text));
	return true;
}

static bool add_machine(struct session *s, const char *instance_id, struct error *err)
{
	struct lineage lineage;

	if (!lineage_find(s->journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (lineage.is_kept && !add_kept(s, &lineage.kept, err))
		return false;
	if (!lineage.is_unfinished) {
		run_add(s->run, lineage.current);
		return true;
	}
	message_note(s->cli, "going on with rebuild %s of %s, which has not come to its end",
		lineage.unfinished.id, lineage.unfinished.blue);
	return run_add_unfinished(s->run, &lineage.unfinished, err);
}

static bool add_machines(struct session *s, struct error *err)
{
	for (size_t i = 0; i < s->plan->machines.instance_count; i++)
		if (!add_machine(s, s->plan->machines.instances[i], err))
			return false;
	return true;
}

static enum exit_code apply(struct session *s)
{
	size_t worst;

	session_run(s);
	worst = worst_end(s->run);
	report(s, worst);
	for (size_t i = 0; i < run_count(s->run); i++)
		session_print_cause(s, run_rebuild(s->run, i));
	return ENDS[worst].code;
}

static enum exit_code apply_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	auto_error err = ERROR_INIT;
	enum exit_code code;
	const struct apply_settings *given = settings;
	struct session s;

	if (session_open(
		    &s, cli, args->items[0], (struct session_options){ .pace_percent = given->pace }, &err) &&
		add_machines(&s, &err))
		code = apply(&s);
	else
		code = message_error(cli, &err, NULL);
	session_close(&s);
	return code;
}

static const struct option_row OPTIONS[] = {
	{ .name = "pace",
		.kind = OPTION_NUMBER,
		.value = "PERCENT",
		.environment = "CHANGEOVER_PACE",
		.fallback = "100",
		.least = 1,
		.most = 1000,
		.offset = offsetof(struct apply_settings, pace),
		.help = "how long to wait before AWS is asked again; 100 suits EC2, less costs more calls" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover apply acme.yaml", "rebuild the machines of the plan" },
	{ "changeover apply acme.yaml --json --events lines",
		"in a pipeline: lines on stderr, the result on stdout" },
	{ NULL, NULL },
};

const struct command command_apply = {
	.name = "apply",
	.summary = "Rebuild the machines of a plan",
	.arguments = "PLAN",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "Launches green beside blue, moves the data volume across, proves that green is ready,\n"
		"switches the addresses, and retires blue. When anything fails before that, blue is put "
		"back.\n"
		"\n"
		"A machine that runs the plan's image already is left alone, so applying a plan again does\n"
		"nothing. Ctrl-C ends in order: what is under way is finished and recorded.",
	.options = OPTIONS,
	.settings_size = sizeof(struct apply_settings),
	.shares = SHARE_JOURNAL | SHARE_EVENTS | SHARE_TEMPLATES,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_ROLLED_BACK, EXIT_PARKED, EXIT_LOCKED, EXIT_USAGE,
		EXIT_BAD_PLAN, EXIT_INTERRUPTED },
	.run = apply_run,
};
