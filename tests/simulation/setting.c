#include "setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "sandbox/model/tags.h"

/*
 * The setting is not what is tried here: what it asks of the model must succeed, or the simulator is
 * wrong.
 */
static void must(bool done, struct error *err)
{
	if (!done)
		fprintf(stderr, "the setting cannot be made: %s\n", err->message);
	if (!done)
		abort();
}

static const char ZONE[] = "eu-west-1a", TYPE[] = "t3.micro";

static struct latency_table draw_latencies(struct history *h)
{
	struct latency_table t;
	auto_error err = ERROR_INIT;

	must(latency_read("ec2", &t, &err), &err);
	for (int i = 0; i < LATENCY_COUNT; i++)
		if (i != LATENCY_TERMINATED_VISIBLE && history_chance(h, 20))
			t.spans[i].spread_ms = t.spans[i].typical_ms; /* anything from nothing to twice */
	return t;
}

static void register_image(struct history *h, const char *name, char ret[CLOUD_ID_SIZE])
{
	const struct model_image_request r = {
		.name = name, .location = "/", .architecture = "x86_64", .root_device = "/dev/xvda"
	};
	const struct model_image *image;
	auto_error err = ERROR_INIT;

	must(model_register_image(h->stage.model, &r, false, &image, &err), &err);
	text_copy(ret, CLOUD_ID_SIZE, image->id);
}

static void launch(struct history *h, int place, char ret[CLOUD_ID_SIZE])
{
	const struct model_launch l = {
		.min_count = 1, .max_count = 1, .image_id = h->image_old, .type = TYPE, .zone = ZONE
	};
	struct model_reservation made;
	auto_error err = ERROR_INIT;

	must(model_run_instances(h->stage.model, &l, false, &made, &err), &err);
	text_copy(ret, CLOUD_ID_SIZE, made.instances[0]->id);
	stage_add_machine(&h->stage, ret, place, false);
}

static void create_volume(struct history *h, int place, char ret[CLOUD_ID_SIZE])
{
	const struct model_volume_request r = { .zone = ZONE, .size_gib = 8 };
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	must(model_create_volume(h->stage.model, &r, false, &v, &err), &err);
	text_copy(ret, CLOUD_ID_SIZE, v->id);
	stage_add_volume(&h->stage, ret, place);
}

static void tag(struct history *h, const char *id, const char *key, const char *value)
{
	struct model_tag one = { (char *)key, (char *)value };
	const struct model_tags tags = { &one, 1 };
	const struct model_tag_request r = { .ids = &id, .id_count = 1, .tags = &tags };
	auto_error err = ERROR_INIT;

	must(model_create_tags(h->stage.model, &r, false, &err), &err);
}

static void attach(struct history *h, const char *volume, const char *instance, const char *device)
{
	const struct model_attach_request r = {
		.volume_id = volume, .instance_id = instance, .device = device
	};
	const struct model_volume *v;
	auto_error err = ERROR_INIT;

	must(model_attach_volume(h->stage.model, &r, false, &v, &err), &err);
}

/* What earlier rebuilds have left: two snapshots each, oldest first, and one that nobody tagged. */
static void take_snapshots(
	struct history *h, const char *volume, int rebuilds, char ret_others[CLOUD_ID_SIZE])
{
	auto_error err = ERROR_INIT;

	for (int i = -1; i < 2 * rebuilds; i++) {
		const struct model_snapshot_request r = { .volume_id = volume };
		const struct model_snapshot *s;
		char name[32];

		must(model_create_snapshot(h->stage.model, &r, false, &s, &err), &err);
		if (i < 0) {
			text_copy(ret_others, CLOUD_ID_SIZE, s->id);
		} else {
			snprintf(name, sizeof(name), "rb-old-%d", i / 2);
			tag(h, s->id, TAG_REBUILD, name);
		}
		stage_advance(&h->stage, h->stage.now_ms + 20 * 1000);
	}
}

static void draw_selector(struct history *h, struct place *p, size_t i)
{
	struct plan_volume_selector *s = &p->data[i].volume;
	int64_t way = history_between(h, 0, 2);

	if (way == 0)
		s->id = p->volumes[i];
	else if (way == 1)
		s->device = p->devices[i];
	else
		s->tag = (struct plan_pair){ "Mount", p->mounts[i] };
	tag(h, p->volumes[i], "Mount", p->mounts[i]);
}

static int64_t draw_one_of(struct history *h, const int64_t *values, size_t count)
{
	return values[history_between(h, 0, (int64_t)count - 1)];
}

static void draw_plan(struct history *h, struct place *p)
{
	static const int64_t LIMITS[] = { 0, 0, 10000, 30000, 60000, 300000 };
	static const int64_t BAKES[] = { 0, 0, 2000, 10000, 20000 };
	static const int64_t KEEPS[] = { 0, 0, 3600000 };
	struct plan *plan = &p->plan;

	p->check = (struct plan_check){ .kind = PLAN_CHECK_TCP, .port = 5432 };
	*plan = (struct plan){ .path = "plan.yaml",
		.digest = "digest",
		.name = "simulated",
		.data = p->data,
		.data_count = (size_t)history_between(h, 1, HISTORY_DATA_MAX),
		.service = { "stop", "start" },
		.ready = &p->check,
		.ready_count = 1 };
	plan->image.id = h->image_new;
	plan->ssh.host_key = history_chance(h, 70) ? PLAN_HOST_KEY_CONSOLE : PLAN_HOST_KEY_KNOWN_HOSTS;
	plan->backup.keep = (int)history_between(h, 1, 3);
	plan->backup.wait_completed = history_chance(h, 60);
	plan->outage_limit_ms = draw_one_of(h, LIMITS, ARRAY_SIZE(LIMITS));
	plan->bake_ms = draw_one_of(h, BAKES, ARRAY_SIZE(BAKES));
	plan->keep_ms = draw_one_of(h, KEEPS, ARRAY_SIZE(KEEPS));
}

