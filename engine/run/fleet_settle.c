/*
 * fleet_settle.c: machines of a rollout that have its image already, and need no rebuild of their own to find out.
 *
 * A list shows the image. That nothing is left to be done or finished is believed only of a machine without tags of
 * ours and records, or whose rebuild the journal knows to its very end: a blue that is kept may be on its way back
 * by another engine's hand, and green does not show it. All others are looked at one by one.
 */
#include <string.h>

#include "journal/record.h"
#include "run/fleet_parts.h"
#include "run/lineage.h"

/* With whom the journal's story of the machine begins; false: it tells nothing of the rebuild that made it. */
static bool find_root(struct fleet *f, const struct mustered *m, struct arena *a, const char **ret)
{
	auto_error err = ERROR_INIT;
	struct record r;
	bool found;

	*ret = m->id;
	if (!*m->seen.rebuild)
		return true;
	if (!record_find(f->options.journal, m->seen.rebuild, a, &r, &found, &err) || !found)
		return false;
	*ret = r.blue;
	return true;
}

static bool is_finished(struct fleet *f, const struct mustered *m)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const char *root;
	struct lineage l;

	return find_root(f, m, &a, &root) && lineage_find(f->options.journal, root, &a, &l, &err) &&
	       !l.is_unfinished && !l.is_kept && !strcmp(l.current, m->id);
}

static bool has_image(const struct mustered *m, const char *image_id)
{
	return m->seen.state == INSTANCE_RUNNING && m->seen.is_first && !strcmp(m->seen.image_id, image_id);
}

static bool waits(const struct fleet *f, uint32_t number)
{
	struct machine_row row = rollout_row(f->rollout, number);

	return row.state == MACHINE_WAITING && !row.tries;
}

void fleet_settle(struct fleet *f, const char *image_id)
{
	size_t count = 0;

	f->is_settled = true;
	if (!f->ledger || f->muster.count == 1)
		return;
	for (uint32_t i = 0; i < f->muster.count; i++) {
		const struct mustered *m = &f->muster.machines[i];

		if (!waits(f, i) || !has_image(m, image_id) || !is_finished(f, m))
			continue;
		fleet_set_row(f, i, (struct machine_row){ .state = MACHINE_UNCHANGED });
		count++;
	}
	if (count)
		fleet_tell(f, "%zu of %zu machines run %s already", count, f->muster.count, image_id);
}

void fleet_settle_after(struct fleet *f, const struct rebuild *r)
{
	if (!f->is_settled && r->world.image.id[0])
		fleet_settle(f, r->world.image.id);
}
