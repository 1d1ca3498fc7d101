/*
 * fleet_patrol.c: which of a fleet's machines serve while the rollout runs.
 *
 * A machine under way is its rebuild's own matter. Before any other is said not to serve the journal is asked whether
 * another instance has its place by now: another process may have rebuilt it, or put it back.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal/record.h"
#include "run/fleet_parts.h"
#include "run/lineage.h"

enum { NAMED_MOST = 3, TOLD_MOST = 5 };

/* ---- beginning ---- */

static bool is_wanted(const struct fleet *f)
{
	return f->ledger && !f->options.unlimited && !f->options.only_recorded &&
	       (f->plan.rollout.not_serving.amount || f->plan.machines.group_by);
}

/*
 * Which instance has the machine's place now, as far as is known without a look: the one that a list showed there, or
 * green of a rebuild that an earlier process brought to its end.
 */
static const char *occupant_of(struct fleet *f, uint32_t number)
{
	const struct place *p = &f->places[number];
	auto_error err = ERROR_INIT;
	struct record r;
	bool found;

	if (p->machine->seen.state != INSTANCE_UNSEEN)
		return p->machine->seen.id;
	if (f->options.goes_back || rollout_row(f->rollout, number).state != MACHINE_REBUILT)
		return p->machine->id;
	if (!record_find(f->options.journal, p->rebuild, &f->arena, &r, &found, &err) || !found)
		return p->machine->id;
	return r.green;
}

void fleet_open_patrol(struct fleet *f)
{
	if (!is_wanted(f))
		return;
	f->patrol = patrol_new(&(struct patrol_options){
		.tags = muster_tags(&f->plan, &f->arena),
		.tag_count = f->plan.machines.tag_count,
		.count = f->muster.count,
		.subject = FLEET_PATROL,
		.pace_percent = f->options.pace_percent ? f->options.pace_percent : 100,
	});
	for (uint32_t i = 0; i < f->muster.count; i++)
		patrol_follow(f->patrol, i, occupant_of(f, i));
}

bool fleet_is_blind(const struct fleet *f)
{
	return f->patrol && !patrol_has_looked(f->patrol);
}

/* What has halted stays so, even if a machine serves again meanwhile. */
static bool is_on_patrol(const struct fleet *f)
{
	return f->patrol && !f->stopped && !fleet_has_halted(f);
}

int64_t fleet_patrol_wake_ms(const struct fleet *f)
{
	return is_on_patrol(f) ? patrol_wake_ms(f->patrol) : INT64_MAX;
}

const struct query *fleet_question(struct fleet *f, struct moment now)
{
	return is_on_patrol(f) ? patrol_question(f->patrol, now.mono_ms) : NULL;
}

/* ---- what was seen ---- */

static void pass_on_one(struct fleet *f, uint32_t number, struct sight seen)
{
	f->places[number].told = seen;
	rollout_seen(f->rollout, number, sight_serves(seen));
}

/* The journal may not be there to be asked: then the next look tells. */
static bool is_elsewhere(struct fleet *f, uint32_t number)
{
	auto_arena scratch = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct lineage l;

	if (!lineage_find(f->options.journal, f->places[number].machine->id, &scratch, &l, &err))
		return true;
	if (!strcmp(l.current, patrol_followed(f->patrol, number)))
		return false;
	patrol_follow(f->patrol, number, arena_copy(&f->arena, l.current));
	return true;
}

/* As far as it matters to people: of one that is stopping they need not hear that it is stopped. */
static bool is_alike(struct sight a, struct sight b)
{
	return sight_serves(a) == sight_serves(b) && a.fails_checks == b.fails_checks;
}

/* True if something else is so of the machine than the rollout was told. */
static bool has_changed(struct fleet *f, uint32_t number)
{
	struct sight seen = patrol_sees(f->patrol, number);

	if (is_alike(seen, f->places[number].told) ||
		rollout_row(f->rollout, number).state == MACHINE_UNDER_WAY)
		return false;
	return sight_serves(seen) || !is_elsewhere(f, number);
}

static void tell_change(struct fleet *f, uint32_t number, struct sight before)
{
	struct sight seen = f->places[number].told;
	const char *id = patrol_followed(f->patrol, number);
	char words[SIGHT_WORDS_SIZE];

	if (!sight_serves(seen))
		fleet_tell(f, "%s %s: it does not serve", id, sight_words(seen, words));
	else
		fleet_tell(f, "%s %s again", id, before.fails_checks ? "passes its status checks" : "runs");
}