static void draw_data(struct history *h, struct place *p, int place)
{
	for (size_t i = 0; i < p->plan.data_count; i++) {
		create_volume(h, place, p->volumes[i]);
		snprintf(p->mounts[i], sizeof(p->mounts[i]), "/srv/data%zu", i);
		snprintf(p->devices[i], sizeof(p->devices[i]), "/dev/sd%c", (char)('f' + i));
		p->data[i] = (struct plan_data){ .mount = p->mounts[i] };
		draw_selector(h, p, i);
	}
}

/* EC2 associates one Elastic IP with an instance's primary address: one is what a machine has, or none. */
static void draw_address(struct history *h, struct place *p, int place)
{
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	p->address = STAGE_NOWHERE;
	if (history_chance(h, 25))
		return;
	must(model_allocate_address(h->stage.model, NULL, false, &a, &err), &err);
	p->address = (int)h->stage.address_count;
	p->wanted_addresses[0] = stage_add_address(&h->stage, a, place)->allocation_id;
	p->plan.change.elastic_ip_all = history_chance(h, 50);
	if (p->plan.change.elastic_ip_all)
		return;
	p->plan.change.elastic_ips = p->wanted_addresses;
	p->plan.change.elastic_ip_count = 1;
}

static void draw_place(struct history *h, int place)
{
	struct place *p = &h->places[place];

	memset(p, 0, sizeof(*p));
	draw_plan(h, p);
	draw_data(h, p, place);
	draw_address(h, p, place);
	launch(h, place, p->blue);
	p->blue_machine = stage_find_machine(&h->stage, p->blue);
	h->stage.clients[h->stage.client_count++] = (struct stage_client){ .address = p->address,
		.automounts = history_chance(h, 50),
		.starts_once = history_chance(h, 30) };
}

static void set_attribute(
	struct history *h, const char *instance, enum model_attribute attribute, const char *device)
{
	const struct model_modification m = { .attribute = attribute, .device = device, .on = true };
	auto_error err = ERROR_INIT;

	must(model_modify_instance(h->stage.model, instance, &m, false, &err), &err);
}

static void furnish(struct history *h, struct place *p, int place)
{
	struct stage_machine *blue = stage_find_machine(&h->stage, p->blue);
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < p->plan.data_count; i++) {
		attach(h, p->volumes[i], p->blue, p->devices[i]);
		p->died[i] = history_chance(h, 50);
		if (p->died[i])
			set_attribute(h, p->blue, MODEL_DELETE_ON_TERMINATION, p->devices[i]);
	}
	p->was_protected = history_chance(h, 30);
	if (p->was_protected)
		set_attribute(h, p->blue, MODEL_TERMINATION_PROTECTION, NULL);
	if (p->address != STAGE_NOWHERE) {
		const struct model_associate_request r = {
			.allocation_id = h->stage.addresses[p->address].allocation_id, .instance_id = p->blue
		};

		must(model_associate_address(h->stage.model, &r, false, &a, &err), &err);
	}
	stage_advance(&h->stage, h->stage.now_ms + 60 * 1000);
	blue->mounted = blue->plugged & stage_bits_of(&h->stage, place);
	blue->serving = true;
	assert(blue->mounted == stage_bits_of(&h->stage, place));
}

/* Things that belong to no rebuild. */
static void draw_others(struct history *h)
{
	char machine[CLOUD_ID_SIZE], volume[CLOUD_ID_SIZE], unused[CLOUD_ID_SIZE];

	launch(h, STAGE_BYSTANDER, machine);
	create_volume(h, STAGE_BYSTANDER, volume);
	h->others.machine = stage_find_machine(&h->stage, machine);
	h->others.volume = stage_find_volume(&h->stage, volume);
	stage_advance(&h->stage, h->stage.now_ms + 60 * 1000);
	attach(h, volume, machine, "/dev/sdf");
	for (size_t i = 0; i < h->place_count; i++)
		take_snapshots(h, h->places[i].volumes[0], (int)history_between(h, 0, 3),
			i ? unused : h->stage.watched_snapshot);
}

void setting_draw(struct history *h)
{
	const struct latency_table latency = draw_latencies(h);

	stage_open(&h->stage, random_next(&h->random), &latency);
	register_image(h, "old", h->image_old);
	register_image(h, "new", h->image_new);
	h->place_count = (size_t)history_between(h, 1, HISTORY_PLACES_MAX);
	for (size_t i = 0; i < h->place_count; i++)
		draw_place(h, (int)i);
	draw_others(h);
	for (size_t i = 0; i < h->place_count; i++)
		furnish(h, &h->places[i], (int)i);
	h->now_ms = h->stage.now_ms;
	h->stage.changed = true;
}
