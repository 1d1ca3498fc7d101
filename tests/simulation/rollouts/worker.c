#include "worker.h"

#include <inttypes.h>
#include <stdlib.h>

#include "breakage.h"
#include "choice.h"
#include "deciding.h"
#include "laws.h"
#include "nature.h"
#include "telling.h"

enum {
	REPLY_LEAST_MS = 2,
	REPLY_MOST_MS = 80,
	LOST_AFTER_MS = 5000,
	OPENING_LEAST_MS = 50,
	OPENING_MOST_MS = 1000,
};

/* ---- its rollout ---- */

static struct rollout *open_rollout(const struct story *s, const struct worker *w)
{
	struct rollout *ro = rollout_new(&(struct rollout_options){ &w->plan, s->typical_ms });
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < s->size; i++)
		rollout_add(ro, s->bodies[i].group, s->bodies[i].zone);
	if (!rollout_prepare(ro, &err))
		abort(); /* setting.c has tried it */
	return ro;
}

static int index_of(const struct story *s, const struct worker *w)
{
	return (int)(w - s->workers);
}

static void plan_turn(struct story *s, struct worker *w, int64_t after_ms)
{
	story_plan(s, after_ms, (struct story_entry){ OCCUR_TURN, (uint32_t)index_of(s, w), ++w->planned });
}

/* What it drove before is forgotten. */
static void sit_down(struct story *s, struct worker *w)
{
	rollout_free(w->rollout);
	w->plan = s->plan;
	w->rollout = open_rollout(s, w);
	w->waits = w->opens = false;
	w->life++;
	w->read = w->flaps_read = w->arrived_count = 0;
	w->version = w->retried = 0;
	w->seat = rows_sit(&s->rows, story_wall_ms(s) + s->lease_ms);
	w->epoch = s->rows.seats[w->seat].epoch;
	w->is_back = s->rows.is_back;
	breakage_opened(s, w);
	story_tell(s, "worker", "%d has seat %" PRIu32, index_of(s, w), w->seat);
}

void worker_start(struct story *s)
{
	struct worker *w = &s->workers[s->worker_count];

	w->alive = true;
	w->asleep_until_ms = 0;
	w->seat = NO_SEAT;
	plan_turn(s, w, 0);
	story_tell(s, "worker", "%zu starts", s->worker_count);
	s->worker_count++;
}

void worker_crash(struct story *s, int worker)
{
	struct worker *w = &s->workers[worker];

	story_tell(s, "worker", "%d is killed", worker);
	w->alive = false;
	w->life++;
	nature_abandon(s, worker);
}

void worker_sleep(struct story *s, int worker, int64_t for_ms)
{
	struct worker *w = &s->workers[worker];

	story_tell(s, "worker", "%d sleeps for %" PRId64 " s", worker, for_ms / 1000);
	w->asleep_until_ms = s->now_ms + for_ms;
	plan_turn(s, w, for_ms);
}

bool worker_is_awake(const struct story *s, int worker)
{
	const struct worker *w = &s->workers[worker];

	return w->alive && w->asleep_until_ms <= s->now_ms;
}

static void remember(struct worker *w, uint32_t machine)
{
	if (w->arrived_count == w->arrived_size) {
		w->arrived_size = w->arrived_size ? w->arrived_size * 2 : 16;
		w->arrived = realloc(w->arrived, w->arrived_size * sizeof(*w->arrived));
		if (!w->arrived)
			abort();
	}
	w->arrived[w->arrived_count++] = machine;
}

void worker_needed(struct story *s, uint32_t machine)
{
	int driver = s->bodies[machine].driver;

	if (driver == NO_WORKER)
		return;
	remember(&s->workers[driver], machine);
	if (worker_is_awake(s, driver) && !s->workers[driver].waits)
		plan_turn(s, &s->workers[driver], 0);
}

/* ---- what it reads ---- */

/* Unless somebody took it away, or the rollout was given up. */
static bool keeps_seat(struct story *s, const struct worker *w)
{
	return w->is_back == s->rows.is_back &&
	       (breakage_breaks(s, BREAKS_FENCE) ||
		       rows_renew(&s->rows, w->seat, w->epoch, story_wall_ms(s) + s->lease_ms));
}

static void heed(struct story *s, struct worker *w)
{
	const struct orders *o = &s->rows.orders;

	rollout_promote(w->rollout, o->promoted);
	rollout_hold(w->rollout, o->held);
	rollout_acknowledge(w->rollout, o->known_failures, o->known_not_serving);
	rollout_stop(w->rollout, o->wish != ROLLOUT_WISH_NONE);
}

/* What stands there as under way on its seat, and it does not drive yet, it begins or goes on with. */
static void read_row(struct story *s, struct worker *w, uint32_t machine)
{
	const struct shared_row *row = &s->rows.machines[machine];

	deciding_set(s, w, machine, row->row);
	if (row->seat == w->seat && s->bodies[machine].driver != index_of(s, w) &&
		!breakage_breaks(s, BREAKS_GOING_ON))
		nature_drive(s, index_of(s, w), machine);
}

