#include "sandbox/api/request.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/model/volumes.h"

enum { LIST_MAX = 1000, NAME_MAX_CHARS = 128, TOKEN_MAX = 64 };

const char *request_text(const struct request *r, const char *name)
{
	return form_find(&r->form, name);
}

const char *request_textf(const struct request *r, const char *fmt, ...)
{
	char name[NAME_MAX_CHARS];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return request_text(r, name);
}

bool request_has(const struct request *r, const char *prefix)
{
	for (size_t i = 0; i < r->form.count; i++)
		if (text_starts_with(r->form.pairs[i].name, prefix))
			return true;
	return false;
}

struct request_list request_list(const struct request *r, const char *name)
{
	size_t count = 0;
	const char **items;

	while (count < LIST_MAX && request_textf(r, "%s.%zu", name, count + 1))
		count++;
	items = arena_array(r->arena, count, sizeof(*items));
	for (size_t n = 0; n < count; n++)
		items[n] = request_textf(r, "%s.%zu", name, n + 1);
	return (struct request_list){ .items = items, .count = count };
}

bool request_bool(const struct request *r, const char *name, bool *ret, struct error *err)
{
	const char *value = request_text(r, name);

	if (!value)
		return true;
	if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
		return model_refuse(err, "InvalidParameterValue",
			"Invalid value '%s' for %s. Use true or false.", value, name);
	*ret = !strcasecmp(value, "true");
	return true;
}

bool request_int(const struct request *r, const char *name, int *ret, struct error *err)
{
	const char *value = request_text(r, name);
	char *end;
	long number;

	if (!value)
		return true;
	errno = 0;
	number = strtol(value, &end, 10);
	if (end == value || *end || errno || number < INT_MIN || number > INT_MAX)
		return model_refuse(err, "InvalidParameterValue",
			"Value (%s) for parameter %s is invalid. Expected: an integer.", value, name);
	*ret = (int)number;
	return true;
}

bool request_choice(const struct request *r, const char *name, const char *const *options, const char **ret,
	struct error *err)
{
	const char *value = request_text(r, name);

	if (!value)
		return true;
	for (; *options; options++) {
		if (!strcmp(*options, value)) {
			*ret = *options;
			return true;
		}
	}
	return model_refuse(
		err, "InvalidParameterValue", "Value (%s) for parameter %s is invalid.", value, name);
}

bool request_token(const struct request *r, const char **ret, struct error *err)
{
	const char *token = request_text(r, "ClientToken");

	*ret = NULL;
	if (!token || !*token)
		return true;
	if (strlen(token) > TOKEN_MAX)
		return model_refuse(err, "InvalidParameterValue",
			"clientToken exceeds the limit of %d characters", TOKEN_MAX);
	for (const char *c = token; *c; c++)
		if (!isascii((unsigned char)*c))
			return model_refuse(err, "InvalidParameterValue", "clientToken must be ASCII");
	*ret = token;
	return true;
}

static void add_tag(const struct request *r, struct model_tags *t, const char *key, const char *value)
{
	struct model_tag *tag = &t->list[t->count++];

	tag->key = arena_copy(r->arena, key);
	tag->value = arena_copy(r->arena, value ? value : "");
}

struct model_tags request_tags(const struct request *r, const char *prefix)
{
	struct model_tags tags = { .list = arena_array(r->arena, LIST_MAX, sizeof(*tags.list)) };
	const char *key;

	for (size_t n = 1; n <= LIST_MAX && (key = request_textf(r, "%sTag.%zu.Key", prefix, n)); n++)
		add_tag(r, &tags, key, request_textf(r, "%sTag.%zu.Value", prefix, n));
	return tags;
}

static bool is_one_of(const char *const *options, const char *value)
{
	for (; *options; options++)
		if (!strcmp(*options, value))
			return true;
	return false;
}

bool request_tag_specification(const struct request *r, const char *const *types, const char *type,
	struct model_tags *ret, struct error *err)
{
	const char *named;
	char prefix[NAME_MAX_CHARS];

