#include "nature.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

enum { SECOND_MS = 1000, DOWN_LEAST_MS = 5 * 60 * 1000, DOWN_MOST_MS = 4 * 3600 * 1000 };

static const char *const END_NAMES[] = {
	[END_REBUILT] = "rebuilt",
	[END_UNCHANGED] = "unchanged",
	[END_ROLLED_BACK] = "rolled back",
	[END_REFUSED] = "refused",
	[END_PARKED] = "parked",
	[END_UNREACHABLE] = "unreachable",
	[END_LOCKED_OUT] = "locked out",
	[END_WITHDRAWN] = "withdrawn",
};

/* ---- what a rebuild comes to ---- */

static enum machine_end draw_bad(struct story *s)
{
	static const enum machine_end BAD[] = { END_ROLLED_BACK, END_ROLLED_BACK, END_REFUSED, END_PARKED };

	return BAD[story_between(s, 0, (int64_t)ARRAY_SIZE(BAD) - 1)];
}

static enum machine_end draw_end(struct story *s)
{
	if (story_chance(s, s->unreached_percent))
		return END_UNREACHABLE;
	if (story_chance(s, s->unchanged_percent))
		return END_UNCHANGED;
	return story_chance(s, s->bad_percent) ? draw_bad(s) : END_REBUILT;
}

/* Who finds the image there already, or nobody, is done soon. */
static int64_t draw_work_ms(struct story *s, enum machine_end end)
{
	if (end == END_UNCHANGED || end == END_REFUSED || end == END_UNREACHABLE)
		return story_between(s, SECOND_MS, s->work_least_ms);
	return story_between(s, s->work_least_ms, s->work_most_ms);
}

/* ---- stages ---- */

static void enter(struct story *s, uint32_t machine, enum body_stage stage, int64_t after_ms)
{
	struct body *b = &s->bodies[machine];

	b->stage = stage;
	b->due_ms = s->now_ms + after_ms;
	story_plan(s, after_ms, (struct story_entry){ OCCUR_ARRIVAL, machine, ++b->life });
}

static void work(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];

	b->begun_wall_ms = story_wall_ms(s);
	b->quiet_ms = s->now_ms + b->work_ms / 3;
	enter(s, machine, BODY_WORKS, b->work_ms);
}

static void end(struct story *s, uint32_t machine, enum machine_end how)
{
	s->bodies[machine].end = how;
	s->bodies[machine].stage = BODY_ENDED;
	worker_needed(s, machine);
}

static void begin(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];
	bool takes_lock = story_chance(s, s->lock_percent);

	b->begun++;
	b->end = takes_lock && story_chance(s, 15) ? END_LOCKED_OUT : draw_end(s);
	b->work_ms = draw_work_ms(s, b->end);
	s->tally.begun++;
	s->tally.locks += takes_lock;
	if (takes_lock)
		enter(s, machine, BODY_WAITS, story_between(s, SECOND_MS, s->work_most_ms));
	else
		work(s, machine);
}

void nature_arrive(struct story *s, struct story_entry e)
{
	struct body *b = &s->bodies[e.object];

	if (e.object >= s->size || b->life != e.life) /* there may be fewer by now */
		return;
	if (b->stage == BODY_WAITS && b->end != END_LOCKED_OUT) {
		b->stage = BODY_MAY_GO;
		worker_needed(s, e.object);
	} else if (b->stage == BODY_WAITS || b->stage == BODY_WORKS) {
		end(s, e.object, b->end);
	}
}

/* ---- whose it is ---- */

static void judge_driver(struct story *s, int worker, uint32_t machine)
{
	const struct worker *w = &s->workers[worker];

	if (s->rows.machines[machine].seat != w->seat || s->rows.seats[w->seat].epoch != w->epoch)
		story_broken(s, "one-driver",
			"machine %" PRIu32 " is driven by worker %d, and belongs to another", machine,
			worker);
}

/* Somebody goes on where the last one has left it. */
static void take_over(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];

	if (b->stage == BODY_WAITS || b->stage == BODY_WORKS)
		enter(s, machine, b->stage, b->left_ms);
	else
		worker_needed(s, machine);
}

void nature_drive(struct story *s, int worker, uint32_t machine)
{
	struct body *b = &s->bodies[machine];
	int before = b->driver;

	judge_driver(s, worker, machine);
	b->driver = worker;
	if (b->stage == BODY_AT_REST)
		begin(s, machine);
	else if (before == NO_WORKER)
		take_over(s, machine);
	else
		worker_needed(s, machine); /* its worker sleeps, and what it has begun goes on */
	story_tell(s, "machine", "%" PRIu32 " is driven by worker %d", machine, worker);
}

void nature_acts(struct story *s, int worker, uint32_t machine)
{
	judge_driver(s, worker, machine);
	if (s->bodies[machine].driver != worker)
		story_broken(s, "one-driver", "worker %d and worker %d both drive machine %" PRIu32, worker,
			s->bodies[machine].driver, machine);
}

void nature_word(struct story *s, uint32_t machine, bool goes)
{
	if (goes)
		work(s, machine);
	else
		end(s, machine, END_WITHDRAWN);
}

void nature_withdraw(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];
	bool is_quiet = b->stage == BODY_WORKS && s->now_ms < b->quiet_ms && b->end != END_WITHDRAWN;

	if (b->stage == BODY_WAITS) {
		b->life++;
		end(s, machine, END_WITHDRAWN);
	} else if (is_quiet) {
		b->end = END_WITHDRAWN;
		enter(s, machine, BODY_WORKS, story_between(s, SECOND_MS, s->work_least_ms));
	}
}

void nature_recorded(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];

	story_tell(s, "machine", "%" PRIu32 " is %s", machine, END_NAMES[b->end]);
	s->tally.ends[b->end]++;
	b->rebuilt += b->end == END_REBUILT;
	b->unreached += b->end == END_UNREACHABLE;
	b->stage = BODY_AT_REST;
	b->driver = NO_WORKER;
	b->life++;
}

void nature_abandon(struct story *s, int worker)
{
	for (size_t i = 0; i < s->size; i++) {
		struct body *b = &s->bodies[i];

		if (b->driver != worker)
			continue;
		b->driver = NO_WORKER;
		b->left_ms = b->due_ms > s->now_ms ? b->due_ms - s->now_ms : 0;
		b->life++;
	}
}

/* ---- service ---- */

static void note_flap(struct story *s, uint32_t machine)
{
	if (s->flap_count == s->flap_size) {
		s->flap_size = s->flap_size ? s->flap_size * 2 : 16;
		s->flaps = realloc(s->flaps, s->flap_size * sizeof(*s->flaps));
		if (!s->flaps)
			abort();
	}
	s->flaps[s->flap_count++] = machine;
}

void nature_flap(struct story *s, uint32_t machine)
{
	struct body *b = &s->bodies[machine];

	if (machine >= s->size)
		return;
	b->down = !b->down;
	memmove(b->flapped_ms + 1, b->flapped_ms, sizeof(b->flapped_ms) - sizeof(*b->flapped_ms));
	b->flapped_ms[0] = s->now_ms;
	note_flap(s, machine);
	s->tally.flaps++;
	story_tell(s, "machine", "%" PRIu32 " %s", machine, b->down ? "stops serving" : "serves again");
	if (b->down)
		story_plan(s, story_between(s, DOWN_LEAST_MS, DOWN_MOST_MS),
			(struct story_entry){ OCCUR_FLAP, machine, 0 });
}
