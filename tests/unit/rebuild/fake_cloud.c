#include "fake_cloud.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "rebuild/guards.h"

enum {
	SNAPSHOT_MS = 8000,
	CALL_MS = 40,
	BOOT_MS = 5000,
	ATTACH_MS = 2000,
	DETACH_MS = 2000,
	DAY_MS = 24 * 3600 * 1000
};

static const char VOLUME[] = "vol-1", BLUE[] = "i-blue", GREEN[] = "i-green", ADDRESS[] = "eipalloc-1";

void fake_init(struct fake_cloud *f, struct rebuild *r)
{
	*f = (struct fake_cloud){ .rebuild = r, .now_ms = 1000, .holder = ON_BLUE, .address = ON_BLUE };
	f->blue = (struct fake_machine){
		.state = INSTANCE_RUNNING, .mounted = true, .serving = true, .volume_dies = true
	};
	f->blue_image = "ami-old";
	f->green_image = "ami-new";
	f->fault.kind = EFFECT_KIND_COUNT;
	f->data = (struct plan_data){ .volume.id = VOLUME, .mount = "/srv" };
	f->check = (struct plan_check){ .kind = PLAN_CHECK_TCP, .port = 5432 };
	f->plan = (struct plan){ .name = "test",
		.image.id = "ami-new",
		.data = &f->data,
		.data_count = 1,
		.service = { "stop", "start" },
		.ready = &f->check,
		.ready_count = 1,
		.backup = { .keep = 3, .wait_completed = true },
		.change.elastic_ip_all = true };
	rebuild_init(r, "rb-test", &f->plan, BLUE);
	r->options.journal = "jr-1 anna@one";
}

static struct fake_machine *machine(struct fake_cloud *f, const char *id)
{
	return strcmp(id, BLUE) ? &f->green : &f->blue;
}

static const char *holder_id(enum fake_holder h)
{
	return h == ON_BLUE ? BLUE : h == ON_GREEN ? GREEN : "";
}

/* What time alone brings about. */
static void settle(struct fake_cloud *f)
{
	if (f->green.state == INSTANCE_PENDING && f->now_ms >= f->green.runs_at_ms)
		f->green.state = INSTANCE_RUNNING;
	if (f->volume_free_at_ms && f->now_ms >= f->volume_free_at_ms && !f->blue.mounted &&
		!f->green.mounted) {
		f->holder = ON_NOTHING;
		f->volume_free_at_ms = 0;
	}
	for (size_t i = 0; i < f->snapshot_count; i++)
		if (f->now_ms >= f->snapshots[i].started_ms + SNAPSHOT_MS)
			f->snapshots[i].state = SNAPSHOT_COMPLETED;
	if (f->volume_attached_at_ms && f->now_ms >= f->volume_attached_at_ms)
		f->volume_attached_at_ms = 0;
}

static struct sighting see_instance(struct fake_cloud *f, const char *id, int64_t asked_ms)
{
	struct fake_machine *m = machine(f, id);
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
	text_copy(i->journal, sizeof(i->journal), tags->journal);
	text_copy(i->replaces, sizeof(i->replaces), tags->replaces);
	i->confirmed_ms = tags->confirmed_ms;
	text_copy(i->client_token, sizeof(i->client_token), m == &f->green ? f->launch_token : "");
	if (!strcmp(holder_id(f->holder), id)) {
		text_copy(i->devices[0].name, CLOUD_NAME_SIZE, "/dev/sdf");
		text_copy(i->devices[0].volume_id, CLOUD_ID_SIZE, VOLUME);
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
	text_copy(v->id, sizeof(v->id), VOLUME);
	text_copy(v->zone, sizeof(v->zone), "z-1a");
	text_copy(v->device, sizeof(v->device), "/dev/sdf");
	text_copy(v->instance_id, sizeof(v->instance_id), holder_id(f->holder));
	v->state = f->holder == ON_NOTHING ? VOLUME_AVAILABLE : VOLUME_IN_USE;
	v->attachment = f->holder == ON_NOTHING    ? ATTACHMENT_NONE
			: f->volume_free_at_ms     ? ATTACHMENT_DETACHING
			: f->volume_attached_at_ms ? ATTACHMENT_ATTACHING
						   : ATTACHMENT_ATTACHED;
	v->attachment_count = f->holder != ON_NOTHING;
	text_copy(v->found, sizeof(v->found), f->volume_tags.found);
	text_copy(v->rebuild, sizeof(v->rebuild), f->volume_tags.rebuild);
	text_copy(v->role, sizeof(v->role), f->volume_tags.role);
	text_copy(v->journal, sizeof(v->journal), f->volume_tags.journal);
	v->tags_asked_ms = asked_ms;
	return s;
}

static struct sighting see_address(struct fake_cloud *f, int64_t asked_ms)
{
	struct sighting s = { .kind = SIGHTING_ADDRESS, .address = { .asked_ms = asked_ms } };

