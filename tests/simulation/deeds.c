#include "deeds.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"
#include "mutants.h"
#include "sandbox/model/tags.h"
#include "sight.h"

/* EC2's words and what they mean, as far as these deeds can be refused (see engine/aws/failure.c). */
static const struct {
	const char *code;
	enum error_kind kind;
} CODES[] = {
	{ "IncorrectState", ERROR_CONFLICT },
	{ "IncorrectInstanceState", ERROR_CONFLICT },
	{ "InvalidInstanceID", ERROR_CONFLICT },
	{ "VolumeInUse", ERROR_CONFLICT },
	{ "OperationNotPermitted", ERROR_CONFLICT },
	{ "InvalidParameterValue", ERROR_CONFLICT },
	{ "IdempotentInstanceTerminated", ERROR_CONFLICT },
	{ "ConcurrentSnapshotLimitExceeded", ERROR_CAPACITY },
};

static void translate(struct error *err)
{
	err->kind = text_ends_with(err->code, ".NotFound") ? ERROR_MISSING : ERROR_REMOTE;
	for (size_t i = 0; i < ARRAY_SIZE(CODES); i++)
		if (!strcmp(err->code, CODES[i].code))
			err->kind = CODES[i].kind;
}

/* Our own tags and the effect's, as a request carries them. The texts are borrowed. */
struct tags {
	struct model_tag list[MODEL_TAGS_MAX];
	struct model_tags all;
};

static void add_tag(struct tags *t, const char *key, const char *value)
{
	if (value && *value && t->all.count < MODEL_TAGS_MAX)
		t->list[t->all.count++] = (struct model_tag){ (char *)key, (char *)value };
}

static const struct model_tags *tags_of(const struct effect *e, bool with_token, struct tags *ret)
{
	ret->all = (struct model_tags){ .list = ret->list };
	add_tag(ret, TAG_REBUILD, e->rebuild);
	add_tag(ret, TAG_ROLE, e->role);
	if (with_token)
		add_tag(ret, TAG_TOKEN, e->token);
	for (size_t i = 0; i < e->tag_count; i++)
		add_tag(ret, e->tags[i].key, e->tags[i].value);
	return &ret->all;
}

/* How a deed is done. The model refuses dry runs in its own way, once it has checked them. */
typedef bool deed_fn(struct history *h, struct call *c, struct error *err);

static bool keep_volume(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const struct model_modification m = {
		.attribute = MODEL_DELETE_ON_TERMINATION, .device = e->device, .on = !e->on
	};

	return model_modify_instance(h->stage.model, e->instance_id, &m, e->dry_run, err);
}

static bool protect(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const struct model_modification m = { .attribute = MODEL_TERMINATION_PROTECTION, .on = e->on };

	return model_modify_instance(h->stage.model, e->instance_id, &m, e->dry_run, err);
}

static bool tag(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const char *id = e->volume_id[0] ? e->volume_id : e->instance_id;
	struct tags tags;
	const struct model_tag_request r = { .ids = &id, .id_count = 1, .tags = tags_of(e, false, &tags) };

	return model_create_tags(h->stage.model, &r, e->dry_run, err);
}

/* The disk could not be copied: the snapshot ends in error, when it would have been completed. */
static void fail_copy(struct stage *s)
{
	auto_error err = ERROR_INIT;

	if (!s->copying[0])
		return;
	error_set(&err, ERROR_REMOTE, "the copy failed");
	model_snapshot_copied(s->model, s->copying, &err);
	s->copying[0] = '\0';
}

static bool create_snapshot(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	struct tags tags;
	const struct model_snapshot_request r = { .volume_id = e->volume_id,
		.tags = tags_of(e, true, &tags) };
	const struct model_snapshot *s;

	if (!model_create_snapshot(h->stage.model, &r, e->dry_run, &s, err))
		return false;
	fail_copy(&h->stage);
	sight_snapshot(h, s, c->asked_ms, &sight_add(c, SIGHTING_SNAPSHOT)->snapshot);
	return true;
}

static bool delete_snapshot(struct history *h, struct call *c, struct error *err)
{
	return model_delete_snapshot(h->stage.model, c->effect.snapshot_id, c->effect.dry_run, err);
}

