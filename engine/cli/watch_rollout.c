/* watch_rollout.c: a rollout, looked at every second. */
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "base/alloc.h"
#include "cli/rollout_view.h"
#include "cli/screen.h"
#include "cli/terminal.h"
#include "cli/watch.h"

enum {
	TEXT_BYTES = 1024 * 1024,
	LINE_BYTES = 4096,
	WAY_BACK_LOOKS = 10, /* so many seconds whoever ended a rollout has to begin with putting it back */
};

struct watching {
	const struct cli *cli;
	struct rollout_view view;
	enum progress_form form;
	struct screen screen;
	struct text said;         /* how it stood, in the last line about it */
	enum machine_state *told; /* of each machine, what was told last */
	size_t told_count, told_room;
	bool goes_back; /* what is watched by now puts back the rollout that was asked for */
};

/* ---- a picture ---- */

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	return lines;
}

/* As many machines are shown as have room below the rest. */
static void draw(struct watching *w)
{
	struct screen *screen = &w->screen;
	size_t room, rest;
	auto_text text = { 0 };

	terminal_size(screen->out, &screen->columns, &screen->rows);
	room = screen_room(screen);
	text_init(&text, TEXT_BYTES);
	standing_text(&w->view.standing, &screen->style, 0, &text);
	rest = count_lines(text.bytes);
	text_clear(&text);
	standing_text(&w->view.standing, &screen->style, room > rest ? room - rest : 0, &text);
	screen_draw(screen, text.bytes);
}

/* ---- lines ---- */

static void print_line(const struct watching *w, const char *text)
{
	const struct standing *s = &w->view.standing;
	char time[CLOCK_TEXT_SIZE];

	fprintf(w->screen.out, "%s %s %s\n", clock_format_time(s->now_ms, time), s->record.id, text);
	fflush(w->screen.out);
}

static void tell_machine(const struct watching *w, const struct standing_machine *m)
{
	auto_text line = { 0 };

	text_init(&line, LINE_BYTES);
	standing_machine_line(&w->view.standing, m, &w->screen.style, &line);
	print_line(w, line.bytes);
}

/* Those whose state has changed; what was so before the first look is in the figures. */
static void tell_machines(struct watching *w)
{
	const struct standing *s = &w->view.standing;

	w->told = alloc_room(w->told, &w->told_room, s->count, sizeof(*w->told));
	for (size_t i = 0; i < s->count; i++) {
		if (i < w->told_count && w->told[i] != s->machines[i].state)
			tell_machine(w, &s->machines[i]);
		w->told[i] = s->machines[i].state;
	}
	w->told_count = s->count;
}

static void tell_rollout(struct watching *w)
{
	auto_text line = { 0 };

	text_init(&line, LINE_BYTES);
	standing_phase_line(&w->view.standing, &w->screen.style, &line);
	if (!strcmp(line.bytes, w->said.bytes))
		return;
	print_line(w, line.bytes);
	text_clear(&w->said);
	text_add(&w->said, line.bytes);
}

/* ---- all together ---- */

static void show(struct watching *w)
{
	if (w->form == PROGRESS_TREE)
		draw(w);
	if (w->form != PROGRESS_LINES)
		return;
	tell_machines(w);
	tell_rollout(w);
}

/* As `apply` ends: machines that were locked out are told by a code of their own, if there is nothing worse. */
static enum exit_code code_of(const struct watching *w)
{
	const struct standing *s = &w->view.standing;
	int64_t failures = standing_failures(s);

	if (s->phase != STANDING_OVER)
		return EXIT_PARKED;
	if (s->record.state == ROLLOUT_IS_REVERTED)
		return EXIT_ROLLED_BACK;
	if (s->record.state != ROLLOUT_IS_DONE)
		return EXIT_FAILED;
	if (failures)
		return failures == s->tally.counts[MACHINE_LOCKED_OUT] ? EXIT_LOCKED : EXIT_FAILED;
	return w->goes_back ? EXIT_ROLLED_BACK : EXIT_DONE;
}

static bool look_again(struct watching *w, struct error *err)
{
	watch_pause();
	return rollout_view_look(&w->view, w->cli, err);
}

static bool watch_one(struct watching *w, const struct rollout_record *r, struct error *err)
{
	if (!rollout_view_open(&w->view, w->cli, w->view.journal, r, err))
		return false;
	show(w);
	while (!standing_is_at_rest(&w->view.standing)) {
		if (!look_again(w, err))
			return false;
		show(w);
	}
	return true;
}

/* Whoever drives it was asked to put it back, and has not done so yet. */
static bool is_to_go_back(const struct rollout_record *r)
{
	return r->wish == ROLLOUT_WISH_REVERT && r->state != ROLLOUT_IS_REVERTED;
}

static bool find_way_back(
	struct watching *w, struct arena *a, struct rollout_record *ret, bool *found, struct error *err)
{
	const struct rollout_record *r = &w->view.standing.record;

	*found = false;
	for (int looks = 0; looks < WAY_BACK_LOOKS && is_to_go_back(r); looks++) {
		if (!rollout_record_find_back(w->view.journal, r->id, a, ret, found, err))
			return false;
		if (*found)
			return true;
		if (!look_again(w, err))
			return false;
	}
	return true;
}

static bool watch(struct watching *w, const struct rollout_record *r, struct error *err)
{
	struct journal *j = w->view.journal;
	auto_arena a = ARENA_INIT;
	struct rollout_record back;

	if (!watch_one(w, r, err) || !find_way_back(w, &a, &back, &w->goes_back, err))
		return false;
	if (!w->goes_back)
		return true;
	watch_pause(); /* it was written down a moment ago, and has its lease by then */
	rollout_view_close(&w->view);
	w->view = (struct rollout_view){ .journal = j };
	w->told_count = 0;
	return watch_one(w, &back, err);
}

enum exit_code watch_rollout(const struct cli *cli, struct journal *j, const struct rollout_record *r)
{
	const struct progress_options o = terminal_watch(cli);
	struct watching w = { .cli = cli,
		.view = { .journal = j },
		.form = o.form,
		.screen = { .out = o.out, .style = o.style } };
	auto_error err = ERROR_INIT;
	enum exit_code code;
	bool watched;

	text_init(&w.said, LINE_BYTES);
	watched = watch(&w, r, &err);
	code = watched ? code_of(&w) : message_error(cli, &err, NULL);
	if (watched && cli->shared.json)
		rollout_view_document(&w.view, cli);
	rollout_view_close(&w.view);
	text_release(&w.said);
	free(w.told);
	return code;
}
