#include "rebuild/outlook.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "rebuild/seen.h"

/* Text that grows in a buffer, and is cut off where that ends. */
struct words {
	char *text;
	size_t size, used;
};

static void PRINTF(2, 3) add(struct words *w, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(w->text + w->used, w->size - w->used, fmt, ap);
	va_end(ap);
	w->used += (size_t)len;
	if (w->used >= w->size)
		w->used = w->size - 1;
}

static const char *state_of(const struct instance *i)
{
	return i->state == INSTANCE_UNSEEN ? "not there" : instance_state_name(i->state);
}

static void add_machine(const struct rebuild *r, bool green, struct words *w)
{
	const struct instance *i = green ? &r->world.green : &r->world.blue;
	const struct guest *g = green ? &r->world.green_guest : &r->world.blue_guest;

	if (!i->id[0]) {
		add(w, "there is no green");
		return;
	}
	add(w, "%s %s is %s", green ? "green" : "blue", i->id, state_of(i));
	if (i->state == INSTANCE_RUNNING && !g->reachable)
		add(w, " and does not let us log in");
	else if (i->state == INSTANCE_RUNNING && seen_all_mounted(r, green))
		add(w, " and has the data mounted");
}

void outlook_describe(const struct rebuild *r, char *ret, size_t size)
{
	struct words w = { .text = ret, .size = size };

	add_machine(r, false, &w);
	add(&w, "; ");
	add_machine(r, true, &w);
	for (size_t i = 0; i < r->world.volume_count; i++) {
		const struct volume *v = &r->world.volumes[i];

		if (v->attachment == ATTACHMENT_NONE)
			add(&w, "; %s is attached to nothing", v->id);
		else
			add(&w, "; %s is %s (%s)", v->id, attachment_state_name(v->attachment),
				v->instance_id);
	}
	for (size_t i = 0; i < r->world.address_count; i++) {
		const struct address *a = &r->world.addresses[i];

		add(&w, "; %s points to %s", a->public_ip, a->instance_id[0] ? a->instance_id : "nothing");
	}
}
