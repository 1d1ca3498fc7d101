#include "fault.h"

#include <string.h>

#include "engine.h"
#include "history.h"
#include "sight.h"

static struct place *place_of(struct history *h, const struct fault *f)
{
	return &h->places[f->place];
}

static struct stage_machine *find_blue(struct history *h, const struct fault *f)
{
	return stage_find_machine(&h->stage, place_of(h, f)->blue);
}

/* The youngest green of the place, or NULL. */
static struct stage_machine *find_green(struct history *h, const struct fault *f)
{
	for (size_t i = h->stage.machine_count; i-- > 0;)
		if (h->stage.machines[i].place == f->place && h->stage.machines[i].green)
			return &h->stage.machines[i];
	return NULL;
}

static struct stage_volume *find_volume(struct history *h, const struct fault *f)
{
	struct place *p = place_of(h, f);

	return stage_find_volume(&h->stage, p->volumes[(size_t)f->delay_ms % p->plan.data_count]);
}

/* ---- questions ---- */

static bool begin_stale(struct history *h, struct fault *f)
{
	sight_remember(h, place_of(h, f));
	return true;
}

static void end_stale(struct history *h, struct fault *f)
{
	place_of(h, f)->past.shown = false;
}

static bool begin_unseen(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);
	struct model_instance *m = green ? stage_instance(&h->stage, green->id) : NULL;

	if (!m || model_is_visible(h->stage.model, m))
		return false;
	m->visible_ms = STAGE_EPOCH_MS + h->now_ms + f->for_ms;
	return true;
}

static bool begin_newest_missing(struct history *h, struct fault *f)
{
	place_of(h, f)->newest_missing = true;
	return true;
}

static void end_newest_missing(struct history *h, struct fault *f)
{
	place_of(h, f)->newest_missing = false;
}

static bool begin_questions_fail(struct history *h, struct fault *f)
{
	place_of(h, f)->questions_fail = true;
	return true;
}

static void end_questions_fail(struct history *h, struct fault *f)
{
	place_of(h, f)->questions_fail = false;
}

static bool begin_denied(struct history *h, struct fault *f)
{
	place_of(h, f)->denied = true;
	return true;
}

static void end_denied(struct history *h, struct fault *f)
{
	place_of(h, f)->denied = false;
}

/* ---- machines, disks, addresses ---- */

static bool begin_launch_dies(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	if (!green || green->booted_ms)
		return false;
	green->never_boots = true;
	return true;
}

static bool begin_stuck(struct history *h, struct fault *f)
{
	find_volume(h, f)->stuck = true;
	return true;
}

static void end_stuck(struct history *h, struct fault *f)
{
	find_volume(h, f)->stuck = false;
}

static bool begin_other_device(struct history *h, struct fault *f)
{
	find_volume(h, f)->other_device = true;
	return true;
}

static bool begin_snapshot_error(struct history *h, struct fault *f)
{
	find_volume(h, f)->copies_fail = true;
	return true;
}

static void end_snapshot_error(struct history *h, struct fault *f)
{
	find_volume(h, f)->copies_fail = false;
}

static bool associate(struct history *h, struct fault *f, const char *instance_id)
{
	int address = place_of(h, f)->address;
	const struct model_associate_request r = { .allocation_id = h->stage.addresses[address].allocation_id,
		.instance_id = instance_id };
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	h->stage.changed = true;
	return model_associate_address(h->stage.model, &r, false, &a, &err);
}

static bool begin_address_taken(struct history *h, struct fault *f)
{
	if (place_of(h, f)->address == STAGE_NOWHERE || !associate(h, f, h->others.machine->id))
		return false;
	place_of(h, f)->facts.disturbed = true;
	return true;
}

/* Whoever took it gives it back to where it should be: to the machine that serves, else to blue. */
static void end_address_taken(struct history *h, struct fault *f)
{
	auto_error err = ERROR_INIT;
	const struct stage_address *a = &h->stage.addresses[place_of(h, f)->address];
	const struct model_address *m = model_find_address(h->stage.model, a->allocation_id, &err);
	const struct stage_machine *green = find_green(h, f);

	if (m->instance && strcmp(m->instance->id, h->others.machine->id) != 0)
		return;
	associate(h, f, green && green->serving ? green->id : place_of(h, f)->blue);
}

static bool change(struct history *h, struct stage_machine *m, enum model_change_kind kind)
{
	const char *id = m->id;
	const struct model_change_request r = { .kind = kind, .ids = &id, .count = 1, .force = true };
	struct model_change done;
	auto_error err = ERROR_INIT;

	h->stage.changed = true;
	if (!model_change_instances(h->stage.model, &r, false, &done, &err))
		return false;
	m->hurt_ms = h->now_ms;
	return true;
}

