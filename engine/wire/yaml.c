#include "wire/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "wire/utf8.h"

/* Some editors on Windows begin a file with it. */
static const char BOM[] = "\xef\xbb\xbf";

struct reading {
	yaml_parser_t parser;
	const char *bytes;
	size_t len;
	struct arena *arena;
	struct yaml_document *place; /* where to say where it failed */
	struct error *err;
	size_t nodes;
	int depth;
};

static bool fail(struct reading *r, int line, int column, const char *why)
{
	r->place->line = line;
	r->place->column = column;
	return error_set(r->err, ERROR_PLAN, "%s", why);
}

static bool fail_at(struct reading *r, yaml_mark_t mark, const char *why)
{
	return fail(r, (int)mark.line + 1, (int)mark.column + 1, why);
}

/* Fails at a byte, for what has no mark. */
static bool fail_at_byte(struct reading *r, size_t at, const char *why)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < at && i < r->len; i++) {
		bool continued = ((unsigned char)r->bytes[i] & 0xc0) == 0x80;

		column = r->bytes[i] == '\n' ? 1 : column + !continued;
		line += r->bytes[i] == '\n';
	}
	return fail(r, line, column, why);
}

/* Why a character does not belong into a text file; NULL if it does. */
static const char *objection(unsigned char c)
{
	if (!c)
		return "a NUL byte: this is not a text file";
	if ((c < ' ' && !strchr("\t\n\r", c)) || c == 0x7f)
		return "a control character: only tabs and line ends belong in a text file";
	return NULL;
}

/* Checked before libyaml, which is vague about these. */
static bool bytes_are_text(struct reading *r)
{
	size_t valid = utf8_valid(r->bytes, r->len);

	for (size_t i = 0; i < valid; i++) {
		const char *why = objection((unsigned char)r->bytes[i]);

		if (why)
			return fail_at_byte(r, i, why);
	}
	if (valid < r->len)
		return fail_at_byte(r, valid, "this is not UTF-8: save the file with that encoding");
	return true;
}

static bool line_begins_with_tab(const struct reading *r, size_t line)
{
	size_t at = 0;

	for (; line && at < r->len; at++)
		line -= r->bytes[at] == '\n';
	while (at < r->len && r->bytes[at] == ' ')
		at++;
	return at < r->len && r->bytes[at] == '\t';
}

/* Hands on what libyaml found wrong. */
static bool fail_as_parser(struct reading *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_MEMORY_ERROR)
		abort();
	if (p->error == YAML_READER_ERROR)
		return fail_at_byte(r, p->problem_offset, p->problem);
	if (line_begins_with_tab(r, p->problem_mark.line))
		return fail_at(r, p->problem_mark, "a tab cannot indent: use spaces");
	fail_at(r, p->problem_mark, p->problem);
	if (p->context)
		error_wrap(r->err, "%s that begins in line %zu", p->context, p->context_mark.line + 1);
	return false;
}

/* The next event, which the caller deletes; it is empty after a failure. */
static bool next_event(struct reading *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	*event = (yaml_event_t){ .type = YAML_NO_EVENT };
	return fail_as_parser(r);
}

static const yaml_char_t *anchor_of(const yaml_event_t *e)
{
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor;
	}
	return NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *e)
{
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.tag;
	}
	return NULL;
}

static bool event_is_allowed(struct reading *r, const yaml_event_t *e)
{
	if (e->type == YAML_ALIAS_EVENT || anchor_of(e))
		return fail_at(r, e->start_mark, "anchors and aliases are not accepted: write the value out");
	if (tag_of(e))
		return fail_at(r, e->start_mark, "tags are not accepted: write the value without `!`");
	if (e->type == YAML_SCALAR_EVENT && memchr(e->data.scalar.value, '\0', e->data.scalar.length))
		return fail_at(r, e->start_mark, "a NUL character in a text");
	if (r->depth > YAML_DEPTH_MAX)
		return fail_at(r, e->start_mark, "nested deeper than 32 levels");
	if (++r->nodes > YAML_NODES_MAX)
		return fail_at(r, e->start_mark, "there are too many values");
	return true;
}

static struct yaml_node *node_new(struct reading *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *n = arena_alloc(r->arena, sizeof(*n));

	*n = (struct yaml_node){ .kind = kind, .line = (int)mark.line + 1, .column = (int)mark.column + 1 };
	return n;
}

static struct yaml_node *scalar_new(struct reading *r, const yaml_event_t *e)
{
	struct yaml_node *n = node_new(r, YAML_SCALAR, e->start_mark);

	n->text = arena_copy_bytes(r->arena, e->data.scalar.value, e->data.scalar.length);
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return n;
}

static struct yaml_node *read_node(struct reading *r, const yaml_event_t *start);

static void append(struct yaml_node *list, struct yaml_node **last, struct yaml_node *item)
{
	if (*last)
		(*last)->next = item;
	else
		list->first = item;
	*last = item;
	list->count++;
}

