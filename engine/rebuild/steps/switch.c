/* switch.c: point the Elastic IPs to green. */
#include "rebuild/steps/steps.h"

#include <string.h>

#include "rebuild/seen.h"
#include "rebuild/steps/addresses.h"
#include "rebuild/steps/guest_effect.h"

enum { PART_QUIESCE = CLOUD_ADDRESSES_MAX };

/*
 * A look may show what was so before our own call, or an earlier process's: on the way back blue is given
 * the address even if it seems to have it, which changes nothing then.
 */
static bool may_have_moved(const struct rebuild *r)
{
	return r->touched_addresses_ms || r->resumed;
}

/* One that somebody moved elsewhere is left where it is. */
static bool is_back(const struct rebuild *r, size_t i)
{
	const struct address *a = &r->world.addresses[i];
	bool given = step_run_seen(r, &step_switch)->acked & 1U << i;

	if (a->asked_ms < r->touched_addresses_ms)
		return false;
	if (seen_is_foreign(r, a->instance_id))
		return true;
	return !strcmp(a->instance_id, seen_id(r, false)) && (given || !may_have_moved(r));
}

static bool is_there(const struct rebuild *r, size_t i, bool green)
{
	return green ? !strcmp(r->world.addresses[i].instance_id, seen_id(r, true)) : is_back(r, i);
}

static void associate(struct rebuild *r, bool green, struct effects *out)
{
	for (size_t i = 0; i < r->world.address_count; i++) {
		struct effect *e;

		if (is_there(r, i, green))
			continue;
		e = step_effect(out, EFFECT_ASSOCIATE_ADDRESS, i);
		if (!e)
			continue;
		memcpy(e->allocation_id, r->world.addresses[i].allocation_id, sizeof(e->allocation_id));
		memcpy(e->instance_id, seen_id(r, green), sizeof(e->instance_id));
	}
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_addresses_on(r, true);
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	(void)now;
	return seen_describe_foreign_address(r);
}

static void act(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	associate(r, true, out);
}

/* Only after a lost answer: the call itself says where the address points now. */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	if (out->run->failures)
		addresses_look(r, (struct pace){ 0, 500 }, out);
}

static bool undone(const struct rebuild *r, struct moment now)
{
	(void)now;
	for (size_t i = 0; i < r->world.address_count; i++)
		if (!is_back(r, i))
			return false;
	return true;
}

/*
 * A service that is stopped closes its connections. Whoever waits for an answer of one that loses its
 * address under it waits for ever: green stops first, if it can (steps/mount.c does the rest).
 */
static void undo(struct rebuild *r, struct moment now, struct effects *out)
{
	(void)now;
	if (seen_all_mounted(r, true)) /* as nobody knows after a quiesce that failed */
		guest_effect(out, EFFECT_QUIESCE, PART_QUIESCE, true);
	else
		associate(r, false, out);
}

/* Looked at first: it was being moved when things went wrong, or somebody else has moved it since. */
static void look_back(struct rebuild *r, struct moment now, struct looks *out)
{
	(void)now;
	addresses_look(r, (struct pace){ 0, 500 }, out);
}

const struct step step_switch = {
	.name = "switch",
	.summary = "Switch the Elastic IP to green",
	.needs = FACT_READY,
	.gives = FACT_SWITCHED,
	.limit_s = 120,
	.typical_ms = 100,
	.in_window = true,
	.proved = proved,
	.hopeless = hopeless,
	.act = act,
	.look = look,
	.undone = undone,
	.undo = undo,
	.look_back = look_back,
};
