#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static struct sighting see_instance(struct fake_cloud *f, const char *id, int64_t asked_ms)
{
	struct fake_machine *m = fake_machine(f, id);
	const struct fake_tags *tags = m == &f->blue ? &f->blue_tags : &f->green_tags;
	struct sighting s = { .kind = SIGHTING_INSTANCE };
	struct instance *i = &s.instance;

	i->asked_ms = asked_ms;
	i->state = m->state;
	text_copy(i->id, sizeof(i->id), id);
	text_copy(i->image_id, sizeof(i->image_id), m == &f->blue ? f->blue_image : f->green_image);
	text_copy(i->zone, sizeof(i->zone), "z-1a");
	text_copy(i->root_device, sizeof(i->root_device), "/dev/xvda");
	text_copy(i->private_ip, sizeof(i->private_ip), m == &f->blue ? "10.0.0.1" : "10.0.0.2");
	text_copy(i->rebuild, sizeof(i->rebuild), tags->rebuild);
	text_copy(i->role, sizeof(i->role), tags->role);
	text_copy(i->found, sizeof(i->found), tags->found);
	text_copy(i->host_key, sizeof(i->host_key), tags->host_key);
	text_copy(i->public_ip, sizeof(i->public_ip), m->public_ip ? m->public_ip : "");
	text_copy(i->journal, sizeof(i->journal), tags->journal);
	text_copy(i->replaces, sizeof(i->replaces), tags->replaces);
	i->confirmed_ms = tags->confirmed_ms;
	text_copy(i->client_token, sizeof(i->client_token), m == &f->green ? f->launch_token : "");
	if (!strcmp(fake_holder_id(f->holder), id)) {
		text_copy(i->devices[0].name, CLOUD_NAME_SIZE, "/dev/sdf");
		text_copy(i->devices[0].volume_id, CLOUD_ID_SIZE, FAKE_VOLUME);
		i->devices[0].delete_on_termination = m->volume_dies;
		i->device_count = 1;
	}
	return s;
}

static struct sighting see_volume(struct fake_cloud *f, int64_t asked_ms)
{
	struct sighting s = { .kind = SIGHTING_VOLUME };
	struct volume *v = &s.volume;

	v->asked_ms = asked_ms;
	text_copy(v->id, sizeof(v->id), FAKE_VOLUME);
	text_copy(v->zone, sizeof(v->zone), "z-1a");
	text_copy(v->device, sizeof(v->device), "/dev/sdf");
	text_copy(v->instance_id, sizeof(v->instance_id), fake_holder_id(f->holder));
	v->state = f->holder == ON_NOTHING ? VOLUME_AVAILABLE : VOLUME_IN_USE;
	v->attachment = f->holder == ON_NOTHING                    ? ATTACHMENT_NONE
			: f->volume_free_at_ms && !f->shows_before ? ATTACHMENT_DETACHING
			: f->volume_attached_at_ms                 ? ATTACHMENT_ATTACHING
								   : ATTACHMENT_ATTACHED;
	v->attachment_count = f->holder != ON_NOTHING;
	text_copy(v->found, sizeof(v->found), f->volume_tags.found);
	text_copy(v->rebuild, sizeof(v->rebuild), f->volume_tags.rebuild);
	text_copy(v->role, sizeof(v->role), f->volume_tags.role);
	text_copy(v->journal, sizeof(v->journal), f->volume_tags.journal);
	v->tags_asked_ms = asked_ms;
	return s;
}

/* There is one address; whatever else is asked about is somebody else's. */
static struct sighting see_address(struct fake_cloud *f, const char *id, int64_t asked_ms)
{
	struct sighting s = { .kind = SIGHTING_ADDRESS, .address = { .asked_ms = asked_ms } };

	text_copy(s.address.allocation_id, CLOUD_ID_SIZE, id);
	text_copy(s.address.public_ip, CLOUD_ADDRESS_SIZE, "198.51.100.1");
	text_copy(s.address.instance_id, CLOUD_ID_SIZE,
		strcmp(id, FAKE_ADDRESS) ? FAKE_OTHER : fake_holder_id(f->address));
	return s;
}

static bool has_disk(const struct fake_cloud *f, const char *id)
{
	return !strcmp(fake_holder_id(f->holder), id) && !f->volume_attached_at_ms;
}

static struct sighting see_guest(struct fake_cloud *f, const char *id, int64_t asked_ms)
{
	struct fake_machine *m = fake_machine(f, id);
	struct sighting s = { .kind = SIGHTING_GUEST };
	struct guest_disk *d = &s.guest.disks[0];