static bool is_running(const struct history *h, const struct stage_machine *m)
{
	const struct model_instance *i = m ? stage_instance(&h->stage, m->id) : NULL;

	return i && i->state == MODEL_RUNNING && m->up;
}

static bool begin_blue_stops(struct history *h, struct fault *f)
{
	struct stage_machine *blue = find_blue(h, f);

	return is_running(h, blue) && change(h, blue, MODEL_STOP);
}

/* Started again by its owner, unless it was given up meanwhile. */
static void end_blue_stops(struct history *h, struct fault *f)
{
	if (!place_of(h, f)->facts.given_up)
		change(h, find_blue(h, f), MODEL_START);
}

static bool begin_green_stops(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	return is_running(h, green) && change(h, green, MODEL_STOP);
}

static void end_green_stops(struct history *h, struct fault *f)
{
	if (find_green(h, f))
		change(h, find_green(h, f), MODEL_START);
}

static bool begin_green_terminated(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	return is_running(h, green) && change(h, green, MODEL_TERMINATE);
}

static bool begin_green_impaired(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	if (!green)
		return false;
	green->impaired = true;
	return true;
}

static void end_green_impaired(struct history *h, struct fault *f)
{
	find_green(h, f)->impaired = false;
}

static bool begin_green_sick(struct history *h, struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	if (!green)
		return false;
	green->sick = true;
	green->hurt_ms = h->now_ms;
	return true;
}

static void end_green_sick(struct history *h, struct fault *f)
{
	find_green(h, f)->sick = false;
}

static bool begin_blue_unreachable(struct history *h, struct fault *f)
{
	find_blue(h, f)->unreachable = true;
	return true;
}

static void end_blue_unreachable(struct history *h, struct fault *f)
{
	find_blue(h, f)->unreachable = false;
}

static bool begin_green_unreachable(struct history *h, struct fault *f)
{
	if (!find_green(h, f))
		return false;
	find_green(h, f)->unreachable = true;
	return true;
}

static void end_green_unreachable(struct history *h, struct fault *f)
{
	find_green(h, f)->unreachable = false;
}

enum { OTHER_KEY = 1000 };

static struct stage_machine *find_either(struct history *h, const struct fault *f)
{
	struct stage_machine *green = find_green(h, f);

	return green && f->delay_ms % 2 ? green : find_blue(h, f);
}

static bool begin_host_key(struct history *h, struct fault *f)
{
	find_either(h, f)->host_key += OTHER_KEY;
	return true;
}

static void end_host_key(struct history *h, struct fault *f)
{
	for (size_t i = 0; i < h->stage.machine_count; i++)
		if (h->stage.machines[i].place == f->place)
			h->stage.machines[i].host_key = (int)i + 1;
}

/* ---- the engine and what it runs on ---- */

static void set_refusal(struct history *h, bool refuses)
{
	for (size_t i = 0; i < h->book_count; i++)
		h->books[i].refuses = refuses;
}

static bool begin_journal_full(struct history *h, struct fault *f)
{
	(void)f;
	set_refusal(h, true);
	return true;
}

static void end_journal_full(struct history *h, struct fault *f)
{
	(void)f;
	set_refusal(h, false);
}

/* Backwards or forwards, up to some minutes: daylight saving changes no clock that counts in UTC. */
static bool begin_clock_jumps(struct history *h, struct fault *f)
{
	(void)f;
	h->wall_ahead_ms += history_between(h, -120 * 1000, 300 * 1000);
	return true;
}

enum { AGAIN_MOST_MS = 90 * 1000 };

static uint8_t draw_computer(struct history *h)
{
	return history_chance(h, 50) ? HOME : ELSEWHERE;
}

/* What is run in its place: the same, or `resume`. */
static bool kill_engine(struct history *h, uint8_t computer, uint8_t book)
{
	struct engine *e = engine_find(h);
	struct command c = { .computer = computer, .book = book };

	if (!e)
		return false;
	engine_kill(h, e);
	c.kind = history_chance(h, 30) ? COMMAND_RESUME : COMMAND_APPLY;
	history_start_later(h, history_between(h, 100, AGAIN_MOST_MS), c);
	return true;
}

static bool begin_killed(struct history *h, struct fault *f)
{
	(void)f;
	return kill_engine(h, HOME, h->usual_book);
}

static bool begin_killed_elsewhere(struct history *h, struct fault *f)
{
	(void)f;
	return kill_engine(h, ELSEWHERE, h->usual_book);
}

