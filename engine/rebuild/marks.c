#include "rebuild/marks.h"

#include <string.h>

#include "base/clock.h"
#include "cloud/tags.h"
#include "rebuild/order.h"

enum { TAGS_MAX = 3, TAG_VALUE_MAX = 256 };

static const char *const DATA_ROLES[CLOUD_VOLUMES_MAX] = { ROLE_DATA "0", ROLE_DATA "1", ROLE_DATA "2",
	ROLE_DATA "3", ROLE_DATA "4", ROLE_DATA "5", ROLE_DATA "6", ROLE_DATA "7" };

/* A tag, and who drives the rebuild; in the arena, because effects borrow them. */
static struct tag *tags(struct rebuild *r, const char *key, const char *value, size_t *ret_count)
{
	struct tag *list = arena_array(&r->arena, TAGS_MAX, sizeof(*list));

	list[0] = (struct tag){ key, value };
	*ret_count = 1;
	if (r->options.journal[0])
		list[(*ret_count)++] = (struct tag){ TAG_JOURNAL, r->options.journal };
	return list;
}

/* The shortest key that a tag can hold: Ed25519's before ECDSA's; RSA's cannot be used anyway. */
static const char *host_key(struct rebuild *r)
{
	const char *line = order_host_keys(r, false), *best = NULL;
	size_t best_len = TAG_VALUE_MAX;

	for (; line && *line; line += strspn(line, "\n")) {
		size_t len = strcspn(line, "\n");

		if (len < best_len) {
			best = line;
			best_len = len;
		}
		line += len;
	}
	return best ? arena_printf(&r->arena, "%.*s", (int)best_len, best) : NULL;
}

void marks_blue(struct rebuild *r, const char *role, size_t part, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_TAG, part);
	struct tag *list;
	const char *key;

	if (!e)
		return;
	e->role = role;
	list = tags(r, TAG_FOUND, r->found, &e->tag_count);
	key = host_key(r);
	if (key)
		list[e->tag_count++] = (struct tag){ TAG_HOST_KEY, key };
	e->tags = list;
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

void marks_volume(struct rebuild *r, size_t i, size_t part, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_TAG, part);

	if (!e)
		return;
	e->role = DATA_ROLES[i];
	e->tags = tags(r, TAG_FOUND, r->volumes[i].found, &e->tag_count);
	memcpy(e->volume_id, r->volumes[i].id, sizeof(e->volume_id));
}

void marks_claim(struct rebuild *r, const struct rebuild_volume *v, size_t part, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_TAG, part);

	if (!e)
		return;
	e->tags = tags(r, TAG_JOURNAL, r->options.journal, &e->tag_count);
	e->tag_count = 1;
	if (v)
		memcpy(e->volume_id, v->id, sizeof(e->volume_id));
	else
		memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

void marks_retired(struct rebuild *r, size_t part, struct effects *out)
{
	struct effect *e = step_effect(out, EFFECT_TAG, part);
	char when[CLOCK_TEXT_SIZE];

	if (!e)
		return;
	clock_format(r->confirmed_wall_ms, when);
	e->role = ROLE_RETIRED;
	e->tags = tags(r, TAG_CONFIRMED, arena_copy(&r->arena, when), &e->tag_count);
	memcpy(e->instance_id, r->world.blue.id, sizeof(e->instance_id));
}

size_t marks_green(struct rebuild *r, const struct tag **ret)
{
	size_t count;

	*ret = tags(r, TAG_REPLACES, r->world.blue.id, &count);
	return count;
}
