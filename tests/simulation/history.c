#include "history.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "engine.h"
#include "rules.h"
#include "setting.h"

enum {
	LIMIT_MS = 48 * 3600 * 1000,
	EVENTS_MAX = 1000 * 1000,
	LATER_MOST_MS = 60 * 1000,
	TIRED_AFTER = 24, /* commands: then somebody sees to what is wrong, credentials for example */
};

int64_t history_wall_ms(const struct history *h)
{
	return STAGE_EPOCH_MS + h->now_ms + h->wall_ahead_ms;
}

struct moment history_moment(const struct history *h)
{
	return (struct moment){ .mono_ms = h->now_ms, .wall_ms = history_wall_ms(h) };
}

int64_t history_between(struct history *h, int64_t low, int64_t high)
{
	return random_between(&h->random, low, high);
}

bool history_chance(struct history *h, int percent)
{
	return history_between(h, 0, 99) < percent;
}

void history_broken(struct history *h, int rule, const char *name, const char *fmt, ...)
{
	va_list ap;

	if (h->rule_name)
		return;
	h->rule = rule;
	h->rule_name = name;
	va_start(ap, fmt);
	vsnprintf(h->why, sizeof(h->why), fmt, ap);
	va_end(ap);
	history_tell(h, "RULE BROKEN", "%d %s: %s", rule, name, h->why);
}

bool history_wants(const struct history *h, int place)
{
	return !h->places[place].ended;
}

static struct command unpack(uint32_t object)
{
	struct command c;

	memcpy(&c, &object, sizeof(c));
	return c;
}

void history_plan(struct history *h, int64_t after_ms, struct calendar_entry e)
{
	heap_put(&h->calendar, h->now_ms + after_ms, &e);
}

void history_start_later(struct history *h, int64_t after_ms, struct command c)
{
	struct calendar_entry e = { .kind = OCCASION_START };

	_Static_assert(sizeof(c) == sizeof(e.object), "a command is an entry's object");
	memcpy(&e.object, &c, sizeof(c));
	history_plan(h, after_ms, e);
	h->starts_to_come++;
}

static bool all_ended(const struct history *h)
{
	for (size_t i = 0; i < h->place_count; i++)
		if (!h->places[i].ended)
			return false;
	return true;
}

static void start(struct history *h, struct command c)
{
	h->starts_to_come--;
	if (c.kind == COMMAND_ROLLBACK || !all_ended(h))
		engine_start(h, c);
	if (c.book != BOOK_NEW)
		h->usual_book = c.book;
}

/* What somebody runs who finds that nothing goes on. Journals get lost, and people try `resume` first. */
static struct command draw_command(struct history *h)
{
	struct command c = { .kind = COMMAND_APPLY, .computer = HOME, .book = h->usual_book };

	if (h->mended)
		return c;
	if (history_chance(h, 25))
		c.kind = COMMAND_RESUME;
	if (history_chance(h, 20))
		c.computer = ELSEWHERE;
	if (history_chance(h, 10))
		c.book = BOOK_NEW;
	else if (history_chance(h, 20))
		c.book = (uint8_t)history_between(h, 0, (int64_t)h->book_count - 1);
	return c;
}

/* What has not come to its end is taken up again by somebody, some time. */
static void take_up(struct history *h)
{
	if (h->starts_to_come || engine_find(h) || all_ended(h))
		return;
	if (h->engine_count >= TIRED_AFTER)
		fault_mend_all(h);
	history_start_later(h, history_between(h, 500, LATER_MOST_MS), draw_command(h));
}

