#include "sandbox/model/model.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

enum { ID_DIGITS = 17 };

static const uint32_t DOCUMENTATION_NET = 0xc6336401; /* 198.51.100.1, RFC 5737 */

typedef void event_handler(struct model *m, const char *id, int64_t due_ms);

static event_handler *const HANDLERS[EVENT_COUNT] = {
	[EVENT_RUNNING] = lifecycle_running,
	[EVENT_BOOT] = lifecycle_boot,
	[EVENT_STOPPED] = lifecycle_stopped,
	[EVENT_TERMINATED] = lifecycle_terminated,
	[EVENT_FORGET] = lifecycle_forget,
	[EVENT_CREATED] = volume_created,
	[EVENT_ATTACHED] = attachment_attached,
	[EVENT_DETACHED] = attachment_detached,
	[EVENT_COMPLETED] = snapshot_completed,
	[EVENT_ROUTED] = address_routed,
	[EVENT_INCIDENT] = incident_happen,
};

/* "eu-west-1" is "euw1" in zone ids, which are the same in every account. */
static void abbreviate_region(const char *region, char *ret, size_t size)
{
	size_t len = 0;
	bool first = true;

	for (const char *c = region; *c && len + 1 < size; c++) {
		bool in_first_word = c - region < 2;

		if (*c != '-' && (in_first_word || first || isdigit((unsigned char)*c)))
			ret[len++] = *c;
		first = *c == '-';
	}
	ret[len] = '\0';
}

static void name_zones(struct model *m)
{
	char prefix[sizeof(m->region)];

	abbreviate_region(m->region, prefix, sizeof(prefix));
	for (int z = 0; z < MODEL_ZONE_COUNT; z++) {
		snprintf(m->zone_names[z], MODEL_ZONE_NAME_SIZE, "%s%c", m->region, 'a' + z);
		snprintf(m->zone_ids[z], MODEL_ZONE_NAME_SIZE, "%s-az%d", prefix, z + 1);
	}
}

static void init_pools(struct model *m, const struct model_options *o)
{
	for (int z = 0; z < MODEL_ZONE_COUNT; z++)
		pool_init(&m->private_pools[z], ZONE_ADDRESSES);
	pool_init(&m->public_pool, o->public_count ? o->public_count : 254);
	m->public_net = o->public_net ? o->public_net : DOCUMENTATION_NET;
}

enum { INDEX_COUNT = 9 };

static struct index *const *all_indexes(struct model *m, struct index *ret[INDEX_COUNT])
{
	struct index *all[INDEX_COUNT] = { &m->instances, &m->volumes, &m->snapshots, &m->images, &m->keys,
		&m->addresses, &m->associations, &m->tokens, &m->incidents };

	memcpy(ret, all, sizeof(all));
	return ret;
}

struct model *model_new(const struct model_options *o)
{
	struct model *m = alloc_zeroed(1, sizeof(*m));
	struct index *indexes[INDEX_COUNT];

	m->orders = o->orders;
	m->listener = o->listener;
	m->latency = o->latency;
	m->random.state = o->seed;
	m->faults = faults_new(o->seed);
	m->now_ms = o->now_ms;
	text_copy(m->region, sizeof(m->region), o->region);
	name_zones(m);
	init_pools(m, o);
	agenda_init(&m->agenda);
	all_indexes(m, indexes);
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		index_init(indexes[i]);
	return m;
}

static void free_image(struct model_image *i)
{
	free(i->name);
	free(i->description);
	free(i->location);
	model_tags_release(&i->tags);
	free(i);
}

static void free_key(struct model_key *k)
{
	free(k->name);
	free(k->public_key);
	free(k->fingerprint);
	model_tags_release(&k->tags);
	free(k);
}

static void free_resources(struct model *m)
{
	void *item;

	for (uint64_t at = 0; (item = index_next(&m->instances, &at));)
		lifecycle_free(item);
	for (uint64_t at = 0; (item = index_next(&m->volumes, &at));)
		volume_free(item);
	for (uint64_t at = 0; (item = index_next(&m->snapshots, &at));)
		snapshot_free(item);
	for (uint64_t at = 0; (item = index_next(&m->images, &at));)
		free_image(item);
	for (uint64_t at = 0; (item = index_next(&m->keys, &at));)
		free_key(item);
	for (uint64_t at = 0; (item = index_next(&m->addresses, &at));) {
		model_tags_release(&((struct model_address *)item)->tags);
		free(item);
	}
	token_free_all(m);
	incident_free_all(m);
	faults_free(m->faults);
}

void model_free(struct model *m)
{
	struct index *indexes[INDEX_COUNT];

	if (!m)
		return;
	free_resources(m);
	all_indexes(m, indexes);
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		index_release(indexes[i]);
	for (int z = 0; z < MODEL_ZONE_COUNT; z++)
		pool_release(&m->private_pools[z]);
	pool_release(&m->public_pool);
	agenda_release(&m->agenda);
	free(m);
}

int64_t model_next_due(const struct model *m)
{
	return agenda_next_due(&m->agenda);
}

void model_advance(struct model *m, int64_t now_ms)
{
	struct agenda_event event;

	assert(now_ms >= m->now_ms);
	while (agenda_take(&m->agenda, now_ms, &event)) {
		if (event.due_ms > m->now_ms)
			m->now_ms = event.due_ms;
		HANDLERS[event.kind](m, event.id, event.due_ms);
	}
	m->now_ms = now_ms;
}

int64_t model_now(const struct model *m)
{
	return m->now_ms;
}

int64_t model_draw(struct model *m, enum latency which)
{
	return latency_draw(&m->latency, which, &m->random);
}

void model_make_id(struct model *m, const char *prefix, char *ret)
{
	random_id(&m->random, prefix, ID_DIGITS, ret);
}

bool model_refuse(struct error *err, const char *code, const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	error_set(err, ERROR_REMOTE, "%s", text);
	error_set_code(err, code);
	return false;
}

int64_t inside_schedule(struct model *m, enum latency which, enum event kind, const char *id)
{
	int64_t due_ms = m->now_ms + model_draw(m, which);

	agenda_put(&m->agenda, due_ms, kind, id);
	return due_ms;
}

bool model_commits(bool dry_run, struct error *err)
{
	if (!dry_run)
		return true;
	return model_refuse(err, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
}

bool inside_is_id(const char *id, const char *prefix)
{
	const char *digits = id + strlen(prefix);

	if (!text_starts_with(id, prefix))
		return false;
	return *digits && strspn(digits, "0123456789abcdef") == strlen(digits) && strlen(id) < MODEL_ID_SIZE;
}

const struct fault *inside_fault(struct model *m, enum fault_point point, const char *id)
{
	const struct fault_question q = {
		.point = point,
		.names = &id,
		.name_count = 1,
		.now_ms = m->now_ms,
	};

	return faults_due(m->faults, &q);
}

struct faults *model_faults(const struct model *m)
{
	return m->faults;
}

void inside_trouble(struct model *m, struct error *err)
{
	m->listener.trouble(m->listener.ctx, err);
	error_release(err);
}

void inside_effect(
	struct model *m, const char *action, const char *resource, const char *other, int64_t accepted_ms)
{
	const struct model_effect effect = {
		.action = action,
		.resource = resource,
		.other = other,
		.accepted_ms = accepted_ms,
		.effective_ms = m->now_ms,
	};

	m->listener.effected(m->listener.ctx, &effect);
}
