/* lines.c: a line per event, only ever appended: for logs, pipes and dumb terminals. */
#include "base/clock.h"
#include "report/event_line.h"
#include "report/form.h"

enum { LINE_MAX_BYTES = 4096, SILENCE_MS = 10000 };

static void print(struct progress *p, const struct text *line)
{
	fprintf(p->options.out, "%s\n", line->bytes);
	fflush(p->options.out);
	p->spoken_ms = p->now_ms;
}

static void lines_event(struct progress *p, const struct event *e, const struct track *t)
{
	auto_text line = { 0 };

	if (event_line_detail(e) > (p->options.verbose ? LINE_VERBOSE : LINE_NEWS))
		return;
	text_init(&line, LINE_MAX_BYTES);
	event_line(e, t, &p->options.style, &line);
	print(p, &line);
}

static void print_wait(struct progress *p, const struct track *t, const struct track_step *s)
{
	auto_text line = { 0 };
	char took[CLOCK_SPAN_SIZE];

	text_init(&line, LINE_MAX_BYTES);
	event_line_head(
		&(struct line_head){ p->now_ms, t->rebuild, SIGN_WAITING, t->rows[s - t->steps].name },
		&p->options.style, &line);
	text_addf(&line, "for %s", clock_format_span(track_step_ms(s, p->now_ms), took));
	if (s->why[0]) {
		text_add(&line, ": ");
		style_clean(s->why, &line);
	}
	print(p, &line);
}

/* After a long silence, says for each rebuild what it is at, and why. */
static void lines_tick(struct progress *p)
{
	if (p->now_ms - p->spoken_ms < SILENCE_MS)
		return;
	for (size_t i = 0; i < p->track_count; i++)
		for (size_t k = 0; k < p->tracks[i].step_count; k++) {
			const struct track_step *s = &p->tracks[i].steps[k];

			if (track_is_active(s))
				print_wait(p, &p->tracks[i], s);
		}
}

static void lines_note(struct progress *p, const char *line)
{
	fprintf(p->options.out, "%s\n", line);
	fflush(p->options.out);
}

const struct form form_lines = {
	.name = "lines", .event = lines_event, .note = lines_note, .tick = lines_tick
};