	text_copy(s.address.allocation_id, CLOUD_ID_SIZE, ADDRESS);
	text_copy(s.address.public_ip, CLOUD_ADDRESS_SIZE, "198.51.100.1");
	text_copy(s.address.instance_id, CLOUD_ID_SIZE, holder_id(f->address));
	return s;
}

static bool has_disk(const struct fake_cloud *f, const char *id)
{
	return !strcmp(holder_id(f->holder), id) && !f->volume_attached_at_ms;
}

static struct sighting see_guest(struct fake_cloud *f, const char *id, int64_t asked_ms)
{
	struct fake_machine *m = machine(f, id);
	struct sighting s = { .kind = SIGHTING_GUEST };
	struct guest_disk *d = &s.guest.disks[0];

	s.guest.asked_ms = asked_ms;
	text_copy(s.guest.instance_id, CLOUD_ID_SIZE, id);
	s.guest.reachable = m->state == INSTANCE_RUNNING &&
			    !(m == &f->green ? f->green_unreachable : f->blue_unreachable);
	if (!s.guest.reachable)
		return s;
	s.guest.disk_count = 1;
	text_copy(d->volume_id, CLOUD_ID_SIZE, VOLUME);
	d->present = has_disk(f, id);
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
	const char *id = switched ? holder_id(f->address) : p->order.instance_id;

	text_copy(s.verdict.instance_id, CLOUD_ID_SIZE, p->order.instance_id);
	s.verdict.through_switch = switched;
	s.verdict.passed =
		id[0] && machine(f, id)->serving && !(f->checks_fail_on_green && !strcmp(id, GREEN));
	if (!s.verdict.passed)
		text_copy(s.verdict.failing, sizeof(s.verdict.failing), "tcp 5432: refused");
	return s;
}

static void rules_hold(const struct fake_cloud *f)
{
	assert_false(f->blue.mounted && f->green.mounted);
	assert_false(f->blue.mounted && f->holder != ON_BLUE);
	assert_false(f->green.mounted && f->holder != ON_GREEN);
	assert_false(f->blue.serving && !f->blue.mounted);
	if (f->blue.state > INSTANCE_RUNNING)
		assert_true(fake_green_serves(f));
}

/* How each kind takes hold: f is the truth, m the machine that it is about. */
typedef void happening(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m);

static void keep_volume(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	m->volume_dies = !p->effect.on;
}

static void protect(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	m->protect = p->effect.on;
}

/* A day of virtual time is enough: the clock's hours, minutes, seconds. */
static int64_t wall_of(const char *value)
{
	int hours, minutes, seconds;

	assert_int_equal(sscanf(value, "1970-01-01T%2d:%2d:%2d", &hours, &minutes, &seconds), 3);
	return ((hours * 60LL + minutes) * 60 + seconds) * 1000;
}

static void put_tag(struct fake_tags *t, const char *key, const char *value)
{
	if (!strcmp(key, TAG_FOUND))
		text_copy(t->found, sizeof(t->found), value);
	if (!strcmp(key, TAG_JOURNAL))
		text_copy(t->journal, sizeof(t->journal), value);
	if (!strcmp(key, TAG_REPLACES))
		text_copy(t->replaces, sizeof(t->replaces), value);
	if (!strcmp(key, TAG_CONFIRMED))
		t->confirmed_ms = wall_of(value);
}

static void put_tags(struct fake_tags *t, const struct effect *e)
{
	text_copy(t->rebuild, sizeof(t->rebuild), e->rebuild);
	if (e->role)
		text_copy(t->role, sizeof(t->role), e->role);
	for (size_t i = 0; i < e->tag_count; i++)
		put_tag(t, e->tags[i].key, e->tags[i].value);
}

static void tag(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)m;
	put_tags(p->effect.volume_id[0] ? &f->volume_tags : &f->blue_tags, &p->effect);
}

