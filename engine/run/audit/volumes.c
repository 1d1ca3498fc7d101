/* Rules about volumes. A data volume is never deleted and never detached by an audit. */
#include <string.h>

#include "base/text.h"
#include "run/audit/rules.h"

/* The end of a data volume's tag changeover:found (rebuild/found.c). */
static const char FOUND_DIES[] = " deleted on termination";

/* Which machine should hold the data of a rebuild that is over. */
static const struct instance *home(const struct audit_case *c)
{
	if (c->fate == FATE_BACK)
		return c->blue && inventory_is_alive(c->blue) ? c->blue : NULL;
	for (size_t i = 0; c->fate == FATE_DONE && i < c->in->instance_count; i++)
		if (case_is_green(c, &c->in->instances[i]) && inventory_is_alive(&c->in->instances[i]))
			return &c->in->instances[i];
	return NULL;
}

bool rule_data_detached(const struct audit_look *l, struct finding *f)
{
	const struct volume *v = l->volume;
	const struct instance *to = home(l->c);

	if (!case_owns_volume(l->c, v) || v->state != VOLUME_AVAILABLE)
		return false;
	f->what = "is a data volume, and is attached to nothing";
	f->since_ms = rule_last_word_ms(l);
	f->by_hand = rule_go_on(l);
	if (!f->by_hand && to)
		f->by_hand = arena_printf(l->arena,
			"aws ec2 attach-volume --volume-id %s --instance-id %s --device %.*s; then mount it "
			"and "
			"start the service",
			v->id, to->id, (int)strcspn(v->found, " "), v->found);
	if (!f->by_hand)
		f->by_hand =
			"attach it to the machine that should have it; it is never deleted by Changeover";
	return true;
}

bool rule_data_elsewhere(const struct audit_look *l, struct finding *f)
{
	const struct volume *v = l->volume;
	const struct instance *holder = inventory_instance(l->c->in, v->instance_id);

	if (!case_owns_volume(l->c, v) || !v->instance_id[0] || (holder && case_owns_instance(l->c, holder)))
		return false;
	f->what = arena_printf(l->arena,
		"is a data volume, and is attached to %s, which is neither blue nor green", v->instance_id);
	f->by_hand = rule_go_on(l);
	if (!f->by_hand)
		f->by_hand = arena_printf(l->arena,
			"if that is meant: aws ec2 delete-tags --resources %s --tags Key=changeover:rebuild",
			v->id);
	f->since_ms = rule_last_word_ms(l);
	return true;
}

bool rule_data_on_wrong_side(const struct audit_look *l, struct finding *f)
{
	const struct audit_case *c = l->c;
	const struct instance *holder = inventory_instance(c->in, l->volume->instance_id);

	if (!case_owns_volume(c, l->volume) || !holder || !case_owns_instance(c, holder) ||
		!case_is_over(c) || case_is_green(c, holder) == (c->fate == FATE_DONE))
		return false;
	f->what = arena_printf(l->arena, "is attached to %s %s, but the rebuild %s",
		case_is_green(c, holder) ? "green" : "blue", holder->id,
		c->fate == FATE_DONE ? "is done" : "was rolled back");
	f->by_hand =
		"see which machine serves; somebody moved it by hand, or the journal is not of this rebuild";
	f->since_ms = rule_last_word_ms(l);
	return true;
}

bool rule_still_kept(const struct audit_look *l, struct finding *f)
{
	const struct volume *v = l->volume;
	const struct audit_case *c = l->c;

	if (!case_owns_volume(c, v) || c->fate != FATE_BACK || !c->blue ||
		strcmp(v->instance_id, c->blue->id) != 0 || v->delete_on_termination ||
		!text_ends_with(v->found, FOUND_DIES))
		return false;
	f->what = arena_printf(l->arena,
		"is kept when %s is terminated; before its rebuild, which was rolled back, it was deleted "
		"then",
		c->blue->id);
	f->since_ms = rule_last_word_ms(l);
	rule_set_effect(l, EFFECT_KEEP_VOLUME, f);
	text_copy(f->effect.instance_id, sizeof(f->effect.instance_id), c->blue->id);
	text_copy(f->effect.device, sizeof(f->effect.device), v->device);
	return true;
}

bool rule_root_left(const struct audit_look *l, struct finding *f)
{
	if (audit_is_data(l->volume) || l->volume->state != VOLUME_AVAILABLE)
		return false;
	f->what = "is the root volume of a green that is gone";
	f->by_hand = arena_printf(l->arena, "aws ec2 delete-volume --volume-id %s", l->volume->id);
	return true;
}
