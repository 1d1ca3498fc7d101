#include "sight.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "sandbox/model/places.h"
#include "sandbox/model/tags.h"

enum { NEWEST_MS = 20 * 1000 }; /* what is younger is the newest */

struct sighting *sight_add(struct call *c, enum sighting_kind kind)
{
	struct sighting *s;

	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 4;
		c->shown = realloc(c->shown, c->room * sizeof(*c->shown));
		if (!c->shown)
			abort();
	}
	s = &c->shown[c->count++];
	s->kind = kind;
	return s;
}

#define COPY(field, text) text_copy((field), sizeof(field), (text))

/* The value of a tag, "" without it. */
static const char *tag(const struct model_tags *tags, const char *key)
{
	const char *value = model_tags_get(tags, key);

	return value ? value : "";
}

static enum instance_state instance_state(const struct model_instance *m)
{
	static const enum instance_state STATES[MODEL_INSTANCE_STATE_COUNT] = {
		[MODEL_PENDING] = INSTANCE_PENDING,
		[MODEL_RUNNING] = INSTANCE_RUNNING,
		[MODEL_SHUTTING_DOWN] = INSTANCE_SHUTTING_DOWN,
		[MODEL_TERMINATED] = INSTANCE_TERMINATED,
		[MODEL_STOPPING] = INSTANCE_STOPPING,
		[MODEL_STOPPED] = INSTANCE_STOPPED,
	};

	return STATES[m->state];
}

static void show_devices(const struct model_instance *m, struct instance *ret)
{
	for (size_t i = 0; i < m->volume_count && ret->device_count < CLOUD_DEVICES_MAX; i++) {
		struct device *d = &ret->devices[ret->device_count++];

		COPY(d->name, m->volumes[i]->attachment.device);
		COPY(d->volume_id, m->volumes[i]->id);
		d->delete_on_termination = m->volumes[i]->attachment.delete_on_termination;
	}
}

/* Only what is counted of the devices is ever read. */
static void clear(struct instance *ret, const char *id, int64_t asked_ms)
{
	memset(ret, 0, offsetof(struct instance, devices));
	ret->device_count = 0;
	ret->asked_ms = asked_ms;
	COPY(ret->id, id);
}

/* As moment_of_timestamp() in engine/aws: "2026-11-24T02:03:04Z". */
static int64_t confirmed_ms(const char *text)
{
	struct tm tm = { .tm_isdst = 0 };

	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) * 1000 : 0;
}

void sight_launched(
	const struct history *h, const struct model_instance *m, int64_t asked_ms, struct instance *ret)
{
	clear(ret, m->id, asked_ms);
	ret->state = instance_state(m);
	COPY(ret->image_id, m->image->id);
	COPY(ret->zone, model_zone_name(h->stage.model, m->zone));
	COPY(ret->root_device, m->image->root_device);
	COPY(ret->private_ip, m->private_ip);
	COPY(ret->public_ip, m->address ? m->address->public_ip : "");
	COPY(ret->client_token, m->client_token ? m->client_token : "");
	COPY(ret->reason, m->reason_message ? m->reason_message : "");
	COPY(ret->rebuild, tag(&m->tags, TAG_REBUILD));
	COPY(ret->role, tag(&m->tags, TAG_ROLE));
	COPY(ret->found, tag(&m->tags, TAG_FOUND));
	COPY(ret->journal, tag(&m->tags, TAG_JOURNAL));
	COPY(ret->host_key, tag(&m->tags, TAG_HOST_KEY));
	COPY(ret->replaces, tag(&m->tags, TAG_REPLACES));
	ret->confirmed_ms = confirmed_ms(tag(&m->tags, TAG_CONFIRMED));
	show_devices(m, ret);
}

bool sight_instance(const struct history *h, const char *id, int64_t asked_ms, struct instance *ret)
{
	const struct model_instance *m = stage_instance(&h->stage, id);

	if (m && model_is_visible(h->stage.model, m)) {
		sight_launched(h, m, asked_ms, ret);
		return true;
	}
	clear(ret, id, asked_ms);
	return false;
}

static enum attachment_state attachment_state(const struct history *h, const struct model_volume *m)
{
	static const enum attachment_state STATES[MODEL_ATTACHMENT_STATE_COUNT] = {
		[MODEL_DETACHED] = ATTACHMENT_NONE,
		[MODEL_ATTACHING] = ATTACHMENT_ATTACHING,
		[MODEL_ATTACHED] = ATTACHMENT_ATTACHED,
		[MODEL_DETACHING] = ATTACHMENT_DETACHING,
	};
	bool late = h->now_ms + STAGE_EPOCH_MS > m->attachment.accepted_ms + 10 * 1000;

	/* EC2 says busy when a volume that is to be detached is still in use after a while. */
	if (m->attachment.state == MODEL_DETACHING && late)
		return ATTACHMENT_BUSY;
	return STATES[m->attachment.state];
}

