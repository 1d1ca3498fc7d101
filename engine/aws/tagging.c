#include "aws/tagging.h"

#include <stdio.h>
#include <string.h>

#include "aws/parameters.h"
#include "cloud/tags.h"

static bool has_key(const struct tagging *t, const char *key)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->tags[i].key, key))
			return true;
	return false;
}

void tagging_add(struct tagging *t, const struct tag *tags, size_t count)
{
	for (size_t i = 0; i < count && t->count < TAGGING_MAX; i++)
		if (!has_key(t, tags[i].key))
			t->tags[t->count++] = tags[i];
}

static void add_one(struct tagging *t, const char *key, const char *value)
{
	if (value && *value)
		tagging_add(t, &(struct tag){ key, value }, 1);
}

void tagging_add_own(struct tagging *t, const struct effect *e, bool with_token)
{
	add_one(t, TAG_REBUILD, e->rebuild);
	add_one(t, TAG_ROLE, e->role);
	if (with_token)
		add_one(t, TAG_TOKEN, e->token);
}

void tagging_write(const struct tagging *t, const char *prefix, struct text *form)
{
	for (size_t i = 0; i < t->count; i++)
		parameters_add_tag(form, prefix, i + 1, &t->tags[i]);
}

void tagging_write_specification(
	const struct tagging *t, size_t number, const char *resource_type, struct text *form)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "TagSpecification.%zu.Tag", number);
	parameters_add(form, resource_type, "TagSpecification.%zu.ResourceType", number);
	tagging_write(t, prefix, form);
}
