#include "stage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/model/virtual.h"

enum { WRITE_EVERY_MS = 100 };

struct stage_machine *stage_find_machine(struct stage *s, const char *id)
{
	for (size_t i = s->machine_count; i-- > 0;)
		if (!strcmp(s->machines[i].id, id))
			return &s->machines[i];
	return NULL;
}

struct stage_volume *stage_find_volume(struct stage *s, const char *id)
{
	for (size_t i = 0; i < s->volume_count; i++)
		if (!strcmp(s->volumes[i].id, id))
			return &s->volumes[i];
	return NULL;
}

struct model_instance *stage_instance(const struct stage *s, const char *id)
{
	return index_find(model_instances(s->model), id);
}

struct model_volume *stage_model_volume(const struct stage *s, const char *id)
{
	return index_find(model_volumes(s->model), id);
}

uint32_t stage_bit(const struct stage *s, const struct stage_volume *v)
{
	return 1U << (v - s->volumes);
}

uint32_t stage_bits_of(const struct stage *s, int place)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < s->volume_count; i++)
		if (s->volumes[i].place == place)
			bits |= 1U << i;
	return bits;
}

struct stage_machine *stage_add_machine(struct stage *s, const char *id, int place, bool green)
{
	struct stage_machine *m = stage_find_machine(s, id);

	if (m)
		return m; /* the same launch, said twice */
	assert(s->machine_count < STAGE_MACHINES_MAX);
	m = &s->machines[s->machine_count++];
	*m = (struct stage_machine){ .place = place, .green = green };
	m->host_key = (int)s->machine_count;
	text_copy(m->id, sizeof(m->id), id);
	return m;
}

struct stage_volume *stage_add_volume(struct stage *s, const char *id, int place)
{
	struct stage_volume *v = &s->volumes[s->volume_count++];

	assert(s->volume_count <= STAGE_VOLUMES_MAX);
	*v = (struct stage_volume){ .place = place, .filesystem = (int)s->volume_count };
	text_copy(v->id, sizeof(v->id), id);
	return v;
}

struct stage_address *stage_add_address(struct stage *s, const struct model_address *a, int place)
{
	struct stage_address *address = &s->addresses[s->address_count++];

	assert(s->address_count <= STAGE_ADDRESSES_MAX);
	*address = (struct stage_address){ .place = place, .machine = STAGE_NOWHERE };
	text_copy(address->allocation_id, sizeof(address->allocation_id), a->allocation_id);
	text_copy(address->public_ip, sizeof(address->public_ip), a->public_ip);
	return address;
}

struct stage_machine *stage_reach(struct stage *s, const char *ip)
{
	for (size_t i = 0; i < s->address_count; i++)
		if (!strcmp(s->addresses[i].public_ip, ip))
			return s->addresses[i].machine == STAGE_NOWHERE
				       ? NULL
				       : &s->machines[s->addresses[i].machine];
	for (size_t i = 0; i < s->machine_count; i++) {
		const struct model_instance *m = stage_instance(s, s->machines[i].id);

		if (m && !strcmp(m->private_ip, ip))
			return &s->machines[i];
	}
	return NULL;
}

const struct stage_machine *stage_served_by(const struct stage *s, int place)
{
	int address = s->clients[place].address;
	const struct stage_machine *found = NULL;

	if (address != STAGE_NOWHERE)
		return s->addresses[address].machine == STAGE_NOWHERE
			       ? NULL
			       : &s->machines[s->addresses[address].machine];
	for (size_t i = 0; i < s->machine_count; i++)
		if (s->machines[i].place == place && s->machines[i].serving)
			found = &s->machines[i];
	return found;
}

/* What is acknowledged without the disk under it is lost with the next reboot: it counts for nothing. */
static void write_one(struct stage *s, int place)
{
	const struct stage_machine *m = stage_served_by(s, place);

	if (!m || !m->up || !m->serving || m->place != place)
		return;
	s->clients[place].acked++;
	for (size_t i = 0; i < s->volume_count; i++)
		if (s->volumes[i].place == place && m->mounted & 1U << i)
			s->volumes[i].writes++;
}

void stage_write(struct stage *s)
{
	if (s->now_ms < s->written_ms + WRITE_EVERY_MS)
		return;
	s->written_ms = s->now_ms;
	for (size_t i = 0; i < s->client_count; i++)
		write_one(s, (int)i);
}

/* ---- the model's orders ---- */

static bool boot(void *ctx, const struct model_boot *b, struct error *err)
{
	struct stage *s = ctx;
	struct stage_machine *m = stage_find_machine(s, b->instance_id);

	if (m->never_boots)
		return error_set(err, ERROR_CAPACITY, "there is no room for it");
	m->up = true;
	m->serving = m->passed = false;
	m->booted_ms = s->now_ms;
	m->boots++;
	return true;
}