static void take_place(struct history *h, const struct calendar_entry *e)
{
	switch (e->kind) {
	case OCCASION_HAPPENS:
		calls_happen(h, e);
		break;
	case OCCASION_ANSWER:
		calls_answer(h, e);
		break;
	case OCCASION_FAULT:
		fault_begin(h, e->object);
		break;
	case OCCASION_FAULT_ENDS:
		fault_end(h, e->object);
		break;
	case OCCASION_START:
		start(h, unpack(e->object));
		break;
	case OCCASION_CONTINUE:
		engine_continue(h, &h->engines[e->object]);
		break;
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_due(const struct history *h)
{
	int64_t due_ms = heap_next(&h->calendar), model_ms = model_next_due(h->stage.model);

	if (model_ms != INT64_MAX)
		due_ms = least(due_ms, model_ms - STAGE_EPOCH_MS);
	for (size_t i = 0; i < h->engine_count; i++)
		due_ms = least(due_ms, engine_due(&h->engines[i]));
	return due_ms > h->now_ms ? due_ms : h->now_ms;
}

/* One event, and what follows from it at once. */
static void step(struct history *h)
{
	struct calendar_entry e;

	h->now_ms = next_due(h);
	stage_advance(&h->stage, h->now_ms);
	if (heap_next(&h->calendar) <= h->now_ms) {
		heap_take(&h->calendar, &e);
		take_place(h, &e);
	}
	if (h->stage.plugged_something)
		calls_look_again(h);
	for (size_t i = 0; i < h->engine_count; i++)
		if (engine_due(&h->engines[i]) <= h->now_ms)
			engine_turn(h, &h->engines[i]);
	take_up(h);
	stage_write(&h->stage);
	rules_check(h);
	h->tally.events++;
}

static bool goes_on(const struct history *h)
{
	return !h->rule_name && (!all_ended(h) || engine_find((struct history *)h));
}

static void run(struct history *h)
{
	uint64_t stop = h->tally.events + EVENTS_MAX;
	int64_t limit_ms = h->now_ms + LIMIT_MS;

	while (goes_on(h)) {
		step(h);
		if (h->now_ms > limit_ms || h->tally.events > stop)
			history_broken(h, 0, "comes-to-an-end", "no end after %" PRId64 " s",
				(h->now_ms - limit_ms + LIMIT_MS) / 1000);
	}
}

/* Time passes while nobody does anything. */
static void wait(struct history *h, int64_t ms)
{
	int64_t until_ms = h->now_ms + ms;

	while (h->now_ms < until_ms && !h->rule_name) {
		h->now_ms = least(next_due(h), until_ms);
		stage_advance(&h->stage, h->now_ms);
		while (heap_next(&h->calendar) <= h->now_ms) {
			struct calendar_entry e;

			heap_take(&h->calendar, &e);
			take_place(h, &e);
		}
		rules_check(h);
	}
}

/* Running a finished plan again does nothing; only a blue that was kept for its time is given up then. */
static void apply_again_with(struct history *h, uint8_t book)
{
	bool any = false;

	for (size_t i = 0; i < h->place_count; i++) {
		struct place *p = &h->places[i];

		p->applied_again = p->end == COURSE_DONE && p->book == book && !p->facts.disturbed &&
				   !(p->facts.green && p->facts.green->hurt_ms);
		p->ended = !p->applied_again;
		any = any || p->applied_again;
	}
	h->usual_book = book;
	if (any && !h->rule_name)
		history_start_later(h, 0, (struct command){ COMMAND_APPLY, HOME, book, 0 });
	run(h);
}

static void apply_again(struct history *h, int64_t after_ms)
{
	wait(h, after_ms);
	for (size_t i = 0; i < h->book_count; i++)
		apply_again_with(h, (uint8_t)i);
	for (size_t i = 0; i < h->place_count; i++)
		h->places[i].applied_again = false;
}

/* Blue is still kept: somebody wants it back. */
static void roll_back_one(struct history *h)
{
	for (size_t i = 0; i < h->place_count && !h->rule_name; i++) {
		struct place *p = &h->places[i];
		const struct model_instance *blue = stage_instance(&h->stage, p->blue);
		bool is_kept = blue && blue->state == MODEL_STOPPED && p->end == COURSE_DONE;
		uint8_t book = history_chance(h, 60) ? p->book : BOOK_NEW;

		if (!is_kept || p->facts.disturbed || !history_chance(h, 40))
			continue;
		p->ended = false;
		h->usual_book = p->book;
		h->tally.rolled_back_later++;
		history_start_later(h, 0, (struct command){ COMMAND_ROLLBACK, HOME, book, (uint8_t)i });
		run(h);
	}
}

static void reset(struct history *h, uint64_t seed)
{
	h->seed = seed;
	h->random.state = seed;
	heap_clear(&h->calendar);
	h->book_count = 1;
	book_open(&h->books[0], 0);
	h->usual_book = 0;
	h->now_ms = h->wall_ahead_ms = 0;
	h->mended = false;
	h->engine_count = h->pool_used = h->starts_to_come = 0;
	h->member_count = 0;
	h->rule = 0;
	h->rule_name = NULL;
}

static void clean(struct history *h)
{
	for (size_t i = 0; i < h->pool_used; i++)
		rebuild_release(&h->pool[i]->rebuild);
	calls_clear(h);
	stage_close(&h->stage);
}

static void judge_ends(struct history *h)
{
	for (size_t i = 0; i < h->place_count && !h->rule_name; i++)
		rules_end(h, &h->places[i]);
}

bool history_play(struct history *h, uint64_t seed)
{
	reset(h, seed);
	setting_draw(h);
	fault_draw(h);
	for (size_t i = 0; i < h->place_count; i++)
		fault_effect_begun(h, (int)i);
	history_start_later(h, 0, (struct command){ COMMAND_APPLY, HOME, 0, 0 });
	run(h);
	if (!h->rule_name)
		fault_mend_all(h);
	wait(h, 120 * 1000);
	judge_ends(h);
	apply_again(h, 1000);
	roll_back_one(h);
	judge_ends(h);
	apply_again(h, 2 * 3600 * 1000);
	judge_ends(h);
	clean(h);
	return !h->rule_name;
}

struct history *history_new(void)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	heap_init(&h->calendar, sizeof(struct calendar_entry));
	return h;
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->pool_count; i++)
		free(h->pool[i]);
	for (size_t i = 0; i < HISTORY_CALLS_MAX; i++)
		free(h->calls[i].shown);
	heap_release(&h->calendar);
	free(h->pool);
	free(h);
}
