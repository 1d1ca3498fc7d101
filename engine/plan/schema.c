#include "plan/schema.h"

#include <assert.h>

#include "plan/keys.h"
#include "plan/scalar.h"
#include "wire/json.h"

static json_t *schema_of(const struct key *k);

static json_t *pattern(const char *p)
{
	return json_pack("{ss ss}", "type", "string", "pattern", p);
}

/* Either of two schemas, both taken over. */
static json_t *any_of(json_t *a, json_t *b)
{
	return json_pack("{s[oo]}", "anyOf", a, b);
}

static json_t *words_schema(const struct key_word *words)
{
	json_t *list = json_array();

	for (; words->word; words++)
		json_array_append_new(list, json_text(words->word));
	return json_pack("{so}", "enum", list);
}

static json_t *section_schema(const struct key *section)
{
	json_t *properties = json_object(), *required = json_array(), *choices = json_array();
	json_t *schema = json_pack("{ss sb}", "type", "object", "additionalProperties", 0);
	const struct key *k = NULL;

	while ((k = keys_next(section, k))) {
		json_object_set_new(properties, key_name(k), schema_of(k));
		if (k->required)
			json_array_append_new(required, json_text(key_name(k)));
		if (k->choice)
			json_array_append_new(choices, json_pack("{s[s]}", "required", key_name(k)));
	}
	json_object_set_new(schema, "properties", properties);
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	if (json_array_size(choices))
		json_object_set(schema, "oneOf", choices);
	json_decref(required);
	json_decref(choices);
	return schema;
}

static json_t *list_schema(const struct key *k)
{
	json_t *schema = json_pack("{ss so sI sI}", "type", "array", "items", schema_of(keys_item(k)),
		"minItems", (json_int_t)k->min, "maxItems", (json_int_t)k->max);

	if (k->unique)
		json_object_set_new(schema, "uniqueItems", json_true());
	return k->words ? any_of(words_schema(k->words), schema) : schema;
}

static json_t *pairs_schema(const struct key *k)
{
	return json_pack("{ss s{ss} sI sI}", "type", "object", "additionalProperties", "type", "string",
		"minProperties", (json_int_t)k->min, "maxProperties", (json_int_t)k->max);
}

static json_t *text_schema(const struct key *k)
{
	const char *p = shape_pattern(k->shape);

	return p ? pattern(p) : json_pack("{ss si}", "type", "string", "minLength", 1);
}

static json_t *number_schema(const struct key *k)
{
	return json_pack("{ss sI sI}", "type", "integer", "minimum", (json_int_t)k->min, "maximum",
		(json_int_t)k->max);
}

static json_t *time_schema(const struct key *k)
{
	(void)k;
	return any_of(json_pack("{si}", "const", 0), pattern(SCALAR_TIME_PATTERN));
}

static json_t *share_schema(const struct key *k)
{
	json_t *number = json_pack("{ss sI}", "type", "integer", "minimum", (json_int_t)k->min);

	return any_of(number, pattern(SCALAR_SHARE_PATTERN));
}

static json_t *bool_schema(const struct key *k)
{
	(void)k;
	return json_pack("{ss}", "type", "boolean");
}

static json_t *word_schema(const struct key *k)
{
	return words_schema(k->words);
}

static void describe(json_t *schema, const struct key *k)
{
	auto_text description;

	text_init(&description, 1000);
	text_add(&description, k->help);
	if (k->standard)
		text_addf(&description, " (default: %s)", k->standard);
	for (const struct key_word *w = k->words; w && w->word; w++)
		if (w->unsupported)
			text_addf(&description, ". `%s` is not supported yet: %s", w->word, w->unsupported);
	if (k->unsupported)
		text_addf(&description, ". Not supported yet: %s", k->unsupported);
	json_object_set_new(schema, "description", json_text(description.bytes));
}

static json_t *schema_of(const struct key *k)
{
	static json_t *(*const WRITERS[])(const struct key *) = {
		[KEY_SECTION] = section_schema,
		[KEY_LIST] = list_schema,
		[KEY_PAIRS] = pairs_schema,
		[KEY_TEXT] = text_schema,
		[KEY_NUMBER] = number_schema,
		[KEY_BOOL] = bool_schema,
		[KEY_WORD] = word_schema,
		[KEY_TIME] = time_schema,
		[KEY_SHARE] = share_schema,
	};
	json_t *schema = WRITERS[k->type](k);

	assert(schema); /* the formats above fit the values: json_pack has nothing else to fail at */
	describe(schema, k);
	return schema;
}

void plan_schema_write(struct text *ret)
{
	json_auto_t *schema = json_pack("{ss ss}", "$schema", "http://json-schema.org/draft-07/schema#",
		"title", "A plan of Changeover");
	json_auto_t *plan = schema_of(keys_root());

	json_object_update(schema, plan);
	json_write(schema, JSON_INDENTED, ret);
	text_add_char(ret, '\n');
}