static void halt(void *ctx, const char *instance_id, bool force)
{
	struct stage_machine *m = stage_find_machine(ctx, instance_id);

	(void)force;
	m->up = m->serving = m->passed = false;
	m->mounted = 0;
}

static bool is_full(const struct stage *s, const struct stage_machine *m)
{
	return m->mounted == stage_bits_of(s, m->place);
}

/* At boot, what fstab names is mounted, and the service is started when all of it is there. */
static bool plug(void *ctx, const char *volume_id, const char *instance_id, struct error *err)
{
	struct stage *s = ctx;
	struct stage_machine *m = stage_find_machine(s, instance_id);
	struct stage_volume *v = stage_find_volume(s, volume_id);

	(void)err;
	if (!v)
		return true;
	m->plugged |= stage_bit(s, v);
	s->plugged_something = true;
	if (m->place == STAGE_BYSTANDER || m->green || m->booted_ms != s->now_ms)
		return true;
	if (s->clients[m->place].automounts) {
		m->mounted |= stage_bit(s, v);
		m->serving = is_full(s, m);
	}
	return true;
}

static bool unplug(void *ctx, const char *volume_id, bool force, struct error *err)
{
	struct stage *s = ctx;
	struct stage_volume *v = stage_find_volume(s, volume_id);
	uint32_t bit = v ? stage_bit(s, v) : 0;

	(void)force;
	for (size_t i = 0; i < s->machine_count; i++) {
		const struct stage_machine *m = &s->machines[i];

		if (m->up && (m->mounted & bit || (m->plugged & bit && v->stuck)))
			return error_set(err, ERROR_CONFLICT, "in use");
	}
	for (size_t i = 0; i < s->machine_count; i++)
		s->machines[i].plugged &= ~bit;
	return true;
}

static bool copy(void *ctx, const char *volume_id, const char *snapshot_id)
{
	struct stage *s = ctx;
	struct stage_volume *v = stage_find_volume(s, volume_id);

	if (!v || !v->copies_fail)
		return true;
	v->copies_fail = false;
	text_copy(s->copying, sizeof(s->copying), snapshot_id);
	return false;
}

static bool route(void *ctx, const char *public_ip, const char *instance_id, struct error *err)
{
	struct stage *s = ctx;
	struct stage_machine *m = instance_id ? stage_find_machine(s, instance_id) : NULL;

	(void)err;
	for (size_t i = 0; i < s->address_count; i++)
		if (!strcmp(s->addresses[i].public_ip, public_ip))
			s->addresses[i].machine = m ? (int)(m - s->machines) : STAGE_NOWHERE;
	return true;
}

static void effected(void *ctx, const struct model_effect *e)
{
	(void)ctx, (void)e;
}

static void trouble(void *ctx, const struct error *err)
{
	(void)ctx, (void)err;
}

void stage_open(struct stage *s, uint64_t seed, const struct latency_table *latency)
{
	struct model_options o = {
		.orders = model_virtual_orders(),
		.listener = { .ctx = s, .effected = effected, .trouble = trouble },
		.latency = *latency,
		.seed = seed,
		.now_ms = STAGE_EPOCH_MS,
		.region = "eu-west-1",
	};

	*s = (struct stage){ .changed = true };
	o.orders.ctx = s;
	o.orders.boot = boot;
	o.orders.halt = halt;
	o.orders.plug = plug;
	o.orders.unplug = unplug;
	o.orders.snapshot = copy;
	o.orders.route = route;
	s->model = model_new(&o);
}

void stage_look(struct stage *s)
{
	if (!s->changed)
		return;
	s->changed = false;
	for (size_t i = 0; i < s->machine_count; i++)
		s->machines[i].record = stage_instance(s, s->machines[i].id);
	for (size_t i = 0; i < s->volume_count; i++)
		s->volumes[i].record = stage_model_volume(s, s->volumes[i].id);
	s->watched = index_find(model_snapshots(s->model), s->watched_snapshot);
}

static uint32_t count_known(const struct model *m)
{
	return model_instances(m)->live + model_volumes(m)->live + model_snapshots(m)->live;
}

/* By itself the model makes nothing, and forgets what was terminated or deleted. */
void stage_advance(struct stage *s, int64_t now_ms)
{
	uint32_t known = count_known(s->model);

	s->now_ms = now_ms;
	model_advance(s->model, STAGE_EPOCH_MS + now_ms);
	s->changed = s->changed || count_known(s->model) != known;
}

void stage_close(struct stage *s)
{
	model_free(s->model);
	s->model = NULL;
}