	*ret = (struct model_tags){ .list = NULL };
	for (int n = 1; (named = request_textf(r, "TagSpecification.%d.ResourceType", n)); n++) {
		if (!is_one_of(types, named))
			return model_refuse(err, "InvalidParameterValue",
				"'%s' is not a valid taggable resource type for this operation.", named);
		if (strcmp(named, type) != 0)
			continue;
		snprintf(prefix, sizeof(prefix), "TagSpecification.%d.", n);
		*ret = request_tags(r, prefix);
		if (!model_tags_check(ret, err))
			return false;
	}
	return true;
}

static bool read_type(const char *name, struct model_mapping *b, struct error *err)
{
	b->type = name ? model_volume_type(name) : NULL;
	if (!name || b->type)
		return true;
	return model_refuse(err, "InvalidParameterValue", "The volume type '%s' is not valid", name);
}

static bool read_disk(const struct request *r, int n, struct model_mapping *b, struct error *err)
{
	struct {
		const char *name;
		int *value;
	} numbers[] = {
		{ "VolumeSize", &b->size_gib },
		{ "Iops", &b->iops },
		{ "Throughput", &b->throughput },
	};
	const char *snapshot = request_textf(r, "BlockDeviceMapping.%d.Ebs.SnapshotId", n);
	char name[NAME_MAX_CHARS];
	bool doomed = true;

	if (snapshot && !text_copy(b->snapshot_id, sizeof(b->snapshot_id), snapshot))
		return model_refuse(
			err, "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", snapshot);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(name, sizeof(name), "BlockDeviceMapping.%d.Ebs.%s", n, numbers[i].name);
		if (!request_int(r, name, numbers[i].value, err))
			return false;
	}
	snprintf(name, sizeof(name), "BlockDeviceMapping.%d.Ebs.Encrypted", n);
	if (!request_bool(r, name, &b->encrypted, err))
		return false;
	snprintf(name, sizeof(name), "BlockDeviceMapping.%d.Ebs.DeleteOnTermination", n);
	b->keep_given = request_text(r, name);
	if (!request_bool(r, name, &doomed, err))
		return false;
	b->keep = !doomed;
	b->kms_key = request_textf(r, "BlockDeviceMapping.%d.Ebs.KmsKeyId", n);
	return read_type(request_textf(r, "BlockDeviceMapping.%d.Ebs.VolumeType", n), b, err);
}

bool request_mappings(
	const struct request *r, struct model_mapping **ret, size_t *ret_count, struct error *err)
{
	struct model_mapping *list = arena_array(r->arena, MODEL_MAPPINGS_MAX, sizeof(*list));
	const char *device;
	size_t count = 0;

	while ((device = request_textf(r, "BlockDeviceMapping.%zu.DeviceName", count + 1))) {
		if (count == MODEL_MAPPINGS_MAX || strlen(device) >= MODEL_DEVICE_SIZE)
			return model_refuse(
				err, "InvalidBlockDeviceMapping", "Invalid device name %s", device);
		text_copy(list[count].device, MODEL_DEVICE_SIZE, device);
		list[count].suppressed = request_textf(r, "BlockDeviceMapping.%zu.NoDevice", count + 1);
		if (!read_disk(r, (int)count + 1, &list[count], err))
			return false;
		count++;
	}
	*ret = list;
	*ret_count = count;
	return true;
}

/* FNV-1a, 64 bits, of one pair; the sum over all pairs does not depend on their order. */
static uint64_t hash_pair(const struct form_pair *p)
{
	uint64_t h = 14695981039346656037u;

	for (const char *c = p->name; *c; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	h = (h ^ '=') * 1099511628211u;
	for (const char *c = p->value; *c; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	return h;
}

uint64_t request_fingerprint(const struct request *r)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->form.count; i++)
		if (strcmp(r->form.pairs[i].name, "DryRun") != 0)
			sum += hash_pair(&r->form.pairs[i]);
	return sum;
}
