#include "conduct.h"

#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "rebuild/claim.h"
#include "sandbox/model/tags.h"
#include "truth.h"

enum { TAG_TELLS_MS = 1000 }; /* times in tags are read to the second */

static const char *blue_ends_last(const struct history *h, const struct place *p, const struct call *c)
{
	bool terminates = c->effect.kind == EFFECT_TERMINATE_INSTANCE;
	const struct stage_machine *m = truth_machine(h, c->effect.instance_id);

	if (!m || strcmp(m->id, p->blue) != 0)
		return NULL;
	if (!p->facts.confirmed_ms)
		return "blue is given up before green was confirmed";
	if (h->now_ms < p->facts.confirmed_ms + p->plan.bake_ms)
		return "blue is given up before the bake has passed";
	if (truth_count_on(h, p, m))
		return "blue is given up while it holds a data volume";
	if (terminates && c->asked_wall_ms < p->facts.confirmed_wall_ms + p->plan.keep_ms - TAG_TELLS_MS)
		return "blue is terminated before it was kept for its time";
	return NULL;
}

static const char *green_ends_empty(const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m = truth_machine(h, c->effect.instance_id);

	return m && m->green && truth_count_on(h, p, m) ? "green is terminated with a data volume attached"
							: NULL;
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
	const struct stage_machine *m = truth_machine(h, c->effect.instance_id);

	(void)p;
	return v && m && m->mounted & stage_bit(&h->stage, v) ? "a mounted volume is detached" : NULL;
}

static const char *traffic_to_what_serves(
	const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m = truth_machine(h, c->effect.instance_id);

	(void)p;
	if (!m || !m->green || truth_is_hurt(h, m) || (m->serving && m->passed && truth_holds_all(h, m)))
		return NULL;
	return "traffic is sent to a green that does not hold the data or has not passed";
}

static const char *only_ours(const struct history *h, const struct place *p, const struct call *c)
{
	const struct stage_machine *m =
		c->effect.instance_id[0] ? truth_machine(h, c->effect.instance_id) : NULL;
	const struct stage_volume *v =
		c->effect.volume_id[0] ? stage_find_volume((struct stage *)&h->stage, c->effect.volume_id)
				       : NULL;

	if (m && m->place != truth_place(h, p))
		return "a machine of somebody else is touched";
	return v && v->place != truth_place(h, p) ? "a volume of somebody else is touched" : NULL;
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

void conduct_before(struct history *h, const struct call *c, struct conduct_view *ret)
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

/* A check that passed where clients reach green confirms it, if whoever made it still drives the rebuild. */
static void note_check(struct history *h, struct place *p, const struct call *c)
{
	const struct guest_order *o = c->effect.guest;
	const struct stage_machine *m = stage_reach(&h->stage, o->check_address);

	if (!m || !c->shown[0].verdict.passed || (p->address != STAGE_NOWHERE && !o->through_switch))
		return;
	if (!m->green || c->member->rebuild.course == COURSE_BACK || c->member->was_replaced)
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

/* Of two rebuilds that begin at the same moment the second finds blue as the first has made it. */
static void note_protection(struct place_facts *f, const struct effect *e)
{
	bool ours = !strcmp(f->protector, e->rebuild);

	if (e->kind == EFFECT_TAG && e->role && !strcmp(e->role, ROLE_RESTORED) && ours)
		f->protector[0] = '\0';
	if ((e->kind != EFFECT_PROTECT_INSTANCE && e->kind != EFFECT_KEEP_VOLUME) || !e->on || ours)
		return;
	f->protected_twice = f->protected_twice || f->protector[0];
	text_copy(f->protector, sizeof(f->protector), e->rebuild);
}

void conduct_done(struct history *h, const struct call *c, const struct conduct_view *before)
{
	struct place *p = &h->places[c->member->place];

	if (before->rule)
		history_broken(h, before->rule, before->name, "%s (%s)", before->why, c->effect.token);
	if (c->effect.kind == EFFECT_CHECK)
		note_check(h, p, c);
	note_protection(&p->facts, &c->effect);
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
	return effect_changes_something(&c->effect) && strcmp(c->effect.step, "preflight") != 0 &&
	       strcmp(c->effect.step, "protect") != 0;
}

/*
 * Its snapshots and its green are a rebuild's own: of two that were begun at the same moment each may make
 * them. Each may write its tags, too, also that it turns back: whose stand last has the machine. Blue, its data and
 * its address are not its own.
 */
static bool is_its_own(const struct history *h, const struct call *c)
{
	const struct place *p = &h->places[c->member->place];
	const struct stage_machine *m = truth_machine(h, c->effect.instance_id);
	bool ends = c->effect.kind == EFFECT_TERMINATE_INSTANCE || c->effect.kind == EFFECT_STOP_INSTANCE;

	if (c->effect.kind == EFFECT_LAUNCH || c->effect.kind == EFFECT_CREATE_SNAPSHOT ||
		!strcmp(c->effect.step, "turn-back"))
		return true;
	return ends && m && m->green && !truth_count_on(h, p, m);
}

static const char *drives_alone(struct history *h, const struct call *c)
{
	struct place_facts *f = &h->places[c->member->place].facts;
	bool beside = f->driven[0] && strcmp(f->driven, c->member->rebuild.id) != 0;

	if (!is_driving(c) || (beside && is_its_own(h, c)))
		return NULL;
	if (c->member->was_replaced)
		return "two engines drive one rebuild in turn";
	for (size_t i = 0; i < h->pool_used && f->driver != c->member->number; i++)
		if (h->pool[i]->number == f->driver)
			h->pool[i]->was_replaced = true;
	f->driver = c->member->number;
	text_copy(f->driven, sizeof(f->driven), c->member->rebuild.id);
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

void conduct_begun(struct history *h, const struct call *c)
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