static void read_rows(struct story *s, struct worker *w)
{
	if (!w->version)
		for (uint32_t i = 0; i < s->rows.count; i++)
			read_row(s, w, i);
	else
		for (; w->read < s->rows.changed_count; w->read++)
			read_row(s, w, s->rows.changed[w->read]);
	w->read = s->rows.changed_count;
	w->version = s->rows.version;
	for (; w->flaps_read < s->flap_count; w->flaps_read++)
		deciding_seen(s, w, s->flaps[w->flaps_read], !s->bodies[s->flaps[w->flaps_read]].down);
}

/* ---- what it decides ---- */

static struct parcel *free_parcel(struct story *s)
{
	for (size_t i = 0; i < STORY_CHANGES_MAX; i++)
		if (!s->parcels[i].used)
			return &s->parcels[i];
	abort();
}

static struct parcel *open_parcel(struct story *s, const struct worker *w)
{
	struct parcel *p = free_parcel(s);
	struct change *c = &p->change;

	p->worker = index_of(s, w);
	p->life = w->life;
	c->seat = w->seat;
	c->epoch = w->epoch;
	c->version = w->version;
	c->is_back = s->rows.is_back;
	c->returns = false;
	c->count = 0;
	c->state = s->rows.state;
	c->decided_ms = s->now_ms;
	c->decided_wall_ms = story_wall_ms(s);
	return p;
}

/* ---- sending, and what comes of it ---- */

static int64_t on_its_way_ms(struct story *s)
{
	if (s->now_ms < s->slow_until_ms && story_chance(s, 30))
		return story_between(s, s->lease_ms / 2, s->lease_ms * 2);
	return story_between(s, REPLY_LEAST_MS, REPLY_MOST_MS);
}

static void send(struct story *s, struct worker *w, struct parcel *p)
{
	bool is_lossy = s->now_ms < s->lossy_until_ms;
	uint32_t number = (uint32_t)(p - s->parcels);

	p->used = w->waits = true;
	p->never_arrives = is_lossy && story_chance(s, 15);
	p->is_lost = p->never_arrives || (is_lossy && story_chance(s, 25));
	story_plan(s, on_its_way_ms(s), (struct story_entry){ OCCUR_CHANGE, number, 0 });
}

/* Who drives nothing need not look so often. */
static int64_t look_again_ms(const struct story *s, const struct worker *w)
{
	return s->rows.seats[w->seat].machines || w->turn.phase == ROLLOUT_FULL ? s->look_ms
										: s->look_ms * 10;
}

static int64_t later_ms(struct story *s, const struct worker *w)
{
	int64_t look_ms = look_again_ms(s, w);
	int64_t wall_ms = story_wall_ms(s), wake_ms = w->turn.wake_ms;

	if (w->arrived_count)
		return 0;
	if (w->turn.phase == ROLLOUT_BEGIN) /* one more could go, at the cloud's pace */
		return story_between(s, 500, 3000);
	return wake_ms < wall_ms + look_ms ? (wake_ms > wall_ms ? wake_ms - wall_ms : 0) : look_ms;
}

/* Until it looks again; its lease is renewed meanwhile. */
static void rest(struct story *s, struct worker *w)
{
	int64_t for_ms = later_ms(s, w);

	plan_turn(s, w, for_ms);
	rows_renew(&s->rows, w->seat, w->epoch, story_wall_ms(s) + for_ms + s->lease_ms);
}

static void leave(struct story *s, struct worker *w)
{
	story_tell(s, "worker", "%d ends", index_of(s, w));
	w->alive = false;
	w->life++;
}

/* ---- the way back ---- */

static bool is_to_return(const struct story *s)
{
	return s->rows.orders.wish == ROLLOUT_WISH_REVERT && !s->rows.is_back;
}

/* Nothing is under way any more, as far as it can see: it leaves, and the last one begins the way back. */
static void give_seat_back(struct story *s, struct worker *w)
{
	story_tell(s, "worker", "%d gives its seat back", index_of(s, w));
	s->rows.seats[w->seat].is_held = false;
	s->rows.seats[w->seat].epoch++;
	w->seat = NO_SEAT;
	plan_turn(s, w, 0);
}

static void send_return(struct story *s, struct worker *w)
{
	struct parcel *p;

	w->version = s->rows.version;
	p = open_parcel(s, w);
	p->change.returns = true;
	send(s, w, p);
}

/* The plan is read and the cloud reached at once, as a rule. */
static int64_t opening_ms(struct story *s)
{
	if (story_chance(s, 20))
		return story_between(s, s->look_ms, s->look_ms * 15);
	return story_between(s, OPENING_LEAST_MS, OPENING_MOST_MS);
}

/*
 * What is to go back is shared by nobody: it is given up for its way back, by whoever finds that nobody
 * drives it.
 */
