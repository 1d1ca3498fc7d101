#include "run/patrol.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "rollout/directory.h"

enum { PAUSE_PER_LOOK = 4 }; /* a pause is at least so many times as long as the look before it */

/* A machine that is looked after. */
struct ward {
	const char *id;
	struct sight believed, shown; /* shown: by the last look that was about it */
	bool in_doubt; /* that look was the first to show it so, and may be old: it is looked for once more */
	bool is_new;   /* followed since the question under way was asked, which may not be about it */
};

struct patrol {
	struct patrol_options options;
	struct ward *wards;
	const char **ids; /* asked for in the question under way, unless it goes by tags */
	struct selector selector;
	struct query question;
	bool is_asked, is_again; /* a question is under way; it is about those that are in doubt */
	bool has_looked;
	int64_t asked_ms, wake_ms;
};

/* ---- sights ---- */

bool sight_serves(struct sight s)
{
	return s.state == INSTANCE_RUNNING && !s.fails_checks;
}

char *sight_words(struct sight s, char ret[SIGHT_WORDS_SIZE])
{
	if (s.fails_checks)
		snprintf(ret, SIGHT_WORDS_SIZE, "fails its status checks");
	else
		snprintf(ret, SIGHT_WORDS_SIZE, "is %s",
			s.state == INSTANCE_UNSEEN ? "gone" : instance_state_name(s.state));
	return ret;
}

static bool is_same(struct sight a, struct sight b)
{
	return a.state == b.state && a.fails_checks == b.fails_checks;
}

/* An answer that lags behind may show it where it is not so. */
static bool may_be_old(struct sight s)
{
	return s.state == INSTANCE_UNSEEN || s.fails_checks;
}

static struct sight sight_of(const struct listed *shown)
{
	if (!shown)
		return (struct sight){ .state = INSTANCE_UNSEEN };
	return (struct sight){ shown->state, shown->is_impaired && shown->state == INSTANCE_RUNNING };
}

/* ---- a patrol ---- */

struct patrol *patrol_new(const struct patrol_options *o)
{
	struct patrol *p = alloc_zeroed(1, sizeof(*p));

	p->options = *o;
	p->wards = alloc_zeroed(o->count, sizeof(*p->wards));
	p->ids = alloc_zeroed(o->count, sizeof(*p->ids));
	return p;
}

void patrol_free(struct patrol *p)
{
	if (!p)
		return;
	free(p->wards);
	free(p->ids);
	free(p);
}

void patrol_follow(struct patrol *p, uint32_t machine, const char *id)
{
	p->wards[machine] = (struct ward){
		.id = id, .believed = SIGHT_SERVES, .shown = SIGHT_SERVES, .is_new = p->is_asked
	};
}

const char *patrol_followed(const struct patrol *p, uint32_t machine)
{
	return p->wards[machine].id;
}

struct sight patrol_sees(const struct patrol *p, uint32_t machine)
{
	return p->wards[machine].believed;
}

bool patrol_has_looked(const struct patrol *p)
{
	return p->has_looked;
}

int64_t patrol_wake_ms(const struct patrol *p)
{
	return p->is_asked ? INT64_MAX : p->wake_ms;
}

/* ---- asking ---- */

static bool is_wanted(const struct patrol *p, size_t machine)
{
	return !p->is_again || p->wards[machine].in_doubt;
}

static void select_by_ids(struct patrol *p)
{
	p->selector = (struct selector){ .ids = p->ids };
	for (size_t i = 0; i < p->options.count; i++)
		if (is_wanted(p, i))
			p->ids[p->selector.id_count++] = p->wards[i].id;
}

/* Another instance may have taken the place of each that was in doubt. */
static bool is_any_in_doubt(const struct patrol *p)
{
	for (size_t i = 0; i < p->options.count; i++)
		if (p->wards[i].in_doubt)
			return true;
	return false;
}

const struct query *patrol_question(struct patrol *p, int64_t now_ms)
{
	const struct patrol_options *o = &p->options;

	if (p->is_asked || now_ms < p->wake_ms)
		return NULL;
	p->is_again = p->is_again && is_any_in_doubt(p);
	if (p->is_again || !o->tags)
		select_by_ids(p);
	else
		p->selector = (struct selector){ .tags = o->tags, .tag_count = o->tag_count };
	p->selector.with_checks = true;
	p->question = (struct query){ .kind = QUERY_FLEET, .subject = o->subject, .selector = &p->selector };
	p->is_asked = true;
	p->asked_ms = now_ms;
	return &p->question;
}

/* ---- hearing ---- */

/* True if it is to be looked for once more. */
static bool look_at(struct ward *w, struct sight now)
{
	w->in_doubt = may_be_old(now) && !is_same(now, w->shown);
	w->shown = now;
	if (!w->in_doubt)
		w->believed = now;
	return w->in_doubt;
}

/* True if some are to be looked for once more. */
static bool look_at_all(struct patrol *p, const struct answer *a)
{
	auto_arena scratch = ARENA_INIT;
	const struct sighting *s = a->sightings;
	const struct directory d = directory_make(s->fleet.machines, s->fleet.count, &scratch);
	bool again = false;

	for (size_t i = 0; i < p->options.count; i++) {
		struct ward *w = &p->wards[i];

		if (is_wanted(p, i) && !w->is_new && look_at(w, sight_of(directory_find(&d, w->id))))
			again = true;
		w->is_new = false;
	}
	return again;
}

static int64_t pause_ms(const struct patrol *p, int64_t took_ms)
{
	int64_t usual = (p->is_again ? PATROL_AGAIN_MS : PATROL_PAUSE_MS) / 100 * p->options.pace_percent;

	return usual > took_ms * PAUSE_PER_LOOK ? usual : took_ms * PAUSE_PER_LOOK;
}

void patrol_hear(struct patrol *p, const struct answer *a, int64_t now_ms)
{
	p->is_asked = false;
	if (!a->err->kind) {
		p->is_again = look_at_all(p, a);
		p->has_looked = p->has_looked || !p->is_again;
	}
	p->wake_ms = now_ms + pause_ms(p, now_ms - p->asked_ms);
}