	s.guest.asked_ms = asked_ms;
	text_copy(s.guest.instance_id, CLOUD_ID_SIZE, id);
	s.guest.reachable = m->state == INSTANCE_RUNNING &&
			    !(m == &f->green ? f->green_unreachable : f->blue_unreachable);
	if (!s.guest.reachable)
		return s;
	s.guest.disk_count = !f->disk_unreported;
	text_copy(d->volume_id, CLOUD_ID_SIZE, FAKE_VOLUME);
	d->present = has_disk(f, id) && !f->disk_missing;
	d->mounted = m->mounted;
	d->mounted_right = m->mounted && !(m == &f->blue && f->no_mount_on_blue);
	text_copy(d->uuid, sizeof(d->uuid), d->present ? "uuid-1" : "");
	text_copy(d->sentinel, sizeof(d->sentinel), m->mounted ? f->sentinel : "");
	return s;
}

static struct sighting see_verdict(struct fake_cloud *f, const struct fake_pending *p)
{
	struct sighting s = { .kind = SIGHTING_VERDICT, .verdict = { .asked_ms = p->asked_ms } };
	bool switched = p->order.through_switch;
	const char *id = switched ? fake_holder_id(f->address) : p->order.instance_id;

	text_copy(s.verdict.instance_id, CLOUD_ID_SIZE, p->order.instance_id);
	s.verdict.through_switch = switched;
	s.verdict.passed = id[0] && strcmp(id, FAKE_OTHER) != 0 && fake_machine(f, id)->serving &&
			   !(f->checks_fail_on_green && !strcmp(id, FAKE_GREEN));
	if (!s.verdict.passed)
		text_copy(s.verdict.failing, sizeof(s.verdict.failing), "tcp 5432: refused");
	return s;
}

/* What the reply of an effect that took hold shows. */
size_t fake_reply(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	const struct effect *e = &p->effect;

	if (e->kind == EFFECT_CHECK)
		*ret = see_verdict(f, p);
	else if (effect_is_guest(e->kind))
		*ret = see_guest(f, e->instance_id, p->asked_ms);
	else if (e->kind == EFFECT_LAUNCH)
		*ret = see_instance(f, FAKE_GREEN, p->asked_ms);
	else if (e->kind == EFFECT_DETACH_VOLUME || e->kind == EFFECT_ATTACH_VOLUME)
		*ret = see_volume(f, p->asked_ms);
	else if (e->kind == EFFECT_ASSOCIATE_ADDRESS)
		*ret = see_address(f, e->allocation_id, p->asked_ms);
	else if (e->kind == EFFECT_CREATE_SNAPSHOT)
		*ret = (struct sighting){ .kind = SIGHTING_SNAPSHOT,
			.snapshot = f->snapshots[f->snapshot_count - 1] };
	else
		return 0;
	if (e->kind == EFFECT_QUIESCE)
		ret->guest.service = SERVICE_STOPPED;
	if (e->kind == EFFECT_QUIESCE && f->wrote_sentinel)
		text_copy(ret->guest.disks[0].sentinel, CLOUD_NONCE_SIZE, f->sentinel);
	if (e->kind == EFFECT_START_SERVICE)
		ret->guest.service = SERVICE_STARTED;
	return 1;
}

/* How each question is answered: p has the question, the result is how many sightings. */
typedef size_t seeing(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret);

static size_t instance(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_instance(f, p->query.id, p->asked_ms);
	return 1;
}

static size_t launched(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_instance(f, FAKE_GREEN, p->asked_ms);
	return !strcmp(f->launch_token, p->query.id);
}

static size_t of_rebuild(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	size_t count = 0;

	if (!strcmp(f->blue_tags.rebuild, p->query.id))
		ret[count++] = see_instance(f, FAKE_BLUE, p->asked_ms);
	if (!strcmp(f->green_tags.rebuild, p->query.id))
		ret[count++] = see_instance(f, FAKE_GREEN, p->asked_ms);
	return count;
}

static size_t blueprint(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	if (f->blue_forgotten)
		return 0;
	ret[0] = see_instance(f, p->query.id, p->asked_ms);
	ret[1] = (struct sighting){ .kind = SIGHTING_BLUEPRINT, .blueprint = f->print };
	ret[1].blueprint.termination_protected = f->blue.protect;
	return 2;
}

static size_t status(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	(void)f;
	ret[0] = (struct sighting){ .kind = SIGHTING_STATUS,
		.status = { .asked_ms = p->asked_ms, .health = HEALTH_OK } };
	text_copy(ret[0].status.instance_id, CLOUD_ID_SIZE, p->query.id);
	return 1;
}

