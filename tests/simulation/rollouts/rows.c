#include "rows.h"

#include <stdlib.h>

void rows_open(struct rows *r, size_t count)
{
	*r = (struct rows){ .count = count, .version = 1 };
	r->machines = calloc(count, sizeof(*r->machines));
	if (!r->machines)
		abort();
	for (size_t i = 0; i < count; i++)
		r->machines[i] = (struct shared_row){ .seat = NO_SEAT, .version = 1 };
}

void rows_release(struct rows *r)
{
	free(r->machines);
	free(r->changed);
	*r = (struct rows){ .count = 0 };
}

/* ---- seats ---- */

uint32_t rows_sit(struct rows *r, int64_t until_ms)
{
	uint32_t seat = (uint32_t)r->seat_count++;

	if (r->seat_count > SEATS_MAX)
		abort();
	r->seats[seat] = (struct seat){ .epoch = 1, .until_ms = until_ms };
	return seat;
}

bool rows_renew(struct rows *r, uint32_t seat, int64_t epoch, int64_t until_ms)
{
	struct seat *s = &r->seats[seat];

	if (s->epoch != epoch)
		return false;
	s->until_ms = until_ms;
	return true;
}

uint32_t rows_find_dead(const struct rows *r, uint32_t own, int64_t wall_ms)
{
	for (uint32_t i = 0; i < r->seat_count; i++)
		if (i != own && r->seats[i].machines && r->seats[i].until_ms <= wall_ms)
			return i;
	return NO_SEAT;
}

/* ---- changes ---- */

void change_add(struct change *c, enum change_kind kind, uint32_t number, struct machine_row row)
{
	if (c->count == c->size) {
		c->size = c->size ? c->size * 2 : 16;
		c->rows = realloc(c->rows, c->size * sizeof(*c->rows));
		if (!c->rows)
			abort();
	}
	c->rows[c->count++] = (struct changed_row){ number, kind, row };
}

enum verdict rows_judge(const struct rows *r, const struct change *c, int64_t wall_ms, unsigned without)
{
	bool takes_over = c->takes_over != NO_SEAT;

	if (r->seats[c->seat].epoch != c->epoch && !(without & ROWS_NO_FENCE))
		return CHANGE_FENCED;
	if (r->version != c->version && !(without & ROWS_NO_VERSION))
		return CHANGE_MOVED;
	if (takes_over && r->seats[c->takes_over].until_ms > wall_ms && !(without & ROWS_ANY_SEAT))
		return CHANGE_HELD;
	return CHANGE_TAKEN;
}

static void note_changed(struct rows *r, uint32_t number)
{
	if (r->changed_count == r->changed_size) {
		r->changed_size = r->changed_size ? r->changed_size * 2 : 64;
		r->changed = realloc(r->changed, r->changed_size * sizeof(*r->changed));
		if (!r->changed)
			abort();
	}
	r->changed[r->changed_count++] = number;
	r->machines[number].version = r->version;
}

static void set_seat(struct rows *r, uint32_t number, uint32_t seat)
{
	uint32_t *own = &r->machines[number].seat;

	if (*own != NO_SEAT)
		r->seats[*own].machines--;
	if (seat != NO_SEAT)
		r->seats[seat].machines++;
	*own = seat;
}

static void hand_over(struct rows *r, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < r->count; i++) {
		if (r->machines[i].seat != from)
			continue;
		set_seat(r, i, to);
		note_changed(r, i);
	}
	r->seats[from].epoch++;
}

void rows_take(struct rows *r, const struct change *c)
{
	r->version++;
	r->state = c->state;
	if (c->takes_over != NO_SEAT)
		hand_over(r, c->takes_over, c->seat);
	for (size_t i = 0; i < c->count; i++) {
		const struct changed_row *n = &c->rows[i];

		r->machines[n->number].row = n->row;
		set_seat(r, n->number, n->row.state == MACHINE_UNDER_WAY ? c->seat : NO_SEAT);
		note_changed(r, n->number);
	}
}
