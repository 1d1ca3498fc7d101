#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cloud/tags.h"

enum { BOOT_MS = 5000, ATTACH_MS = 2000, DETACH_MS = 2000 };

/* How each kind takes hold: f is the truth, m the machine that it is about. */
typedef void happening(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m);

static void keep_volume(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)f;
	assert_string_equal(p->effect.device, "/dev/sdf");
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
	if (!strcmp(key, TAG_HOST_KEY))
		text_copy(t->host_key, sizeof(t->host_key), value);
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
	text_copy(s->volume_id, sizeof(s->volume_id), FAKE_VOLUME);
	text_copy(s->token, sizeof(s->token), p->effect.token);
	text_copy(s->rebuild, sizeof(s->rebuild), p->effect.rebuild);
}

static void delete_snapshot(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	size_t i = 0;

	(void)m;
	while (strcmp(f->snapshots[i].id, p->effect.snapshot_id) != 0)
		assert_true(++i < f->snapshot_count);
	f->snapshots[i] = f->snapshots[--f->snapshot_count];
}

static void launch(struct fake_cloud *f, const struct fake_pending *p, struct fake_machine *m)
{
	(void)m;
	if (!strcmp(f->launch_token, p->effect.token))
		return; /* the same token: the same instance */
	f->green = (struct fake_machine){ .state = INSTANCE_PENDING, .runs_at_ms = f->now_ms + BOOT_MS };
	f->launched = *p->effect.launch->like;
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
	f->volume_free_at_ms = f->now_ms + DETACH_MS + f->hangs_ms;
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
	assert_false(f->volume_free_at_ms); /* it is leaving */
	f->volume_attached_at_ms = 0;       /* it waits for the disk */
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

/* Checks change nothing. */
static happening *const HAPPENINGS[EFFECT_KIND_COUNT] = {
	[EFFECT_KEEP_VOLUME] = keep_volume,
	[EFFECT_PROTECT_INSTANCE] = protect,
	[EFFECT_TAG] = tag,
	[EFFECT_CREATE_SNAPSHOT] = create_snapshot,
	[EFFECT_DELETE_SNAPSHOT] = delete_snapshot,
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

void fake_happen(struct fake_cloud *f, const struct fake_pending *p)
{
	const struct effect *e = &p->effect;

	if (!HAPPENINGS[e->kind])
		return;
	f->last = p->order;
	HAPPENINGS[e->kind](f, p, fake_machine(f, e->instance_id));
	assert_true(f->log_count < FAKE_LOG_MAX);
	f->log[f->log_count++] = e->kind;
}