static void choose_rollout(struct story *s, struct worker *w)
{
	bool is_driven = rows_is_driven(&s->rows, story_wall_ms(s)) && !breakage_breaks(s, BREAKS_RETURN);

	w->is_back = s->rows.is_back;
	w->returns = is_to_return(s);
	w->opens = !w->returns || !is_driven;
	plan_turn(s, w, w->opens ? opening_ms(s) : s->look_ms / 4);
}

/*
 * While it opened what it needs, others may have given up what it has chosen, or want it back, or drive it; or want it
 * back no more.
 */
static bool find_rollout(struct story *s, struct worker *w)
{
	bool has_chosen = w->opens && w->is_back == s->rows.is_back;

	w->opens = false;
	if (has_chosen && w->returns && is_to_return(s))
		send_return(s, w);
	else if (has_chosen && !w->returns)
		sit_down(s, w);
	else
		choose_rollout(s, w);
	return w->seat != NO_SEAT;
}

static void go_on(struct story *s, struct worker *w, struct parcel *p)
{
	bool has_ended = w->turn.phase == ROLLOUT_HALTED || w->turn.phase == ROLLOUT_OVER;
	bool is_over = has_ended && !rollout_count(w->rollout, MACHINE_UNDER_WAY);

	if (p->change.count || p->change.state != s->rows.state)
		send(s, w, p);
	else if (is_over && is_to_return(s))
		give_seat_back(s, w);
	else
		rest(s, w);
}

void worker_turn(struct story *s, struct story_entry e)
{
	struct worker *w = &s->workers[e.object];
	struct parcel *p;

	if (!worker_is_awake(s, (int)e.object) || w->waits || e.life != w->planned)
		return;
	if (w->seat != NO_SEAT && !keeps_seat(s, w)) {
		story_tell(s, "worker", "%d has lost its seat", (int)e.object);
		nature_abandon(s, (int)e.object);
		w->seat = NO_SEAT;
	}
	if (rollout_state_is_final(s->rows.state)) {
		leave(s, w);
		return;
	}
	if (w->seat == NO_SEAT && !find_rollout(s, w))
		return;
	heed(s, w);
	read_rows(s, w);
	s->tally.cleared += rows_clear_dead(
		&s->rows, w->seat, breakage_breaks(s, BREAKS_SEATS) ? INT64_MAX : story_wall_ms(s));
	p = open_parcel(s, w);
	choice_make(s, w, &p->change);
	go_on(s, w, p);
}

static void carry_out(struct story *s, const struct change *c)
{
	if (c->returns) {
		laws_return(s);
		story_turn_round(s);
		return;
	}
	laws_taken(s, c);
	rows_take(&s->rows, c);
	for (size_t i = 0; i < c->count; i++)
		if (c->rows[i].kind == CHANGE_ENDS)
			nature_recorded(s, c->rows[i].number);
}

void worker_change_arrives(struct story *s, uint32_t number)
{
	struct parcel *p = &s->parcels[number];
	const struct change *c = &p->change;
	int64_t reply_ms = p->is_lost ? LOST_AFTER_MS : story_between(s, REPLY_LEAST_MS, REPLY_MOST_MS);

	story_plan(s, reply_ms, (struct story_entry){ OCCUR_REPLY, number, 0 });
	if (p->never_arrives)
		return;
	p->verdict = rows_judge(&s->rows, c, story_wall_ms(s), breakage_rows(s));
	s->tally.verdicts[p->verdict]++;
	telling_change(s, p);
	if (p->verdict == CHANGE_TAKEN)
		carry_out(s, c);
}

/* What it had decided is not so, or may not be: the rows say what is. Ends stay ends. */
static void take_back(struct story *s, struct worker *w, const struct change *c)
{
	for (size_t i = 0; i < c->count; i++) {
		uint32_t m = c->rows[i].number;

		deciding_set(s, w, m, s->rows.machines[m].row);
		if (c->rows[i].kind == CHANGE_ENDS && s->bodies[m].driver == index_of(s, w))
			remember(w, m);
	}
	w->retried = 0;
}

void worker_reply(struct story *s, uint32_t number)
{
	struct parcel *p = &s->parcels[number];
	struct worker *w = &s->workers[p->worker];
	bool is_taken = !p->is_lost && p->verdict == CHANGE_TAKEN;

	if (w->alive && w->life == p->life && !worker_is_awake(s, p->worker)) {
		story_plan(s, w->asleep_until_ms - s->now_ms, (struct story_entry){ OCCUR_REPLY, number, 0 });
		return;
	}
	p->used = false;
	if (!w->alive || w->life != p->life)
		return;
	w->waits = false;
	if (p->is_lost && breakage_breaks(s, BREAKS_DOUBT))
		is_taken = true;
	if (!is_taken &&
		p->change.is_back == s->rows.is_back) /* else it has nothing left to take back from */
		take_back(s, w, &p->change);
	plan_turn(s, w, 0);
}