static void create_snapshot(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	struct snapshot *s = &f->snapshots[f->snapshot_count];

	(void)m;
	assert_true(f->snapshot_count < ARRAY_SIZE(f->snapshots));
	*s = (struct snapshot){ .started_ms = f->now_ms, .state = SNAPSHOT_PENDING };
	snprintf(s->id, sizeof(s->id), "snap-%zu", f->snapshot_count++);
	text_copy(s->volume_id, sizeof(s->volume_id), VOLUME);
	text_copy(s->token, sizeof(s->token), p->effect.token);
	text_copy(s->rebuild, sizeof(s->rebuild), p->effect.rebuild);
}

static void launch(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)m;
	if (!strcmp(f->launch_token, p->effect.token))
		return; /* the same token: the same instance */
	f->green = (struct fake_machine){ .state = INSTANCE_PENDING, .runs_at_ms = f->now_ms + BOOT_MS };
	put_tags(&f->green_tags, &p->effect);
	text_copy(f->launch_token, sizeof(f->launch_token), p->effect.token);
}

static void end_machine(struct fake_machine *m, enum instance_state state)
{
	m->state = state;
	m->mounted = m->serving = false;
}

static void stop(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	(void)p;
	end_machine(m, INSTANCE_STOPPED);
}

static void start(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	(void)p;
	m->state = INSTANCE_RUNNING;
}

static void terminate(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	(void)p;
	assert_false(m->protect);
	end_machine(m, INSTANCE_TERMINATED);
}

static void detach(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)p;
	(void)m;
	assert_false(f->blue.mounted || f->green.mounted);
	f->volume_free_at_ms = f->now_ms + DETACH_MS;
}

static void attach(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)p;
	assert_int_equal(f->holder, ON_NOTHING);
	f->holder = m == &f->blue ? ON_BLUE : ON_GREEN;
	f->volume_attached_at_ms = f->now_ms + ATTACH_MS;
	m->volume_dies = false;
}

static void associate(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)p;
	f->address = m == &f->blue ? ON_BLUE : ON_GREEN;
}

static void quiesce(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	f->wrote_sentinel = m->mounted;
	if (m->mounted)
		text_copy(f->sentinel, sizeof(f->sentinel), p->order.nonce);
	m->serving = m->mounted = false;
}

static void mount(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	f->volume_attached_at_ms = 0; /* it waits for the disk */
	m->mounted = true;
	if (p->order.volumes[0].sentinel[0])
		assert_string_equal(p->order.volumes[0].sentinel, f->sentinel);
}

static void start_service(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	(void)p;
	m->serving = true;
}

