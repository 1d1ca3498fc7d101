#include "rebuild/order.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "rebuild/seen.h"

enum {
	PROBE_LIMIT_MS = 10 * 1000,
	CHECK_LIMIT_MS = 5 * 1000,
	COMMAND_LIMIT_MS = 180 * 1000, /* a database that flushes takes its time */
	USER_DATA_MAX = 64 * 1024,
};

static const struct instance *machine(const struct rebuild *r, bool green)
{
	return green ? &r->world.green : &r->world.blue;
}

/* An instance's public_ip is old news once one of the followed Elastic IPs has moved. */
static bool is_followed(const struct rebuild *r, const char *public_ip)
{
	for (size_t i = 0; i < r->world.address_count; i++)
		if (!strcmp(r->world.addresses[i].public_ip, public_ip))
			return true;
	return false;
}

/*
 * Where SSH reaches the instance now: the Elastic IP that points to it, else a public address of its own,
 * else the private one; a green without a public address always by the private one. "" if it has none yet.
 */
static const char *address(const struct rebuild *r, bool green)
{
	const struct instance *i = machine(r, green);

	assert(i->id[0]);
	/*
	 * Without a public address of its own green was reached by its private one until now. A session through
	 * an Elastic IP that is being moved may end on blue, or nowhere.
	 */
	if (green && r->blueprint_seen && !r->blueprint.public_ip)
		return i->private_ip;
	for (size_t a = 0; a < r->world.address_count; a++)
		if (!strcmp(r->world.addresses[a].instance_id, i->id))
			return r->world.addresses[a].public_ip;
	if (i->public_ip[0] && !is_followed(r, i->public_ip))
		return i->public_ip;
	return i->private_ip;
}

/* FNV-1a: the nonce need not be secret, only different for every quiesce of every rebuild. */
static uint64_t hash(uint64_t seed, const char *text, int number)
{
	uint64_t h = 14695981039346656037U ^ seed;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211U;
	return (h ^ (uint64_t)number) * 1099511628211U;
}

static void make_nonce(const struct rebuild *r, bool green, char ret[CLOUD_NONCE_SIZE])
{
	snprintf(ret, CLOUD_NONCE_SIZE, "%016" PRIx64 "%016" PRIx64, hash(1, r->id, green),
		hash(2, r->id, green));
}

void order_expect_quiesced(struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		if (seen_elsewhere(r, i, false))
			make_nonce(r, false, r->volumes[i].sentinel);
}

/* Checks are the same all the time: converted once. */
static const struct check *checks(struct rebuild *r)
{
	static const enum check_kind KINDS[] = {
		[PLAN_CHECK_TCP] = CHECK_TCP,
		[PLAN_CHECK_COMMAND] = CHECK_COMMAND,
		[PLAN_CHECK_HTTP] = CHECK_HTTP,
	};

	if (r->checks)
		return r->checks;
	r->checks = arena_array(&r->arena, r->plan->ready_count, sizeof(*r->checks));
	for (size_t i = 0; i < r->plan->ready_count; i++) {
		const struct plan_check *from = &r->plan->ready[i];

		r->checks[i] = (struct check){ .kind = KINDS[from->kind],
			.port = from->port,
			.url = from->url,
			.command = from->command,
			.status = from->status };
	}
	return r->checks;
}

/* A machine is not asked to unmount what is not attached to it any more. */
static void fill_volumes(const struct rebuild *r, enum order_slot slot, bool green, struct guest_order *o)
{
	for (size_t i = 0; i < r->volume_count; i++) {
		struct guest_volume *v = &o->volumes[o->volume_count];

		if (slot == ORDER_QUIESCE && seen_elsewhere(r, i, green))
			continue;
		o->volume_count++;
		text_copy(v->id, sizeof(v->id), r->volumes[i].id);
		v->mount = r->volumes[i].plan->mount;
		if (slot == ORDER_MOUNT) {
			text_copy(v->uuid, sizeof(v->uuid), r->volumes[i].uuid);
			text_copy(v->sentinel, sizeof(v->sentinel), r->volumes[i].sentinel);
		}
	}
}

/* On the way forward no command outlasts the outage limit; putting blue back takes the time that it takes. */
static int limited(const struct rebuild *r, int limit_ms)
{
	int64_t outage_ms = r->plan->outage_limit_ms;

	return r->course == COURSE_FORWARD && outage_ms && outage_ms < limit_ms ? (int)outage_ms : limit_ms;
}

const char *order_host_keys(const struct rebuild *r, bool green)
{
	const struct host_keys *keys = green ? &r->world.green_keys : &r->world.blue_keys;

	if (r->plan->ssh.host_key != PLAN_HOST_KEY_CONSOLE)
		return NULL;
	if (keys->lines[0])
		return keys->lines;
	return machine(r, green)->host_key[0] ? machine(r, green)->host_key : NULL;
}

