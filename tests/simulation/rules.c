#include "rules.h"

#include <string.h>

#include "cloud/tags.h"
#include "sandbox/model/tags.h"
#include "truth.h"

/* ---- how things stand ---- */

static const char *mounted_on_one(const struct history *h)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < h->stage.machine_count; i++) {
		const struct stage_machine *m = &h->stage.machines[i];

		if (m->mounted & seen)
			return "a data volume is mounted on two machines";
		if (m->mounted & ~m->plugged)
			return "a machine has a filesystem mounted whose disk is not in it";
		seen |= m->mounted;
	}
	return NULL;
}

static const char *detached_when_quiet(const struct history *h)
{
	for (size_t i = 0; i < h->stage.volume_count; i++) {
		const struct model_volume *v = h->stage.volumes[i].record;

		if (!v || v->attachment.state != MODEL_DETACHING)
			continue;
		if (v->attachment.forced)
			return "a volume is detached by force";
		if (truth_machine(h, v->attachment.instance->id)->mounted & 1U << i)
			return "a volume is being detached while it is mounted";
	}
	return NULL;
}

static const char *recovery_point(const struct history *h)
{
	for (size_t i = 0; i < h->stage.volume_count; i++)
		if (!h->stage.volumes[i].record)
			return "a data volume is gone";
	return NULL;
}

/* Who should serve now, given how far the rebuild is; NULL while the window is open. */
static const struct stage_machine *should_serve(const struct place *p)
{
	if (p->facts.disturbed)
		return NULL;
	if (!p->facts.quiesced)
		return p->blue_machine;
	if (!p->facts.confirmed_ms || p->facts.going_back)
		return NULL;
	return p->facts.green;
}

static const char *served(const struct history *h)
{
	for (size_t i = 0; i < h->place_count; i++) {
		const struct place *p = &h->places[i];
		const struct stage_machine *m = should_serve(p);

		if (m && !truth_is_hurt(h, m) && !truth_serves(h, (int)i))
			return "clients are not served, and no window is open";
	}
	return NULL;
}

static const char *writes_kept(const struct history *h)
{
	for (size_t i = 0; i < h->stage.volume_count; i++) {
		const struct stage_volume *v = &h->stage.volumes[i];

		if (v->place != STAGE_BYSTANDER && v->writes < h->stage.clients[v->place].acked)
			return "an acknowledged write is not on its volume";
	}
	return NULL;
}

static const char *others_untouched(const struct history *h)
{
	const struct model_instance *m = h->others.machine->record;
	const struct model_volume *v = h->others.volume->record;
	const struct model_snapshot *s = h->stage.watched;

	if (!m || m->state != MODEL_RUNNING || m->tags.count || m->settings.termination_protected)
		return "somebody else's machine was touched";
	if (!v || v->attachment.instance != m || v->tags.count)
		return "somebody else's volume was touched";
	if (!s || s->doomed || s->tags.count)
		return "somebody else's snapshot was touched";
	return NULL;
}

static const char *no_filesystem_made(const struct history *h)
{
	for (size_t i = 0; i < h->stage.volume_count; i++)
		if (h->stage.volumes[i].filesystem != (int)i + 1)
			return "a volume carries another filesystem than before";
	return NULL;
}

static const char *driven_by_one(const struct history *h)
{
	for (size_t i = 0; i < h->engine_count; i++)
		for (size_t a = 0; h->engines[i].alive && a < h->engines[i].count; a++) {
			const struct member *m = h->engines[i].members[a];

			for (size_t j = 0; j < i; j++)
				for (size_t b = 0; h->engines[j].alive && b < h->engines[j].count; b++) {
					const struct member *o = h->engines[j].members[b];

					if (m->recorded && o->recorded && m->epoch == o->epoch &&
						h->engines[i].book == h->engines[j].book &&
						!strcmp(m->rebuild.id, o->rebuild.id))
						return "two engines drive a rebuild under the same epoch";
				}
		}
	return NULL;
}

/* Blue that is on its way to its end takes nothing along. */
static const char *blue_ends_empty(const struct history *h)
{
	for (size_t i = 0; i < h->place_count; i++) {
		const struct stage_machine *blue = h->places[i].blue_machine;

		if (blue->record && blue->record->state == MODEL_SHUTTING_DOWN &&
			truth_count_on(h, &h->places[i], blue))
			return "blue is terminated with a data volume attached";
	}
	return NULL;
}

