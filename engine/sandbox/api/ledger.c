#include "sandbox/api/ledger.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "wire/json.h"

enum {
	EFFECTS_MAX = 1000 * 1000,
	NAMES_MAX = 1000, /* past this many different names, further ones are counted as "other" too */
};

struct effect_row {
	const char *action; /* static */
	char resource[MODEL_ID_SIZE], other[MODEL_ID_SIZE];
	int64_t accepted_ms, effective_ms;
};

struct ledger {
	struct effect_row *effects; /* owned */
	size_t count, size;
	json_t *calls; /* owned: the totals as they are shown */
};

static json_t *new_totals(void)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:{}}", "calls", 0, "mutations", 0, "dry_runs", 0,
		"errors", 0, "throttled", 0, "actions");
}

struct ledger *ledger_new(void)
{
	struct ledger *l = alloc_zeroed(1, sizeof(*l));

	l->calls = new_totals();
	json_object_set_new(l->calls, "access_keys", json_object());
	return l;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	free(l->effects);
	json_decref(l->calls);
	free(l);
}

static void make_room(struct ledger *l)
{
	if (l->count == EFFECTS_MAX) {
		l->count /= 2;
		memmove(l->effects, l->effects + l->count, l->count * sizeof(*l->effects));
		return;
	}
	l->effects = alloc_room(l->effects, &l->size, l->count + 1, sizeof(*l->effects));
}

void ledger_add_effect(struct ledger *l, const struct model_effect *e)
{
	struct effect_row *row;

	if (l->count == l->size || l->count == EFFECTS_MAX)
		make_room(l);
	row = &l->effects[l->count++];
	row->action = e->action;
	text_copy(row->resource, sizeof(row->resource), e->resource);
	text_copy(row->other, sizeof(row->other), e->other);
	row->accepted_ms = e->accepted_ms;
	row->effective_ms = e->effective_ms;
}

/* Names come from outside: one that is not a plain word is counted as "other". */
static const char *plain(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!isascii((unsigned char)*c) || !isgraph((unsigned char)*c))
			return "other";
	return name;
}

static void count(json_t *totals, const char *name)
{
	json_int_t before = json_integer_value(json_object_get(totals, name));

	json_object_set_new(totals, name, json_integer(before + 1));
}

static void count_call(json_t *totals, const struct ledger_call *c)
{
	json_t *actions = json_object_get(totals, "actions");
	const char *action = plain(c->action);
	bool full = json_object_size(actions) >= NAMES_MAX && !json_object_get(actions, action);

	count(totals, "calls");
	if (c->mutation)
		count(totals, "mutations");
	if (c->dry_run)
		count(totals, "dry_runs");
	if (c->error)
		count(totals, "errors");
	if (c->error && !strcmp(c->error, "RequestLimitExceeded"))
		count(totals, "throttled");
	count(actions, full ? "other" : action);
}

void ledger_add_call(struct ledger *l, const struct ledger_call *c)
{
	const char *key = plain(c->access_key);
	json_t *keys = json_object_get(l->calls, "access_keys"), *own = json_object_get(keys, key);

	if (!own && json_object_size(keys) < NAMES_MAX) {
		own = new_totals();
		json_object_set_new(keys, key, own);
	}
	count_call(l->calls, c);
	if (own)
		count_call(own, c);
}

static json_t *effect_json(const struct effect_row *e)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I}", "action", e->action, "resource", e->resource, "other",
		e->other, "accepted_ms", (json_int_t)e->accepted_ms, "effective_ms",
		(json_int_t)e->effective_ms);
}

json_t *ledger_effects(const struct ledger *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->count; i++)
		json_array_append_new(list, effect_json(&l->effects[i]));
	return list;
}

json_t *ledger_calls(const struct ledger *l)
{
	return json_deep_copy(l->calls);
}
