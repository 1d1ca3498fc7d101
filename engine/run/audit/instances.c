/* Rules about greens and blues. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cloud/tags.h"
#include "run/audit/rules.h"

/* Green is launched with its root alone: any other volume may be data, even if its tags were taken off. */
static bool holds_volumes(const struct audit_look *l)
{
	return l->instance->device_count > 1 || audit_holds_data(l->c->in, l->instance);
}

/* A second green of a rebuild that is done, while the first one serves, is as idle as one that was given up. */
static bool is_idle_green(const struct audit_look *l)
{
	const struct audit_case *c = l->c;

	if (!case_is_green(c, l->instance) || !inventory_is_alive(l->instance) || holds_volumes(l) ||
		audit_address_of(c->in, l->instance->id))
		return false;
	return c->fate == FATE_BACK ||
	       (c->fate == FATE_DONE && c->holder && c->holder != l->instance && case_is_green(c, c->holder));
}

bool rule_green_left(const struct audit_look *l, struct finding *f)
{
	if (!is_idle_green(l))
		return false;
	f->what = arena_printf(l->arena,
		"is a green that was given up, and is %s; it holds no data and no address",
		instance_state_name(l->instance->state));
	f->since_ms = l->instance->launched_ms;
	rule_set_effect(l, EFFECT_TERMINATE_INSTANCE, f);
	return true;
}

bool rule_green_in_use(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;
	const struct address *address = audit_address_of(c->in, l->instance->id);
	bool holds = holds_volumes(l);

	if (c->fate != FATE_BACK || !case_is_green(c, l->instance) || !inventory_is_alive(l->instance) ||
		(!holds && !address))
		return false;
	f->what = arena_printf(l->arena, "is the green of a rebuild that was rolled back, but it%s%s%s%s",
		holds ? " holds data" : "", holds && address ? " and" : "",
		address ? " has the address " : "", address ? address->public_ip : "");
	f->by_hand =
		"see which machine serves; put blue back by hand (guide, \"By hand, in the worst case\")";
	f->since_ms = rule_last_word_ms(l);
	return true;
}

bool rule_green_unknown(const struct audit_look *l, struct finding *f)
{
	if (l->c->fate != FATE_UNKNOWN || !case_is_green(l->c, l->instance) ||
		!inventory_is_alive(l->instance))
		return false;
	f->what = arena_printf(l->arena,
		"is a green, and is %s; neither a blue nor a journal tells what became of its rebuild",
		instance_state_name(l->instance->state));
	f->by_hand = arena_printf(l->arena,
		"if nobody uses it: aws ec2 terminate-instances --instance-ids %s", l->instance->id);
	f->since_ms = l->instance->launched_ms;
	return true;
}

static bool serves_elsewhere(const struct audit_case *c, const struct instance *blue)
{
	return c->holder && c->holder != blue && c->holder->state == INSTANCE_RUNNING;
}

bool rule_blue_stopped(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;

	if (l->instance != c->blue || c->fate == FATE_DONE || c->fate == FATE_UNKNOWN ||
		l->instance->state != INSTANCE_STOPPED || serves_elsewhere(c, l->instance))
		return false;
	f->what = "is a blue that should serve, and is stopped; no green serves in its place";
	f->since_ms = rule_last_word_ms(l);
	f->by_hand = rule_go_on(l);
	if (c->fate == FATE_BACK)
		rule_set_effect(l, EFFECT_START_INSTANCE, f);
	return true;
}

static bool is_kept_blue(const struct audit_look *l)
{
	return l->instance == l->c->blue && l->c->fate == FATE_DONE && inventory_is_alive(l->instance) &&
	       !audit_holds_data(l->c->in, l->instance);
}

/* When green was confirmed: from then on blue is kept. */
static int64_t kept_since_ms(const struct audit_look *l)
{
	return l->instance->confirmed_ms ? l->instance->confirmed_ms : rule_last_word_ms(l);
}

/* Its time has passed, by the plan that was named. */
static bool is_overdue(const struct audit_look *l)
{
	return rule_is_of_plan(l) && l->c->in->now_ms >= kept_since_ms(l) + l->o->keep_ms;
}

bool rule_blue_overdue(const struct audit_look *l, struct finding *f)
{
	char kept[CLOCK_SPAN_SIZE];

	if (!is_kept_blue(l) || !is_overdue(l))
		return false;
	f->what = arena_printf(l->arena, "is a blue that was kept for its time (%s), and is %s",
		clock_format_span(l->o->keep_ms, kept), instance_state_name(l->instance->state));
	f->by_hand = arena_printf(l->arena, "changeover apply %s", l->o->plan_path);
	f->since_ms = kept_since_ms(l);
	return true;
}

bool rule_blue_kept(const struct audit_look *l, struct finding *f)
{
	if (!is_kept_blue(l) || is_overdue(l))
		return false;
	f->what = arena_printf(l->arena, "is a blue that was replaced, and is %s; it is kept until its time",
		instance_state_name(l->instance->state));
	f->by_hand = "apply terminates it after retire.keep; by hand: guide, \"Blue, afterwards\"";
	f->since_ms = kept_since_ms(l);
	return true;
}

bool rule_still_protected(const struct audit_look *l, struct finding *f)
{
	if (l->instance != l->c->blue || l->c->fate != FATE_BACK || !inventory_was_unprotected(l->instance) ||
		!inventory_is_shielded(l->c->in, l->instance->id))
		return false;
	f->what = "has termination protection, which it had not before its rebuild, and that was rolled back";
	f->since_ms = rule_last_word_ms(l);
	rule_set_effect(l, EFFECT_PROTECT_INSTANCE, f);
	return true;
}

static bool has_live_green(const struct audit_case *c)
{
	for (size_t i = 0; i < c->in->instance_count; i++)
		if (case_is_green(c, &c->in->instances[i]) && inventory_is_alive(&c->in->instances[i]))
			return true;
	return false;
}

/* A blue whose tags say that it is being rebuilt is refused by the next rebuild. */
bool rule_role_left(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;

	if (l->instance != c->blue || c->fate != FATE_BACK || !inventory_is_alive(l->instance) ||
		!l->instance->rebuild[0] || !strcmp(l->instance->role, ROLE_RESTORED) || has_live_green(c) ||
		(c->holder && c->holder != l->instance))
		return false;
	f->what = arena_printf(l->arena, "has the role %s in its tags, but its rebuild is over and it serves",
		l->instance->role);
	f->since_ms = rule_last_word_ms(l);
	rule_set_effect(l, EFFECT_TAG, f);
	f->effect.role = ROLE_RESTORED;
	return true;
}