static enum volume_state volume_state(const struct model_volume *m)
{
	static const enum volume_state STATES[MODEL_VOLUME_STATE_COUNT] = {
		[MODEL_VOLUME_CREATING] = VOLUME_CREATING,
		[MODEL_VOLUME_AVAILABLE] = VOLUME_AVAILABLE,
		[MODEL_VOLUME_IN_USE] = VOLUME_IN_USE,
		[MODEL_VOLUME_ERROR] = VOLUME_ERROR,
	};

	return STATES[m->state];
}

bool sight_volume(const struct history *h, const char *id, int64_t asked_ms, struct volume *ret)
{
	const struct model_volume *m = stage_model_volume(&h->stage, id);

	*ret = (struct volume){ .asked_ms = asked_ms };
	COPY(ret->id, id);
	if (!m)
		return false;
	ret->state = volume_state(m);
	COPY(ret->zone, model_zone_name(h->stage.model, m->zone));
	COPY(ret->found, tag(&m->tags, TAG_FOUND));
	COPY(ret->rebuild, tag(&m->tags, TAG_REBUILD));
	COPY(ret->role, tag(&m->tags, TAG_ROLE));
	COPY(ret->journal, tag(&m->tags, TAG_JOURNAL));
	ret->tags_asked_ms = asked_ms;
	ret->size_gib = m->size_gib;
	ret->attachment = attachment_state(h, m);
	if (ret->attachment == ATTACHMENT_NONE)
		return true;
	ret->attachment_count = 1;
	COPY(ret->instance_id, m->attachment.instance->id);
	COPY(ret->device, m->attachment.device);
	ret->delete_on_termination = m->attachment.delete_on_termination;
	return true;
}

bool sight_address(const struct history *h, const char *allocation_id, int64_t asked_ms, struct address *ret)
{
	auto_error err = ERROR_INIT;
	const struct model_address *a = model_find_address(h->stage.model, allocation_id, &err);

	*ret = (struct address){ .asked_ms = asked_ms };
	COPY(ret->allocation_id, allocation_id);
	if (!a)
		return false;
	COPY(ret->public_ip, a->public_ip);
	COPY(ret->instance_id, a->instance ? a->instance->id : "");
	COPY(ret->association_id, a->instance ? a->association_id : "");
	return true;
}

void sight_snapshot(
	const struct history *h, const struct model_snapshot *s, int64_t asked_ms, struct snapshot *ret)
{
	static const enum snapshot_state STATES[MODEL_SNAPSHOT_STATE_COUNT] = {
		[MODEL_SNAPSHOT_PENDING] = SNAPSHOT_PENDING,
		[MODEL_SNAPSHOT_COMPLETED] = SNAPSHOT_COMPLETED,
		[MODEL_SNAPSHOT_ERROR] = SNAPSHOT_ERROR,
	};

	*ret = (struct snapshot){ .asked_ms = asked_ms,
		.state = STATES[s->state],
		.progress = model_snapshot_progress(h->stage.model, s),
		.started_ms = s->started_ms };
	COPY(ret->id, s->id);
	COPY(ret->volume_id, s->volume_id);
	COPY(ret->token, tag(&s->tags, TAG_TOKEN));
	COPY(ret->rebuild, tag(&s->tags, TAG_REBUILD));
}

void sight_remember(struct history *h, struct place *p)
{
	const struct stage_machine *green = NULL;

	for (size_t i = 0; i < h->stage.machine_count; i++)
		if (h->stage.machines[i].place == (int)(p - h->places) && h->stage.machines[i].green)
			green = &h->stage.machines[i];
	p->past.shown = true;
	sight_instance(h, p->blue, 0, &p->past.blue);
	p->past.green.id[0] = '\0';
	if (green)
		sight_instance(h, green->id, 0, &p->past.green);
	for (size_t i = 0; i < p->plan.data_count; i++)
		sight_volume(h, p->volumes[i], 0, &p->past.volumes[i]);
	if (p->address != STAGE_NOWHERE)
		sight_address(h, h->stage.addresses[p->address].allocation_id, 0, &p->past.address);
}

/* ---- what each kind of question shows ---- */

static bool past_instance(const struct place *p, const char *id, int64_t asked_ms, struct instance *ret)
{
	const struct instance *past = !strcmp(id, p->past.blue.id) ? &p->past.blue : &p->past.green;
	bool known = !strcmp(id, past->id);

	*ret = (struct instance){ .state = INSTANCE_UNSEEN };
	if (known)
		*ret = *past;
	COPY(ret->id, id);
	ret->asked_ms = asked_ms;
	return known && past->state != INSTANCE_UNSEEN;
}

