#include "beginning.h"

#include <inttypes.h>
#include <stdlib.h>

#include "mutants.h"

static struct member *add_member(
	struct history *h, struct engine *e, int place, const char *id, const char *blue)
{
	struct member *m;

	if (h->pool_used == h->pool_count) {
		h->pool = realloc(h->pool, (h->pool_count + 1) * sizeof(struct member *));
		m = malloc(sizeof(*m));
		if (!h->pool || !m)
			abort();
		h->pool[h->pool_count++] = m;
	}
	m = h->pool[h->pool_used++];
	m->place = place;
	m->wake_ms = 0;
	m->number = ++h->member_count;
	m->was_replaced = m->lost = false;
	m->recorded = m->green_known = m->ended = false;
	m->notes = m->calls_answered = 0;
	m->epoch = m->renewed_wall_ms = 0;
	rebuild_init(&m->rebuild, id, &h->places[place].plan, blue);
	m->rebuild.subject = (uint32_t)e->count;
	m->rebuild.options = (struct rebuild_options){ .journal = e->book->claim,
		.only_unfinished = e->command.kind == COMMAND_RESUME };
	e->members[e->count++] = m;
	return m;
}

static bool add_unfinished(struct history *h, struct engine *e, const struct book_row *row)
{
	struct rebuild_past past = book_past(row);
	struct member *m = add_member(h, e, row->place, row->id, row->blue);
	bool rolls_back = e->command.kind == COMMAND_ROLLBACK;

	if (rolls_back)
		past.finished = false;
	if (row->state == RECORD_DONE || !mutants_breaks(h, MUTANT_NEW))
		rebuild_resume(&m->rebuild, &past);
	if (rolls_back)
		rebuild_ask(&m->rebuild, REQUEST_ROLLBACK);
	m->renewed_wall_ms = history_wall_ms(h);
	m->recorded =
		book_take(e->book, row->id, engine_holder(e), history_wall_ms(h), &m->epoch) == BOOK_DONE ||
		mutants_breaks(h, MUTANT_LEASE);
	m->notes = 1; /* "resumed" */
	h->tally.gone_on += m->recorded;
	return m->recorded;
}

static struct member *add_new(struct history *h, struct engine *e, int place, const char *blue)
{
	char id[CLOUD_NAME_SIZE];

	snprintf(id, sizeof(id), "rb-%" PRIu64 "-%zu", h->seed, h->pool_used);
	h->tally.rebuilds += !h->places[place].applied_again;
	return add_member(h, e, place, id, blue);
}

/* As lineage_find() in engine/run: what the journal tells of a place. */
struct lineage {
	const struct book_row *unfinished, *kept;
	const char *current;
};

static struct lineage find_lineage(struct history *h, struct engine *e, int place)
{
	struct lineage l = { .current = h->places[place].blue };
	const struct book_row *row = book_find_by_blue(e->book, l.current);

	for (; row && row->state == RECORD_DONE; row = book_find_by_blue(e->book, l.current)) {
		if (!l.kept && !row->blue_terminated)
			l.kept = row;
		l.current = row->green;
	}
	if (row && row->state != RECORD_ROLLED_BACK && row->state != RECORD_FAILED)
		l.unfinished = row;
	return l;
}

/* As add_machine() in engine/cli/apply.c. */
static bool add_applied(struct history *h, struct engine *e, int place)
{
	struct lineage l = find_lineage(h, e, place);

	if (l.kept && !add_unfinished(h, e, l.kept))
		return false;
	if (l.unfinished)
		return add_unfinished(h, e, l.unfinished);
	add_new(h, e, place, l.current);
	return true;
}

/* As add_machines() in engine/cli/resume.c; a journal that knows of nothing is as good as none. */
static bool add_resumed(struct history *h, struct engine *e, int place)
{
	struct lineage l = find_lineage(h, e, place);

	if (e->book->count)
		return !l.unfinished || add_unfinished(h, e, l.unfinished);
	add_new(h, e, place, h->places[place].blue);
	return true;
}

/* As engine/cli/rollback.c. */
static bool add_rolled_back(struct history *h, struct engine *e, int place)
{
	struct lineage l = find_lineage(h, e, place);
	const struct book_row *row = l.unfinished ? l.unfinished : l.kept;

	if (row)
		return add_unfinished(h, e, row);
	if (e->book->count)
		return false;
	rebuild_ask(&add_new(h, e, place, h->places[place].blue)->rebuild, REQUEST_ROLLBACK);
	return true;
}

bool beginning_add(struct history *h, struct engine *e, int place)
{
	switch ((enum command_kind)e->command.kind) {
	case COMMAND_APPLY:
		return !history_wants(h, place) || add_applied(h, e, place);
	case COMMAND_RESUME:
		return !history_wants(h, place) || add_resumed(h, e, place);
	case COMMAND_ROLLBACK:
		return place != e->command.place || add_rolled_back(h, e, place);
	}
	return false;
}
