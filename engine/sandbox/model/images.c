#include "sandbox/model/images.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

static bool name_is_taken(const struct model *m, const char *name)
{
	const struct model_image *i;

	for (uint64_t at = 0; (i = index_next(&m->images, &at));)
		if (!i->deregistered && !strcmp(i->name, name))
			return true;
	return false;
}

static bool check_mappings(const struct model *m, const struct model_image_request *r, struct error *err)
{
	if (r->mapping_count + 1 > MODEL_MAPPINGS_MAX)
		return model_refuse(err, "InvalidBlockDeviceMapping", "Too many block device mappings");
	for (size_t i = 0; i < r->mapping_count; i++) {
		const struct model_mapping *b = &r->mappings[i];

		if (b->snapshot_id[0] && !model_find_snapshot(m, b->snapshot_id, err))
			return false;
	}
	return true;
}

static bool check_image(const struct model *m, const struct model_image_request *r, struct error *err)
{
	if (name_is_taken(m, r->name))
		return model_refuse(err, "InvalidAMIName.Duplicate",
			"AMI name %s is already in use by another AMI", r->name);
	return check_mappings(m, r, err) && m->orders.check_image(m->orders.ctx, r->location, err);
}

void mapping_override(struct model_mapping *to, const struct model_mapping *from)
{
	if (from->snapshot_id[0])
		memcpy(to->snapshot_id, from->snapshot_id, sizeof(to->snapshot_id));
	if (from->type)
		to->type = from->type;
	if (from->size_gib)
		to->size_gib = from->size_gib;
	if (from->iops)
		to->iops = from->iops;
	if (from->throughput)
		to->throughput = from->throughput;
	if (from->keep_given)
		to->keep = from->keep;
	if (from->kms_key)
		to->kms_key = from->kms_key;
	to->encrypted |= from->encrypted;
}

/* The root's mapping comes first, whether the request names it or not. */
static void set_mappings(struct model_image *i, const struct model_image_request *r)
{
	struct model_mapping *root = &i->mappings[0];

	*root = (struct model_mapping){ .size_gib = 8, .type = model_volume_type("gp3") };
	text_copy(root->device, sizeof(root->device), i->root_device);
	i->mapping_count = 1;
	for (size_t b = 0; b < r->mapping_count; b++) {
		if (strcmp(r->mappings[b].device, i->root_device) != 0)
			i->mappings[i->mapping_count++] = r->mappings[b];
		else
			mapping_override(root, &r->mappings[b]);
	}
}

bool model_register_image(struct model *m, const struct model_image_request *r, bool dry_run,
	const struct model_image **ret, struct error *err)
{
	struct model_image *i;

	if (!check_image(m, r, err) || !model_commits(dry_run, err))
		return false;
	i = alloc_zeroed(1, sizeof(*i));
	model_make_id(m, "ami-", i->id);
	i->name = alloc_text(r->name);
	i->description = alloc_text(r->description);
	i->location = alloc_text(r->location);
	i->architecture = r->architecture;
	text_copy(i->root_device, sizeof(i->root_device), r->root_device);
	set_mappings(i, r);
	i->created_ms = m->now_ms;
	model_tags_copy(&i->tags, r->tags);
	index_add(&m->images, i->id, i);
	*ret = i;
	return true;
}

bool model_deregister_image(struct model *m, const char *id, bool dry_run, struct error *err)
{
	struct model_image *i = index_find(&m->images, id);

	if (!model_find_image(m, id, err) || !model_commits(dry_run, err))
		return false;
	i->deregistered = true;
	return true;
}

const struct model_image *model_find_image(const struct model *m, const char *id, struct error *err)
{
	const struct model_image *i = index_find(&m->images, id);

	if (i && !i->deregistered)
		return i;
	if (inside_is_id(id, "ami-"))
		model_refuse(err, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id);
	else
		model_refuse(err, "InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", id);
	return NULL;
}

const struct index *model_images(const struct model *m)
{
	return &m->images;
}

static struct model_key *find_key(const struct model *m, const char *name)
{
	struct model_key *k;

	for (uint64_t at = 0; (k = index_next(&m->keys, &at));)
		if (!k->deleted && !strcmp(k->name, name))
			return k;
	return NULL;
}

bool model_import_key(struct model *m, const struct model_key_request *r, bool dry_run,
	const struct model_key **ret, struct error *err)
{
	struct model_key *k;

	if (find_key(m, r->name))
		return model_refuse(err, "InvalidKeyPair.Duplicate", "The keypair already exists");
	if (!model_commits(dry_run, err))
		return false;
	k = alloc_zeroed(1, sizeof(*k));
	model_make_id(m, "key-", k->id);
	k->name = alloc_text(r->name);
	k->public_key = alloc_text(r->public_key);
	k->fingerprint = alloc_text(r->fingerprint);
	k->created_ms = m->now_ms;
	model_tags_copy(&k->tags, r->tags);
	index_add(&m->keys, k->id, k);
	*ret = k;
	return true;
}

bool model_delete_key(struct model *m, const char *name, bool dry_run, const char **ret_id, struct error *err)
{
	struct model_key *k = find_key(m, name);

	if (!model_commits(dry_run, err))
		return false;
	if (k)
		k->deleted = true;
	*ret_id = k ? k->id : "";
	return true;
}

const struct model_key *model_find_key(const struct model *m, const char *name, struct error *err)
{
	const struct model_key *k = find_key(m, name);

	if (!k)
		model_refuse(err, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist", name);
	return k;
}

const struct index *model_keys(const struct model *m)
{
	return &m->keys;
}
