#include "cloud/absorb.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rebuild/claim.h"
#include "rebuild/course.h"
#include "rebuild/order.h"
#include "rebuild/preflight.h"
#include "rebuild/steps/steps.h"
#include "rebuild/token.h"

enum {
	TRIES_MAX = 5,   /* of one effect, in a row, on the way forward */
	DENIALS_MAX = 6, /* on the way back: some ten seconds */
	DOUBLINGS_MAX = 4,
	BACKOFF_MS = 1000,
	WINDOW_BACKOFF_MS = 250, /* clients are waiting */
	CHECK_PAUSE_MS = 2000,
	WINDOW_CHECK_PAUSE_MS = 50, /* a round of checks costs no API call */
};

static void follow_green(struct rebuild *r, const struct instance *seen)
{
	bool ours = seen->client_token[0] && !strcmp(seen->client_token, r->launch_token);

	if (r->world.green.id[0] || !ours)
		return;
	text_copy(r->world.green.id, sizeof(r->world.green.id), seen->id);
	r->launch_unknown = false;
}

static void absorb_sighting(struct rebuild *r, const struct sighting *s)
{
	if (s->kind == SIGHTING_INSTANCE)
		follow_green(r, &s->instance);
	if (s->kind == SIGHTING_BLUEPRINT && !r->blueprint_seen)
		order_keep_blueprint(r, &s->blueprint);
	world_absorb(&r->world, s);
}

static void absorb_sightings(struct rebuild *r, const struct answer *a)
{
	for (size_t i = 0; i < a->sighting_count; i++)
		absorb_sighting(r, &a->sightings[i]);
}

/*
 * What an effect's reply shows is so since it took hold, some time before now. A question that was sent
 * between the two may have been answered before that, and must not count as newer.
 */
static void absorb_reply(struct rebuild *r, const struct answer *a, struct moment now)
{
	for (size_t i = 0; i < a->sighting_count; i++) {
		struct sighting s = a->sightings[i];

		if (s.kind == SIGHTING_VOLUME)
			s.volume.asked_ms = now.mono_ms;
		if (s.kind == SIGHTING_ADDRESS)
			s.address.asked_ms = now.mono_ms;
		absorb_sighting(r, &s);
	}
}

/* Until it was answered nobody knows whether a sighting is from before it or after. */
static void touch_again(struct rebuild *r, const struct flight *f, struct moment now)
{
	if (f->kind == EFFECT_DETACH_VOLUME || f->kind == EFFECT_ATTACH_VOLUME)
		r->volumes[f->part].touched_ms = now.mono_ms;
	if (f->kind == EFFECT_ASSOCIATE_ADDRESS)
		r->touched_addresses_ms = now.mono_ms;
}

/* It was refused: the volume does not leave. */
static void note_refused_detach(struct rebuild *r, const struct flight *f, const struct error *err)
{
	if (f->kind == EFFECT_DETACH_VOLUME && !f->dry_run && err->kind && err->happened == HAPPENED_NO)
		r->volumes[f->part].left_ms = 0;
}

static void keep_trouble(struct error *place, const struct error *err)
{
	error_release(place);
	if (err->kind)
		error_copy(place, err);
}

static void note_answer(struct asked *q, const struct error *err)
{
	q->under_way = false;
	if (!err->kind)
		q->answered_ms = q->at_ms;
}

static void absorb_query(struct rebuild *r, const struct answer *a)
{
	for (size_t i = 0; i < r->asked_count; i++)
		if (r->asked[i].kind == a->query && !strcmp(r->asked[i].id, a->id))
			note_answer(&r->asked[i], a->err);
	absorb_sightings(r, a);
	if (a->query == QUERY_BLUEPRINT && a->err->kind == ERROR_MISSING) {
		r->blue_missing = true;
		return;
	}
	keep_trouble(&r->trouble, a->err);
	if (a->query == QUERY_GUEST)
		keep_trouble(
			!strcmp(a->id, r->world.green.id) ? &r->trouble_green : &r->trouble_blue, a->err);
	else if (!a->err->kind)
		preflight_absorb(r, a);
}

/* When trying the same again may help: nothing was wrong with what was asked. */
typedef bool may_pass_fn(const struct rebuild *r, const struct flight *f, const struct error *err);

/* Not every start command bears being given twice, and an earlier process's may have come in between: green says. */
static bool may_have_started(const struct rebuild *r, const struct flight *f)
{
	return f->kind == EFFECT_START_SERVICE && r->resumed && !r->start_failed;
}

static bool passes_with_time(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	return !effect_is_guest(f->kind) || err->happened == HAPPENED_UNKNOWN || r->course == COURSE_BACK ||
	       may_have_started(r, f);
}

/* EC2 may not know yet what it said a moment ago. */
static bool passes_in_the_cloud(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	(void)r;
	(void)err;
	return !effect_is_guest(f->kind);
}

