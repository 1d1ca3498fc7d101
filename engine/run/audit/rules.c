#include "run/audit/rules.h"

#include <string.h>

#include "base/text.h"

const char *rule_go_on(const struct audit_look *l)
{
	const struct known_rebuild *known = l->c->known;
	const char *plan = l->o->plan_path ? l->o->plan_path : "PLAN";

	if (l->c->fate != FATE_OPEN)
		return NULL;
	if (known)
		return arena_printf(l->arena, "changeover resume %s",
			*known->record.plan_path ? known->record.plan_path : plan);
	return arena_printf(l->arena, "changeover resume --without-journal %s", plan);
}

bool rule_is_of_plan(const struct audit_look *l)
{
	return l->o->plan_name && l->c->known && !strcmp(l->c->known->record.plan_name, l->o->plan_name);
}

int64_t rule_last_word_ms(const struct audit_look *l)
{
	return l->c->known ? l->c->known->record.updated_ms : 0;
}

void rule_set_effect(const struct audit_look *l, enum effect_kind kind, struct finding *f)
{
	f->remedy = REMEDY_EFFECT;
	f->effect = (struct effect){ .kind = kind, .step = "check" };
	text_copy(f->effect.rebuild, sizeof(f->effect.rebuild), l->c->id);
	if (l->instance)
		text_copy(f->effect.instance_id, sizeof(f->effect.instance_id), l->instance->id);
	if (l->volume)
		text_copy(f->effect.volume_id, sizeof(f->effect.volume_id), l->volume->id);
	if (l->snapshot)
		text_copy(f->effect.snapshot_id, sizeof(f->effect.snapshot_id), l->snapshot->id);
	if (l->address)
		text_copy(
			f->effect.allocation_id, sizeof(f->effect.allocation_id), l->address->allocation_id);
}
