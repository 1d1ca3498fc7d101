#include "cli/result.h"

#include <string.h>

#include "cli/message.h"
#include "cli/terminal.h"
#include "report/summary.h"
#include "report/tally.h"
#include "run/ending.h"

enum { SUMMARY_BYTES = 1024 * 1024 };

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
	{ COURSE_TAKEN_OVER, EXIT_LOCKED, "taken-over" },
	{ COURSE_PARKED, EXIT_PARKED, "parked" },
};

static size_t rank(enum rebuild_course c)
{
	size_t i = 0;

	while (ENDS[i].course != c)
		i++;
	return i;
}

/* The rebuilds that count. */
struct result {
	const struct ending **endings; /* in the session's arena */
	size_t count;
	size_t worst; /* row of ENDS */
};

static struct result result_of(struct session *s)
{
	size_t all = run_count(s->run);
	struct result o = { .endings = arena_array(&s->arena, all, sizeof(*o.endings)) };

	for (size_t i = 0; i < all; i++) {
		const struct ending *e = run_ending(s->run, i);

		if (e->superseded)
			continue;
		o.endings[o.count++] = e;
		o.worst = rank(e->course) > o.worst ? rank(e->course) : o.worst;
	}
	return o;
}

/* What the service itself took of the outage, as its machines measured it. */
static void add_guest_times(json_t *o, const struct ending *e)
{
	json_object_set_new(o, "stop_ms", json_integer(e->stop_ms));
	json_object_set_new(o, "unmount_ms", json_integer(e->unmount_ms));
	json_object_set_new(o, "mount_ms", json_integer(e->mount_ms));
	json_object_set_new(o, "start_ms", json_integer(e->start_ms));
}

/* A plan of one machine is no rollout to anybody. */
static bool is_rollout(const struct session *s)
{
	const struct rollout *ro = s->fleet ? fleet_rollout(s->fleet) : NULL;

	return ro && rollout_size(ro) > 1;
}

static struct tally tally_of_fleet(const struct fleet *f, char reason[ROLLOUT_REASON_SIZE])
{
	return tally_of(fleet_rollout(f), fleet_reason(f, reason), fleet_goes_back(f));
}

static json_t *figures_json(const struct fleet *f)
{
	char reason[ROLLOUT_REASON_SIZE];
	struct tally t = tally_of_fleet(f, reason);
	json_t *o = tally_object(&t);

	json_object_set_new(o, "id", json_string(fleet_id(f)));
	return o;
}

static void add_figures(const struct fleet *f, struct text *ret)
{
	char reason[ROLLOUT_REASON_SIZE];
	struct tally t = tally_of_fleet(f, reason);

	tally_line(&t, ret);
	text_add_char(ret, '\n');
}

static void print_json(struct session *s, const struct summary *sum, const struct ending **endings)
{
	json_auto_t *document = summary_json(sum);
	json_t *list = json_object_get(document, "rebuilds");

	for (size_t i = 0; i < sum->count; i++) {
		json_t *o = json_array_get(list, i);

		json_object_set_new(o, "result", json_string(ENDS[rank(endings[i]->course)].result));
		add_guest_times(o, endings[i]);
	}
	if (is_rollout(s))
		json_object_set_new(document, "rollout", figures_json(s->fleet));
	message_document(s->cli, document);
}

static void print_text(struct session *s, const struct summary *sum)
{
	struct style style = terminal_style(s->cli, s->cli->out);
	auto_text text = { 0 };

	text_init(&text, SUMMARY_BYTES);
	summary_text(sum, &style, &text);
	if (is_rollout(s))
		add_figures(s->fleet, &text);
	fputs(text.bytes, s->cli->out);
}

static void print_summary(struct session *s, const struct result *o)
{
	struct aws_counts counts = aws_counts(s->aws);
	struct summary_rebuild *rebuilds = arena_array(&s->arena, o->count, sizeof(*rebuilds));
	struct summary sum = { .result = ENDS[o->worst].result, .rebuilds = rebuilds, .count = o->count };

	sum.api.calls = counts.calls;
	sum.api.mutations = counts.mutations;
	sum.api.throttled = counts.throttled;
	sum.api.retries = counts.retries;
	for (size_t i = 0; i < o->count; i++)
		rebuilds[i] = (struct summary_rebuild){ .record = o->endings[i]->record,
			.outage_ms = o->endings[i]->outage_ms,
			.took_ms = o->endings[i]->took_ms };
	if (s->cli->shared.json)
		print_json(s, &sum, o->endings);
	else
		print_text(s, &sum);
}

/*
 * A rollout that halted has failed, even if all that was begun with went well. Machines that do not serve, whether
 * they halt it or only keep their neighbours from going, are an operator's to mend.
 */
static enum exit_code rollout_code(const struct session *s)
{
	static const enum exit_code CODES[] = {
		[HALT_NONE] = EXIT_DONE,
		[HALT_FAILURES] = EXIT_FAILED,
		[HALT_UNLIKELY] = EXIT_FAILED,
		[HALT_NOT_SERVING] = EXIT_PARKED,
		[HALT_WINDOW] = EXIT_FAILED,
		[HALT_OPERATOR] = EXIT_INTERRUPTED,
	};
	const struct rollout *ro = s->fleet ? fleet_rollout(s->fleet) : NULL;
	enum halt halt = ro ? rollout_halt(ro) : HALT_NONE;

	if (ro && halt == HALT_NONE &&
		(rollout_count(ro, MACHINE_WAITING) || rollout_count(ro, MACHINE_SET_ASIDE)))
		return EXIT_PARKED;
	return CODES[halt];
}

static enum exit_code report(struct session *s, bool rollback)
{
	const struct result o = result_of(s);
	enum exit_code code = ENDS[o.worst].code, troubles;

	print_summary(s, &o);
	troubles = session_print_troubles(s);
	for (size_t i = 0; i < o.count; i++)
		session_print_cause(s, o.endings[i]);
	if (code == EXIT_DONE && troubles != EXIT_DONE)
		return troubles;
	if (code == EXIT_DONE || (code == EXIT_FAILED && rollout_code(s) == EXIT_PARKED))
		return rollout_code(s);
	return rollback && code == EXIT_ROLLED_BACK ? EXIT_DONE : code;
}

enum exit_code result_finish(struct session *s, bool ready, bool rollback, struct error *err)
{
	const struct cli *cli = s->cli;
	enum exit_code code;

	if (ready)
		session_run(s);
	ready = ready && session_outcome(s, err);
	code = ready ? report(s, rollback) : message_error(cli, err, NULL);
	/* Ctrl-C means us: whoever comes next finds the wish, and puts it back. */
	if (s->fleet && fleet_wish(s->fleet) == ROLLOUT_WISH_REVERT && !s->interrupts)
		text_copy(s->to_revert, sizeof(s->to_revert), fleet_id(s->fleet));
	session_close(s);
	return code;
}
