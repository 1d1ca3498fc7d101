#include "cli/result.h"

#include <string.h>

#include "cli/message.h"
#include "cli/terminal.h"
#include "report/summary.h"
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

static void print_summary(struct session *s, size_t worst)
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

static enum exit_code report(struct session *s, bool rollback)
{
	size_t worst = worst_end(s->run);

	print_summary(s, worst);
	for (size_t i = 0; i < run_count(s->run); i++)
		session_print_cause(s, run_rebuild(s->run, i));
	return rollback && ENDS[worst].course == COURSE_ROLLED_BACK ? EXIT_DONE : ENDS[worst].code;
}

enum exit_code result_finish(struct session *s, bool ready, bool rollback, struct error *err)
{
	const struct cli *cli = s->cli;
	enum exit_code code;

	if (ready)
		session_run(s);
	code = ready ? report(s, rollback) : message_error(cli, err, NULL);
	session_close(s);
	return code;
}
