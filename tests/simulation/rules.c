#include "rules.h"

#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "rebuild/claim.h"
#include "sandbox/model/tags.h"

enum {
	GRACE_MS = 40 * 1000, /* what was decided before a fault struck may still arrive so much later */
	TAG_TELLS_MS = 1000,  /* times in tags are read to the second */
};

static int place_index(const struct history *h, const struct place *p)
{
	return (int)(p - h->places);
}

static const struct stage_machine *machine(const struct history *h, const char *id)
{
	return stage_find_machine((struct stage *)&h->stage, id);
}

/* A fault has struck it lately enough to explain what it does not do. */
static bool is_hurt(const struct history *h, const struct stage_machine *m)
{
	return m->hurt_ms && (!m->serving || m->sick || h->now_ms < m->hurt_ms + GRACE_MS);
}

static bool is_on(const struct history *h, const struct stage_machine *m, const struct model_volume *v)
{
	(void)h;
	return v && v->attachment.instance && !strcmp(v->attachment.instance->id, m->id);
}

/* How many of the place's data volumes are attached to it, in any state. */
static size_t count_on(const struct history *h, const struct place *p, const struct stage_machine *m)
{
	size_t count = 0;

	for (size_t i = 0; i < p->plan.data_count; i++)
		count += is_on(h, m, stage_model_volume(&h->stage, p->volumes[i]));
	return count;
}

static bool holds_all(const struct history *h, const struct stage_machine *m)
{
	uint32_t all = stage_bits_of(&h->stage, m->place);

	return (m->mounted & all) == all;
}

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
		if (machine(h, v->attachment.instance->id)->mounted & 1U << i)
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

static bool serves(const struct history *h, int place)
{
	const struct stage_machine *m = stage_served_by(&h->stage, place);

	return m && m->up && m->serving && m->place == place && holds_all(h, m);
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

		if (m && !is_hurt(h, m) && !serves(h, (int)i))
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
			count_on(h, &h->places[i], blue))
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

/* ---- deeds ---- */

static const char *blue_ends_last(const struct history *h, const struct place *p, const struct call *c)
{
	bool terminates = c->effect.kind == EFFECT_TERMINATE_INSTANCE;
	const struct stage_machine *m = machine(h, c->effect.instance_id);

	if (!m || strcmp(m->id, p->blue) != 0)
		return NULL;
	if (!p->facts.confirmed_ms)
		return "blue is given up before green was confirmed";
	if (h->now_ms < p->facts.confirmed_ms + p->plan.bake_ms)
		return "blue is given up before the bake has passed";
	if (count_on(h, p, m))
		return "blue is given up while it holds a data volume";
	if (terminates && history_wall_ms(h) < p->facts.confirmed_wall_ms + p->plan.keep_ms - TAG_TELLS_MS)
		return "blue is terminated before it was kept for its time";
	return NULL;
}

static const char *green_ends_empty(const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m = machine(h, c->effect.instance_id);

	return m && m->green && count_on(h, p, m) ? "green is terminated with a data volume attached" : NULL;
}

static bool has_point(const struct history *h, const char *volume_id, const char *rebuild)
{
	const struct model_snapshot *s;

	for (uint64_t at = 0; (s = index_next(model_snapshots(h->stage.model), &at));) {
		const char *tag = model_tags_get(&s->tags, TAG_REBUILD);

		if (!strcmp(s->volume_id, volume_id) && tag && !strcmp(tag, rebuild) &&
			s->state != MODEL_SNAPSHOT_ERROR)
			return true;
	}
	return false;
}

static const char *point_first(const struct history *h, const struct place *p, const struct call *c)
{
	(void)p;
	return has_point(h, c->effect.volume_id, c->effect.rebuild)
		       ? NULL
		       : "a volume is detached without a recovery point";
}

static const char *holder_is_quiet(const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_volume *v = stage_find_volume((struct stage *)&h->stage, c->effect.volume_id);
	const struct stage_machine *m = machine(h, c->effect.instance_id);

	(void)p;
	return v && m && m->mounted & stage_bit(&h->stage, v) ? "a mounted volume is detached" : NULL;
}

static const char *traffic_to_what_serves(
	const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m = machine(h, c->effect.instance_id);

	(void)p;
	if (!m || !m->green || is_hurt(h, m) || (m->serving && m->passed && holds_all(h, m)))
		return NULL;
	return "traffic is sent to a green that does not hold the data or has not passed";
}

static const char *only_ours(const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m = c->effect.instance_id[0] ? machine(h, c->effect.instance_id) : NULL;
	const struct stage_volume *v =
		c->effect.volume_id[0] ? stage_find_volume((struct stage *)&h->stage, c->effect.volume_id)
				       : NULL;

	if (m && m->place != place_index(h, p))
		return "a machine of somebody else is touched";
	return v && v->place != place_index(h, p) ? "a volume of somebody else is touched" : NULL;
}

