#include "people.h"

#include "breakage.h"
#include "oracle.h"
#include "worker.h"

enum {
	RESUMES_MOST = 6, /* then nobody believes in it any more */
	ALIVE_MOST = 4,
};

static size_t count_alive(const struct story *s)
{
	size_t alive = 0;

	for (size_t i = 0; i < s->worker_count; i++)
		alive += s->workers[i].alive;
	return alive;
}

static void start_worker(struct story *s, bool wanted)
{
	if (!wanted || s->worker_count == STORY_WORKERS_MAX)
		return;
	s->tally.restarts++;
	worker_start(s);
}

static void start_workers(struct story *s)
{
	size_t alive = count_alive(s);

	start_worker(s, !alive || (alive < ALIVE_MOST && story_chance(s, 5)));
}

/* Nothing that was decided without knowing it is taken. */
static void speak(struct story *s)
{
	if (!breakage_breaks(s, BREAKS_WORDS))
		s->rows.version++;
}

/* What is to go back shall be back soon: one more may help. */
static void end_it(struct story *s, enum rollout_wish wish)
{
	speak(s);
	s->rows.orders.wish = wish;
	start_worker(s, wish == ROLLOUT_WISH_REVERT && count_alive(s) < ALIVE_MOST && story_chance(s, 30));
	s->tally.aborted++;
	story_tell(s, "people", wish == ROLLOUT_WISH_KEEP ? "abort --keep" : "abort --revert");
}

static size_t count_parked(const struct story *s)
{
	return oracle_failures(s->oracle, true) - oracle_failures(s->oracle, false);
}

/* What has failed so far is known; those that were parked are tried again, and fail anew if they do. */
static void resume(struct story *s)
{
	struct orders *o = &s->rows.orders;

	speak(s);
	o->held = false;
	o->wish = ROLLOUT_WISH_NONE;
	o->known_failures = oracle_failures(s->oracle, false);
	o->known_not_serving = oracle_not_serving(s->oracle) - count_parked(s);
	o->retry = s->rows.version;
	s->resumes++;
	s->tally.resumed++;
	story_tell(s, "people", "resume");
}

static void decide_its_end(struct story *s)
{
	if (s->resumes < RESUMES_MOST && story_chance(s, 70))
		resume(s);
	else
		end_it(s, story_chance(s, 50) && !s->rows.is_back ? ROLLOUT_WISH_REVERT : ROLLOUT_WISH_KEEP);
}

static void promote(struct story *s)
{
	speak(s);
	s->rows.orders.promoted++;
	s->tally.promoted++;
	story_tell(s, "people", "promote: %zu gates are open", s->rows.orders.promoted);
}

static void hold(struct story *s, bool held)
{
	speak(s);
	s->rows.orders.held = held;
	s->tally.held += held;
	story_tell(s, "people", held ? "pause" : "pause --off");
}

static bool is_stuck(const struct story *s)
{
	return !oracle_under_way(s->oracle) && oracle_first(s->oracle) == s->size &&
	       oracle_fits_now(s->oracle);
}

static void say(struct story *s)
{
	if (oracle_halt(s->oracle) != HALT_NONE)
		decide_its_end(s);
	else if (s->rows.orders.held)
		hold(s, !story_chance(s, 60));
	else if (oracle_is_shut(s->oracle) && story_chance(s, 60))
		promote(s);
	else if (is_stuck(s) && !oracle_is_shut(s->oracle) && story_chance(s, 15))
		decide_its_end(s);
	else if (story_chance(s, 3))
		hold(s, true);
	else if (story_chance(s, 2))
		promote(s);
	else if (story_chance(s, 1))
		decide_its_end(s);
	else if (!s->rows.is_back && story_chance(s, 1)) /* they have seen what nobody counts */
		end_it(s, ROLLOUT_WISH_REVERT);
}

/* No more than it needs. */
static void help(struct story *s)
{
	if (oracle_is_shut(s->oracle))
		promote(s);
	else if (oracle_halt(s->oracle) != HALT_NONE || (is_stuck(s) && count_parked(s)))
		resume(s);
}

/* Even if they wanted to keep what was rebuilt, until now. */
static void want_it_back(struct story *s)
{
	if (s->rows.orders.wish != ROLLOUT_WISH_REVERT && !s->rows.is_back && story_chance(s, 5))
		end_it(s, ROLLOUT_WISH_REVERT);
}

/* What somebody drives is still ended, as was said; what nobody does can go on. */
static void want_it_back_no_more(struct story *s)
{
	if (s->rows.is_back || !story_chance(s, 5))
		return;
	if (rows_is_driven(&s->rows, story_wall_ms(s)))
		end_it(s, ROLLOUT_WISH_KEEP);
	else
		resume(s);
}

static void count(struct story *s)
{
	const struct view now = { s->rows.machines, &s->rows.orders, s->now_ms, story_wall_ms(s) };

	oracle_count(s->oracle, s, now);
}

/* They do not like what begins there. */
static void stop_it(struct story *s)
{
	if (s->is_steady || s->rows.orders.wish != ROLLOUT_WISH_NONE || s->rows.orders.held ||
		!story_chance(s, 1))
		return;
	if (story_chance(s, 50))
		hold(s, true);
	else
		end_it(s, ROLLOUT_WISH_KEEP);
}

void people_speak_first(struct story *s, const struct change *c)
{
	if (rollout_state_is_final(s->rows.state))
		return;
	if (c->returns) {
		count(s);
		want_it_back_no_more(s);
	} else if (rollout_state_is_final(c->state)) {
		want_it_back(s);
	} else if (c->count) {
		stop_it(s);
	}
}

void people_look(struct story *s)
{
	if (rollout_state_is_final(s->rows.state))
		return;
	start_workers(s);
	count(s);
	if (s->is_steady)
		help(s);
	else if (s->rows.orders.wish == ROLLOUT_WISH_NONE)
		say(s);
	else if (s->rows.orders.wish == ROLLOUT_WISH_KEEP)
		want_it_back(s);
	else
		want_it_back_no_more(s);
	story_plan(s, story_between(s, s->look_ms * 3, s->look_ms * 30),
		(struct story_entry){ OCCUR_PEOPLE, 0, 0 });
}
