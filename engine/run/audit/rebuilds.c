/*
 * Rules about whole rebuilds. One that has not come to its end is resolved by going on with it, never
 * piece by piece.
 */
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "run/audit/rules.h"

/* "blue i-1 is stopped, ...": for people who have to see where it stands. */
static const char *describe_machine(const struct audit_look *l, const char *colour, const struct instance *i)
{
	const struct address *address = audit_address_of(l->c->in, i->id);

	return arena_printf(l->arena, "%s %s is %s%s%s%s", colour, i->id, instance_state_name(i->state),
		audit_holds_data(l->c->in, i) ? ", holds the data" : "", address ? ", has the address " : "",
		address ? address->public_ip : "");
}

static const char *describe_machines(const struct audit_look *l)
{
	const struct audit_case *c = l->c;
	const char *text = c->blue ? describe_machine(l, "blue", c->blue) : "blue is not to be seen";

	for (size_t i = 0; i < c->in->instance_count; i++)
		if (case_is_green(c, &c->in->instances[i]) && inventory_is_alive(&c->in->instances[i]))
			text = arena_printf(
				l->arena, "%s; %s", text, describe_machine(l, "green", &c->in->instances[i]));
	return text;
}

static const struct instance *find_machine(const struct audit_case *c, const char *id)
{
	const struct instance *i = *id ? inventory_instance(c->in, id) : NULL;

	return i && inventory_is_alive(i) ? i : NULL;
}

static bool has_no_machines(const struct audit_case *c)
{
	return c->known && c->fate == FATE_OPEN && !find_machine(c, c->known->record.blue) &&
	       !find_machine(c, c->known->record.green);
}

/* Who drives it or drove it last, as blue's tag says: "; its tags name anna@host ...", or "". */
static const char *describe_claim(const struct audit_look *l)
{
	const char *who = l->c->blue ? strchr(l->c->blue->journal, ' ') : NULL;

	return who ? arena_printf(l->arena, "; its tags name%s", who) : "";
}

bool rule_rebuild_unfinished(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;
	const char *cause = c->known ? c->known->record.cause : "";

	if (c->fate != FATE_OPEN || has_no_machines(c) || (c->known && c->known->lease.who[0]))
		return false;
	f->what = arena_printf(l->arena, "has not come to its end, and nobody %s%s%s%s",
		c->known ? "drives it" : "is known here to drive it", *cause ? ": " : "", cause,
		describe_claim(l));
	f->where = describe_machines(l);
	f->by_hand = rule_go_on(l);
	f->since_ms = rule_last_word_ms(l);
	return true;
}

bool rule_rebuild_abandoned(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;

	if (c->fate != FATE_OPEN || !c->known || has_no_machines(c) ||
		c->known->lease.state != LEASE_HELD_DEAD)
		return false;
	f->what = arena_printf(
		l->arena, "was driven by %s, which has ended%s", c->known->lease.who, describe_machines(l));
	f->by_hand = rule_go_on(l);
	f->since_ms = c->known->lease.renewed_ms;
	return true;
}

bool rule_record_without_machines(const struct audit_look *l, struct finding *f)
{
	if (!has_no_machines(l->c))
		return false;
	f->what = arena_printf(l->arena,
		"is open in the journal, but its machines are not in this account and region any more: "
		"%s%s%s",
		l->c->known->record.blue, *l->c->known->record.green ? ", " : "", l->c->known->record.green);
	f->since_ms = rule_last_word_ms(l);
	f->remedy = REMEDY_CLOSE;
	return true;
}

bool rule_lease_left(const struct audit_look *l, struct finding *f)
{
	const struct known_rebuild *known = l->c->known;

	if (!known || !case_is_over(l->c) || (known->lease.state != LEASE_HELD_DEAD && !known->lease.is_ours))
		return false;
	f->what = arena_printf(l->arena, "is over, but %s did not give the lease back", known->lease.who);
	f->since_ms = known->lease.renewed_ms;
	f->remedy = REMEDY_LEASE;
	return true;
}

/* Journal and tags tell different ends. Where the data is shows who is right; that is for a person. */
bool rule_record_disagrees(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;
	enum record_state state = c->known ? c->known->record.state : RECORD_PLANNED;
	bool says_back = c->blue && !strcmp(c->blue->role, ROLE_RESTORED);
	bool says_done = c->blue && !strcmp(c->blue->role, ROLE_RETIRED);

	if (!(state == RECORD_DONE && says_back) && !(state == RECORD_ROLLED_BACK && says_done))
		return false;
	f->what = arena_printf(l->arena, "is %s in the journal, but blue's tag says %s",
		record_state_name(state), c->blue->role);
	f->where = describe_machines(l);
	f->by_hand = "find out which machine serves; then correct the tag changeover:role of blue by hand";
	f->since_ms = rule_last_word_ms(l);
	return true;
}
