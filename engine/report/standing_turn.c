#include "report/standing_turn.h"

#include "rebuild/rebuild.h"

static void set_rows(struct rollout *ro, const struct standing *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct machine_record *row = &s->machines[i].row;

		rollout_set(ro, (uint32_t)i,
			(struct machine_row){ .state = s->machines[i].state,
				.tries = (int)row->tries,
				.due_ms = row->due_ms,
				.took_ms = row->took_ms });
	}
	rollout_promote(ro, (size_t)s->record.promoted);
	rollout_acknowledge(ro, (size_t)s->record.known_failures, (size_t)s->record.known_not_serving);
}

bool standing_turn(const struct standing *s, const struct plan *plan, struct rollout_turn *ret)
{
	const struct rollout_options o = { .plan = plan, .typical_ms = rebuild_predicted_ms() };
	struct rollout *ro = rollout_new(&o);
	auto_error err = ERROR_INIT;
	bool fits;

	for (size_t i = 0; i < s->count; i++)
		rollout_add(ro, ROLLOUT_NO_GROUP, 0);
	fits = s->count && rollout_prepare(ro, &err);
	if (fits) {
		set_rows(ro, s);
		*ret = rollout_next(ro, s->now_ms);
	}
	rollout_free(ro);
	return fits;
}