static const struct {
	int rule;
	const char *name;
	const char *(*broken)(const struct history *h); /* why, or NULL */
} STATES[] = {
	{ 1, "mounted-on-one", mounted_on_one },
	{ 2, "detached-when-quiet", detached_when_quiet },
	{ 3, "blue-ends-empty", blue_ends_empty },
	{ 4, "recovery-point", recovery_point },
	{ 5, "served", served },
	{ 6, "writes-kept", writes_kept },
	{ 7, "others-untouched", others_untouched },
	{ 9, "driven-by-one", driven_by_one },
	{ 11, "no-filesystem-made", no_filesystem_made },
};

void rules_check(struct history *h)
{
	stage_look(&h->stage);
	for (size_t i = 0; i < ARRAY_SIZE(STATES); i++) {
		const char *why = STATES[i].broken(h);

		if (why)
			history_broken(h, STATES[i].rule, STATES[i].name, "%s", why);
	}
}

/* ---- the end ---- */

static void check_green_done(struct history *h, const struct place *p)
{
	if (!truth_serves(h, truth_place(h, p)) && !p->facts.disturbed &&
		(!p->facts.green || !truth_is_hurt(h, p->facts.green)))
		history_broken(h, 5, "served-at-end", "done, but clients are not served");
}

/*
 * Blue is as it was found; or better protected, if whoever protected it last could not know better: another rebuild
 * began at the same moment and gave way, or stale answers hid from who went on what stands in blue's tags.
 */
static bool is_as_found(const struct history *h, const struct place *p, bool protected, bool was_protected)
{
	const struct place_facts *f = &p->facts;
	bool by_another = f->protector[0] && strcmp(f->protector, f->rebuild) != 0;
	bool hidden = fault_has_struck(h, p, FAULT_STALE);

	return protected == was_protected || (protected && (f->protected_twice || by_another || hidden));
}

static void check_blue_back(struct history *h, const struct place *p)
{
	const struct model_instance *m = stage_instance(&h->stage, p->blue);
	const struct stage_machine *blue = truth_machine(h, p->blue);

	if (!truth_serves(h, truth_place(h, p)) && !p->facts.disturbed && !truth_is_hurt(h, blue))
		history_broken(h, 5, "served-at-end", "blue is back, but clients are not served");
	if (!is_as_found(h, p, m->settings.termination_protected, p->was_protected))
		history_broken(h, 10, "blue-as-found", "the termination protection of blue is not as it was");
	for (size_t i = 0; i < p->plan.data_count; i++) {
		const struct model_volume *v = stage_model_volume(&h->stage, p->volumes[i]);

		if (!truth_is_on(h, blue, v))
			history_broken(h, 10, "blue-as-found", "%s is not back on blue", v->id);
		else if (!is_as_found(h, p, !v->attachment.delete_on_termination, !p->died[i]))
			history_broken(h, 10, "blue-as-found", "%s has another DeleteOnTermination", v->id);
	}
}

/*
 * Two engines without a common journal began a rebuild each, at the same moment: the green of the one that
 * gave way is left, never used, for `changeover check` to find by its tags.
 */
static bool is_left_to_check(const struct history *h, const struct place *p, const struct stage_machine *m,
	const struct model_tags *tags)
{
	const char *rebuild = model_tags_get(tags, TAG_REBUILD);

	return h->book_count > 1 && rebuild && strcmp(rebuild, p->facts.rebuild) != 0 &&
	       !truth_count_on(h, p, m);
}

/* Of all greens at most the one that serves is left; everything made is known by its tags. */
static void check_orphans(struct history *h, const struct place *p)
{
	for (size_t i = 0; i < h->stage.machine_count; i++) {
		const struct stage_machine *s = &h->stage.machines[i];
		const struct model_instance *m = stage_instance(&h->stage, s->id);
		bool alive = m && m->state != MODEL_TERMINATED && m->state != MODEL_SHUTTING_DOWN;

		if (!s->green || s->place != truth_place(h, p) || !alive)
			continue;
		if (is_left_to_check(h, p, s, &m->tags))
			continue;
		if (p->end == COURSE_PARKED)
			continue; /* beyond help: an operator is needed */
		if (p->end != COURSE_DONE || s != p->facts.green)
			history_broken(h, 8, "accounted-for", "%s was made and is left over", s->id);
	}
}

void rules_end(struct history *h, const struct place *p)
{
	if (p->end == COURSE_DONE)
		check_green_done(h, p);
	if (p->end == COURSE_ROLLED_BACK)
		check_blue_back(h, p);
	check_orphans(h, p);
}
