#include "run/resolve.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/provider.h"
#include "journal/event.h"
#include "journal/journal.h"
#include "run/asking.h"

static const char STEP[] = "check";

struct resolving {
	const struct resolve_options *o;
	struct arena arena;
	struct inventory in; /* seen after the leases were taken */
	struct findings found;
	struct lease *leases;
	size_t lease_count;
};

static int64_t now_ms(const struct resolving *r)
{
	return clock_wall_ms(r->o->clock);
}

static struct lease *find_lease(struct resolving *r, const char *rebuild)
{
	for (size_t i = 0; i < r->lease_count; i++)
		if (!strcmp(r->leases[i].rebuild, rebuild))
			return &r->leases[i];
	return NULL;
}

/* One that is held by somebody else is not taken: the new look then shows the rebuild as driven. */
static void hold(struct resolving *r, const char *rebuild)
{
	struct lease *l = &r->leases[r->lease_count];
	auto_error err = ERROR_INIT;
	struct record record;
	bool known = false;

	if (!r->o->journal || find_lease(r, rebuild) ||
		!record_find(r->o->journal, rebuild, &r->arena, &record, &known, &err) || !known)
		return;
	*l = (struct lease){ .rebuild = rebuild, .version = r->o->version };
	holder_self(r->o->user, &l->holder);
	if (lease_take(r->o->journal, l, now_ms(r), &err))
		r->lease_count++;
}

static void let_go(struct resolving *r)
{
	for (size_t i = 0; i < r->lease_count; i++) {
		auto_error err = ERROR_INIT;

		if (!lease_release(r->o->journal, &r->leases[i], &err))
			continue; /* it is found dead as soon as this process has ended */
	}
}

static bool note(struct resolving *r, const struct lease *l, struct event *e, struct error *err)
{
	e->at_ms = now_ms(r);
	e->rebuild = l->rebuild;
	e->step = STEP;
	e->epoch = l->epoch;
	return journal_append(r->o->journal, e, 1, err);
}

/* The answer to an effect, kept for the journal. */
struct outcome {
	struct resolving *r;
	const struct lease *lease;
};

/* That it could not be recorded does not undo it: the intent is there, and asks for a look. */
static void record_outcome(void *self, const struct answer *a)
{
	const struct outcome *o = self;
	auto_error err = ERROR_INIT;
	struct event e = {
		.kind = EVENT_OUTCOME,
		.effect = effect_kind_name(a->effect),
		.token = a->token,
		.detail = a->err->message,
		.error = a->err->kind,
		.happened = a->err->kind ? a->err->happened : HAPPENED_YES,
		.request_id = a->request_id,
		.took_ms = a->took_ms,
	};

	if (o->lease && !note(o->r, o->lease, &e, &err))
		return;
}

static bool record_intent(struct resolving *r, struct lease *l, const struct effect *e, struct error *err)
{
	char words[256];
	struct event event = {
		.kind = EVENT_INTENT,
		.effect = effect_kind_name(e->kind),
		.token = e->token,
		.detail = effect_describe(e, words, sizeof(words)),
	};

	return lease_renew(r->o->journal, l, now_ms(r), err) && note(r, l, &event, err);
}

static bool do_effect(struct resolving *r, const struct finding *f, struct lease *l, struct error *err)
{
	struct effect e = f->effect;

	snprintf(e.token, sizeof(e.token), "%.24s.%s.%.31s", f->rebuild, STEP, f->object);
	if (l && !record_intent(r, l, &e, err))
		return false;
	return asking_effect(
		r->o->asking, &e, (struct asking_view){ &(struct outcome){ r, l }, record_outcome }, err);
}

static bool close_record(
	struct resolving *r, const struct finding *f, const struct lease *l, struct error *err)
{
	struct record record = inventory_rebuild(&r->in, f->rebuild)->record;
	struct event e = { .kind = EVENT_FAILED,
		.detail = "closed by check: its machines are not there any more" };

	record.state = RECORD_FAILED;
	record.cause = e.detail;
	record.updated_ms = now_ms(r);
	return record_update(r->o->journal, &record, l->epoch, err) && note(r, l, &e, err);
}

static bool remedy(struct resolving *r, const struct finding *f, struct error *err)
{
	struct lease *l = find_lease(r, f->rebuild);

	switch (f->remedy) {
	case REMEDY_EFFECT:
		return do_effect(r, f, l, err);
	case REMEDY_CLOSE:
		return close_record(r, f, l, err);
	case REMEDY_LEASE: /* it was taken, and is given back at the end */
	case REMEDY_NONE:
		break;
	}
	return true;
}

/* Why the finding, as it is now, cannot be resolved; NULL: it may be. */
static const char *refuses(struct resolving *r, const struct finding *was, const struct finding *now)
{
	if (inventory_rebuild(&r->in, was->rebuild) && !find_lease(r, was->rebuild))
		return "somebody else drives its rebuild now";
	if (!now)
		return "it is not so any more";
	if (now->remedy != was->remedy || strcmp(now->effect.instance_id, was->effect.instance_id) != 0)
		return "it has changed meanwhile: look again";
	return audit_refuses(&r->in, now);
}

static void resolve_one(struct resolving *r, const struct finding *was)
{
	const struct finding *now = findings_find(&r->found, finding_name(was, &r->arena));
	const char *why = refuses(r, was, now);
	auto_error err = ERROR_INIT;

	if (!why && !remedy(r, now, &err))
		why = err.message;
	r->o->told(r->o->told_self, was, why);
}

static bool look_again(struct resolving *r, struct error *err)
{
	const struct inventory_sources from = { r->o->asking, r->o->journal, now_ms(r) };

	if (!inventory_look(&from, &r->arena, &r->in, err))
		return error_wrap(err, "nothing was changed: could not look again");
	audit(&r->in, &r->o->audit, &r->arena, &r->found);
	return true;
}

bool resolve(
	const struct resolve_options *o, const struct finding *const *chosen, size_t count, struct error *err)
{
	struct resolving r = { .o = o, .arena = ARENA_INIT };
	bool looked;

	r.leases = arena_array(&r.arena, count, sizeof(*r.leases));
	for (size_t i = 0; i < count; i++)
		hold(&r, chosen[i]->rebuild);
	looked = look_again(&r, err);
	for (size_t i = 0; looked && i < count; i++)
		resolve_one(&r, chosen[i]);
	let_go(&r);
	arena_release(&r.arena);
	return looked;
}
