#include "commands.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "mutants.h"
#include "sight.h"

/* What an order names and a machine has: the n-th volume of the order. */
static struct stage_volume *volume_of(struct history *h, const struct guest_order *o, size_t n)
{
	return stage_find_volume(&h->stage, o->volumes[n].id);
}

static bool is_plugged(const struct history *h, const struct stage_machine *m, const struct stage_volume *v)
{
	return v && m->plugged & stage_bit(&h->stage, v);
}

static bool is_mounted(const struct history *h, const struct stage_machine *m, const struct stage_volume *v)
{
	return v && m->mounted & stage_bit(&h->stage, v);
}

static bool trusts(const struct stage_machine *m, const struct history *h, const struct guest_order *o)
{
	char key[64];

	if (strcmp(m->id, o->instance_id) != 0)
		return false;
	snprintf(key, sizeof(key), "ssh-ed25519 key%d", m->host_key);
	if (o->host_keys && text_starts_with(o->host_keys, key))
		return !isdigit((unsigned char)o->host_keys[strlen(key)]);
	return o->host_keys ? false : m->host_key == (int)(m - h->stage.machines) + 1; /* known_hosts */
}

struct stage_machine *commands_connect(struct history *h, const struct guest_order *o, struct error *err)
{
	struct stage_machine *m = stage_reach(&h->stage, o->address);

	if (!m || !m->up || m->unreachable)
		error_set(err, ERROR_TIMEOUT, "%s: no answer", o->address);
	else if (!trusts(m, h, o))
		error_set(err, ERROR_DENIED, "%s: the host key is not the one that is trusted", o->address);
	else
		return m;
	return NULL;
}

static struct guest *show_guest(struct call *c, const struct guest_order *o)
{
	struct guest *g = &sight_add(c, SIGHTING_GUEST)->guest;

	*g = (struct guest){ .asked_ms = c->asked_ms };
	text_copy(g->instance_id, sizeof(g->instance_id), o->instance_id);
	return g;
}

static void report(
	struct history *h, const struct stage_machine *m, const struct guest_order *o, struct guest *g)
{
	for (size_t i = 0; i < o->volume_count; i++) {
		struct guest_disk *d = &g->disks[g->disk_count++];
		const struct stage_volume *v = volume_of(h, o, i);

		text_copy(d->volume_id, sizeof(d->volume_id), o->volumes[i].id);
		d->present = is_plugged(h, m, v);
		if (!d->present)
			continue;
		d->mounted = d->mounted_right = is_mounted(h, m, v);
		snprintf(d->uuid, sizeof(d->uuid), "filesystem-%d", v->filesystem);
		if (d->mounted)
			text_copy(d->sentinel, sizeof(d->sentinel), v->sentinel);
	}
}

static struct guest *report_all(
	struct history *h, struct call *c, const struct stage_machine *m, const struct guest_order *o)
{
	struct guest *g = show_guest(c, o);

	g->reachable = true;
	report(h, m, o, g);
	return g;
}

static void probe(struct history *h, struct call *c, struct stage_machine *m, const struct guest_order *o)
{
	report_all(h, c, m, o);
}

static bool fail(struct call *c, enum error_kind kind, bool changed, const char *text)
{
	error_set(&c->err, kind, "%s", text);
	c->err.happened = changed ? HAPPENED_YES : HAPPENED_NO;
	return false;
}

static bool any_mounted(struct history *h, const struct stage_machine *m, const struct guest_order *o)
{
	for (size_t i = 0; i < o->volume_count; i++)
		if (is_mounted(h, m, volume_of(h, o, i)))
			return true;
	return false;
}

static void release(struct history *h, struct stage_machine *m, const struct guest_order *o, struct guest *g)
{
	for (size_t i = 0; i < o->volume_count; i++) {
		struct stage_volume *v = volume_of(h, o, i);

		if (!is_mounted(h, m, v))
			continue;
		text_copy(v->sentinel, sizeof(v->sentinel), o->nonce);
		m->mounted &= ~stage_bit(&h->stage, v);
		text_copy(g->disks[i].sentinel, sizeof(g->disks[i].sentinel), o->nonce);
		g->disks[i].mounted = g->disks[i].mounted_right = false;
	}
}

static void quiesce(struct history *h, struct call *c, struct stage_machine *m, const struct guest_order *o)
{
	bool fails = c->fault && c->fault->kind == FAULT_COMMAND_FAILS;
	struct guest *g;

	for (size_t i = 0; i < o->volume_count; i++)
		if (!is_plugged(h, m, volume_of(h, o, i))) {
			fail(c, ERROR_MISSING, false, "no disk with that id is attached");
			return;
		}
	if (fails && any_mounted(h, m, o)) {
		fail(c, ERROR_REMOTE, true, "the stop command failed with exit code 1");
		return;
	}
	m->serving = m->passed = false;
	g = report_all(h, c, m, o);
	release(h, m, o, g);
	g->service = SERVICE_STOPPED;
	g->stop_ms = g->unmount_ms = 1;
}