/* Checks change nothing, and this cloud has no snapshot that is old enough to be deleted. */
static happening *const HAPPENINGS[EFFECT_KIND_COUNT] = {
	[EFFECT_KEEP_VOLUME] = keep_volume,
	[EFFECT_PROTECT_INSTANCE] = protect,
	[EFFECT_TAG] = tag,
	[EFFECT_CREATE_SNAPSHOT] = create_snapshot,
	[EFFECT_LAUNCH] = launch,
	[EFFECT_STOP_INSTANCE] = stop,
	[EFFECT_START_INSTANCE] = start,
	[EFFECT_TERMINATE_INSTANCE] = terminate,
	[EFFECT_DETACH_VOLUME] = detach,
	[EFFECT_ATTACH_VOLUME] = attach,
	[EFFECT_ASSOCIATE_ADDRESS] = associate,
	[EFFECT_QUIESCE] = quiesce,
	[EFFECT_MOUNT] = mount,
	[EFFECT_START_SERVICE] = start_service,
};

static void happen(struct fake_cloud *f, const struct fake_pending *p)
{
	const struct effect *e = &p->effect;

	if (!HAPPENINGS[e->kind])
		return;
	HAPPENINGS[e->kind](f, p, machine(f, e->instance_id));
	assert_true(f->log_count < FAKE_LOG_MAX);
	f->log[f->log_count++] = e->kind;
}

