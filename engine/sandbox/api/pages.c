#include "sandbox/api/pages.h"

#include <string.h>

#include "base/error.h"
#include "sandbox/api/actions.h"
#include "sandbox/model/addresses.h"
#include "sandbox/model/fault.h"
#include "sandbox/model/instances.h"
#include "wire/json.h"

static json_t *effects_page(const struct pages_source *s)
{
	return ledger_effects(s->ledger);
}

static json_t *calls_page(const struct pages_source *s)
{
	return ledger_calls(s->ledger);
}

static json_t *instance_json(const struct pages_source *s, const struct model_instance *i)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:i}", "id", i->id, "state",
		model_instance_state_name(i->state), "private_ip", i->private_ip, "public_ip",
		i->address ? i->address->public_ip : "", "image", i->image->id, "booted", (int)i->booted,
		"pid", s->machines->pid(s->machines->ctx, i->id));
}

static json_t *instances_page(const struct pages_source *s)
{
	json_t *list = json_array();
	const struct model_instance *i;

	for (uint64_t at = 0; (i = index_next(model_instances(s->model), &at));)
		json_array_append_new(list, instance_json(s, i));
	return list;
}

static json_t *action_json(const struct action *a)
{
	return json_pack("{s:s, s:s, s:b, s:s}", "name", a->name, "summary", a->summary, "mutates",
		(int)a->mutates, "parameters", a->params);
}

static json_t *actions_page(const struct pages_source *s)
{
	json_t *list = json_array();

	(void)s;
	for (size_t i = 0; i < action_count(); i++)
		json_array_append_new(list, action_json(action_at(i)));
	return list;
}

static json_t *kind_json(enum fault_kind kind)
{
	const struct fault_kind_row *row = fault_kind_row(kind);
	json_t *words = json_array();

	for (int w = 0; w < FAULT_WORD_COUNT; w++)
		if (fault_kind_words(kind) & 1u << w)
			json_array_append_new(words, json_string(fault_word_name((enum fault_word)w)));
	return json_pack("{s:s, s:s, s:o}", "name", row->name, "help", row->help, "words", words);
}

/* What a line of faults can say: its kinds, and what each word means. */
static json_t *fault_kinds_page(const struct pages_source *s)
{
	json_t *kinds = json_array(), *words = json_object();

	(void)s;
	for (int k = FAULT_NONE + 1; k < FAULT_COUNT; k++)
		json_array_append_new(kinds, kind_json((enum fault_kind)k));
	for (int w = 0; w < FAULT_WORD_COUNT; w++)
		json_object_set_new(words, fault_word_name((enum fault_word)w),
			json_string(fault_word_help((enum fault_word)w)));
	return json_pack("{s:o, s:o}", "kinds", kinds, "words", words);
}

static const struct {
	const char *path;
	json_t *(*make)(const struct pages_source *s);
} PAGES[] = {
	{ "/_sandbox/actions", actions_page },
	{ "/_sandbox/effects", effects_page },
	{ "/_sandbox/fault-kinds", fault_kinds_page },
	{ "/_sandbox/calls", calls_page },
	{ "/_sandbox/instances", instances_page },
};

bool pages_write(const struct pages_source *s, const char *path, struct text *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(PAGES); i++) {
		if (strcmp(PAGES[i].path, path) != 0)
			continue;
		json_auto_t *page = PAGES[i].make(s);

		json_write(page, JSON_INDENTED, ret);
		text_add_char(ret, '\n');
		return true;
	}
	return false;
}
