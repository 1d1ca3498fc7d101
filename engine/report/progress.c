#include "report/progress.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "report/form.h"

enum { COLUMNS = 80, ROWS = 24 };

static void silent_event(struct progress *p, const struct event *e, const struct track *t)
{
	(void)p, (void)e, (void)t;
}

static const struct form form_silent = { .name = "silent", .event = silent_event };

static const struct form *const FORMS[] = {
	[PROGRESS_TREE] = &form_tree,
	[PROGRESS_LINES] = &form_lines,
	[PROGRESS_JSONL] = &form_jsonl,
	[PROGRESS_SILENT] = &form_silent,
};

bool progress_form_parse(const char *name, enum progress_form *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(FORMS); i++) {
		if (strcmp(FORMS[i]->name, name) != 0)
			continue;
		*ret = (enum progress_form)i;
		return true;
	}
	return false;
}

struct progress *progress_new(const struct progress_options *o)
{
	struct progress *p = alloc_zeroed(1, sizeof(*p));

	p->options = *o;
	p->form = FORMS[o->form];
	if (o->columns <= 0)
		p->options.columns = COLUMNS;
	if (o->rows <= 0)
		p->options.rows = ROWS;
	return p;
}

static struct track *find(const struct progress *p, const char *rebuild)
{
	for (size_t i = 0; i < p->track_count; i++)
		if (!strcmp(p->tracks[i].rebuild, rebuild))
			return &p->tracks[i];
	return NULL;
}

static struct track *find_or_add(struct progress *p, const char *rebuild)
{
	struct track *t = find(p, rebuild);

	if (t)
		return t;
	p->tracks = alloc_room(p->tracks, &p->track_room, p->track_count + 1, sizeof(*p->tracks));
	t = &p->tracks[p->track_count++];
	track_init(t, rebuild, p->options.steps, p->options.step_count);
	return t;
}

/* It turned out to be a rebuild that was begun elsewhere, under another id. */
static void rename_track(struct progress *p, const char *from, const char *to)
{
	struct track *t = find(p, from);

	if (t && !find(p, to))
		text_copy(t->rebuild, sizeof(t->rebuild), to);
}

void progress_event(struct progress *p, const struct event *e)
{
	struct track *t;

	if (e->kind == EVENT_RESUMED && e->token)
		rename_track(p, e->token, e->rebuild);
	t = find_or_add(p, e->rebuild);
	track_event(t, e);
	if (e->at_ms > p->now_ms)
		p->now_ms = e->at_ms;
	p->form->event(p, e, t);
}

void progress_tick(struct progress *p, int64_t now_ms)
{
	p->now_ms = now_ms;
	if (p->form->tick)
		p->form->tick(p);
}

bool progress_note(struct progress *p, const char *line)
{
	if (!p->form->note)
		return false;
	p->form->note(p, line);
	return true;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->track_count; i++)
		track_release(&p->tracks[i]);
	free(p->tracks);
	free(p);
}