/* And what is to be unmounted may have been detached just now by an earlier process (steps/quiesce.c). */
static bool passes_if_missing(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	return f->kind == EFFECT_QUIESCE || passes_in_the_cloud(r, f, err);
}

/*
 * On the way back: credentials may be renewed, a clock set right. An address that was moved a moment ago may
 * still lead to the other machine and its host key.
 */
static bool passes_if_denied(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	(void)err;
	return r->course == COURSE_BACK &&
	       (!effect_is_guest(f->kind) || r->steps[f->step].failures < DENIALS_MAX);
}

static may_pass_fn *const MAY_PASS[] = {
	[ERROR_THROTTLED] = passes_with_time,
	[ERROR_TIMEOUT] = passes_with_time,
	[ERROR_REMOTE] = passes_with_time,
	[ERROR_MISSING] = passes_if_missing,
	[ERROR_CONFLICT] = passes_in_the_cloud,
	[ERROR_DENIED] = passes_if_denied,
	[ERROR_BUG] = NULL, /* the last kind; the others are not tried again either */
};

static bool may_pass(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	return MAY_PASS[err->kind] && MAY_PASS[err->kind](r, f, err);
}

/*
 * Going back never needs green to be healthy: if it does not quiesce, it is stopped (steps/mount.c); nor
 * does it need to be written down.
 */
static bool has_other_way(const struct rebuild *r, const struct flight *f)
{
	return r->course == COURSE_BACK &&
	       (f->kind == EFFECT_QUIESCE || steps_move[f->step] == &step_turn_back);
}

/* There is nothing behind the way back: what may pass is tried again for as long as the step may take. */
static bool is_tried_again(const struct rebuild *r, const struct flight *f, const struct error *err)
{
	int failures = r->steps[f->step].failures;

	return may_pass(r, f, err) && (r->course == COURSE_BACK || failures < TRIES_MAX);
}

/* A refusal says what became of that call, and nothing of an earlier one with the same token. */
static void note_launch(struct rebuild *r, const struct error *err)
{
	if (err->kind && err->happened != HAPPENED_NO)
		r->launch_doubted = true;
	else if (err->kind && !r->launch_doubted)
		r->launch_unknown = false;
}

/* Then the token is used again: EC2 launches nothing twice with it. */
static bool is_launch_in_doubt(const struct rebuild *r, const struct flight *f)
{
	return f->kind == EFFECT_LAUNCH && r->launch_unknown;
}

static void effect_failed(
	struct rebuild *r, const struct flight *f, const struct error *err, struct moment now)
{
	const struct step *s = steps_move[f->step];
	struct step_run *run = &r->steps[f->step];
	int64_t pause = rebuild_in_window(r) ? WINDOW_BACKOFF_MS : BACKOFF_MS;
	int doublings = run->failures;

	run->failures++;
	if (!has_other_way(r, f) && !is_tried_again(r, f, err)) {
		course_details(r, err);
		course_fail(r, s, err->kind, "%s", err->message);
		return;
	}
	r->start_failed = r->start_failed || f->kind == EFFECT_START_SERVICE;
	run->fresh_ms = now.mono_ms;
	run->again_ms = now.mono_ms + (pause << (doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX));
	if (err->happened == HAPPENED_NO && !is_launch_in_doubt(r, f))
		run->attempt++;
	course_news(r, NEWS_RETRYING, s->name, "%s", err->message);
}

/* Each effect is answered once. */
static size_t find_flight(const struct rebuild *r, const char *token)
{
	for (size_t i = 0;; i++) {
		assert(i < r->flight_count);
		if (!strcmp(r->flights[i].token, token))
			return i;
	}
}

const char *rebuild_step_of(const struct rebuild *r, const char *token)
{
	return steps_move[r->flights[find_flight(r, token)].step]->name;
}

static struct flight take_flight(struct rebuild *r, const char *token)
{
	size_t i = find_flight(r, token);
	struct flight taken = r->flights[i];

	r->flights[i] = r->flights[--r->flight_count];
	return taken;
}

/*
 * A quiesce says which volumes it wrote its nonce on: those that were mounted. One that failed may
 * have written it, too: then nothing is known of what is on them.
 */
static void note_sentinels(struct rebuild *r, const struct answer *a)
{
	const struct guest *g = a->sighting_count ? &a->sightings[0].guest : NULL;

	for (size_t i = 0; i < r->volume_count; i++) {
		const struct guest_disk *d = g ? guest_find_disk(g, r->volumes[i].id) : NULL;

		if (a->err->kind)
			r->volumes[i].sentinel[0] = '\0';
		else if (d && d->sentinel[0])
			text_copy(r->volumes[i].sentinel, CLOUD_NONCE_SIZE, d->sentinel);
	}
}