static bool show_instance(const struct history *h, struct call *c, const struct place *p, const char *id)
{
	struct instance *i = &sight_add(c, SIGHTING_INSTANCE)->instance;

	if (p->past.shown)
		return past_instance(p, id, c->asked_ms, i);
	return sight_instance(h, id, c->asked_ms, i);
}

static void see_instance(const struct history *h, struct call *c, const struct place *p)
{
	show_instance(h, c, p, c->query.id);
}

/* Lists of instances: those that are not visible yet, and the newest one while it is missing, are not in it. */
static void list_instances(const struct history *h, struct call *c, const struct place *p,
	bool (*fits)(const struct instance *i, const char *id))
{
	for (size_t i = 0; i < h->stage.machine_count; i++) {
		const char *id = h->stage.machines[i].id;
		const struct model_instance *m = stage_instance(&h->stage, id);
		bool newest = m && h->now_ms + STAGE_EPOCH_MS < m->launched_ms + NEWEST_MS;

		if (newest && p->newest_missing)
			continue;
		if (!show_instance(h, c, p, id) || !fits(&c->shown[c->count - 1].instance, c->query.id))
			c->count--;
	}
}

static bool is_launched_by(const struct instance *i, const char *token)
{
	return !strcmp(i->client_token, token);
}

static bool is_of_rebuild(const struct instance *i, const char *rebuild)
{
	return !strcmp(i->rebuild, rebuild);
}

static void see_launched(const struct history *h, struct call *c, const struct place *p)
{
	list_instances(h, c, p, is_launched_by);
}

static void see_of_rebuild(const struct history *h, struct call *c, const struct place *p)
{
	list_instances(h, c, p, is_of_rebuild);
}

static bool is_in_place_of(const struct instance *i, const char *blue)
{
	return !strcmp(i->replaces, blue);
}

static void see_replaced(const struct history *h, struct call *c, const struct place *p)
{
	list_instances(h, c, p, is_in_place_of);
}

static void see_blueprint(const struct history *h, struct call *c, const struct place *p)
{
	const struct model_instance *m = stage_instance(&h->stage, c->query.id);
	struct sighting *s;

	if (!show_instance(h, c, p, c->query.id)) {
		c->count = 0;
		error_set(&c->err, ERROR_MISSING, "there is no instance %s", c->query.id);
		return;
	}
	s = sight_add(c, SIGHTING_BLUEPRINT);
	s->blueprint = (struct blueprint){ .instance_id = m->id,
		.instance_type = m->type->name,
		.architecture = m->type->architecture,
		.zone = model_zone_name(h->stage.model, m->zone),
		.root_device = m->image->root_device,
		.termination_protected = m->settings.termination_protected };
}

static void see_status(const struct history *h, struct call *c, const struct place *p)
{
	const struct model_instance *m = stage_instance(&h->stage, c->query.id);
	const struct stage_machine *machine = stage_find_machine((struct stage *)&h->stage, c->query.id);
	struct status *s = &sight_add(c, SIGHTING_STATUS)->status;

	(void)p;
	*s = (struct status){ .asked_ms = c->asked_ms };
	COPY(s->instance_id, c->query.id);
	if (!m || m->state != MODEL_RUNNING)
		return;
	s->health = machine->impaired                               ? HEALTH_IMPAIRED
		    : h->now_ms + STAGE_EPOCH_MS >= m->checks_ok_ms ? HEALTH_OK
								    : HEALTH_INITIALIZING;
}

static void see_host_keys(const struct history *h, struct call *c, const struct place *p)
{
	const struct model_instance *m = stage_instance(&h->stage, c->query.id);
	const struct stage_machine *machine = stage_find_machine((struct stage *)&h->stage, c->query.id);
	struct host_keys *k = &sight_add(c, SIGHTING_HOST_KEYS)->host_keys;

	(void)p;
	*k = (struct host_keys){ .asked_ms = c->asked_ms };
	COPY(k->instance_id, c->query.id);
	/* Printed at the first boot only: not again after a stop, and a key that is changed later does not show. */
	if (m && machine && machine->boots == 1 && m->console_ms &&
		h->now_ms + STAGE_EPOCH_MS >= m->console_ms)
		snprintf(k->lines, sizeof(k->lines), "ssh-ed25519 key%td\n", machine - h->stage.machines + 1);
}

static void see_image(const struct history *h, struct call *c, const struct place *p)
{
	struct image *i = &sight_add(c, SIGHTING_IMAGE)->image;

	(void)p;
	*i = (struct image){ .asked_ms = c->asked_ms, .state = IMAGE_AVAILABLE };
	COPY(i->id, h->image_new);
	COPY(i->architecture, "x86_64");
	COPY(i->root_device, "/dev/xvda");
}

