#include "sandbox/model/tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

enum { KEY_MAX = 127, VALUE_MAX = 255 }; /* Unicode characters on EC2; bytes are at least as many */

static struct model_tag *find(const struct model_tags *t, const char *key)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->list[i].key, key))
			return &t->list[i];
	return NULL;
}

void model_tags_set(struct model_tags *t, const char *key, const char *value)
{
	struct model_tag *tag = find(t, key);

	if (tag) {
		free(tag->value);
		tag->value = alloc_text(value);
		return;
	}
	t->list = realloc(t->list, (t->count + 1) * sizeof(*t->list));
	if (!t->list)
		abort();
	t->list[t->count++] = (struct model_tag){ .key = alloc_text(key), .value = alloc_text(value) };
}

void model_tags_unset(struct model_tags *t, const char *key, const char *value)
{
	struct model_tag *tag = find(t, key);

	if (!tag || (value && strcmp(tag->value, value) != 0))
		return;
	free(tag->key);
	free(tag->value);
	t->count--;
	memmove(tag, tag + 1, (size_t)(t->list + t->count - tag) * sizeof(*tag));
}

void model_tags_copy(struct model_tags *t, const struct model_tags *from)
{
	for (size_t i = 0; from && i < from->count; i++)
		model_tags_set(t, from->list[i].key, from->list[i].value);
}

const char *model_tags_get(const struct model_tags *t, const char *key)
{
	const struct model_tag *tag = find(t, key);

	return tag ? tag->value : NULL;
}

void model_tags_release(struct model_tags *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->list[i].key);
		free(t->list[i].value);
	}
	free(t->list);
	*t = (struct model_tags){ .list = NULL };
}

/* Characters, not bytes: those that continue a UTF-8 sequence do not count. */
static size_t characters(const char *s)
{
	size_t count = 0;

	for (; *s; s++)
		count += ((unsigned char)*s & 0xc0) != 0x80;
	return count;
}

static bool check_tag(const struct model_tag *tag, struct error *err)
{
	if (text_starts_with(tag->key, "aws:"))
		return model_refuse(err, "InvalidParameterValue",
			"Tag keys starting with 'aws:' are reserved for internal use");
	if (!tag->key[0] || characters(tag->key) > KEY_MAX)
		return model_refuse(err, "InvalidParameterValue",
			"Tag key exceeds the maximum length of %d characters or is empty", KEY_MAX);
	if (characters(tag->value) > VALUE_MAX)
		return model_refuse(err, "InvalidParameterValue",
			"Tag value exceeds the maximum length of %d characters", VALUE_MAX);
	return true;
}

bool model_tags_check(const struct model_tags *t, struct error *err)
{
	if (t->count > MODEL_TAGS_MAX)
		return model_refuse(err, "TagLimitExceeded",
			"The maximum number of Tags for a resource is %d", MODEL_TAGS_MAX);
	for (size_t i = 0; i < t->count; i++)
		if (!check_tag(&t->list[i], err))
			return false;
	return true;
}

/* How many tags t would have with those of `more` added. */
static size_t count_with(const struct model_tags *t, const struct model_tags *more)
{
	size_t count = t->count;

	for (size_t i = 0; i < more->count; i++)
		count += !find(t, more->list[i].key);
	return count;
}

typedef struct model_tags *tags_finder(struct model *m, const char *id, struct error *err);

static struct model_tags *instance_tags(struct model *m, const char *id, struct error *err)
{
	return model_find_instance(m, id, err) ? &inside_instance(m, id)->tags : NULL;
}

static struct model_tags *volume_tags(struct model *m, const char *id, struct error *err)
{
	struct model_volume *v = index_find(&m->volumes, id);

	return model_find_volume(m, id, err) ? &v->tags : NULL;
}

static struct model_tags *snapshot_tags(struct model *m, const char *id, struct error *err)
{
	struct model_snapshot *s = index_find(&m->snapshots, id);

	return model_find_snapshot(m, id, err) ? &s->tags : NULL;
}

static struct model_tags *image_tags(struct model *m, const char *id, struct error *err)
{
	struct model_image *i = index_find(&m->images, id);

	return model_find_image(m, id, err) ? &i->tags : NULL;
}