static bool launch(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	struct tags tags;
	const struct model_launch l = {
		.min_count = 1,
		.max_count = 1,
		.image_id = e->launch->image->id,
		.type = e->launch->like->instance_type,
		.zone = e->launch->like->zone,
		.client_token = e->dry_run || mutants_breaks(h, MUTANT_TOKEN) ? NULL : e->token,
		.instance_tags = tags_of(e, false, &tags),
	};
	struct model_reservation made;
	struct instance *shown;

	if (!model_run_instances(h->stage.model, &l, e->dry_run, &made, err))
		return false;
	stage_add_machine(&h->stage, made.instances[0]->id, c->member->place, true);
	shown = &sight_add(c, SIGHTING_INSTANCE)->instance;
	sight_launched(h, made.instances[0], c->asked_ms, shown);
	text_copy(shown->client_token, sizeof(shown->client_token), e->token);
	return true;
}

static bool change(struct history *h, struct call *c, enum model_change_kind kind, struct error *err)
{
	const char *id = c->effect.instance_id;
	const struct model_change_request r = { .kind = kind, .ids = &id, .count = 1 };
	struct model_change done;

	return model_change_instances(h->stage.model, &r, c->effect.dry_run, &done, err);
}

static bool stop(struct history *h, struct call *c, struct error *err)
{
	return change(h, c, MODEL_STOP, err);
}

static bool start(struct history *h, struct call *c, struct error *err)
{
	return change(h, c, MODEL_START, err);
}

static bool terminate(struct history *h, struct call *c, struct error *err)
{
	return change(h, c, MODEL_TERMINATE, err);
}

/* Replies about attachments show no zone, size or tags. */
static void show_attachment(struct history *h, struct call *c)
{
	struct volume *v = &sight_add(c, SIGHTING_VOLUME)->volume;

	sight_volume(h, c->effect.volume_id, c->asked_ms, v);
	v->zone[0] = v->found[0] = v->rebuild[0] = v->role[0] = v->journal[0] = '\0';
	v->tags_asked_ms = 0;
	v->size_gib = 0;
}

static bool detach(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const struct model_detach_request r = { .volume_id = e->volume_id, .instance_id = e->instance_id };
	const struct model_volume *v;

	if (model_detach_volume(h->stage.model, &r, e->dry_run, &v, err)) {
		show_attachment(h, c);
		return true;
	}
	if (e->dry_run || strcmp(err->code, "IncorrectState") != 0 ||
		!strstr(err->message, "'available' state"))
		return false;
	error_release(err); /* it is so already */
	return true;
}

static const char *device_of(struct history *h, const struct effect *e)
{
	struct stage_volume *v = stage_find_volume(&h->stage, e->volume_id);

	if (!v || !v->other_device || e->dry_run)
		return e->device;
	v->other_device = false;
	return "/dev/sdz";
}

static bool attach(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const struct model_attach_request r = {
		.volume_id = e->volume_id, .instance_id = e->instance_id, .device = device_of(h, e)
	};
	const struct model_volume *v;

	if (!model_attach_volume(h->stage.model, &r, e->dry_run, &v, err))
		return false;
	show_attachment(h, c);
	return true;
}

static bool associate(struct history *h, struct call *c, struct error *err)
{
	const struct effect *e = &c->effect;
	const struct model_associate_request r = { .allocation_id = e->allocation_id,
		.instance_id = e->instance_id };
	const struct model_address *a;
	struct address *shown;

	if (!model_associate_address(h->stage.model, &r, e->dry_run, &a, err))
		return false;
	shown = &sight_add(c, SIGHTING_ADDRESS)->address;
	sight_address(h, e->allocation_id, c->asked_ms, shown);
	shown->public_ip[0] = '\0'; /* the reply shows where it points, not what it is */
	return true;
}

static deed_fn *const DEEDS[EFFECT_KIND_COUNT] = {
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
};

void deeds_do(struct history *h, struct call *c)
{
	if (c->effect.kind == EFFECT_LAUNCH || c->effect.kind == EFFECT_DELETE_SNAPSHOT)
		h->stage.changed = true; /* no other deed makes or removes what the stage points to */
	if (DEEDS[c->effect.kind](h, c, &c->err))
		return;
	if (error_is(&c->err, "DryRunOperation"))
		error_release(&c->err);
	else
		translate(&c->err);
}

void deeds_repeat(struct history *h, const struct call *c)
{
	struct call again = { .member = c->member, .effect = c->effect, .asked_ms = c->asked_ms };

	deeds_do(h, &again);
	error_release(&again.err);
	free(again.shown);
}