static void see_volume(const struct history *h, struct call *c, const struct place *p)
{
	struct volume *v = &sight_add(c, SIGHTING_VOLUME)->volume;

	for (size_t i = 0; p->past.shown && i < p->plan.data_count; i++) {
		if (strcmp(p->volumes[i], c->query.id) != 0)
			continue;
		*v = p->past.volumes[i];
		v->asked_ms = c->asked_ms;
		return;
	}
	sight_volume(h, c->query.id, c->asked_ms, v);
}

static void see_volume_by_tag(const struct history *h, struct call *c, const struct place *p)
{
	(void)p;
	for (size_t i = 0; i < h->stage.volume_count; i++) {
		const struct model_volume *m = stage_model_volume(&h->stage, h->stage.volumes[i].id);
		bool here = m && m->attachment.instance && !strcmp(m->attachment.instance->id, c->query.id);

		if (here && !strcmp(tag(&m->tags, c->query.tag.key), c->query.tag.value))
			sight_volume(h, m->id, c->asked_ms, &sight_add(c, SIGHTING_VOLUME)->volume);
	}
}

static void see_volumes_of_rebuild(const struct history *h, struct call *c, const struct place *p)
{
	(void)p;
	for (size_t i = 0; i < h->stage.volume_count; i++) {
		const struct model_volume *m = stage_model_volume(&h->stage, h->stage.volumes[i].id);

		if (m && !strcmp(tag(&m->tags, TAG_REBUILD), c->query.id))
			sight_volume(h, m->id, c->asked_ms, &sight_add(c, SIGHTING_VOLUME)->volume);
	}
}

static void see_snapshots(const struct history *h, struct call *c, const struct place *p)
{
	const struct model_snapshot *s;

	for (uint64_t at = 0; (s = index_next(model_snapshots(h->stage.model), &at));) {
		bool newest = h->now_ms + STAGE_EPOCH_MS < s->started_ms + NEWEST_MS;

		if (s->doomed || strcmp(s->volume_id, c->query.id) != 0 || !*tag(&s->tags, TAG_REBUILD))
			continue;
		if (!newest || !(p->newest_missing || p->past.shown))
			sight_snapshot(h, s, c->asked_ms, &sight_add(c, SIGHTING_SNAPSHOT)->snapshot);
	}
}

static void show_address(const struct history *h, struct call *c, const struct place *p, size_t i)
{
	struct address *a = &sight_add(c, SIGHTING_ADDRESS)->address;

	if (p->past.shown && p->address == (int)i) {
		*a = p->past.address;
		a->asked_ms = c->asked_ms;
		return;
	}
	sight_address(h, h->stage.addresses[i].allocation_id, c->asked_ms, a);
}

static void see_address(const struct history *h, struct call *c, const struct place *p)
{
	for (size_t i = 0; i < h->stage.address_count; i++)
		if (!strcmp(h->stage.addresses[i].allocation_id, c->query.id))
			show_address(h, c, p, i);
	if (!c->count)
		error_set(&c->err, ERROR_MISSING, "there is no Elastic IP %s", c->query.id);
}

static void see_addresses_of(const struct history *h, struct call *c, const struct place *p)
{
	for (size_t i = 0; i < h->stage.address_count; i++) {
		show_address(h, c, p, i);
		if (strcmp(c->shown[c->count - 1].address.instance_id, c->query.id) != 0)
			c->count--;
	}
}

/* Guests are probed by commands.c, and no plan of these asks for the newest image. */
typedef void see_fn(const struct history *h, struct call *c, const struct place *p);

static see_fn *const SEES[QUERY_KIND_COUNT] = {
	[QUERY_INSTANCE] = see_instance,
	[QUERY_LAUNCHED] = see_launched,
	[QUERY_OF_REBUILD] = see_of_rebuild,
	[QUERY_VOLUMES_OF_REBUILD] = see_volumes_of_rebuild,
	[QUERY_REPLACED] = see_replaced,
	[QUERY_BLUEPRINT] = see_blueprint,
	[QUERY_STATUS] = see_status,
	[QUERY_HOST_KEYS] = see_host_keys,
	[QUERY_IMAGE] = see_image,
	[QUERY_NEWEST_IMAGE] = see_image,
	[QUERY_VOLUME] = see_volume,
	[QUERY_SNAPSHOTS] = see_snapshots,
	[QUERY_ADDRESS] = see_address,
	[QUERY_ADDRESSES_OF] = see_addresses_of,
	[QUERY_VOLUME_BY_TAG] = see_volume_by_tag,
};

void sight_answer(struct history *h, struct call *c)
{
	const struct place *p = &h->places[c->member->place];

	if (p->denied)
		error_set(&c->err, ERROR_DENIED, "the session credentials have expired");
	else if (p->questions_fail)
		error_set(&c->err, ERROR_REMOTE, "the endpoint did not answer as EC2 does");
	else
		SEES[c->query.kind](h, c, p);
}