static size_t host_keys(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = (struct sighting){ .kind = SIGHTING_HOST_KEYS, .host_keys.asked_ms = p->asked_ms };
	text_copy(ret[0].host_keys.lines, CLOUD_HOST_KEYS_SIZE, f->console);
	text_copy(ret[0].host_keys.instance_id, CLOUD_ID_SIZE, p->query.id);
	return 1;
}

static size_t image(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	(void)f;
	ret[0] = (struct sighting){ .kind = SIGHTING_IMAGE,
		.image = { .asked_ms = p->asked_ms,
			.id = "ami-new",
			.state = IMAGE_AVAILABLE,
			.architecture = "x86_64" } };
	return 1;
}

static size_t volume(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_volume(f, p->asked_ms);
	return 1;
}

static size_t volumes_of_rebuild(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	if (strcmp(f->volume_tags.rebuild, p->query.id) != 0)
		return 0;
	ret[0] = ret[1] = see_volume(f, p->asked_ms);
	text_copy(ret[1].volume.id, CLOUD_ID_SIZE, "vol-copy");
	return f->tags_copied ? 2 : 1;
}

static size_t volumes_by_tag(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	for (size_t i = 0; i < f->tagged_volumes; i++)
		ret[i] = see_volume(f, p->asked_ms);
	return f->tagged_volumes;
}

static size_t snapshots(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	for (size_t i = 0; i < f->snapshot_count; i++) {
		ret[i] = (struct sighting){ .kind = SIGHTING_SNAPSHOT, .snapshot = f->snapshots[i] };
		ret[i].snapshot.asked_ms = p->asked_ms;
	}
	return f->snapshot_count;
}

static size_t address(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_address(f, p->query.id, p->asked_ms);
	return 1;
}

static size_t addresses_of(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_address(f, FAKE_ADDRESS, p->asked_ms);
	return !strcmp(fake_holder_id(f->address), p->query.id);
}

static size_t guest(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	ret[0] = see_guest(f, p->query.id, p->asked_ms);
	return 1;
}

static struct sighting see_replacement(size_t number, enum instance_state state, int64_t asked_ms)
{
	struct sighting s = { .kind = SIGHTING_INSTANCE };

	s.instance.asked_ms = asked_ms;
	s.instance.state = state;
	snprintf(s.instance.id, sizeof(s.instance.id), "i-next-%zu", number);
	snprintf(s.instance.rebuild, sizeof(s.instance.rebuild), "rb-%zu", number);
	return s;
}

/* Blue was replaced by i-next-1, which was replaced by i-next-2...: the last one runs. */
static size_t chain(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	size_t number = 0;
	bool last;

	(void)sscanf(p->query.id, "i-next-%zu", &number);
	if (number++ == f->replacements)
		return 0;
	/* Another rebuild of it was rolled back, before that or after: its green was terminated. */
	last = number == f->replacements;
	ret[last] = see_replacement(number + 100, INSTANCE_TERMINATED, p->asked_ms);
	ret[!last] = see_replacement(number, last ? INSTANCE_RUNNING : INSTANCE_TERMINATED, p->asked_ms);
	return 2;
}

static size_t replaced(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	if (f->replacements)
		return chain(f, p, ret);
	ret[0] = see_instance(f, FAKE_GREEN, p->asked_ms);
	return !strcmp(f->green_tags.replaces, p->query.id);
}

static seeing *const SEEINGS[QUERY_KIND_COUNT] = {
	[QUERY_INSTANCE] = instance,
	[QUERY_LAUNCHED] = launched,
	[QUERY_OF_REBUILD] = of_rebuild,
	[QUERY_REPLACED] = replaced,
	[QUERY_BLUEPRINT] = blueprint,
	[QUERY_STATUS] = status,
	[QUERY_HOST_KEYS] = host_keys,
	[QUERY_IMAGE] = image,
	[QUERY_NEWEST_IMAGE] = image,
	[QUERY_VOLUME] = volume,
	[QUERY_VOLUME_BY_TAG] = volumes_by_tag,
	[QUERY_VOLUMES_OF_REBUILD] = volumes_of_rebuild,
	[QUERY_SNAPSHOTS] = snapshots,
	[QUERY_ADDRESS] = address,
	[QUERY_ADDRESSES_OF] = addresses_of,
	[QUERY_GUEST] = guest,
};

size_t fake_see(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	assert_non_null(SEEINGS[p->query.kind]);
	return SEEINGS[p->query.kind](f, p, ret);
}
