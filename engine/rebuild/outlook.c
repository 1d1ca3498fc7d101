#include "rebuild/outlook.h"

#include "base/text.h"
#include "rebuild/seen.h"

static const char *state_of(const struct instance *i)
{
	return i->state == INSTANCE_UNSEEN ? "not there" : instance_state_name(i->state);
}

static void add_machine(const struct rebuild *r, bool green, char *ret, size_t size)
{
	const struct instance *i = green ? &r->world.green : &r->world.blue;
	const struct guest *g = green ? &r->world.green_guest : &r->world.blue_guest;

	if (!i->id[0]) {
		text_append(ret, size, "there is no green");
		return;
	}
	text_append(ret, size, "%s %s is %s", green ? "green" : "blue", i->id, state_of(i));
	if (i->state == INSTANCE_RUNNING && !g->reachable)
		text_append(ret, size, " and does not let us log in");
	else if (i->state == INSTANCE_RUNNING && seen_all_mounted(r, green))
		text_append(ret, size, " and has the data mounted");
}

void outlook_describe(const struct rebuild *r, char *ret, size_t size)
{
	ret[0] = '\0';
	add_machine(r, false, ret, size);
	text_append(ret, size, "; ");
	add_machine(r, true, ret, size);
	for (size_t i = 0; i < r->world.volume_count; i++) {
		const struct volume *v = &r->world.volumes[i];

		if (v->attachment == ATTACHMENT_NONE)
			text_append(ret, size, "; %s is attached to nothing", v->id);
		else
			text_append(ret, size, "; %s is %s (%s)", v->id, attachment_state_name(v->attachment),
				v->instance_id);
	}
	for (size_t i = 0; i < r->world.address_count; i++) {
		const struct address *a = &r->world.addresses[i];

		text_append(ret, size, "; %s points to %s", a->public_ip,
			a->instance_id[0] ? a->instance_id : "nothing");
	}
}
