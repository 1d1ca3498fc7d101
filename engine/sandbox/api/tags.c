/* tags.c: tags of any resource. */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/tags.h"

static bool create_tags(struct request *r, struct error *err)
{
	struct request_list ids = request_list(r, "ResourceId");
	struct model_tags tags = request_tags(r, "");
	const struct model_tag_request q = { .ids = ids.items, .id_count = ids.count, .tags = &tags };

	if (!tags.count)
		return model_refuse(err, "MissingParameter", "The request must contain the parameter Tag");
	if (!model_create_tags(r->model, &q, r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

/* A tag without a value is taken away whatever its value; with one, even an empty one, only if equal. */
static bool delete_tags(struct request *r, struct error *err)
{
	struct request_list ids = request_list(r, "ResourceId");
	struct model_tags tags = request_tags(r, "");
	bool *any_value = arena_array(r->arena, tags.count, sizeof(*any_value));
	const struct model_tag_request q = {
		.ids = ids.items,
		.id_count = ids.count,
		.tags = &tags,
		.any_value = any_value,
	};

	for (size_t n = 0; n < tags.count; n++)
		any_value[n] = !request_textf(r, "Tag.%zu.Value", n + 1);
	if (!model_delete_tags(r->model, &q, r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static bool by_key(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_tag_entry *)item)->tag->key);
}

static bool by_value(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_tag_entry *)item)->tag->value);
}

static bool by_resource(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_tag_entry *)item)->resource_id);
}

static bool by_type(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_tag_entry *)item)->resource_type);
}

static const struct filter FILTERS[] = {
	{ "key", by_key },
	{ "resource-id", by_resource },
	{ "resource-type", by_type },
	{ "value", by_value },
};

static const struct describe TAGS = { .filters = FILTERS, .filter_count = ARRAY_SIZE(FILTERS) };

/* The tags that pass the filters, collected first because pages count them. */
struct collection {
	struct request *request;
	struct model_tag_entry *entries; /* in the request's arena */
	size_t count, size;
	struct error *err;
};

static void collect(void *ctx, const struct model_tag_entry *e)
{
	struct collection *c = ctx;
	struct model_tag_entry *larger;
	bool passes;

	if (c->err->kind != ERROR_NONE || !describe_filtered(c->request, &TAGS, e, &passes, c->err) ||
		!passes)
		return;
	if (c->count == c->size) {
		c->size = c->size ? c->size * 2 : 64;
		larger = arena_array(c->request->arena, c->size, sizeof(*larger));
		if (c->count)
			memcpy(larger, c->entries, c->count * sizeof(*larger));
		c->entries = larger;
	}
	c->entries[c->count++] = *e;
}

static void write_entry(struct request *r, const struct model_tag_entry *e)
{
	reply_open(r, "item");
	reply_text(r, "resourceId", e->resource_id);
	reply_text(r, "resourceType", e->resource_type);
	reply_text(r, "key", e->tag->key);
	reply_text(r, "value", e->tag->value);
	reply_close(r, "item");
}

static bool describe_tags(struct request *r, struct error *err)
{
	struct collection c = { .request = r, .err = err };
	size_t first, end;

	model_tags_walk(r->model, collect, &c);
	if (err->kind != ERROR_NONE || !describe_page(r, c.count, &first, &end, err))
		return false;
	reply_open(r, "tagSet");
	for (size_t n = first; n < end; n++)
		write_entry(r, &c.entries[n]);
	reply_close(r, "tagSet");
	describe_next_token(r, &(struct described){ .next = end < c.count ? end : 0 });
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "CreateTags",
		.summary = "add tags to resources, replacing values of equal keys",
		.params = "ResourceId.N! Tag.N.Key Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_TAG,
		.handle = create_tags,
	},
	{
		.name = "DeleteTags",
		.summary = "take tags away from resources",
		.params = "ResourceId.N! Tag.N.Key Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = delete_tags,
	},
	{
		.name = "DescribeTags",
		.summary = "tags of all resources",
		.params = "Filter.N.Name Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_tags,
	},
};

const struct action_set actions_tags = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