static bool mount_one(
	struct history *h, struct call *c, struct stage_machine *m, const struct guest_volume *wanted)
{
	struct stage_volume *v = stage_find_volume(&h->stage, wanted->id);
	char uuid[CLOUD_NAME_SIZE];

	snprintf(uuid, sizeof(uuid), "filesystem-%d", v->filesystem);
	if (wanted->uuid[0] && strcmp(wanted->uuid, uuid) != 0)
		return fail(c, ERROR_UNSAFE, m->mounted != 0, "it holds another filesystem");
	if (wanted->sentinel[0] && strcmp(wanted->sentinel, v->sentinel) != 0)
		return fail(c, ERROR_UNSAFE, m->mounted != 0, "it carries another sentinel");
	m->mounted |= stage_bit(&h->stage, v);
	return true;
}

static void mount(struct history *h, struct call *c, struct stage_machine *m, const struct guest_order *o)
{
	struct guest *g;

	for (size_t i = 0; i < o->volume_count; i++)
		if (!is_plugged(h, m, volume_of(h, o, i))) {
			fail(c, ERROR_TIMEOUT, false, "no disk with that id appeared");
			return;
		}
	for (size_t i = 0; i < o->volume_count; i++)
		if (!mount_one(h, c, m, &o->volumes[i]))
			return;
	g = report_all(h, c, m, o);
	g->mount_ms = 1;
}

static bool all_mounted(struct history *h, const struct stage_machine *m, const struct guest_order *o)
{
	for (size_t i = 0; i < o->volume_count; i++)
		if (!is_mounted(h, m, volume_of(h, o, i)))
			return false;
	return true;
}

static void start_service(
	struct history *h, struct call *c, struct stage_machine *m, const struct guest_order *o)
{
	const struct stage_client *client = &h->stage.clients[m->place];
	bool fails = c->fault && c->fault->kind == FAULT_COMMAND_FAILS;
	struct guest *g;

	if (!all_mounted(h, m, o) && !mutants_breaks(h, MUTANT_START)) {
		fail(c, ERROR_REMOTE, false, "its data is not mounted any more");
		return;
	}
	if (fails || (m->serving && client->starts_once)) {
		fail(c, ERROR_REMOTE, true, "the start command failed with exit code 1");
		return;
	}
	m->serving = true;
	g = show_guest(c, o);
	g->reachable = true;
	g->service = SERVICE_STARTED;
	g->start_ms = 1;
}

/* Checks come from outside: SSH need not get through. */
static void check(struct history *h, struct call *c, const struct guest_order *o)
{
	struct stage_machine *m = stage_reach(&h->stage, o->check_address);
	struct verdict *v = &sight_add(c, SIGHTING_VERDICT)->verdict;

	*v = (struct verdict){ .asked_ms = c->asked_ms, .through_switch = o->through_switch };
	text_copy(v->instance_id, sizeof(v->instance_id), o->instance_id);
	v->passed = m && m->up && m->serving && !m->sick;
	if (!v->passed)
		text_copy(v->failing, sizeof(v->failing), "tcp 5432: refused");
	else
		m->passed = true;
}

typedef void command_fn(
	struct history *h, struct call *c, struct stage_machine *m, const struct guest_order *o);

static command_fn *const COMMANDS[EFFECT_KIND_COUNT] = {
	[EFFECT_QUIESCE] = quiesce,
	[EFFECT_MOUNT] = mount,
	[EFFECT_START_SERVICE] = start_service,
};

bool commands_must_wait(struct history *h, const struct call *c)
{
	const struct guest_order *o = c->effect.guest;
	auto_error err = ERROR_INIT;
	const struct stage_machine *m;

	if (!c->is_effect || c->effect.kind != EFFECT_MOUNT)
		return false;
	m = commands_connect(h, o, &err);
	for (size_t i = 0; m && i < o->volume_count; i++)
		if (!is_plugged(h, m, volume_of(h, o, i)))
			return true;
	return false;
}

void commands_do(struct history *h, struct call *c)
{
	const struct guest_order *o = c->is_effect ? c->effect.guest : c->query.guest;
	struct stage_machine *m;

	if (c->is_effect && c->effect.kind == EFFECT_CHECK) {
		check(h, c, o);
		return;
	}
	m = commands_connect(h, o, &c->err);
	if (m && c->is_effect)
		COMMANDS[c->effect.kind](h, c, m, o);
	else if (m)
		probe(h, c, m, o);
	else if (!c->is_effect)
		show_guest(c, o);
}