/* What the reply of an effect that took hold shows. */
static size_t reply(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	const struct effect *e = &p->effect;

	if (e->kind == EFFECT_CHECK)
		*ret = see_verdict(f, p);
	else if (effect_is_guest(e->kind))
		*ret = see_guest(f, e->instance_id, p->asked_ms);
	else if (e->kind == EFFECT_LAUNCH)
		*ret = see_instance(f, GREEN, p->asked_ms);
	else if (e->kind == EFFECT_DETACH_VOLUME || e->kind == EFFECT_ATTACH_VOLUME)
		*ret = see_volume(f, p->asked_ms);
	else if (e->kind == EFFECT_ASSOCIATE_ADDRESS)
		*ret = see_address(f, p->asked_ms);
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

static void deliver(struct fake_cloud *f, struct answer *a)
{
	rebuild_absorb(f->rebuild, a, (struct moment){ f->now_ms, f->now_ms });
}

static void answer_effect(struct fake_cloud *f, const struct fake_pending *p)
{
	struct fake_fault *fault = &f->fault;
	bool fails = fault->kind == p->effect.kind && fault->times > 0 && !p->effect.dry_run;
	auto_error err = ERROR_INIT;
	struct sighting shown;
	struct answer a = { .is_effect = true,
		.effect = p->effect.kind,
		.token = p->effect.token,
		.err = &err,
		.sightings = &shown,
		.request_id = "" };

	if (!p->effect.dry_run && (!fails || fault->happened == HAPPENED_UNKNOWN))
		happen(f, p);
	if (fails) {
		fault->times--;
		error_set(&err, fault->error, "made to fail");
		err.happened = fault->happened;
	} else if (!p->effect.dry_run) {
		a.sighting_count = reply(f, p, &shown);
	}
	deliver(f, &a);
}

static size_t see(struct fake_cloud *f, const struct fake_pending *p, struct sighting *ret)
{
	const struct query *q = &p->query;

	switch (q->kind) {
	case QUERY_INSTANCE:
		ret[0] = see_instance(f, q->id, p->asked_ms);
		return 1;
	case QUERY_LAUNCHED:
		ret[0] = see_instance(f, GREEN, p->asked_ms);
		return !strcmp(f->launch_token, q->id);
	case QUERY_OF_REBUILD:
		ret[0] = see_instance(f, BLUE, p->asked_ms);
		ret[1] = see_instance(f, GREEN, p->asked_ms);
		return !strcmp(f->blue_tags.rebuild, q->id) ? (f->launch_token[0] ? 2 : 1) : 0;
	case QUERY_BLUEPRINT:
		ret[0] = see_instance(f, q->id, p->asked_ms);
		ret[1] = (struct sighting){ .kind = SIGHTING_BLUEPRINT,
			.blueprint = { .instance_id = BLUE,
				.architecture = "x86_64",
				.termination_protected = f->blue.protect } };
		return 2;
	case QUERY_STATUS:
		ret[0] = (struct sighting){ .kind = SIGHTING_STATUS,
			.status = { .asked_ms = p->asked_ms, .health = HEALTH_OK } };
		text_copy(ret[0].status.instance_id, CLOUD_ID_SIZE, q->id);
		return 1;
	case QUERY_HOST_KEYS:
		ret[0] = (struct sighting){ .kind = SIGHTING_HOST_KEYS,
			.host_keys = { .asked_ms = p->asked_ms, .lines = "ssh-ed25519 AAAA\n" } };
		text_copy(ret[0].host_keys.instance_id, CLOUD_ID_SIZE, q->id);
		return 1;
	case QUERY_IMAGE:
		ret[0] = (struct sighting){ .kind = SIGHTING_IMAGE,
			.image = { .asked_ms = p->asked_ms,
				.id = "ami-new",
				.state = IMAGE_AVAILABLE,
				.architecture = "x86_64" } };
		return 1;
	case QUERY_VOLUME:
		ret[0] = see_volume(f, p->asked_ms);
		return 1;
	case QUERY_SNAPSHOTS:
		for (size_t i = 0; i < f->snapshot_count; i++) {
			ret[i] = (struct sighting){ .kind = SIGHTING_SNAPSHOT, .snapshot = f->snapshots[i] };
			ret[i].snapshot.asked_ms = p->asked_ms;
		}
		return f->snapshot_count;
	case QUERY_ADDRESS:
	case QUERY_ADDRESSES_OF:
		ret[0] = see_address(f, p->asked_ms);
		return 1;
	case QUERY_GUEST:
		ret[0] = see_guest(f, q->id, p->asked_ms);
		return 1;
	case QUERY_VOLUMES_OF_REBUILD:
		ret[0] = see_volume(f, p->asked_ms);
		return !strcmp(f->volume_tags.rebuild, q->id);
	case QUERY_REPLACED:
		ret[0] = see_instance(f, GREEN, p->asked_ms);
		return !strcmp(f->green_tags.replaces, q->id);
	case QUERY_TAGGED_INSTANCES:
	case QUERY_TAGGED_VOLUMES:
	case QUERY_TAGGED_SNAPSHOTS:
	case QUERY_ALL_ADDRESSES:
	case QUERY_NEWEST_IMAGE:
	case QUERY_VOLUME_BY_TAG:
	case QUERY_KIND_COUNT:
		break;
	}
	fail_msg("a question that this cloud does not know");
	return 0;
}

static void answer_query(struct fake_cloud *f, const struct fake_pending *p)
{
	struct sighting shown[8];
	auto_error err = ERROR_INIT;
	struct answer a = {
		.query = p->query.kind, .id = p->query.id, .err = &err, .sightings = shown, .request_id = ""
	};

	a.sighting_count = see(f, p, shown);
	if (p->query.kind == QUERY_GUEST && !shown[0].guest.reachable)
		error_set(&err, ERROR_TIMEOUT, "no answer");
	deliver(f, &a);
}

static struct fake_pending *add(struct fake_cloud *f)
{
	struct fake_pending *p = &f->pending[f->pending_count++];

	assert_true(f->pending_count <= FAKE_PENDING_MAX);
	*p = (struct fake_pending){ .asked_ms = f->now_ms, .due_ms = f->now_ms + CALL_MS };
	return p;
}

static void begin(struct fake_cloud *f, const struct decision *d)
{
	struct moment now = { f->now_ms, f->now_ms };
	const char *reason;

	for (size_t i = 0; i < d->effect_count; i++) {
		const struct guard *g = guards_refuse(f->rebuild, &d->effects[i], now, &reason);
		struct fake_pending *p;

		if (g)
			fail_msg("guard %s refuses %s: %s", g->name, d->effects[i].token, reason);
		rebuild_begun(f->rebuild, &d->effects[i], now);
		p = add(f);
		p->is_effect = true;
		p->effect = d->effects[i];
		if (p->effect.guest)
			p->order = *p->effect.guest;
		if (p->effect.kind == EFFECT_MOUNT)
			p->due_ms += f->volume_attached_at_ms ? ATTACH_MS : 0;
	}
	for (size_t i = 0; i < d->query_count; i++)
		add(f)->query = d->queries[i];
	f->observed += d->query_count > 0;
}

static bool next_answer(struct fake_cloud *f, int64_t until_ms)
{
	size_t first = 0;
	struct fake_pending p;

	for (size_t i = 1; i < f->pending_count; i++)
		if (f->pending[i].due_ms < f->pending[first].due_ms)
			first = i;
	if (!f->pending_count || f->pending[first].due_ms > until_ms)
		return false;
	p = f->pending[first];
	memmove(&f->pending[first], &f->pending[first + 1], (--f->pending_count - first) * sizeof(p));
	f->now_ms = p.due_ms;
	settle(f);
	if (p.is_effect)
		answer_effect(f, &p);
	else
		answer_query(f, &p);
	return true;
}

bool fake_run_until(struct fake_cloud *f, size_t events)
{
	struct decision d;

	for (; f->events < events && !rebuild_is_over(f->rebuild) && f->now_ms < DAY_MS; f->events++) {
		rebuild_decide(f->rebuild, (struct moment){ f->now_ms, f->now_ms }, &d);
		begin(f, &d);
		if (!next_answer(f, d.wake_ms)) {
			f->now_ms = d.wake_ms > f->now_ms ? d.wake_ms : f->now_ms + 1;
			settle(f);
		}
		rules_hold(f);
	}
	return rebuild_is_over(f->rebuild);
}

void fake_run(struct fake_cloud *f)
{
	assert_true(fake_run_until(f, (size_t)-1));
}

static void lose_what_is_under_way(struct fake_cloud *f, bool happens)
{
	for (size_t i = 0; i < f->pending_count; i++)
		if (f->pending[i].is_effect && !f->pending[i].effect.dry_run && happens)
			happen(f, &f->pending[i]);
	f->pending_count = 0;
}

void fake_crash_without_journal(struct fake_cloud *f, struct rebuild *next, bool under_way_happens)
{
	lose_what_is_under_way(f, under_way_happens);
	f->rebuild = next;
	rebuild_init(next, "rb-other", &f->plan, BLUE);
	next->options.journal = "jr-2 ben@two";
}

bool fake_crash(struct fake_cloud *f, struct rebuild *next, bool under_way_happens)
{
	const struct rebuild *old = f->rebuild;
	const struct rebuild_past past = { .volumes = { VOLUME },
		.volume_count = 1,
		.turned_back = old->course == COURSE_BACK,
		.cause = old->cause,
		.window_opened = old->window_opened_ms != 0 };

	lose_what_is_under_way(f, under_way_happens);
	f->rebuild = next;
	rebuild_init(next, old->id, &f->plan, BLUE);
	next->options = old->options;
	if (old->changed_something)
		rebuild_resume(next, &past);
	return old->changed_something;
}

size_t fake_count(const struct fake_cloud *f, enum effect_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < f->log_count; i++)
		count += f->log[i] == kind;
	return count;
}

size_t fake_position(const struct fake_cloud *f, enum effect_kind kind)
{
	for (size_t i = 0; i < f->log_count; i++)
		if (f->log[i] == kind)
			return i;
	return FAKE_LOG_MAX;
}

bool fake_blue_serves(const struct fake_cloud *f)
{
	return f->blue.state == INSTANCE_RUNNING && f->blue.mounted && f->blue.serving &&
	       f->holder == ON_BLUE && f->address == ON_BLUE;
}

bool fake_green_serves(const struct fake_cloud *f)
{
	return f->green.state == INSTANCE_RUNNING && f->green.mounted && f->green.serving &&
	       f->holder == ON_GREEN && f->address == ON_GREEN;
}