static struct model_tags *address_tags(struct model *m, const char *id, struct error *err)
{
	struct model_address *a = index_find(&m->addresses, id);

	return model_find_address(m, id, err) ? &a->tags : NULL;
}

static struct model_tags *key_tags(struct model *m, const char *id, struct error *err)
{
	struct model_key *k = index_find(&m->keys, id);

	if (k && !k->deleted)
		return &k->tags;
	model_refuse(err, "InvalidKeyPair.NotFound", "The key pair ID '%s' does not exist", id);
	return NULL;
}

static const struct {
	const char *prefix;
	tags_finder *find;
} FINDERS[] = {
	{ "i-", instance_tags },
	{ "vol-", volume_tags },
	{ "snap-", snapshot_tags },
	{ "ami-", image_tags },
	{ "eipalloc-", address_tags },
	{ "key-", key_tags },
};

static struct model_tags *find_tags(struct model *m, const char *id, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(FINDERS); i++)
		if (text_starts_with(id, FINDERS[i].prefix))
			return FINDERS[i].find(m, id, err);
	model_refuse(err, "InvalidID", "The ID '%s' is not valid", id);
	return NULL;
}

bool model_create_tags(struct model *m, const struct model_tag_request *r, bool dry_run, struct error *err)
{
	if (!model_tags_check(r->tags, err))
		return false;
	for (size_t i = 0; i < r->id_count; i++) {
		struct model_tags *tags = find_tags(m, r->ids[i], err);

		if (!tags)
			return false;
		if (count_with(tags, r->tags) > MODEL_TAGS_MAX)
			return model_refuse(err, "TagLimitExceeded",
				"The maximum number of Tags for a resource is %d", MODEL_TAGS_MAX);
	}
	if (!model_commits(dry_run, err))
		return false;
	for (size_t i = 0; i < r->id_count; i++)
		model_tags_copy(find_tags(m, r->ids[i], err), r->tags);
	return true;
}

static void delete_from(struct model_tags *t, const struct model_tag_request *r)
{
	if (!r->tags->count)
		model_tags_release(t);
	for (size_t i = 0; i < r->tags->count; i++)
		model_tags_unset(t, r->tags->list[i].key, r->any_value[i] ? NULL : r->tags->list[i].value);
}

bool model_delete_tags(struct model *m, const struct model_tag_request *r, bool dry_run, struct error *err)
{
	for (size_t i = 0; i < r->id_count; i++)
		if (!find_tags(m, r->ids[i], err))
			return false;
	if (!model_commits(dry_run, err))
		return false;
	for (size_t i = 0; i < r->id_count; i++)
		delete_from(find_tags(m, r->ids[i], err), r);
	return true;
}

struct walk {
	model_tag_visit *visit;
	void *ctx;
};

static void walk_tags(const struct walk *w, const char *id, const char *type, const struct model_tags *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct model_tag_entry entry = {
			.resource_id = id,
			.resource_type = type,
			.tag = &t->list[i],
		};

		w->visit(w->ctx, &entry);
	}
}

void model_tags_walk(const struct model *m, model_tag_visit *visit, void *ctx)
{
	const struct walk w = { .visit = visit, .ctx = ctx };
	const struct model_instance *i;
	const struct model_volume *v;
	const struct model_snapshot *s;
	const struct model_image *image;
	const struct model_address *a;
	const struct model_key *k;

	for (uint64_t at = 0; (i = index_next(&m->instances, &at));)
		walk_tags(&w, i->id, "instance", &i->tags);
	for (uint64_t at = 0; (v = index_next(&m->volumes, &at));)
		walk_tags(&w, v->id, "volume", &v->tags);
	for (uint64_t at = 0; (s = index_next(&m->snapshots, &at));)
		walk_tags(&w, s->id, "snapshot", &s->tags);
	for (uint64_t at = 0; (image = index_next(&m->images, &at));)
		walk_tags(&w, image->id, "image", &image->tags);
	for (uint64_t at = 0; (a = index_next(&m->addresses, &at));)
		walk_tags(&w, a->allocation_id, "elastic-ip", &a->tags);
	for (uint64_t at = 0; (k = index_next(&m->keys, &at));)
		walk_tags(&w, k->id, "key-pair", &k->tags);
}