static const char *old_snapshot_of_ours(const struct history *h, const struct place *p, const struct call *c)
{
	const struct model_snapshot *s = index_find(model_snapshots(h->stage.model), c->effect.snapshot_id);
	const char *rebuild = s ? model_tags_get(&s->tags, TAG_REBUILD) : NULL;

	(void)p;
	if (!s)
		return NULL;
	if (!rebuild)
		return "a snapshot that no rebuild made is deleted";
	if (!strcmp(rebuild, c->effect.rebuild))
		return "a snapshot of this rebuild is deleted";
	return has_point(h, s->volume_id, c->effect.rebuild) ? NULL : "the last recovery point is deleted";
}

static const char *carries_tags(const struct history *h, const struct place *p, const struct call *c)
{
	(void)h, (void)p;
	return c->effect.rebuild[0] && c->effect.role && c->effect.token[0]
		       ? NULL
		       : "something is made without its tags";
}

#define ON(kind) (1U << EFFECT_##kind)

static const struct {
	int rule;
	const char *name;
	unsigned kinds;
	const char *(*broken)(const struct history *h, const struct place *p, const struct call *c);
} DEEDS[] = {
	{ 2, "holder-is-quiet", ON(DETACH_VOLUME), holder_is_quiet },
	{ 3, "blue-ends-last", ON(STOP_INSTANCE) | ON(TERMINATE_INSTANCE), blue_ends_last },
	{ 4, "point-first", ON(DETACH_VOLUME), point_first },
	{ 4, "old-snapshot-of-ours", ON(DELETE_SNAPSHOT), old_snapshot_of_ours },
	{ 5, "traffic-to-what-serves", ON(ASSOCIATE_ADDRESS), traffic_to_what_serves },
	{ 7, "only-ours", ~0U, only_ours },
	{ 8, "carries-tags", ON(LAUNCH) | ON(CREATE_SNAPSHOT), carries_tags },
	{ 10, "green-ends-empty", ON(TERMINATE_INSTANCE), green_ends_empty },
};

void rules_before(struct history *h, const struct call *c, struct rules_view *ret)
{
	const struct place *p = &h->places[c->member->place];

	ret->rule = 0;
	for (size_t i = 0; !c->effect.dry_run && !ret->rule && i < ARRAY_SIZE(DEEDS); i++) {
		ret->why = DEEDS[i].kinds & 1U << c->effect.kind ? DEEDS[i].broken(h, p, c) : NULL;
		if (!ret->why)
			continue;
		ret->rule = DEEDS[i].rule;
		ret->name = DEEDS[i].name;
	}
}

/* A check that passed where clients reach green confirms it. */
static void note_check(struct history *h, struct place *p, const struct call *c)
{
	const struct guest_order *o = c->effect.guest;
	const struct stage_machine *m = stage_reach(&h->stage, o->check_address);

	if (!m || !c->shown[0].verdict.passed || (p->address != STAGE_NOWHERE && !o->through_switch))
		return;
	if (!m->green || c->member->rebuild.course == COURSE_BACK)
		return;
	/* Who goes on may have confirmed it anew, by a clock that was set back. */
	if (p->facts.green != m || history_wall_ms(h) < p->facts.confirmed_wall_ms)
		p->facts.confirmed_wall_ms = history_wall_ms(h);
	if (p->facts.confirmed_ms && p->facts.green == m)
		return;
	p->facts.green = m;
	p->facts.going_back = false;
	p->facts.confirmed_ms = h->now_ms;
}

void rules_done(struct history *h, const struct call *c, const struct rules_view *before)
{
	struct place *p = &h->places[c->member->place];

	if (before->rule)
		history_broken(h, before->rule, before->name, "%s (%s)", before->why, c->effect.token);
	if (c->effect.kind == EFFECT_CHECK)
		note_check(h, p, c);
	if (c->effect.kind == EFFECT_QUIESCE)
		p->facts.quiesced = true;
	if (c->effect.kind == EFFECT_STOP_INSTANCE && !strcmp(c->effect.instance_id, p->blue))
		p->facts.given_up = true;
}

/* While the disk under the journal is full, clients are not kept waiting for it (docs/decisions/0003). */
static const char *is_fenced(const struct call *c)
{
	struct book *book = c->engine->book;
	const struct book_row *row = book_find(book, c->member->rebuild.id);

	if (!row || book->refuses)
		return row ? NULL : "something is changed that no journal knows of";
	return row->epoch == c->member->epoch ? NULL
					      : "an engine acts under a lease that another one has taken";
}

