#include "server/lock_store.h"

enum { SLOW_SLICE_MS = 10 };

void lock_store_init(struct lock_store *s, struct journal *j)
{
	*s = (struct lock_store){ .journal = j };
}

bool lock_store_refresh(struct lock_store *s, struct error *err)
{
	struct holding_sink sink = lock_table_sink(&s->table);
	struct holding_state now;

	lock_changes_clear(&s->changes);
	if (!holding_look(s->journal, &now, err))
		return false;
	if (s->is_fresh && now.number == s->number)
		return true;
	/* Whoever writes while this reads has raised the number, and is noticed when something is saved. */
	lock_table_clear(&s->table);
	s->is_fresh = holding_read(s->journal, &sink, err);
	s->table.last_id = now.last_id;
	s->number = now.number;
	return s->is_fresh;
}

bool lock_store_save(struct lock_store *s, bool *ret_outdated, struct error *err)
{
	const struct holding_batch b = {
		.from = s->number,
		.to = { .number = s->number + 1, .last_id = s->table.last_id },
		.changes = s->changes.items,
		.count = s->changes.count,
	};

	*ret_outdated = false;
	if (!b.count)
		return true;
	s->is_fresh = false;
	if (!holding_save(s->journal, &b, ret_outdated, err))
		return false;
	if (!*ret_outdated) {
		s->number = b.to.number;
		s->is_fresh = true;
	}
	lock_changes_clear(&s->changes);
	return true;
}

void lock_store_settle_slice(struct lock_store *s, bool somebody_waits, const struct clock *clock)
{
	const size_t left = holding_left(s->journal);
	auto_error err = ERROR_INIT;
	int64_t began_ms;

	if (left < HOLDING_SLICE)
		s->waits_for_full = false;
	if (s->waits_for_full || left < (somebody_waits ? 2 : 1) * HOLDING_SLICE)
		return;
	began_ms = clock_mono_ms(clock);
	s->waits_for_full =
		!holding_settle_slice(s->journal, &err) || clock_mono_ms(clock) - began_ms > SLOW_SLICE_MS;
}

void lock_store_release(struct lock_store *s)
{
	lock_table_release(&s->table);
	lock_changes_release(&s->changes);
}
