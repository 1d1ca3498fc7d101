#include "cli/result.h"

#include <string.h>

#include "cli/message.h"
#include "cli/terminal.h"
#include "report/summary.h"
#include "report/tally.h"
#include "run/ledger.h"

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

static size_t worst_end(const struct run *run)
{
	size_t worst = 0;

	for (size_t i = 0; i < run_count(run); i++) {
		size_t one = rank(run_rebuild(run, i)->course);

		if (!run_is_superseded(run, i))
			worst = one > worst ? one : worst;
	}
	return worst;
}

static struct summary_rebuild sum_up(struct session *s, const struct rebuild *r)
{
	return (struct summary_rebuild){
		.record = ledger_record(r, &s->arena),
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

/* A plan of one machine is no rollout to anybody. */
static const struct rollout *rollout_of(const struct session *s)
{
	const struct rollout *ro = s->fleet ? fleet_rollout(s->fleet) : NULL;

	return ro && rollout_size(ro) > 1 ? ro : NULL;
}

/* The rebuilds that count, and how many. */
static const struct rebuild **counted(struct session *s, size_t *ret_count)
{
	const struct rebuild **list = arena_array(&s->arena, run_count(s->run), sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < run_count(s->run); i++)
		if (!run_is_superseded(s->run, i))
			list[count++] = run_rebuild(s->run, i);
	*ret_count = count;
	return list;
}

static void print_json(struct session *s, const struct summary *sum, const struct rebuild **rebuilds)
{
	json_auto_t *document = summary_json(sum);
	json_t *list = json_object_get(document, "rebuilds");

	for (size_t i = 0; i < sum->count; i++) {
		json_t *o = json_array_get(list, i);

		json_object_set_new(o, "result", json_string(ENDS[rank(rebuilds[i]->course)].result));
		add_guest_times(o, rebuilds[i]);
	}
	if (rollout_of(s))
		json_object_set_new(document, "rollout", tally_json(rollout_of(s)));
	message_document(s->cli, document);
}

static void print_text(struct session *s, const struct summary *sum)
{
	struct style style = terminal_style(s->cli, s->cli->out);
	auto_text text = { 0 };

	text_init(&text, SUMMARY_BYTES);
	summary_text(sum, &style, &text);
	if (rollout_of(s)) {
		tally_text(rollout_of(s), &text);
		text_add_char(&text, '\n');
	}
	fputs(text.bytes, s->cli->out);
}

static void print_summary(struct session *s, size_t worst)
{
	struct aws_counts counts = aws_counts(s->aws);
	size_t count;
	const struct rebuild **list = counted(s, &count);
	struct summary_rebuild *rebuilds = arena_array(&s->arena, count, sizeof(*rebuilds));
	struct summary sum = { .result = ENDS[worst].result, .rebuilds = rebuilds, .count = count };

	sum.api.calls = counts.calls;
	sum.api.mutations = counts.mutations;
	sum.api.throttled = counts.throttled;
	sum.api.retries = counts.retries;
	for (size_t i = 0; i < count; i++)
		rebuilds[i] = sum_up(s, list[i]);
	if (s->cli->shared.json)
		print_json(s, &sum, list);
	else
		print_text(s, &sum);
}

/* A rollout that halted has failed, even if all that was begun with went well. */
static bool has_halted(const struct session *s)
{
	return s->fleet && rollout_halt(fleet_rollout(s->fleet)) != HALT_NONE;
}

static enum exit_code report(struct session *s, bool rollback)
{
	size_t worst = worst_end(s->run);
	enum exit_code troubles;

	print_summary(s, worst);
	troubles = session_print_troubles(s);
	for (size_t i = 0; i < run_count(s->run); i++)
		if (!run_is_superseded(s->run, i))
			session_print_cause(s, run_rebuild(s->run, i));
	if (ENDS[worst].code == EXIT_DONE && troubles != EXIT_DONE)
		return troubles;
	if (ENDS[worst].code == EXIT_DONE && has_halted(s))
		return EXIT_FAILED;
	return rollback && ENDS[worst].course == COURSE_ROLLED_BACK ? EXIT_DONE : ENDS[worst].code;
}

enum exit_code result_finish(struct session *s, bool ready, bool rollback, struct error *err)
{
	const struct cli *cli = s->cli;
	enum exit_code code;

	if (ready)
		session_run(s);
	ready = ready && session_outcome(s, err);
	code = ready ? report(s, rollback) : message_error(cli, err, NULL);
	session_close(s);
	return code;
}