/* Whoever drives another rebuild of the same machine, by the same journal. */
static const char *is_alone(const struct history *h, const struct call *c)
{
	for (size_t i = 0; i < h->engine_count; i++)
		for (size_t n = 0; h->engines[i].alive && n < h->engines[i].count; n++) {
			const struct member *m = h->engines[i].members[n];

			if (m->place == c->member->place && m->recorded && !rebuild_is_over(&m->rebuild) &&
				h->engines[i].book == c->engine->book &&
				strcmp(m->rebuild.id, c->member->rebuild.id) != 0 &&
				!m->rebuild.resume_finished)
				return "two rebuilds of one machine are driven at the same time";
		}
	return NULL;
}

/*
 * Whose journals differ take a rebuild over from each other by tags: who has lost it does nothing more.
 * Until the tags are written nobody can know of the other one; protecting does no harm twice.
 */
static bool is_driving(const struct call *c)
{
	return claim_is_needed(c->effect.kind) && strcmp(c->effect.step, "preflight") != 0 &&
	       strcmp(c->effect.step, "protect") != 0;
}

static const char *drives_alone(struct history *h, const struct call *c)
{
	struct place_facts *f = &h->places[c->member->place].facts;

	if (!is_driving(c))
		return NULL;
	if (c->member->was_replaced)
		return "two engines drive one rebuild in turn";
	for (size_t i = 0; i < h->pool_used && f->driver != c->member->number; i++)
		if (h->pool[i]->number == f->driver)
			h->pool[i]->was_replaced = true;
	f->driver = c->member->number;
	text_copy(f->rebuild, sizeof(f->rebuild), c->member->rebuild.id);
	return NULL;
}

/* Whoever has turned back trusts green no more: it is confirmed anew if somebody else goes forward. */
static void note_direction(struct history *h, const struct call *c)
{
	struct place_facts *f = &h->places[c->member->place].facts;

	if (c->member->rebuild.course != COURSE_BACK)
		return;
	h->tally.turned_back += !f->going_back;
	f->going_back = true;
	f->confirmed_ms = 0;
}

void rules_begun(struct history *h, const struct call *c)
{
	const struct place *p = &h->places[c->member->place];
	const char *why = is_fenced(c);

	if (why)
		history_broken(h, 9, "fenced", "%s (%s)", why, c->effect.token);
	why = c->member->rebuild.resume_finished ? NULL : is_alone(h, c);
	if (why)
		history_broken(h, 9, "alone", "%s (%s)", why, c->effect.token);
	note_direction(h, c);
	why = drives_alone(h, c);
	if (why)
		history_broken(h, 9, "drives-alone", "%s (%s)", why, c->effect.token);
	if (p->applied_again && !c->member->rebuild.resumed) /* unless its end could not be written down */
		history_broken(h, 12, "again-nothing", "applied again, it does %s",
			effect_kind_name(c->effect.kind));
}

/* ---- the end ---- */

static void check_green_done(struct history *h, const struct place *p)
{
	if (!serves(h, place_index(h, p)) && !p->facts.disturbed &&
		(!p->facts.green || !is_hurt(h, p->facts.green)))
		history_broken(h, 5, "served-at-end", "done, but clients are not served");
}

static void check_blue_back(struct history *h, const struct place *p)
{
	const struct model_instance *m = stage_instance(&h->stage, p->blue);
	const struct stage_machine *blue = machine(h, p->blue);

	if (!serves(h, place_index(h, p)) && !p->facts.disturbed && !is_hurt(h, blue))
		history_broken(h, 5, "served-at-end", "blue is back, but clients are not served");
	if (m->settings.termination_protected != p->was_protected)
		history_broken(h, 10, "blue-as-found", "the termination protection of blue is not as it was");
	for (size_t i = 0; i < p->plan.data_count; i++) {
		const struct model_volume *v = stage_model_volume(&h->stage, p->volumes[i]);

		if (!is_on(h, blue, v))
			history_broken(h, 10, "blue-as-found", "%s is not back on blue", v->id);
		else if (v->attachment.delete_on_termination != p->died[i])
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

	return h->book_count > 1 && rebuild && strcmp(rebuild, p->facts.rebuild) != 0 && !count_on(h, p, m);
}

/* Of all greens at most the one that serves is left; everything made is known by its tags. */
static void check_orphans(struct history *h, const struct place *p)
{
	for (size_t i = 0; i < h->stage.machine_count; i++) {
		const struct stage_machine *s = &h->stage.machines[i];
		const struct model_instance *m = stage_instance(&h->stage, s->id);
		bool alive = m && m->state != MODEL_TERMINATED && m->state != MODEL_SHUTTING_DOWN;

		if (!s->green || s->place != place_index(h, p) || !alive)
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