/* A round of checks that failed, or could not be made, is followed by another one. */
static void absorb_check(struct rebuild *r, const struct flight *f, const struct answer *a, struct moment now)
{
	const struct verdict *v = a->sighting_count ? &a->sightings[0].verdict : NULL;
	bool passed = v && v->passed;

	assert(v || a->err->kind);
	r->steps[f->step].again_ms =
		now.mono_ms + (rebuild_in_window(r) ? WINDOW_CHECK_PAUSE_MS : CHECK_PAUSE_MS);
	r->breaches = passed ? 0 : r->breaches + 1;
	keep_trouble(&r->trouble, a->err);
	if (!a->err->kind && !passed)
		error_set(&r->trouble, ERROR_REMOTE, "%s", v->failing);
}

/*
 * A dry run that fails for the state that things are in was not refused for want of permission. And what is
 * to be deleted may have been deleted by an earlier process.
 */
static bool is_as_good_as_done(const struct flight *f, const struct error *err)
{
	if (f->dry_run)
		return err->kind == ERROR_CONFLICT;
	return f->kind == EFFECT_DELETE_SNAPSHOT && err->kind == ERROR_MISSING;
}

static void absorb_effect(struct rebuild *r, const struct answer *a, struct moment now)
{
	struct flight f = take_flight(r, a->token);

	if (!f.dry_run)
		touch_again(r, &f, now);
	absorb_reply(r, a, now);
	note_refused_detach(r, &f, a->err);
	if (f.kind == EFFECT_QUIESCE)
		note_sentinels(r, a);
	if (f.kind == EFFECT_LAUNCH && !f.dry_run)
		note_launch(r, a->err);
	if (f.course != r->course)
		return; /* its step has another run now, in which the parts mean something else */
	if (f.kind == EFFECT_CHECK) {
		absorb_check(r, &f, a, now);
		return;
	}
	r->steps[f.step].acted_ms = now.mono_ms;
	if (a->err->kind && !is_as_good_as_done(&f, a->err)) {
		effect_failed(r, &f, a->err, now);
		return;
	}
	r->steps[f.step].failures = 0;
	r->steps[f.step].acked |= 1U << f.part;
}

static void lose_claim(struct rebuild *r)
{
	char reason[REBUILD_CAUSE_SIZE];

	snprintf(reason, sizeof(reason), "rebuild %s of %s is driven by %s now", r->id, r->world.blue.id,
		claim_holder(r));
	course_lose(r, reason);
}

void rebuild_absorb(struct rebuild *r, const struct answer *a, struct moment now)
{
	if (a->is_effect)
		absorb_effect(r, a, now);
	else
		absorb_query(r, a);
	if (!rebuild_is_over(r) && claim_is_lost(r))
		lose_claim(r);
}

static size_t step_index(const char *name)
{
	size_t i = 0;

	while (strcmp(steps_move[i]->name, name) != 0)
		i++;
	return i;
}

static void touch(struct rebuild *r, const struct effect *e, struct moment now)
{
	if (e->kind == EFFECT_DETACH_VOLUME || e->kind == EFFECT_ATTACH_VOLUME)
		for (size_t i = 0; i < r->volume_count; i++)
			if (!strcmp(r->volumes[i].id, e->volume_id)) {
				r->volumes[i].touched_ms = now.mono_ms;
				r->volumes[i].left_ms = e->kind == EFFECT_DETACH_VOLUME ? now.mono_ms : 0;
			}
	if (e->kind == EFFECT_ASSOCIATE_ADDRESS)
		r->touched_addresses_ms = now.mono_ms;
	if (e->kind == EFFECT_QUIESCE || e->kind == EFFECT_MOUNT || e->kind == EFFECT_START_SERVICE ||
		e->kind == EFFECT_START_INSTANCE)
		*(strcmp(e->instance_id, r->world.blue.id) ? &r->touched_green_ms : &r->touched_blue_ms) =
			now.mono_ms;
	if (e->kind == EFFECT_QUIESCE && !strcmp(e->instance_id, r->world.blue.id))
		r->blue_quiesced = true;
	if (e->kind == EFFECT_TAG && !strcmp(e->instance_id, r->world.blue.id))
		r->blue_tagged = true;
	if (e->kind == EFFECT_LAUNCH) {
		text_copy(r->launch_token, sizeof(r->launch_token), e->token);
		r->launch_unknown = true;
	}
}

void rebuild_begun(struct rebuild *r, const struct effect *e, struct moment now)
{
	struct flight *f = &r->flights[r->flight_count++];

	*f = (struct flight){
		.kind = e->kind, .course = r->course, .dry_run = e->dry_run, .step = step_index(e->step)
	};
	f->part = token_part(e->token);
	text_copy(f->token, sizeof(f->token), e->token);
	if (!effect_changes_something(e))
		return;
	touch(r, e, now);
	r->changed_something = true;
}

void rebuild_refused(struct rebuild *r, const struct effect *e, const char *reason)
{
	course_fail(r, steps_move[step_index(e->step)], ERROR_UNSAFE, "%s: %s", effect_kind_name(e->kind),
		reason);
}