static bool begin_journal_lost(struct history *h, struct fault *f)
{
	(void)f;
	return kill_engine(h, draw_computer(h), BOOK_NEW);
}

static bool begin_paused(struct history *h, struct fault *f)
{
	struct engine *e = engine_find(h);
	struct command c = { .kind = COMMAND_APPLY, .computer = draw_computer(h), .book = h->usual_book };

	if (!e || e->paused)
		return false;
	engine_pause(h, e);
	history_plan(h, f->for_ms,
		(struct calendar_entry){ .kind = OCCASION_CONTINUE, .object = (uint32_t)(e - h->engines) });
	/* Somebody wonders why nothing happens and runs the command again, here or elsewhere. */
	if (history_chance(h, 30))
		c.book = BOOK_NEW;
	history_start_later(h, history_between(h, 1000, 2 * f->for_ms), c);
	return true;
}

static bool second_engine(struct history *h, uint8_t book)
{
	if (!engine_find(h))
		return false;
	history_start_later(h, 0, (struct command){ COMMAND_APPLY, draw_computer(h), book, 0 });
	return true;
}

static bool begin_second_engine(struct history *h, struct fault *f)
{
	(void)f;
	return second_engine(h, h->usual_book);
}

/* Another runner that does not share the journal. */
static bool begin_second_journal(struct history *h, struct fault *f)
{
	(void)f;
	return second_engine(h, BOOK_NEW);
}

static bool begin_interrupted(struct history *h, struct fault *f)
{
	struct engine *e = engine_find(h);

	(void)f;
	if (!e)
		return false;
	engine_interrupt(h, e);
	return true;
}

static bool begin_aborted(struct history *h, struct fault *f)
{
	return engine_ask(h, f->place, REQUEST_STOP);
}

/* Whoever drives it is asked; if nobody does, the command does it by itself. */
static bool begin_rolled_back(struct history *h, struct fault *f)
{
	struct command c = { COMMAND_ROLLBACK, HOME, h->usual_book, (uint8_t)f->place };

	if (engine_ask(h, f->place, REQUEST_ROLLBACK))
		return true;
	if (place_of(h, f)->ended || !place_of(h, f)->facts.effects)
		return false;
	if (history_chance(h, 30))
		c.book = BOOK_NEW;
	history_start_later(h, 0, c);
	return true;
}

#define CALLS(what) .scope = FAULT_OF_##what
#define WHILE(least, most) .least_ms = (least), .most_ms = (most)

