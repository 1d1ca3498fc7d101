#include "journal/seat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "journal/database.h"

static void write_name(const char *rollout, int64_t number, char ret[SEAT_NAME_SIZE])
{
	if (number == SEAT_ALONE)
		text_copy(ret, SEAT_NAME_SIZE, rollout);
	else
		snprintf(ret, SEAT_NAME_SIZE, "%s/%" PRId64, rollout, number);
}

/* ---- who has which ---- */

/* SEAT_NONE: it is no seat's name. */
static int64_t number_of(const char *name)
{
	const char *slash = strchr(name, '/');
	long number = slash ? strtol(slash + 1, NULL, 10) : SEAT_ALONE;

	return number >= 0 && number <= SEAT_MAX ? number : SEAT_NONE;
}

static void see(void *self, const char *name, const struct lease_view *v)
{
	struct seats *s = self;
	int64_t number = number_of(name);

	if (number < 0)
		return;
	s->states[number] = v->state;
	if (v->state == LEASE_HELD_DEAD && s->state == LEASE_FREE)
		s->state = LEASE_HELD_DEAD;
	if (v->state != LEASE_HELD_ALIVE)
		return;
	s->state = LEASE_HELD_ALIVE;
	if (v->is_ours)
		s->ours = number;
	if (!s->alive++)
		text_copy(s->who, sizeof(s->who), v->who);
	if (s->alive == 1 || number < s->first)
		s->first = number;
}

static void tell_number(struct seats *s)
{
	size_t length = strlen(s->who);

	if (s->alive > 1)
		snprintf(s->who + length, sizeof(s->who) - length, " and %zu more", s->alive - 1);
}

bool seats_look(struct journal *j, const char *rollout, int64_t now_ms, struct seats *ret, struct error *err)
{
	*ret = (struct seats){ .state = LEASE_FREE, .ours = SEAT_NONE };
	if (!lease_each(j, rollout, now_ms, see, ret, err))
		return false;
	tell_number(ret);
	return true;
}

bool seats_has_alive(const struct seats *s, int64_t number)
{
	return number >= 0 && number <= SEAT_MAX && s->states[number] == LEASE_HELD_ALIVE;
}

bool seats_has_others(const struct seats *s)
{
	return s->alive > (s->ours != SEAT_NONE);
}

bool seats_refuse(const struct seats *s, const char *rollout, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "rollout %s is being driven by %s", rollout, s->who);
	error_set_code(err, LEASE_HELD);
	return false;
}

/* ---- taking ---- */

struct taking {
	const char *rollout;
	bool shared;
	struct seat *seat;
	int64_t now_ms;
};

static bool held(const struct taking *t, const struct seats *others, struct error *err)
{
	seats_refuse(others, t->rollout, err);
	return error_hint(err, "wait for it to end, or end it: `changeover abort --keep ROLLOUT`");
}

static int64_t first_free(const struct seats *others)
{
	for (int64_t n = SEAT_ALONE + 1; n <= SEAT_MAX; n++)
		if (!seats_has_alive(others, n))
			return n;
	return SEAT_NONE;
}

static int64_t choose(bool shared, const struct seats *others)
{
	if (!shared)
		return seats_has_others(others) ? SEAT_NONE : SEAT_ALONE;
	if (others->ours > SEAT_ALONE)
		return others->ours;
	return seats_has_alive(others, SEAT_ALONE) && others->ours != SEAT_ALONE ? SEAT_NONE
										 : first_free(others);
}

static bool take_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct taking *t = arg;
	struct seat *s = t->seat;
	struct seats others;

	if (!seats_look(j, t->rollout, t->now_ms, &others, err))
		return false;
	s->number = choose(t->shared, &others);
	if (s->number == SEAT_NONE)
		return held(t, &others, err);
	write_name(t->rollout, s->number, s->name);
	s->lease.rebuild = s->name;
	s->came_first = !seats_has_others(&others);
	return lease_take_within(j, &s->lease, t->now_ms, err);
}

bool seat_take(struct journal *j, const char *rollout, bool shared, struct seat *s, int64_t now_ms,
	struct error *err)
{
	return database_transaction(
		j, take_in_transaction, &(struct taking){ rollout, shared, s, now_ms }, err);
}

bool seat_renew(struct journal *j, struct seat *s, int64_t now_ms, struct error *err)
{
	return lease_renew(j, &s->lease, now_ms, err);
}

bool seat_check(struct journal *j, const struct seat *s, struct error *err)
{
	return lease_check(j, s->name, s->lease.epoch, err);
}

bool seat_release(struct journal *j, const struct seat *s, struct error *err)
{
	return lease_release(j, &s->lease, err);
}

/* ---- clearing ---- */

struct clearing {
	struct lease lease;
	int64_t now_ms;
};

/* A later epoch, and nobody has it. */
static bool clear_in_transaction(struct journal *j, void *arg, struct error *err)
{
	const struct clearing *c = arg;
	struct lease l = c->lease;
	struct lease_view v;

	if (!lease_look(j, l.rebuild, c->now_ms, &v, err))
		return false;
	return v.state != LEASE_HELD_DEAD ||
	       (lease_take_within(j, &l, c->now_ms, err) && lease_release_within(j, &l, err));
}

bool seat_clear(struct journal *j, const char *rollout, int64_t number, const struct holder *by,
	int64_t now_ms, struct error *err)
{
	char name[SEAT_NAME_SIZE];
	struct clearing c = { { .rebuild = name, .holder = *by }, now_ms };

	write_name(rollout, number, name);
	return database_transaction(j, clear_in_transaction, &c, err);
}
