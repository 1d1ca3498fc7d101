#include "server/service.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "server/routes.h"

enum {
	TRIES_MAX = 8, /* against other processes that write at the same moment */
	EVENTS_KEPT_DAYS = 90,
	SETTLED_AFTER_TICKS = 10, /* under load; without, after one */
};

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

struct service {
	const struct service_options *options;
	struct lock_store store;
	struct metrics metrics;
	struct arena turn; /* of the requests below */
	struct request *first, **end;
	int64_t now_ms, pruned_ms;
	bool is_unsettled; /* something may be in the journal's log only */
	int ticks;         /* since it was settled last */
	uint64_t commits;  /* at the last tick */
	bool is_failing;   /* the store; said once, and once when it is over */
};

static void forget_requests(struct service *s)
{
	s->first = NULL;
	s->end = &s->first;
	arena_release(&s->turn);
}

/* Writes the changes, if there are any. */
static bool save(struct service *s, bool *outdated, struct error *err)
{
	size_t count = s->store.changes.count;

	if (!lock_store_save(&s->store, outdated, err))
		return false;
	if (count && !*outdated) {
		s->metrics.commits++;
		s->metrics.changes += count;
		s->is_unsettled = true;
	}
	return true;
}

/* Decides on a fresh table, and again until nobody else wrote meanwhile. */
static bool decide_and_save(struct service *s, void (*decide)(struct service *s), struct error *err)
{
	bool outdated;

	for (int i = 0; i < TRIES_MAX; i++) {
		if (!lock_store_refresh(&s->store, err))
			return false;
		decide(s);
		if (!save(s, &outdated, err))
			return false;
		if (!outdated)
			return true;
	}
	return error_set(err, ERROR_CONFLICT, "other processes change the locks all the time");
}

static void apply_slots(struct service *s)
{
	lock_slots_apply(&s->options->slots, &s->store.table, s->now_ms, &s->store.changes);
}

bool service_open(const struct service_options *o, struct service **ret, struct error *err)
{
	struct service *s = alloc_zeroed(1, sizeof(*s));

	s->options = o;
	s->now_ms = clock_wall_ms(o->clock);
	s->is_unsettled = true; /* by one that was killed */
	lock_store_init(&s->store, o->journal);
	forget_requests(s);
	if (!decide_and_save(s, apply_slots, err)) {
		service_close(s);
		return false;
	}
	*ret = s;
	return true;
}

static void reply(struct service *s, struct request *r)
{
	metrics_count(&s->metrics, r->route ? r->route->protocol : METRICS_OTHER, r->answer->status);
	http_exchange_reply(r->exchange);
}

static struct request *new_request(struct service *s, struct http_exchange *x, const struct http_question *q)
{
	struct request *r = arena_alloc(&s->turn, sizeof(*r));

	*r = (struct request){
		.exchange = x,
		.question = *q,
		.answer = http_exchange_answer(x),
		.options = s->options,
		.store = &s->store,
		.metrics = &s->metrics,
		.arena = &s->turn,
	};
	/* The connection is the server's, and so is the text: a copy lives until the turn ends. */
	r->question.client = arena_copy(&s->turn, q->client);
	return r;
}

void service_request(void *ctx, struct http_exchange *x, const struct http_question *q)
{
	struct service *s = ctx;
	struct request *r = new_request(s, x, q);

	s->now_ms = clock_wall_ms(s->options->clock);
	r->ask.now_ms = s->now_ms;
	if (!routes_find(r) || (r->route->read && !r->route->read(r))) {
		reply(s, r);
		return;
	}
	if (r->route->read)
		r->ask.new_slots = lock_slots_of(&s->options->slots, r->ask.name);
	*s->end = r;
	s->end = &r->next;
}

static void decide_all(struct service *s)
{
	for (struct request *r = s->first; r; r = r->next) {
		struct lock_decision d = { .verdict = LOCK_GRANTED };

		if (r->route->read)
			d = lock_decide(&s->store.table, &r->ask, &s->store.changes);
		text_clear(&r->answer->body);
		r->route->answer(r, &d);
	}
}

/* A store that fails, and that it works again, is said once. */
static void tell_trouble(struct service *s, const struct error *err)
{
	if (err && !s->is_failing)
		s->options->trouble(s->options->ctx, err->message);
	if (!err && s->is_failing)
		s->options->trouble(s->options->ctx, "the store works again");
	s->is_failing = err != NULL;
}

/* What exactly failed is for whoever runs the service; it names paths. */
static void fail_all(struct service *s)
{
	static const char TEXT[] =
		"the store of the locks failed: ask again; a slot is yours only if this says so";

	s->metrics.failures++;
	for (struct request *r = s->first; r; r = r->next) {
		text_clear(&r->answer->body);
		r->route->failed(r, TEXT);
	}
}

void service_rest(void *ctx)
{
	struct service *s = ctx;
	auto_error err = ERROR_INIT;
	bool saved;

	lock_store_settle_slice(&s->store, s->first != NULL, s->options->clock);
	if (!s->first) {
		forget_requests(s); /* of refused ones */
		return;
	}
	saved = decide_and_save(s, decide_all, &err);
	if (!saved)
		fail_all(s);
	for (struct request *r = s->first; r; r = r->next)
		reply(s, r);
	forget_requests(s);
	tell_trouble(s, saved ? NULL : &err);
}

static bool settle_log(struct service *s, struct error *err)
{
	s->ticks = 0;
	s->is_unsettled = !holding_settle(s->options->journal, err);
	return !s->is_unsettled;
}

static bool is_settling_due(struct service *s)
{
	bool is_quiet = s->metrics.commits == s->commits;

	s->commits = s->metrics.commits;
	return s->is_unsettled && (is_quiet || ++s->ticks >= SETTLED_AFTER_TICKS);
}

/* Once a day, until nothing is left. What fails is left for another day: the store has enough to bear. */
static bool prune(struct service *s, struct error *err)
{
	const int64_t now_ms = clock_wall_ms(s->options->clock);
	bool left = false, pruned;

	pruned = holding_prune(s->options->journal, now_ms - EVENTS_KEPT_DAYS * DAY_MS, &left, err);
	if (!left)
		s->pruned_ms = now_ms;
	return pruned;
}

void service_tick(struct service *s)
{
	const bool settles = is_settling_due(s);
	const bool prunes = clock_wall_ms(s->options->clock) - s->pruned_ms >= DAY_MS;
	auto_error err = ERROR_INIT;
	bool done;

	if (!settles && !prunes)
		return;
	done = (!settles || settle_log(s, &err)) && (!prunes || prune(s, &err));
	tell_trouble(s, done ? NULL : &err);
}

void service_close(struct service *s)
{
	auto_error err = ERROR_INIT;

	if (!s)
		return;
	if (s->is_unsettled && !settle_log(s, &err))
		tell_trouble(s, &err);
	lock_store_release(&s->store);
	arena_release(&s->turn);
	free(s);
}
