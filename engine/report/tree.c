/*
 * tree.c: a picture of all rebuilds, drawn again in place: a row per step while it fits on the
 * terminal, a row per rebuild otherwise. Steps for which clients wait stand behind a bar.
 */
#include <string.h>

#include "base/clock.h"
#include "report/form.h"
#include "report/step_line.h"

enum { PICTURE_MAX_BYTES = 1024 * 1024, ROW_MAX_BYTES = 4096 };

struct picture {
	const struct progress *p;
	struct text text;
	size_t lines;
};

static void add_row(struct picture *pic, const struct text *row)
{
	style_fit(&pic->p->options.style, row->bytes, (size_t)pic->p->options.columns - 1, &pic->text);
	text_add(&pic->text, "\033[K\n");
	pic->lines++;
}

static const enum sign END_SIGNS[EVENT_KIND_COUNT] = {
	[EVENT_FINISHED] = SIGN_DONE,
	[EVENT_ROLLED_BACK] = SIGN_UNDONE,
	[EVENT_PARKED] = SIGN_FAILED,
	[EVENT_FAILED] = SIGN_FAILED,
};

static enum sign rebuild_sign(const struct track *t)
{
	if (t->end != EVENT_NONE)
		return END_SIGNS[t->end];
	return t->back ? SIGN_UNDONE : SIGN_RUNNING;
}

static void add_outage(const struct picture *pic, const struct track *t, struct text *row)
{
	const struct style *style = &pic->p->options.style;
	bool open = t->window_opened_ms && !t->window_closed_ms;
	char took[CLOCK_SPAN_SIZE];
	auto_text words = { 0 };

	if (!t->window_opened_ms)
		return;
	text_init(&words, ROW_MAX_BYTES);
	text_addf(&words, "  outage %s%s", clock_format_span(track_outage_ms(t, pic->p->now_ms), took),
		open ? " so far" : "");
	style_paint(style, open ? SIGN_WAITING : SIGN_PENDING, words.bytes, row);
}

static void add_head(struct picture *pic, const struct track *t)
{
	const struct style *style = &pic->p->options.style;
	int64_t end = t->ended_ms ? t->ended_ms : pic->p->now_ms;
	char took[CLOCK_SPAN_SIZE];
	auto_text row = { 0 };

	text_init(&row, ROW_MAX_BYTES);
	style_sign(style, rebuild_sign(t), &row);
	text_add_char(&row, ' ');
	style_bold(style, t->rebuild, &row);
	text_addf(&row, "  %s", clock_format_span(t->started_ms ? end - t->started_ms : 0, took));
	add_outage(pic, t, &row);
	text_add(&row, "  ");
	style_clean(t->title, &row);
	add_row(pic, &row);
}

static void add_cause(struct picture *pic, const struct track *t)
{
	auto_text row = { 0 };

	if (!t->cause[0])
		return;
	text_init(&row, ROW_MAX_BYTES);
	text_add(&row, "  ");
	style_paint(&pic->p->options.style, SIGN_FAILED, t->back ? "turned back: " : "stopped: ", &row);
	style_clean(t->cause, &row);
	add_row(pic, &row);
}

static void add_step(struct picture *pic, const struct track *t, size_t i)
{
	auto_text row = { 0 };

	text_init(&row, ROW_MAX_BYTES);
	step_line(t, i, &pic->p->options.style, pic->p->now_ms, &row);
	add_row(pic, &row);
}

static void add_full(struct picture *pic, const struct track *t)
{
	add_head(pic, t);
	add_cause(pic, t);
	for (size_t i = 0; i < t->step_count; i++)
		add_step(pic, t, i);
}

/* The head, and only the steps that are under way. */
static void add_short(struct picture *pic, const struct track *t)
{
	add_head(pic, t);
	for (size_t i = 0; i < t->step_count; i++)
		if (track_is_active(&t->steps[i]))
			add_step(pic, t, i);
}

/* From the most telling picture to the one that always fits. */
static void (*const DEPTHS[])(struct picture *pic, const struct track *t) = { add_full, add_short, add_head };

static void paint_all(struct picture *pic, size_t depth)
{
	text_clear(&pic->text);
	pic->lines = 0;
	for (size_t i = 0; i < pic->p->track_count; i++)
		DEPTHS[depth](pic, &pic->p->tracks[i]);
}

/* Heads of rebuilds that have ended go first when even the heads are too many. */
static void paint_some(struct picture *pic, size_t room)
{
	const struct progress *p = pic->p;
	auto_text row = { 0 };

	text_clear(&pic->text);
	pic->lines = 0;
	for (size_t i = 0; i < p->track_count && pic->lines + 1 < room; i++)
		if (p->tracks[i].end == EVENT_NONE)
			add_head(pic, &p->tracks[i]);
	text_init(&row, ROW_MAX_BYTES);
	text_addf(&row, "  and %zu more", p->track_count - pic->lines);
	add_row(pic, &row);
}

static void paint(struct picture *pic)
{
	size_t room = (size_t)pic->p->options.rows - 1;

	pic->lines = room + 1;
	for (size_t depth = 0; depth < ARRAY_SIZE(DEPTHS) && pic->lines > room; depth++)
		paint_all(pic, depth);
	if (pic->lines > room)
		paint_some(pic, room);
}

/* Puts the cursor where the last picture began. */
static void go_back(struct progress *p)
{
	if (p->drawn_lines)
		fprintf(p->options.out, "\033[%zuA", p->drawn_lines);
	p->drawn_lines = 0;
}

static void draw(struct progress *p)
{
	struct picture pic = { .p = p };

	text_init(&pic.text, PICTURE_MAX_BYTES);
	paint(&pic);
	go_back(p);
	fprintf(p->options.out, "%s\033[J", pic.text.bytes);
	fflush(p->options.out);
	p->drawn_lines = pic.lines;
	text_release(&pic.text);
}

static void tree_event(struct progress *p, const struct event *e, const struct track *t)
{
	(void)e, (void)t;
	draw(p);
}

static void tree_note(struct progress *p, const char *line)
{
	go_back(p);
	fprintf(p->options.out, "%s\033[K\n", line);
	draw(p);
}

const struct form form_tree = { .name = "tree", .event = tree_event, .note = tree_note, .tick = draw };
