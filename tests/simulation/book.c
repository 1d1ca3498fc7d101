#include "book.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal/lease.h"
#include "rebuild/steps/steps.h"
#include "run/ledger.h"

void book_open(struct book *b, int number)
{
	b->refuses = false;
	b->count = 0;
	snprintf(b->claim, sizeof(b->claim), "jr-%d the engine with journal %d", number, number);
}

struct book_row *book_find(struct book *b, const char *id)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->rows[i].id, id))
			return &b->rows[i];
	return NULL;
}

struct book_row *book_find_by_blue(struct book *b, const char *blue)
{
	for (size_t i = b->count; i-- > 0;)
		if (!strcmp(b->rows[i].blue, blue))
			return &b->rows[i];
	return NULL;
}

static void fill(struct book_row *row, const struct rebuild *r)
{
	row->state = ledger_state(r);
	text_copy(row->green, sizeof(row->green), r->world.green.id);
	row->volume_count = r->volume_count;
	for (size_t i = 0; i < r->volume_count; i++)
		text_copy(row->volumes[i], CLOUD_ID_SIZE, r->volumes[i].id);
}

/* Another rebuild of the same machine that has not come to its end. */
static bool is_alone(const struct book *b, const struct rebuild *r)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->rows[i].blue, r->world.blue.id) && strcmp(b->rows[i].id, r->id) != 0 &&
			!record_state_is_final(b->rows[i].state))
			return false;
	return true;
}

enum book_answer book_create(struct book *b, const struct rebuild *r, int place)
{
	struct book_row *row = &b->rows[b->count];

	if (b->refuses)
		return BOOK_FULL;
	if (!is_alone(b, r))
		return BOOK_HELD;
	if (book_find(b, r->id))
		return BOOK_HELD; /* two that knew it by its tags alone, at the same moment */
	assert(b->count < BOOK_ROWS_MAX);
	*row = (struct book_row){ .place = place };
	text_copy(row->id, sizeof(row->id), r->id);
	text_copy(row->blue, sizeof(row->blue), r->world.blue.id);
	fill(row, r);
	b->count++;
	return BOOK_DONE;
}

static bool is_over(const struct book_row *row, const struct book_holder *here, int64_t wall_ms)
{
	const struct book_holder *h = &row->holder;

	if (!h->process || h->process == here->process)
		return true;
	return (h->computer == here->computer && !*h->alive) ||
	       wall_ms - row->renewed_wall_ms > LEASE_LIFE_MS;
}

enum book_answer book_take(
	struct book *b, const char *id, struct book_holder who, int64_t wall_ms, int64_t *ret_epoch)
{
	struct book_row *row = book_find(b, id);

	if (b->refuses)
		return BOOK_FULL;
	if (!is_over(row, &who, wall_ms))
		return BOOK_HELD;
	row->holder = who;
	row->renewed_wall_ms = wall_ms;
	row->unanswered = 0; /* that is waited for now */
	*ret_epoch = ++row->epoch;
	return BOOK_DONE;
}

enum book_answer book_check(const struct book *b, const char *id, int64_t epoch)
{
	const struct book_row *row = book_find((struct book *)b, id);

	if (b->refuses)
		return BOOK_FULL;
	return row->epoch == epoch && row->holder.process ? BOOK_DONE : BOOK_LOST;
}

enum book_answer book_update(struct book *b, const struct rebuild *r, int64_t epoch)
{
	enum book_answer a = book_check(b, r->id, epoch);

	if (a == BOOK_DONE)
		fill(book_find(b, r->id), r);
	return a;
}

enum book_answer book_renew(struct book *b, const char *id, int64_t epoch, int64_t wall_ms)
{
	enum book_answer a = book_check(b, id, epoch);

	if (a == BOOK_DONE)
		book_find(b, id)->renewed_wall_ms = wall_ms;
	return a;
}

enum book_answer book_release(struct book *b, const char *id, int64_t epoch)
{
	enum book_answer a = book_check(b, id, epoch);

	if (a == BOOK_DONE)
		book_find(b, id)->holder.process = 0;
	return a;
}

void book_note(struct book *b, const struct rebuild *r, const struct news *n, int64_t wall_ms)
{
	struct book_row *row = book_find(b, r->id);

	if (n->kind == NEWS_WINDOW_OPENED)
		row->window_opened = true;
	if (n->kind == NEWS_STEP_PROVED && !strcmp(n->step, step_confirm.name))
		row->confirmed_wall_ms = wall_ms;
	if (n->kind == NEWS_STEP_PROVED && !strcmp(n->step, step_terminate.name))
		row->blue_terminated = true;
	if (n->kind != NEWS_TURNED_BACK)
		return;
	row->turned_back = true;
	text_copy(row->cause, sizeof(row->cause), n->text);
}

void book_intend(struct book *b, const struct rebuild *r, const struct effect *e, int64_t wall_ms)
{
	struct book_row *row = book_find(b, r->id);

	if (!row || !effect_changes_something(e) || effect_is_guest(e->kind))
		return;
	row->unanswered++;
	row->call_begun_wall_ms = wall_ms;
	if (!strcmp(e->step, step_preflight.name))
		row->claim_begun_wall_ms = wall_ms;
}

void book_answered(struct book *b, const char *id, int calls)
{
	struct book_row *row = book_find(b, id);

	row->unanswered -= calls < row->unanswered ? calls : row->unanswered;
}

struct rebuild_past book_past(const struct book_row *row)
{
	struct rebuild_past past = {
		.finished = row->state == RECORD_DONE,
		.volume_count = row->volume_count,
		.window_opened = row->window_opened,
		.launch_begun = true, /* for all that the book knows */
		.turned_back = row->turned_back,
		.cause = row->turned_back ? row->cause : NULL,
		.confirmed_wall_ms = row->confirmed_wall_ms,
		.claim_begun_wall_ms = row->claim_begun_wall_ms,
		.unanswered_wall_ms = row->unanswered ? row->call_begun_wall_ms : 0,
	};

	for (size_t i = 0; i < row->volume_count; i++)
		past.volumes[i] = row->volumes[i];
	return past;
}
