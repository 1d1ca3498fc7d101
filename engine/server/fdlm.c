#include "server/fdlm.h"

#include "server/fdlm_words.h"

static bool read_request(struct request *r, enum lock_act act)
{
	fdlm_ask(r, act, r->question.client, "fdlm");
	return true;
}

static bool read_show(struct request *r)
{
	if (!r->question.client && !request_is_by_administrator(r))
		return fdlm_refuse(r, 401, 0, "no client certificate that this service trusts");
	return read_request(r, LOCK_SHOW);
}

/* Administrators are no hosts. */
static bool read_change(struct request *r, enum lock_act act)
{
	if (r->question.client)
		return read_request(r, act);
	if (request_is_by_administrator(r))
		return fdlm_refuse(r, 403, 0, "only a host may do this, by its client certificate");
	return fdlm_refuse(r, 401, 0, "no client certificate that this service trusts");
}

static bool read_acquire(struct request *r)
{
	return read_change(r, LOCK_TAKE);
}

static bool read_release(struct request *r)
{
	return read_change(r, LOCK_GIVE_BACK);
}

static void refuse_held(struct request *r, const struct lock *l)
{
	fdlm_refuse(r, 412, l->id, request_held_text(r, l));
}

static void refuse_disabled(struct request *r, const struct lock *l)
{
	fdlm_refuse(r, 412, l->id, arena_printf(r->arena, "lock %s was disabled by an operator", l->name));
}

/* After taking it is the asker's own, after giving back nobody's as far as the asker is concerned. */
static void show_lock(struct request *r, const struct lock *l)
{
	const char *who = r->ask.who;
	const struct lock_holder *h = NULL;

	if (r->ask.act == LOCK_SHOW)
		h = who ? fdlm_holder_for(l, who) : lock_first_holder(l);
	else if (r->ask.act == LOCK_TAKE)
		h = lock_find_holder(l, who);
	request_answer(r, 200, fdlm_lock_json(l, h, r->ask.act == LOCK_SHOW ? who : NULL));
}

/* Releasing what nobody holds is fine with Foreman, unless the lock is disabled; what others hold is not. */
static void answer_not_holder(struct request *r, const struct lock *l)
{
	if (!l->enabled)
		refuse_disabled(r, l);
	else if (l->count)
		refuse_held(r, l);
	else
		show_lock(r, l);
}

static void answer(struct request *r, const struct lock_decision *d)
{
	switch (d->verdict) {
	case LOCK_GRANTED:
		show_lock(r, d->lock);
		return;
	case LOCK_FULL:
		refuse_held(r, d->lock);
		return;
	case LOCK_NOT_HOLDER:
		answer_not_holder(r, d->lock);
		return;
	case LOCK_IS_DISABLED:
		refuse_disabled(r, d->lock);
		return;
	case LOCK_MISSING:
	case LOCK_TOO_MANY:
	case LOCK_IN_USE:
	case LOCK_EXISTS:
	case LOCK_VERDICT_COUNT:
		fdlm_refuse_verdict(r, d->verdict);
		return;
	}
}

const struct route fdlm_show = {
	.method = "GET",
	.path = "/api/dlmlocks/{}/lock",
	.protocol = METRICS_FDLM,
	.read = read_show,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_acquire = {
	.method = "PUT",
	.path = "/api/dlmlocks/{}/lock",
	.protocol = METRICS_FDLM,
	.read = read_acquire,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_release = {
	.method = "DELETE",
	.path = "/api/dlmlocks/{}/lock",
	.protocol = METRICS_FDLM,
	.read = read_release,
	.answer = answer,
	.failed = fdlm_failed,
};