/* Reads what comes after its first event, up to the end of the sequence. */
static bool fill_sequence(struct reading *r, struct yaml_node *list)
{
	struct yaml_node *last = NULL, *item;
	bool ended = false;

	while (!ended) {
		yaml_event_t e;

		if (!next_event(r, &e))
			return false;
		ended = e.type == YAML_SEQUENCE_END_EVENT;
		item = ended ? NULL : read_node(r, &e);
		yaml_event_delete(&e);
		if (item)
			append(list, &last, item);
		else if (!ended)
			return false;
	}
	return true;
}

static const struct yaml_node *find_key(const struct yaml_node *mapping, const char *key)
{
	for (const struct yaml_node *v = mapping->first; v; v = v->next)
		if (!strcmp(v->key->text, key))
			return v;
	return NULL;
}

static struct yaml_node *read_key(struct reading *r, const yaml_event_t *e, const struct yaml_node *mapping)
{
	const struct yaml_node *earlier;
	struct yaml_node *key;

	if (!event_is_allowed(r, e))
		return NULL;
	if (e->type != YAML_SCALAR_EVENT) {
		fail_at(r, e->start_mark, "a key must be a plain word");
		return NULL;
	}
	if (mapping->count == YAML_KEYS_MAX) {
		fail_at(r, e->start_mark, "there are too many keys in one mapping");
		return NULL;
	}
	key = scalar_new(r, e);
	earlier = find_key(mapping, key->text);
	key->twin = earlier ? earlier->key : NULL;
	return key;
}

static struct yaml_node *read_value(struct reading *r, const struct yaml_node *key)
{
	struct yaml_node *value;
	yaml_event_t e;

	if (!next_event(r, &e))
		return NULL;
	value = read_node(r, &e);
	yaml_event_delete(&e);
	if (value)
		value->key = key;
	return value;
}

static bool fill_mapping(struct reading *r, struct yaml_node *mapping)
{
	struct yaml_node *last = NULL, *value;
	bool ended = false;

	while (!ended) {
		struct yaml_node *key;
		yaml_event_t e;

		if (!next_event(r, &e))
			return false;
		ended = e.type == YAML_MAPPING_END_EVENT;
		key = ended ? NULL : read_key(r, &e, mapping);
		yaml_event_delete(&e);
		value = key ? read_value(r, key) : NULL;
		if (value)
			append(mapping, &last, value);
		else if (!ended)
			return false;
	}
	return true;
}

/* The node that begins with event start; NULL after a failure. Recursion ends at YAML_DEPTH_MAX. */
static struct yaml_node *read_node(struct reading *r, const yaml_event_t *start)
{
	bool is_sequence = start->type == YAML_SEQUENCE_START_EVENT;
	struct yaml_node *n;
	bool filled;

	r->depth++;
	if (!event_is_allowed(r, start))
		return NULL;
	if (start->type == YAML_SCALAR_EVENT) {
		r->depth--;
		return scalar_new(r, start);
	}
	n = node_new(r, is_sequence ? YAML_SEQUENCE : YAML_MAPPING, start->start_mark);
	filled = is_sequence ? fill_sequence(r, n) : fill_mapping(r, n);
	r->depth--;
	return filled ? n : NULL;
}

/* Skips events up to the first of a node, and reads it; without one the file has no value. */
static bool read_document(struct reading *r, const struct yaml_node **ret)
{
	bool ended = false, done = true;

	while (done && !ended) {
		yaml_event_t e;

		if (!next_event(r, &e))
			return false;
		ended = e.type == YAML_STREAM_END_EVENT;
		if (e.type == YAML_DOCUMENT_START_EVENT && *ret)
			done = fail_at(r, e.start_mark, "a second document begins here: a file holds one");
		else if (e.type == YAML_SCALAR_EVENT || e.type == YAML_SEQUENCE_START_EVENT ||
			 e.type == YAML_MAPPING_START_EVENT || e.type == YAML_ALIAS_EVENT)
			done = (*ret = read_node(r, &e)) != NULL;
		yaml_event_delete(&e);
	}
	return done;
}

bool yaml_read(
	const char *bytes, size_t len, struct arena *arena, struct yaml_document *ret, struct error *err)
{
	struct reading r = { .bytes = bytes, .len = len, .arena = arena, .place = ret, .err = err };
	const struct yaml_node *root = NULL;
	bool done;

	*ret = (struct yaml_document){ .root = NULL };
	if (len >= sizeof(BOM) - 1 && !memcmp(bytes, BOM, sizeof(BOM) - 1)) {
		r.bytes += sizeof(BOM) - 1;
		r.len -= sizeof(BOM) - 1;
	}
	if (len > YAML_BYTES_MAX)
		return fail(&r, 1, 1, "larger than 1 MiB");
	if (!bytes_are_text(&r))
		return false;
	if (!yaml_parser_initialize(&r.parser))
		abort();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.bytes, r.len);
	done = read_document(&r, &root);
	yaml_parser_delete(&r.parser);
	if (done)
		ret->root = root;
	return done;
}

const struct yaml_node *yaml_find(const struct yaml_node *node, const char *key)
{
	return node && node->kind == YAML_MAPPING ? find_key(node, key) : NULL;
}
