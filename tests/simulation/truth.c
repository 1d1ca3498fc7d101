#include "truth.h"

#include <string.h>

enum { GRACE_MS = 40 * 1000 }; /* what was decided before a fault struck may still arrive so much later */

int truth_place(const struct history *h, const struct place *p)
{
	return (int)(p - h->places);
}

const struct stage_machine *truth_machine(const struct history *h, const char *id)
{
	return stage_find_machine((struct stage *)&h->stage, id);
}

/* A fault has struck it lately enough to explain what it does not do. */
bool truth_is_hurt(const struct history *h, const struct stage_machine *m)
{
	return m->hurt_ms && (!m->serving || m->sick || h->now_ms < m->hurt_ms + GRACE_MS);
}

bool truth_is_on(const struct history *h, const struct stage_machine *m, const struct model_volume *v)
{
	(void)h;
	return v && v->attachment.instance && !strcmp(v->attachment.instance->id, m->id);
}

/* How many of the place's data volumes are attached to it, in any state. */
size_t truth_count_on(const struct history *h, const struct place *p, const struct stage_machine *m)
{
	size_t count = 0;

	for (size_t i = 0; i < p->plan.data_count; i++)
		count += truth_is_on(h, m, stage_model_volume(&h->stage, p->volumes[i]));
	return count;
}

bool truth_holds_all(const struct history *h, const struct stage_machine *m)
{
	uint32_t all = stage_bits_of(&h->stage, m->place);

	return (m->mounted & all) == all;
}

bool truth_serves(const struct history *h, int place)
{
	const struct stage_machine *m = stage_served_by(&h->stage, place);

	return m && m->up && m->serving && m->place == place && truth_holds_all(h, m);
}
