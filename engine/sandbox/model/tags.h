/* tags.h: tags of any resource. */
#ifndef SANDBOX_MODEL_TAGS_H
#define SANDBOX_MODEL_TAGS_H

#include "sandbox/model/model.h"

/* Adds a copy, or replaces the value of an equal key. */
void model_tags_set(struct model_tags *t, const char *key, const char *value);

/* Takes the key away if it is there and, unless value is NULL, has that value. */
void model_tags_unset(struct model_tags *t, const char *key, const char *value);

/* Adds copies of all of `from`, which may be NULL. */
void model_tags_copy(struct model_tags *t, const struct model_tags *from);

/* NULL if the key is absent. */
const char *model_tags_get(const struct model_tags *t, const char *key);
void model_tags_release(struct model_tags *t);

/* EC2's rules for keys and values: length, the reserved prefix aws:, the limit per resource. */
bool model_tags_check(const struct model_tags *t, struct error *err) MUST_USE;

/* CreateTags and DeleteTags: all ids or, if one does not exist, none. */
struct model_tag_request {
	const char *const *ids;
	size_t id_count;
	const struct model_tags *tags;
	const bool *any_value; /* deleting: per tag, take it away whatever its value; NULL: never */
};

bool model_create_tags(
	struct model *m, const struct model_tag_request *r, bool dry_run, struct error *err) MUST_USE;

/* With no tags at all: takes away every tag of the resources. */
bool model_delete_tags(
	struct model *m, const struct model_tag_request *r, bool dry_run, struct error *err) MUST_USE;

/* Walks all tags of all resources, for DescribeTags. */
struct model_tag_entry {
	const char *resource_id, *resource_type; /* "i-...", "instance" */
	const struct model_tag *tag;
};

typedef void model_tag_visit(void *ctx, const struct model_tag_entry *e);
void model_tags_walk(const struct model *m, model_tag_visit *visit, void *ctx);
#endif