const struct guest_order *order_fill(struct rebuild *r, enum order_slot slot, bool green)
{
	static const int LIMITS_MS[ORDER_COUNT] = {
		[ORDER_PROBE_BLUE] = PROBE_LIMIT_MS,
		[ORDER_PROBE_GREEN] = PROBE_LIMIT_MS,
		[ORDER_QUIESCE] = COMMAND_LIMIT_MS,
		[ORDER_MOUNT] = COMMAND_LIMIT_MS,
		[ORDER_START] = COMMAND_LIMIT_MS,
		[ORDER_CHECK] = CHECK_LIMIT_MS,
	};
	struct guest_order *o = &r->orders[slot];

	*o = (struct guest_order){ .limit_ms = limited(r, LIMITS_MS[slot]) };
	text_copy(o->instance_id, sizeof(o->instance_id), machine(r, green)->id);
	text_copy(o->address, sizeof(o->address), address(r, green));
	text_copy(o->check_address, sizeof(o->check_address), o->address);
	o->host_keys = order_host_keys(r, green);
	fill_volumes(r, slot, green, o);
	if (slot == ORDER_QUIESCE) {
		make_nonce(r, green, o->nonce);
		o->command = r->plan->service.stop;
	}
	if (slot == ORDER_START)
		o->command = r->plan->service.start;
	if (slot == ORDER_CHECK) {
		o->checks = checks(r);
		o->check_count = r->plan->ready_count;
	}
	return o;
}

const struct guest_order *order_fill_switched(struct rebuild *r)
{
	struct guest_order *o = &r->orders[ORDER_CHECK];

	order_fill(r, ORDER_CHECK, true);
	o->through_switch = true;
	text_copy(o->check_address, sizeof(o->check_address), r->world.addresses[0].public_ip);
	return o;
}

static bool tag_is_set(const struct plan *p, const char *key)
{
	for (size_t i = 0; i < p->launch.tag_count; i++)
		if (!strcmp(p->launch.tags[i].key, key))
			return true;
	return false;
}

/* Blue's tags, then the plan's in place of those with the same key. */
static void merge_tags(struct rebuild *r, struct blueprint *print)
{
	const struct plan *p = r->plan;
	struct tag *tags =
		arena_array(&r->arena, r->blueprint.tag_count + p->launch.tag_count, sizeof(*tags));
	size_t count = 0;

	for (size_t i = 0; i < r->blueprint.tag_count; i++)
		if (!tag_is_set(p, r->blueprint.tags[i].key))
			tags[count++] = r->blueprint.tags[i];
	for (size_t i = 0; i < p->launch.tag_count; i++)
		tags[count++] = (struct tag){ p->launch.tags[i].key, p->launch.tags[i].value };
	print->tags = tags;
	print->tag_count = count;
}

void order_launch(struct rebuild *r)
{
	struct blueprint *print = &r->green_print;
	const struct plan *p = r->plan;

	*print = r->blueprint;
	if (p->launch.instance_type)
		print->instance_type = p->launch.instance_type;
	if (p->launch.user_data) {
		auto_text encoded;

		text_init(&encoded, USER_DATA_MAX);
		base64_encode(p->launch.user_data, p->launch.user_data_len, &encoded);
		print->user_data = arena_copy(&r->arena, encoded.bytes);
	}
	if (p->launch.root_size_gib)
		print->root_size_gib = p->launch.root_size_gib;
	merge_tags(r, print);
	r->launch = (struct launch_order){ .like = print, .image = &r->world.image };
}

static const char *const *copy_list(struct arena *a, const char *const *list, size_t count)
{
	const char **copy = arena_array(a, count, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_copy(a, list[i]);
	return copy;
}

static const struct tag *copy_tags(struct arena *a, const struct tag *tags, size_t count)
{
	struct tag *copy = arena_array(a, count, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = (struct tag){ arena_copy(a, tags[i].key), arena_copy(a, tags[i].value) };
	return copy;
}

void order_keep_blueprint(struct rebuild *r, const struct blueprint *seen)
{
	struct blueprint *b = &r->blueprint;
	const char **texts[] = { &b->instance_id, &b->instance_type, &b->architecture, &b->zone,
		&b->subnet_id, &b->private_ip, &b->key_name, &b->profile_arn, &b->http_tokens,
		&b->http_endpoint, &b->instance_metadata_tags, &b->cpu_credits, &b->shutdown_behavior,
		&b->tenancy, &b->placement_group, &b->user_data, &b->root_device, &b->root_type,
		&b->root_kms_key };

	*b = *seen;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = arena_copy(&r->arena, *texts[i]);
	b->group_ids = copy_list(&r->arena, seen->group_ids, seen->group_count);
	b->tags = copy_tags(&r->arena, seen->tags, seen->tag_count);
	r->blueprint_seen = true;
}