const struct fault_row fault_rows[FAULT_KIND_COUNT] = {
	[FAULT_REFUSED] = { "refused", CALLS(CLOUD), .weight = 6, .excuses = EXCUSES_ALL },
	[FAULT_ANSWER_LOST] = { "answer-lost", CALLS(CLOUD), .weight = 10, .excuses = EXCUSES_ALL },
	[FAULT_NEVER_ARRIVED] = { "never-arrived", CALLS(CLOUD), .weight = 6, .excuses = EXCUSES_ALL },
	[FAULT_TWICE] = { "delivered-twice", CALLS(CLOUD), .weight = 6 },
	[FAULT_THROTTLED] = { "throttled", CALLS(CLOUD), .weight = 3, .excuses = EXCUSES_ALL },
	[FAULT_NO_ROOM] = { "no-capacity", CALLS(CLOUD), .weight = 3, .excuses = EXCUSES_ALL },
	[FAULT_DROPPED_DONE] = { "ssh-dropped-done", CALLS(COMMAND), .weight = 8, .excuses = EXCUSES_ALL },
	[FAULT_DROPPED_UNDONE] = { "ssh-dropped-undone", CALLS(COMMAND), .weight = 6,
		.excuses = EXCUSES_ALL },
	[FAULT_COMMAND_FAILS] = { "command-fails", CALLS(COMMAND), .weight = 6, .excuses = EXCUSES_ALL },
	[FAULT_STALE] = { "stale-answers", WHILE(500, 15000), .weight = 8, .begin = begin_stale,
		.end = end_stale },
	[FAULT_UNSEEN] = { "unseen", WHILE(1000, 15000), .weight = 4, .begin = begin_unseen },
	[FAULT_NEWEST_MISSING] = { "newest-missing", WHILE(1000, 15000), .weight = 4,
		.begin = begin_newest_missing, .end = end_newest_missing },
	[FAULT_QUESTIONS_FAIL] = { "questions-fail", WHILE(500, 60000), .weight = 4, .excuses = EXCUSES_ALL,
		.begin = begin_questions_fail, .end = end_questions_fail },
	[FAULT_DENIED] = { "denied", WHILE(500, 120000), .may_stay = true, .weight = 4,
		.excuses = EXCUSES_ALL, .begin = begin_denied, .end = end_denied },
	[FAULT_LAUNCH_DIES] = { "launch-dies", .weight = 4, .excuses = EXCUSES_BACK,
		.begin = begin_launch_dies },
	[FAULT_STUCK] = { "stuck-detaching", WHILE(2000, 300000), .may_stay = true, .weight = 6,
		.excuses = EXCUSES_ALL, .begin = begin_stuck, .end = end_stuck },
	[FAULT_OTHER_DEVICE] = { "other-device", .weight = 3, .begin = begin_other_device },
	[FAULT_SNAPSHOT_ERROR] = { "snapshot-error", WHILE(5000, 60000), .weight = 5, .excuses = EXCUSES_ALL,
		.begin = begin_snapshot_error, .end = end_snapshot_error },
	[FAULT_ADDRESS_TAKEN] = { "address-taken", WHILE(100, 60000), .may_stay = true, .weight = 4,
		.excuses = EXCUSES_ALL, .begin = begin_address_taken, .end = end_address_taken },
	[FAULT_BLUE_STOPS] = { "blue-stops", WHILE(15000, 120000), .may_stay = true, .weight = 6,
		.excuses = EXCUSES_ALL, .begin = begin_blue_stops, .end = end_blue_stops },
	[FAULT_GREEN_STOPS] = { "green-stops", WHILE(15000, 120000), .may_stay = true, .weight = 6,
		.excuses = EXCUSES_ALL, .begin = begin_green_stops, .end = end_green_stops },
	[FAULT_GREEN_TERMINATED] = { "green-terminated", .weight = 5, .excuses = EXCUSES_ALL,
		.begin = begin_green_terminated },
	[FAULT_GREEN_IMPAIRED] = { "green-impaired", WHILE(5000, 60000), .may_stay = true, .weight = 3,
		.excuses = EXCUSES_ALL, .begin = begin_green_impaired, .end = end_green_impaired },
	[FAULT_GREEN_SICK] = { "checks-fail", WHILE(500, 60000), .may_stay = true, .weight = 8,
		.excuses = EXCUSES_ALL, .begin = begin_green_sick, .end = end_green_sick },
	[FAULT_BLUE_UNREACHABLE] = { "blue-unreachable", WHILE(500, 60000), .may_stay = true, .weight = 6,
		.excuses = EXCUSES_ALL, .begin = begin_blue_unreachable, .end = end_blue_unreachable },
	[FAULT_GREEN_UNREACHABLE] = { "green-unreachable", WHILE(500, 60000), .may_stay = true, .weight = 6,
		.excuses = EXCUSES_ALL, .begin = begin_green_unreachable, .end = end_green_unreachable },
	[FAULT_HOST_KEY_CHANGED] = { "host-key-changed", WHILE(5000, 120000), .may_stay = true, .weight = 3,
		.excuses = EXCUSES_ALL, .begin = begin_host_key, .end = end_host_key },
	[FAULT_JOURNAL_FULL] = { "journal-full", WHILE(100, 120000), .weight = 8, .begin = begin_journal_full,
		.end = end_journal_full },
	[FAULT_CLOCK_JUMPS] = { "clock-jumps", .weight = 4, .begin = begin_clock_jumps },
	[FAULT_KILLED] = { "engine-killed", .weight = 25, .begin = begin_killed },
	[FAULT_KILLED_ELSEWHERE] = { "engine-lost", .weight = 6, .begin = begin_killed_elsewhere },
	[FAULT_PAUSED] = { "engine-stopped", WHILE(1000, 150000), .weight = 10, .everywhere = true,
		.excuses = EXCUSES_ALL, .begin = begin_paused },
	[FAULT_SECOND_ENGINE] = { "second-engine", .weight = 6, .begin = begin_second_engine },
	/* Two rebuilds of one blue: one does not know the sentinel of the other, and goes back. */
	[FAULT_JOURNAL_LOST] = { "journal-lost", .excuses = EXCUSES_BACK, .weight = 12,
		.begin = begin_journal_lost },
	[FAULT_SECOND_JOURNAL] = { "second-journal", .excuses = EXCUSES_BACK, .weight = 8,
		.begin = begin_second_journal },
	[FAULT_ABORTED] = { "abort", .weight = 5, .begin = begin_aborted },
	[FAULT_ROLLED_BACK] = { "rollback", .weight = 12, .excuses = EXCUSES_ALL,
		.begin = begin_rolled_back },
	[FAULT_INTERRUPTED] = { "interrupted", .weight = 8, .begin = begin_interrupted },
};
