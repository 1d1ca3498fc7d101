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

void rows_turn_round(struct rows *r, size_t count)
{
	rows_release(r);
	rows_open(r, count);
	r->is_back = true;
}

/* ---- seats ---- */

uint32_t rows_sit(struct rows *r, int64_t until_ms)
{
	uint32_t seat = (uint32_t)r->seat_count++;

	if (r->seat_count > SEATS_MAX)
		abort();
	r->seats[seat] = (struct seat){ .epoch = 1, .until_ms = until_ms, .is_held = true };
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

size_t rows_clear_dead(struct rows *r, uint32_t own, int64_t wall_ms)
{
	size_t cleared = 0;

	for (uint32_t i = 0; i < r->seat_count; i++) {
		struct seat *s = &r->seats[i];

		if (i == own || !s->is_held || s->until_ms > wall_ms)
			continue;
		s->is_held = false;
		s->epoch++;
		cleared++;
	}
	return cleared;
}

bool rows_is_driven(const struct rows *r, int64_t wall_ms)
{
	for (size_t i = 0; i < r->seat_count; i++)
		if (r->seats[i].is_held && r->seats[i].until_ms > wall_ms)
			return true;
	return false;
}

bool rows_has_orphans(const struct rows *r)
{
	for (size_t i = 0; i < r->seat_count; i++)
		if (!r->seats[i].is_held && r->seats[i].machines)
			return true;
	return false;
}

bool rows_is_orphan(const struct rows *r, uint32_t machine)
{
	uint32_t seat = r->machines[machine].seat;

	return seat != NO_SEAT && !r->seats[seat].is_held;
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

static enum verdict judge_return(
	const struct rows *r, const struct change *c, int64_t wall_ms, unsigned without)
{
	if (without & ROWS_ANY_RETURN)
		return CHANGE_TAKEN;
	if (r->is_back || r->version != c->version)
		return CHANGE_MOVED;
	return rows_is_driven(r, wall_ms) ? CHANGE_DRIVEN : CHANGE_TAKEN;
}

enum verdict rows_judge(const struct rows *r, const struct change *c, int64_t wall_ms, unsigned without)
{
	if (c->returns)
		return judge_return(r, c, wall_ms, without);
	if (c->is_back != r->is_back)
		return CHANGE_MOVED;
	if (r->seats[c->seat].epoch != c->epoch && !(without & ROWS_NO_FENCE))
		return CHANGE_FENCED;
	if (r->version != c->version && !(without & ROWS_NO_VERSION))
		return CHANGE_MOVED;
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

void rows_take(struct rows *r, const struct change *c)
{
	r->version++;
	r->state = c->state;
	for (size_t i = 0; i < c->count; i++) {
		const struct changed_row *n = &c->rows[i];

		r->machines[n->number].row = n->row;
		set_seat(r, n->number, n->row.state == MACHINE_UNDER_WAY ? c->seat : NO_SEAT);
		note_changed(r, n->number);
	}
}