static void pass_on(struct fleet *f)
{
	size_t changed = 0;

	for (uint32_t i = 0; i < f->muster.count; i++) {
		struct sight before = f->places[i].told;

		if (!has_changed(f, i))
			continue;
		pass_on_one(f, i, patrol_sees(f->patrol, i));
		if (changed++ < TOLD_MOST)
			tell_change(f, i, before);
	}
	if (changed > TOLD_MOST)
		fleet_tell(f, "of %zu other machines likewise something else was seen", changed - TOLD_MOST);
}

/* Whoever wanted a rollout to go on that had halted knows which machines did not serve. */
static void acknowledge_first(struct fleet *f)
{
	const struct rollout_known known = fleet_known(f);
	auto_error err = ERROR_INIT;

	/* a journal that is away for a moment: then it halts once more, and says why */
	if (rollout_ledger_acknowledge(f->ledger, known, &err))
		rollout_acknowledge(f->rollout, (size_t)known.failures, (size_t)known.not_serving);
}

/* Nothing begins before the first look: whoever may not look would wait for ever. */
static bool refuse_blind(const struct answer *a, struct error *err)
{
	error_copy(err, a->err);
	return error_wrap(err, "may not look which machines of the rollout serve");
}

bool fleet_patrolled(struct fleet *f, const struct answer *a, struct moment now, struct error *err)
{
	bool was_blind = fleet_is_blind(f);

	patrol_hear(f->patrol, a, now.mono_ms);
	if (was_blind && a->err->kind == ERROR_DENIED)
		return refuse_blind(a, err);
	if (a->err->kind && !f->patrol_failed)
		fleet_tell(f, "could not look which machines of the rollout serve: %s", a->err->message);
	f->patrol_failed = a->err->kind != ERROR_NONE;
	if (f->patrol_failed || !is_on_patrol(f))
		return true;
	pass_on(f);
	if (was_blind && f->options.goes_on && f->taken_up)
		acknowledge_first(f);
	return true;
}

void fleet_follow_end(struct fleet *f, uint32_t number, const struct rebuild *r)
{
	const char *id = r->course == COURSE_DONE ? r->world.green.id : r->world.blue.id;

	/* the others have left their machine as it was, or as it should not be */
	if (!f->patrol || (r->course != COURSE_DONE && r->course != COURSE_ROLLED_BACK))
		return;
	patrol_follow(f->patrol, number, arena_copy(&f->arena, id));
	pass_on_one(f, number, SIGHT_SERVES);
}

/* ---- why it halts ---- */

/* Adds to the text, which has `length` bytes; gives how many it has then. */
static size_t name_one(const struct fleet *f, uint32_t number, char ret[ROLLOUT_REASON_SIZE], size_t length)
{
	struct sight told = f->places[number].told;
	char words[SIGHT_WORDS_SIZE];
	int n = snprintf(ret + length, ROLLOUT_REASON_SIZE - length, "%s %s",
		patrol_followed(f->patrol, number),
		sight_serves(told) ? "is parked" : sight_words(told, words));

	return length + (size_t)n;
}

char *fleet_reason(const struct fleet *f, char ret[ROLLOUT_REASON_SIZE])
{
	size_t length, named = 0;

	if (f->share.halted) {
		text_copy(ret, ROLLOUT_REASON_SIZE, f->share.halted);
		return ret;
	}
	length = strlen(rollout_reason(f->rollout, ret));

	if (!f->patrol || rollout_halt(f->rollout) != HALT_NOT_SERVING)
		return ret;
	for (uint32_t i = 0; i < f->muster.count && length + 1 < ROLLOUT_REASON_SIZE; i++) {
		if (sight_serves(f->places[i].told) && rollout_row(f->rollout, i).state != MACHINE_PARKED)
			continue;
		if (++named > NAMED_MOST)
			break;
		length +=
			(size_t)snprintf(ret + length, ROLLOUT_REASON_SIZE - length, named > 1 ? ", " : ": ");
		if (length < ROLLOUT_REASON_SIZE)
			length = name_one(f, i, ret, length);
	}
	return ret;
}
