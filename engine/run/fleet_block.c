/*
 * fleet_block.c: the machines that are left have to wait for members of their groups.
 *
 * A member that does not serve may come back by itself: it is waited for as long as one that cannot be reached is
 * tried, and looked after meanwhile. One that is parked does not come back without a person.
 */
#include <string.h>

#include "base/text.h"
#include "run/fleet_parts.h"

enum { NAMED_MOST = 3 };

/* The machines of a group, as far as they matter once nothing is under way. */
struct crowd {
	size_t held_up;
	size_t parked;
};

typedef bool member_test(const struct fleet *f, uint32_t number);

static bool is_held_up(const struct fleet *f, uint32_t number)
{
	return f->muster.machines[number].group != ROLLOUT_NO_GROUP && rollout_is_held_up(f->rollout, number);
}

static bool is_parked(const struct fleet *f, uint32_t number)
{
	return rollout_row(f->rollout, number).state == MACHINE_PARKED;
}

static bool is_down(const struct fleet *f, uint32_t number)
{
	return !sight_serves(f->places[number].told) && !is_parked(f, number);
}

static bool is_away(const struct fleet *f, uint32_t number)
{
	return is_down(f, number) || is_parked(f, number);
}

/* Groups are numbered, and there are no more of them than machines. */
static struct crowd *count_groups(const struct fleet *f, struct arena *a)
{
	struct crowd *crowds = arena_array(a, f->muster.count, sizeof(*crowds));

	for (uint32_t i = 0; i < f->muster.count; i++) {
		uint32_t group = f->muster.machines[i].group;

		if (group == ROLLOUT_NO_GROUP)
			continue;
		crowds[group].held_up += is_held_up(f, i);
		crowds[group].parked += is_parked(f, i);
	}
	return crowds;
}

/* Some that are held up could go if it, and whoever else of its group does not serve, came back. */
static bool is_hoped_for(const struct fleet *f, const struct crowd *crowds, uint32_t number)
{
	uint32_t group = f->muster.machines[number].group;

	return group != ROLLOUT_NO_GROUP && crowds[group].held_up && is_down(f, number) &&
	       crowds[group].parked < rollout_group_limit(f->rollout, number);
}

/* ---- in words ---- */

#define ADD(f, ...) text_append((f)->block.words, sizeof((f)->block.words), __VA_ARGS__)

static const char *name_of(const struct fleet *f, uint32_t number)
{
	return f->patrol ? patrol_followed(f->patrol, number) : f->places[number].blue;
}

static void add_others(struct fleet *f, size_t count)
{
	if (count > NAMED_MOST)
		ADD(f, " and %zu others", count - NAMED_MOST);
}

/* False: there is nobody to hope for. */
static bool write_hope(struct fleet *f, const struct crowd *crowds)
{
	size_t count = 0;

	for (uint32_t i = 0; i < f->muster.count; i++)
		if (is_hoped_for(f, crowds, i) && count++ < NAMED_MOST)
			ADD(f, "%s %s of group %s", count > 1 ? "," : "waits for", name_of(f, i),
				f->muster.machines[i].group_name);
	add_others(f, count);
	if (count)
		ADD(f, ", which %s not serve", count > 1 ? "do" : "does");
	return count;
}

static void add_why(struct fleet *f, uint32_t number)
{
	char words[SIGHT_WORDS_SIZE];

	ADD(f, ", which %s", is_parked(f, number) ? "is parked" : sight_words(f->places[number].told, words));
}

/* Members of the group that are so; why(), if it is there, adds to each. Gives how many there are. */
static size_t add_members(
	struct fleet *f, uint32_t group, member_test *is, void (*why)(struct fleet *f, uint32_t number))
{
	size_t count = 0;

	for (uint32_t i = 0; i < f->muster.count; i++) {
		if (f->muster.machines[i].group != group || !is(f, i) || count++ >= NAMED_MOST)
			continue;
		ADD(f, "%s%s", count > 1 ? ", " : "", name_of(f, i));
		if (why)
			why(f, i);
	}
	add_others(f, count);
	return count;
}

static void write_group(struct fleet *f, uint32_t first)
{
	const struct mustered *m = &f->muster.machines[first];
	size_t count = add_members(f, m->group, is_held_up, NULL);

	ADD(f, " of group %s wait%s for ", m->group_name, count > 1 ? "" : "s");
	add_members(f, m->group, is_away, add_why);
}

/* Who holds up whom. */
static void write_end(struct fleet *f, struct crowd *crowds)
{
	size_t left =
		rollout_count(f->rollout, MACHINE_WAITING) + rollout_count(f->rollout, MACHINE_SET_ASIDE);
	size_t groups = 0;

	ADD(f, "%zu machine%s left", left, left > 1 ? "s are" : " is");
	for (uint32_t i = 0; i < f->muster.count && groups < NAMED_MOST; i++) {
		uint32_t group = f->muster.machines[i].group;

		if (!is_held_up(f, i) || !crowds[group].held_up)
			continue;
		crowds[group].held_up = 0; /* it is told from here on */
		ADD(f, "%s", groups++ ? "; " : ": ");
		write_group(f, i);
	}
}

/* ---- waiting ---- */

static void begin_to_wait(struct fleet *f, struct moment now)
{
	int64_t patience_ms = rollout_patience_ms(f->rollout);

	f->block.gives_up = (struct moment){ now.mono_ms + patience_ms, now.wall_ms + patience_ms };
}

static void look_who_holds_up(struct fleet *f, struct moment now)
{
	auto_arena a = ARENA_INIT;
	struct crowd *crowds = count_groups(f, &a);
	bool has_hope = write_hope(f, crowds);

	if (has_hope && !f->block.gives_up.mono_ms)
		begin_to_wait(f, now);
	f->block.waits = has_hope && now.mono_ms < f->block.gives_up.mono_ms;
	if (f->block.waits)
		return;
	f->block.words[0] = '\0';
	write_end(f, crowds);
}

void fleet_await_members(struct fleet *f, struct moment now)
{
	char before[sizeof(f->block.words)];

	text_copy(before, sizeof(before), f->block.words);
	f->block.words[0] = '\0';
	if (f->turn.phase == ROLLOUT_BLOCKED) {
		look_who_holds_up(f, now);
	} else {
		f->block.waits = false;
		f->block.gives_up = (struct moment){ 0 };
	}
	f->block.is_new = f->block.is_new || strcmp(before, f->block.words) != 0;
}

int64_t fleet_patience_ends_ms(const struct fleet *f)
{
	return f->block.waits ? f->block.gives_up.mono_ms : INT64_MAX;
}
