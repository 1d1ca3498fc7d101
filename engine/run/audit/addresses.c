/* Rules about addresses: they belong where the data is. */
#include <string.h>

#include "base/text.h"
#include "run/audit/rules.h"

/* Pointing it to the machine with the data is offered once the rebuild is over; before that, going on does it. */
static void propose_switch(const struct audit_look *l, struct finding *f)
{
	f->by_hand = rule_go_on(l);
	f->since_ms = rule_last_word_ms(l);
	if (!case_is_over(l->c))
		return;
	rule_set_effect(l, EFFECT_ASSOCIATE_ADDRESS, f);
	text_copy(f->effect.instance_id, sizeof(f->effect.instance_id), l->c->holder->id);
}

bool rule_address_astray(const struct audit_look *l, struct finding *f)
{
	const struct instance *holder = l->c->holder;

	if (!l->address->instance_id[0] || !holder || !strcmp(l->address->instance_id, holder->id))
		return false;
	f->what = arena_printf(l->arena, "(%s) points to %s, but the data is on %s", l->address->public_ip,
		l->address->instance_id, holder->id);
	propose_switch(l, f);
	return true;
}

bool rule_address_nowhere(const struct audit_look *l, struct finding *f)
{
	if (l->address->instance_id[0] || !l->c->holder)
		return false;
	f->what = arena_printf(l->arena, "(%s) points nowhere, but the rebuild had it, and the data is on %s",
		l->address->public_ip, l->c->holder->id);
	propose_switch(l, f);
	return true;
}
